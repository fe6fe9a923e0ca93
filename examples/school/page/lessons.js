"use strict";
/* Lessons: everybody signed in reads them, teachers write them, and only its author changes one. */
let nextLesson = null, looked = new URLSearchParams();

/* What the search asks for; nothing of an empty field. */
function search() {
  const words = [...new FormData($("search"))].filter(pair => pair[1]);
  return new URLSearchParams(words);
}

function clearLessons() {
  $("lessons").replaceChildren();
  $("more-lessons").hidden = true;
  say($("lessons-message"), true, "");
}

function lessonsProblem(answer) {
  return answer.status === 401 ? "Sign in to see the lessons." : problemText(answer);
}

async function listLessons(after, quiet) {
  if (!after) looked = search();
  const query = new URLSearchParams(looked);
  if (after) query.set("after", after);
  const answer = await send("GET", `${api}/lessons?${query}`.replace(/\?$/, ""), null, quiet);
  if (!after) clearLessons();
  if (!answer.ok) return say($("lessons-message"), false, lessonsProblem(answer));
  $("lessons").append(...answer.json.data.map(lessonItem));
  nextLesson = answer.json.next;
  $("more-lessons").hidden = !nextLesson;
  const n = $("lessons").childElementCount;
  if (!n) say($("lessons-message"), true, looked.size ? "No lesson is found." : "There are no lessons yet.");
  placePanel();
}
$("search").addEventListener("submit", event => {
  event.preventDefault();
  listLessons(null);
});
$("more-lessons").addEventListener("click", () => listLessons(nextLesson));

/* ---- One lesson -------------------------------------------------------------------------------- */

function isMine(lesson) {
  return signedIn.account.teacher_id === lesson.author_id;
}

function lessonButton(text, lesson, action, more) {
  const button = made("button", { type: "button", className: "small " + (more || ""), textContent: text });
  button.setAttribute("aria-label", `${text}: ${lesson.title}`);
  button.addEventListener("click", action);
  return button;
}

function lessonItem(lesson) {
  const item = made("li", { id: "lesson-" + lesson.id });
  showLesson(item, lesson);
  return item;
}

function showLesson(item, lesson) {
  const teacher = signedIn.kind === "teacher";
  const changed = lesson.changed ? `, changed ${when(lesson.changed)}` : "";
  const whose = !teacher ? `teacher ${lesson.author_id}` : isMine(lesson) ? "yours" : `of teacher ${lesson.author_id}`;
  item.replaceChildren(...(lesson.picture ? [pictureOf(lesson)] : []),
    made("div", { className: "what" }, made("strong", { textContent: lesson.title }),
    made("span", { textContent: `Number ${lesson.id}, ${lesson.level}, ${whose}${changed}` })));
  if (!teacher) return;
  item.append(made("div", { className: "row" },
    lessonButton("Edit", lesson, () => editLesson(item, lesson)),
    lessonButton("Picture", lesson, () => choosePicture(item, lesson)),
    lessonButton("Delete", lesson, () => askToDelete(item, lesson), "danger")));
}

/* The gate has looked for a row with this number and this author, and told nobody whether the number is
 * somebody else's. */
function notYours(lesson) {
  return `404: no lesson ${lesson.id} is yours. Another teacher's looks the same as one that is not there.`;
}

function lessonFault(item, lesson, answer) {
  const message = made("p", { className: "status bad", textContent: answer.status === 404 ? notYours(lesson) : problemText(answer) });
  message.setAttribute("role", "status");
  item.append(message);
}

function editLesson(item, lesson) {
  const id = "edit-" + lesson.id;
  const title = made("input", { id, name: "title", value: lesson.title, autocomplete: "off" });
  const level = made("select", { id: id + "-level", name: "level" },
    ...["beginner", "advanced"].map(word => made("option", { textContent: word, selected: word === lesson.level })));
  const cancel = made("button", { type: "button", className: "small", textContent: "Leave it" });
  const message = made("p", { className: "status" });
  message.setAttribute("role", "status");
  const form = made("form", { noValidate: true },
    made("div", { className: "pair" },
      made("div", { className: "field" }, made("label", { htmlFor: id, textContent: "Title" }), title),
      made("div", { className: "field" }, made("label", { htmlFor: id + "-level", textContent: "Level" }), level)),
    made("div", { className: "row" }, made("button", { type: "submit", className: "small main", textContent: "Save" }), cancel),
    message);
  form.addEventListener("submit", event => saveLesson(event, item, lesson, message));
  cancel.addEventListener("click", () => backTo(item, lesson));
  item.replaceChildren(form);
  title.focus();
}

