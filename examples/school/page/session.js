"use strict";
/* Who is signed in. Users hold a token, which lies in this tab's storage. Teachers hold none: theirs is
 * in a cookie that no script reads, good for minutes, and renewed with a second one. */
const signedIn = { kind: null, token: null, account: null, until: 0 };

/* ---- Teachers: renewing --------------------------------------------------------------------- */

let renewing = null, renewal = 0;

function renewIn(seconds) {
  signedIn.until = Date.now() + 1000 * seconds;
  clearTimeout(renewal);
  renewal = setTimeout(renew, 1000 * Math.max(seconds - 60, 5));
  /* No secret: only until when, for when the page is opened again. */
  localStorage.setItem("school-teacher", signedIn.until);
}

/* A new pair of cookies; whether there is one. Several that ask at once get the same. */
function renew() {
  renewing = renewing || renewOnce().finally(() => { renewing = null; });
  return renewing;
}

async function renewOnce() {
  const answer = await sendOnce("POST", api + "/auth/teacher/refresh", null, true);
  if (answer.ok)
    renewIn(answer.json.expires_in);
  else if (answer.status === 401)
    leave("You are signed out: the session has ended.");
  else if (answer.status === 415)
    leave("You are signed out: the browser has kept no cookie of this page.");
  return answer.ok;
}

/* ---- Coming and going ------------------------------------------------------------------------ */

function enterAsUser(token) {
  Object.assign(signedIn, { kind: "user", token, account: null });
  sessionStorage.setItem("token", token);
}

function enterAsTeacher(account, seconds) {
  Object.assign(signedIn, { kind: "teacher", token: null, account });
  if (seconds) renewIn(seconds);
}

function leave(message) {
  Object.assign(signedIn, { kind: null, token: null, account: null, until: 0 });
  clearTimeout(renewal);
  sessionStorage.removeItem("token");
  localStorage.removeItem("school-teacher");
  showWho();
  clearLessons();
  say($("video-message"), true, "");
  $("video").removeAttribute("src");
  $("video").hidden = true;
  if (message) say($("account-message"), true, message);
}

/* ---- Whom the page shows --------------------------------------------------------------------- */

const CLAIMS = {
  table_name: "which entity the account is one of",
  id: "the key of the account's row, which is loaded with each request",
  epoch: "signing out everywhere gives the account's row another one, and then this token is worth nothing",
  iat: "when it was issued",
  exp: "until when it is good",
};

function claimsOf(token) {
  const part = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
  const bytes = Uint8Array.from(atob(part), c => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

function showToken(token) {
  $("token-box").hidden = !token;
  $("token").textContent = token || "";
  $("claims").replaceChildren();
  for (const [name, value] of Object.entries(token ? claimsOf(token) : {})) {
    const text = name === "exp" || name === "iat" ? `${value}, which is ${new Date(value * 1000).toLocaleString()}`
                                                  : String(value);
    $("claims").append(made("dt", { textContent: name }),
                       made("dd", {}, text, made("span", { textContent: CLAIMS[name] || "" })));
  }
}

function kindInWords() {
  if (signedIn.kind === "user") return "a user";
  return signedIn.account.role === "head" ? "a head teacher" : "a teacher";
}

function showWho() {
  const { kind, account } = signedIn, teacher = kind === "teacher";
  $("who").textContent = kind ? `${account.name}, ${kindInWords()}` : "Nobody is signed in";
  $("sign-in-form").hidden = !!kind;
  $("signed-in").hidden = !kind;
  $("sign-out-here").textContent = teacher ? "Sign out here" : "Forget the token";
  $("devices-box").hidden = !teacher;
  $("new-lesson").hidden = !teacher;
  $("accounts").hidden = !(teacher && account.role === "head");
  say($("signed-in-message"), true, "");
  showToken(signedIn.token);
  if (!kind) return;
  $("person-name").textContent = account.name;
  $("person-email").textContent = account.email;
  $("person-kind").textContent = `You are signed in as ${kindInWords()}. ` + (teacher
    ? "Your token is in a cookie that no script can read, good for some minutes; this page renews it as long as you stay."
    : "Your token is kept by this tab, as any client of the API would keep it.");
}

/* ---- Devices ----------------------------------------------------------------------------------- */

function browserIn(agent) {
  const browser = /Edg\//.test(agent) ? "Edge" : /Firefox\//.test(agent) ? "Firefox"
    : /Chrom(e|ium)\//.test(agent) ? "Chromium" : /Safari\//.test(agent) ? "Safari" : "";
  const system = /Android/.test(agent) ? "Android" : /iPhone|iPad/.test(agent) ? "iOS" : /Windows/.test(agent) ? "Windows"
    : /Mac OS X/.test(agent) ? "macOS" : /Linux/.test(agent) ? "Linux" : "";
  return browser && system ? `${browser} on ${system}` : agent.slice(0, 40) || "An unknown program";
}

function when(text) {
  return new Date(text).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });
}

function deviceItem(session) {
  const end = made("button", { type: "button", className: "small danger", textContent: "End" });
  const name = browserIn(session.agent);
  end.setAttribute("aria-label", `End the session of ${name}, used ${when(session.used)}`);
  end.addEventListener("click", () => endDevice(session, name));
  const what = made("div", { className: "what" }, made("strong", { textContent: name, title: session.agent }), " ",
    ...(session.current ? [made("span", { className: "tag", textContent: "this one" })] : []),
    made("span", { textContent: `From ${session.address}. Signed in ${when(session.created)}, last used ${when(session.used)}.` }));
  return made("li", {}, what, ...(session.current ? [] : [made("div", { className: "row" }, end)]));
}

async function listDevices(quiet) {
  const answer = await send("GET", api + "/auth/teacher/sessions", null, quiet);
  if (!answer.ok) return;
  $("devices").replaceChildren(...answer.json.sessions.map(deviceItem));
}

async function endDevice(session, name) {
  const answer = await send("DELETE", `${api}/auth/teacher/sessions/${session.id}`);
  await listDevices(true);
  $("devices-title").tabIndex = -1;
  $("devices-title").focus();
  if (answer.ok)
    say($("devices-message"), true, `The session of ${name} has ended: it is renewed no more, and signed out within minutes.`);
  else
    say($("devices-message"), false, problemText(answer));
  placePanel();
}

/* ---- Signing out ------------------------------------------------------------------------------- */

$("sign-out-here").addEventListener("click", async () => {
  if (signedIn.kind === "user") {
    leave("The token is forgotten here. It is still good for whoever has a copy.");
    return $("email").focus();
  }
  const answer = await sendOnce("POST", api + "/auth/teacher/end");
  if (!answer.ok && answer.status !== 401)
    return say($("signed-in-message"), false, problemText(answer));
  leave("You are signed out in this browser.");
  placePanel();
  $("email").focus();
});

$("sign-out").addEventListener("click", async () => {
  const answer = await send("POST", signedIn.kind === "user" ? api + "/logout" : api + "/auth/teacher/everywhere");
  if (!answer.ok)
    return signedIn.kind && say($("signed-in-message"), false, problemText(answer));
  leave("You are signed out everywhere: each earlier token of this account is refused from now on.");
  placePanel();
  $("email").focus();
});
