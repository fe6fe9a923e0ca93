"use strict";
/* Requests, and the panel that shows what was sent and what came back. */
const $ = id => document.getElementById(id);

/* The page may be mounted anywhere: /app/ calls /app/api/v1/... */
const mount = location.pathname.replace(/\/$/, "");
const api = mount + "/api/v1";

/* An element with properties and children: made("li", { className: "x" }, "text", child). */
function made(name, properties, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

function say(element, good, text) {
  element.className = "status " + (good ? "good" : "bad");
  element.textContent = text;
}

/* ---- The panel ------------------------------------------------------------------------------- */

const panel = $("answer-panel");
const narrow = matchMedia("(max-width: 56rem)");
let asked = null; /* the button that was pressed last */

/* A form whose answer is a list right beneath it: there the panel stands behind the list. */
function listAsked() {
  const form = asked && asked.closest("[data-list]");
  return form && $(form.dataset.list);
}

/* Beside the forms where there is room; else right beneath the button that was pressed and what is said
 * there, or in the account where that button has gone. */
function placePanel() {
  const row = asked && asked.isConnected ? asked.closest(".row") : null;
  if (!narrow.matches)
    document.querySelector("main").append(panel);
  else if (listAsked())
    listAsked().after(panel);
  else if (row && row.offsetParent)
    (row.nextElementSibling && row.nextElementSibling.matches(".status") ? row.nextElementSibling : row).after(panel);
  else if (asked)
    $(signedIn.kind ? "signed-in-message" : "account-message").after(panel);
}
narrow.addEventListener("change", placePanel);
addEventListener("click", event => {
  const button = event.target.closest("button");
  if (button) asked = button;
}, true);

/* What a person may see on the screen: no password, no ticket, and of the token that there is one. */
function withoutSecrets(text) {
  return text.replace(/("(?:password|ticket)":\s*)"(?:[^"\\]|\\.)*"/g, '$1"…"')
    .replace(/("token":\s*"[^"]{12})[^"]*"/g, '$1…"').replace(/([?&]auth=[^&"]{12})[^&"]*/g, "$1…");
}

function indented(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch (error) {
    return text;
  }
}

/* Of a form in parts, what is in each. */
function bodyText(body) {
  if (!(body instanceof FormData)) return withoutSecrets(indented(body));
  return [...body].map(([name, file]) => `${name}: ${file.name ? `“${file.name}”, ${file.size} bytes` : "no file"}`).join("\n");
}

function showRequest(method, path, headers, body) {
  const lines = [`${method} ${withoutSecrets(path)}`];
  for (const [name, value] of Object.entries(headers))
    lines.push(`${name}: ${value.startsWith("Bearer ") ? value.slice(0, 19) + "…" : value}`);
  if (signedIn.kind === "teacher")
    lines.push("Cookie: __Host-school=…  (put there by the browser)");
  if (body instanceof FormData)
    lines.push("Content-Type: multipart/form-data; boundary=…  (put there by the browser)");
  $("sent").textContent = lines.join("\n") + (body ? "\n\n" + bodyText(body) : "");
}

function showAnswer(answer, text) {
  say($("answer-status"), answer.ok, `${answer.status} ${REASONS[answer.status] || ""}`.trim());
  $("answer-box").hidden = false;
  $("answer-hint").hidden = true;
  $("answer").textContent = !text ? "(nothing but the status)"
    : withoutSecrets(indented(text));
  $("answer").scrollTop = 0;
  placePanel();
  if (narrow.matches && !listAsked()) panel.scrollIntoView({ block: "nearest" });
}

/* In words, since not everybody knows the numbers. */
const REASONS = {
  200: "OK", 201: "Created", 202: "Accepted", 204: "Done, nothing to say", 400: "Bad request", 401: "Not let in",
  403: "Not allowed", 404: "Not found", 405: "Not with this method", 409: "Conflict", 413: "Too large",
  415: "Not of this media type", 422: "Refused: look at the fields", 429: "Too often: wait a little",
  500: "The program failed", 503: "Just now not available",
};

/* ---- Requests -------------------------------------------------------------------------------- */

/* Users send their token, teachers their cookies. With a token of our own the cookies stay at home. */
function credentialsNow() {
  return { headers: signedIn.token ? { Authorization: "Bearer " + signedIn.token } : {},
    credentials: signedIn.kind === "user" ? "omit" : "same-origin" };
}

/* One request: {ok, status, json, after}. `body` is JSON as text, or the FormData of a form. `quiet`: nobody asked for it, so it is not shown. */
async function sendOnce(method, path, body, quiet) {
  const { headers, credentials } = credentialsNow();
  if (body && !(body instanceof FormData)) headers["Content-Type"] = "application/json";
  if (!quiet) showRequest(method, path, headers, body);
  let response, text, json = null;
  try {
    response = await fetch(path, { method, headers, credentials, body: body || undefined });
    text = await response.text();
  } catch (error) {
    say($("answer-status"), false, "The server could not be reached.");
    return { ok: false, status: 0, json: { title: "The server could not be reached" } };
  }
  try { json = JSON.parse(text); } catch (error) { /* not JSON: shown as it is */ }
  const answer = { ok: response.ok, status: response.status, json, after: response.headers.get("Retry-After") };
  if (!quiet) showAnswer(answer, text);
  return answer;
}

/* The same, and once more after the access cookie was renewed, where it had run out. */
async function send(method, path, body, quiet) {
  const answer = await sendOnce(method, path, body, quiet);
  if (answer.status !== 401 || signedIn.kind !== "teacher")
    return answer;
  if (!await renew())
    return answer;
  return sendOnce(method, path, body, quiet);
}

/* ---- What went wrong, in sentences ------------------------------------------------------------ */

function sentence(text) {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : first + ".";
}

/* "must be a text" says something of a member; "this address is taken" is a sentence by itself. */
function faultText(name, detail) {
  return sentence(/^(must|is|has) /.test(detail) ? `the ${name} ${detail}` : detail);
}

function problemText(answer) {
  if (answer.status === 429)
    return `That was too often. Try again in ${answer.after || "some"} seconds.`;
  const body = answer.json || {};
  const faults = (body.errors || []).map(e => faultText(e.pointer.slice(1) || "body", e.detail));
  return faults.length ? faults.join(" ") : sentence(body.detail || body.title || REASONS[answer.status] || `Status ${answer.status}`);
}

function describedBy(field, id, add) {
  const ids = new Set((field.getAttribute("aria-describedby") || "").split(" ").filter(Boolean));
  if (add) ids.add(id); else ids.delete(id);
  if (ids.size) field.setAttribute("aria-describedby", [...ids].join(" "));
  else field.removeAttribute("aria-describedby");
}

function clearFaults(form) {
  for (const fault of form.querySelectorAll(".fault")) {
    const field = $(fault.dataset.field);
    field.removeAttribute("aria-invalid");
    describedBy(field, fault.id, false);
    fault.remove();
  }
}

function showFault(field, text) {
  const fault = made("p", { className: "fault", id: field.id + "-fault", textContent: text });
  fault.dataset.field = field.id;
  field.setAttribute("aria-invalid", "true");
  describedBy(field, fault.id, true);
  field.after(fault);
}

/* Each fault at its field, the first of which gets the focus; the rest into `message`. */
function showProblem(form, message, answer) {
  const left = [];
  let first = null;
  for (const error of (answer.json && answer.json.errors) || []) {
    const field = form.elements.namedItem(error.pointer.slice(1));
    const label = field && field.labels && field.labels[0];
    if (!label || field.offsetParent === null || field.getAttribute("aria-invalid")) {
      left.push(error);
      continue;
    }
    showFault(field, faultText(label.textContent.toLowerCase(), error.detail));
    first = first || field;
  }
  if (first) first.focus();
  if (!first || left.length)
    say(message, false, problemText(first ? { ...answer, json: { errors: left } } : answer));
}
