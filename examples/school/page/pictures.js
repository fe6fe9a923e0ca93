"use strict";
/* Pictures of lessons. An element that shows one sends no header, so each is fetched as everything else is. */

async function pictureBytes(name, again) {
  const { headers, credentials } = credentialsNow();
  const response = await fetch(`${api}/pictures/${encodeURIComponent(name)}`, { headers, credentials });
  if (response.status === 401 && signedIn.kind === "teacher" && !again && await renew())
    return pictureBytes(name, true);
  return response.ok ? response.blob() : null;
}

async function loadPicture(image, name) {
  const bytes = await pictureBytes(name).catch(() => null);
  if (!bytes) return; /* another one is in its place, or none */
  image.addEventListener("load", () => {
    image.hidden = false;
    URL.revokeObjectURL(image.src);
  }, { once: true });
  image.src = URL.createObjectURL(bytes);
}

function pictureOf(lesson) {
  const image = made("img", { className: "picture", alt: `The picture of “${lesson.title}”`, hidden: true });
  loadPicture(image, lesson.picture);
  return image;
}

/* ---- Another one, or none ------------------------------------------------------------------------ */

function choosePicture(item, lesson) {
  const id = "picture-" + lesson.id;
  const file = made("input", { id, name: "picture", type: "file", accept: "image/png,image/jpeg" });
  file.setAttribute("aria-describedby", id + "-hint");
  const remove = made("button", { type: "button", className: "small danger", textContent: "Delete the picture" });
  const cancel = made("button", { type: "button", className: "small", textContent: "Leave it" });
  const message = made("p", { className: "status" });
  message.setAttribute("role", "status");
  const form = made("form", { noValidate: true },
    made("div", { className: "field" }, made("label", { htmlFor: id, textContent: "Picture" }), file,
      made("p", { className: "hint", id: id + "-hint", textContent: `For “${lesson.title}”: PNG or JPEG, up to 2 MiB.` })),
    made("div", { className: "row" }, made("button", { type: "submit", className: "small main", textContent: "Upload" }),
      ...(lesson.picture ? [remove] : []), cancel),
    message);
  form.addEventListener("submit", event => sendPicture(event, item, lesson, message));
  remove.addEventListener("click", () => deletePicture(item, lesson, message));
  cancel.addEventListener("click", () => backTo(item, lesson));
  item.replaceChildren(form);
  file.focus();
}

async function sendPicture(event, item, lesson, message) {
  event.preventDefault();
  const form = event.target;
  clearFaults(form);
  say(message, true, "");
  const answer = await send("PUT", `${api}/lessons/${lesson.id}/picture`, new FormData(form));
  if (answer.ok) return backTo(item, answer.json);
  if (answer.status === 404) say(message, false, notYours(lesson));
  else showProblem(form, message, answer);
}

async function deletePicture(item, lesson, message) {
  const answer = await send("DELETE", `${api}/lessons/${lesson.id}/picture`);
  if (answer.ok) return backTo(item, { ...lesson, picture: null });
  say(message, false, answer.status === 404 ? notYours(lesson) : problemText(answer));
}