function backTo(item, lesson) {
  showLesson(item, lesson);
  const first = item.querySelector("button");
  if (first) {
    first.focus();
    asked = first;
  }
  placePanel();
}

/* What is different, and nothing else. */
function changeOf(lesson, form) {
  const change = {};
  for (const name of ["title", "level"])
    if (form.elements[name].value !== lesson[name]) change[name] = form.elements[name].value;
  return change;
}

async function saveLesson(event, item, lesson, message) {
  event.preventDefault();
  const form = event.target;
  clearFaults(form);
  say(message, true, "");
  const answer = await send("PATCH", `${api}/lessons/${lesson.id}`, JSON.stringify(changeOf(lesson, form)));
  if (answer.ok) return backTo(item, answer.json);
  if (answer.status === 404) say(message, false, notYours(lesson));
  else showProblem(form, message, answer);
}

function askToDelete(item, lesson) {
  const yes = made("button", { type: "button", className: "small danger", textContent: "Delete it" });
  const no = made("button", { type: "button", className: "small", textContent: "Keep it" });
  yes.addEventListener("click", () => deleteLesson(item, lesson));
  no.addEventListener("click", () => backTo(item, lesson));
  item.replaceChildren(made("div", { className: "what", textContent: `Delete “${lesson.title}” for good?` }),
                       made("div", { className: "row" }, yes, no));
  no.focus();
}

async function deleteLesson(item, lesson) {
  const answer = await send("DELETE", `${api}/lessons/${lesson.id}`);
  if (!answer.ok) {
    backTo(item, lesson);
    return lessonFault(item, lesson, answer);
  }
  const next = item.nextElementSibling || item.previousElementSibling;
  item.remove();
  const button = next && next.querySelector("button") || $("load-lessons");
  button.focus();
  asked = button;
  placePanel();
  say($("lessons-message"), true, `“${lesson.title}” is deleted.`);
}

$("new-lesson").addEventListener("submit", async event => {
  event.preventDefault();
  const form = $("new-lesson"), message = form.querySelector(".status");
  clearFaults(form);
  say(message, true, "");
  const body = JSON.stringify({ title: $("title").value, level: $("level").value });
  const answer = await send("POST", api + "/lessons", body);
  if (answer.status === 409) {
    showFault($("title"), "You have a lesson with this title already.");
    return $("title").focus();
  }
  if (!answer.ok) return showProblem(form, message, answer);
  say(message, true, `“${answer.json.title}” is added.`);
  $("title").value = "";
  $("title").focus();
  $("search").reset();
  await listLessons(null, true);
});

/* ---- The video ---------------------------------------------------------------------------------- */

/* A player sends no header: teachers' cookies come along by themselves, users ask for a link. */
async function videoAddress() {
  const path = api + "/videos/welcome.webm";
  if (signedIn.kind !== "user") {
    const answer = await send("GET", api + "/me");
    return answer.ok ? { ok: true, url: path } : answer;
  }
  const answer = await send("GET", path + "/link");
  return { ...answer, url: answer.ok && answer.json.url };
}

$("play").addEventListener("click", async () => {
  const { ok, url, ...answer } = await videoAddress(), video = $("video");
  if (!ok)
    return say($("video-message"), false, answer.status === 401 ? "Sign in to see the video." : problemText(answer));
  say($("video-message"), true, signedIn.kind === "user" ? "By a link that is good for this video alone." : "By your cookie.");
  video.hidden = false;
  video.src = url;
  video.play().catch(() => say($("video-message"), false, "The browser does not play it."));
});
