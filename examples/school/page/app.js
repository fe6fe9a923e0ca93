"use strict";
const $ = id => document.getElementById(id);
/* The page may be mounted anywhere: /app/ calls /app/api/v1/... */
const mount = location.pathname.replace(/\/$/, "");
const api = mount + "/api/v1";
$("path").value = api + "/me";

function say(element, good, text) {
  element.className = "status " + (good ? "good" : "bad");
  element.textContent = text;
}

/* What a problem document says, for people. */
function problemText(answer) {
  const body = answer.json || {};
  const faults = (body.errors || []).map(e => `${e.pointer.slice(1) || "body"} ${e.detail}`);
  return faults.length ? faults.join("; ") : body.detail || body.title || `Status ${answer.status}`;
}

async function send(method, path, body) {
  const headers = {};
  const token = sessionStorage.getItem("token");
  if (token) headers.Authorization = "Bearer " + token;
  if (body) headers["Content-Type"] = "application/json";
  let response, text;
  try {
    response = await fetch(path, { method, headers, body: body || undefined });
    text = await response.text();
  } catch (error) {
    say($("answer-status"), false, "The server could not be reached.");
    return { ok: false, status: 0, json: { title: "The server could not be reached." } };
  }
  let json = null;
  try { json = JSON.parse(text); } catch (error) { /* not JSON: shown as it is */ }
  say($("answer-status"), response.ok, `${method} ${path} → ${response.status}`);
  $("answer").hidden = !text;
  $("answer").textContent = json ? JSON.stringify(json, null, 2) : text;
  return { ok: response.ok, status: response.status, json };
}

function claimsOf(token) {
  const part = token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/");
  const bytes = Uint8Array.from(atob(part), c => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

function claimText(name, value) {
  return name === "exp" || name === "iat" ? `${value} (${new Date(value * 1000).toLocaleString()})`
                                          : String(value);
}

function showToken() {
  const token = sessionStorage.getItem("token");
  $("token-box").hidden = !token;
  $("no-token").hidden = !!token;
  $("claims").replaceChildren();
  const claims = token ? claimsOf(token) : {};
  for (const [name, value] of Object.entries(claims)) {
    const dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = name;
    dd.textContent = claimText(name, value);
    $("claims").append(dt, dd);
  }
  $("token").textContent = token || "";
  $("new-lesson").hidden = claims.table_name !== "teachers";
}

function keepToken(token) {
  if (token) sessionStorage.setItem("token", token);
  else sessionStorage.removeItem("token");
  showToken();
}

$("account").addEventListener("submit", async event => {
  event.preventDefault();
  const registering = event.submitter && event.submitter.value === "register";
  const kind = new FormData($("account")).get("kind");
  const body = { email: $("email").value, password: $("password").value };
  if (registering) body.name = $("name").value;
  keepToken(null);
  const answer = await send("POST", `${api}/auth/${kind}${registering ? "" : "/login"}`,
                            JSON.stringify(body));
  if (!answer.ok) {
    say($("account-message"), false,
        answer.status === 401 ? "E-mail or password is wrong." : problemText(answer));
    return;
  }
  keepToken(answer.json.token);
  $("password").value = "";
  say($("account-message"), true, registering ? answer.json.message
                                              : `Hello, ${answer.json.data.name}.`);
});

$("forget").addEventListener("click", () => {
  keepToken(null);
  say($("account-message"), true, "The token is forgotten here; it is still good elsewhere.");
});

$("sign-out").addEventListener("click", async () => {
  const answer = await send("POST", api + "/logout");
  if (!answer.ok) {
    say($("account-message"), false, problemText(answer));
    return;
  }
  keepToken(null);
  $("lessons").replaceChildren();
  say($("account-message"), true, "Signed out: every earlier token of this account is refused.");
});

async function listLessons() {
  const answer = await send("GET", api + "/lessons");
  $("lessons").replaceChildren();
  if (!answer.ok) {
    say($("lessons-message"), false, answer.status === 401 ? "Sign in to see the lessons."
                                                           : problemText(answer));
    return;
  }
  const lessons = answer.json.data;
  say($("lessons-message"), true, lessons.length ? `${lessons.length} shown` : "No lessons yet.");
  for (const lesson of lessons) {
    const li = document.createElement("li");
    li.textContent = `${lesson.id} · ${lesson.title}`;
    $("lessons").append(li);
  }
}
$("load-lessons").addEventListener("click", listLessons);

$("new-lesson").addEventListener("submit", async event => {
  event.preventDefault();
  const answer = await send("POST", api + "/lessons", JSON.stringify({ title: $("title").value }));
  if (!answer.ok) {
    say($("lessons-message"), false, problemText(answer));
    return;
  }
  $("title").value = "";
  await listLessons();
});

$("call").addEventListener("submit", event => {
  event.preventDefault();
  send($("method").value, $("path").value, $("body").value.trim());
});

showToken();
