// page.js: /-/dev. Everything that comes from elsewhere is put in as text.
"use strict";

const by = (id) => document.getElementById(id);
const words = { serving: "serving", building: "building", checking: "checking", starting: "starting", failed: "failed",
                asking: "a question waits in the terminal", "changing the schema": "changing the schema" };
let routes = [], served = null, timer = null;

function row(cells, classes = {}) {
  const tr = document.createElement("tr");
  cells.forEach((cell, i) => {
    const td = document.createElement("td");
    td.textContent = cell ?? "";
    if (classes[i]) td.className = classes[i];
    tr.append(td);
  });
  return tr;
}

function showRoutes() {
  const part = by("filter").value.toLowerCase();
  const rows = routes.map((r) => [r.method, r.path, r.access, r.handler, `${r.file}:${r.line}`]);
  by("route-rows").replaceChildren(...rows.filter((r) => r.join(" ").toLowerCase().includes(part)).map((r) => row(r)));
}

async function loadRoutes() {
  const answer = await fetch("/-/dev/routes");
  if (!answer.ok) return;
  routes = await answer.json();
  const entities = new Set(routes.flatMap((r) => r.access.split("|")));
  ["guest", "ignored", "whitelisted", "authorized"].forEach((word) => entities.delete(word));
  by("entities").replaceChildren(...[...entities].map((name) => new Option(name)));
  if (!by("token-form").elements.entity.value && entities.size) by("token-form").elements.entity.value = [...entities][0];
  showRoutes();
}

function parsed(line) {
  try { return JSON.parse(line); } catch { return null; }
}

async function loadRequests() {
  const lines = (await (await fetch("/-/dev/requests")).text()).split("\n").map(parsed).filter(Boolean);
  const phases = new Map(lines.filter((l) => l.message === "slow").map((l) => [l.id, l]));
  const rows = lines.filter((l) => "status" in l).reverse().slice(0, 100).map((l) => {
    const slow = phases.get(l.id);
    const parts = slow ? ["parse", "gate", "store", "wait", "handler", "write"].filter((p) => slow[p])
      .map((p) => `${p} ${slow[p]}`).join("  ") : "";
    const caller = l.entity ? `${l.entity} ${l.key ?? ""}` : "";
    return row([l.time.slice(11, 23), l.method, l.route, l.status, l.us, caller, l.reason, parts],
               { 3: l.status >= 400 ? "bad" : "good" });
  });
  by("request-rows").replaceChildren(...rows);
}

async function post(path, form) {
  const answer = await fetch(path, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  return [answer.ok, await answer.text()];
}

by("filter").addEventListener("input", showRoutes);

by("token-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const [good, text] = await post("/-/dev/token", event.target);
  by("token-text").textContent = text.trim();
  by("token-copy").hidden = !good;
});

by("token-copy").addEventListener("click", () => navigator.clipboard.writeText(by("token-text").textContent));

by("explain-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  by("explain-text").textContent = (await post("/-/dev/explain", event.target))[1];
});

function openFrame() {
  const path = by("frame-form").elements.path.value;
  by("frame").src = path.startsWith("/") && !path.startsWith("//") ? path : "/" + path.replace(/^\/+/, "");
}

by("frame-form").addEventListener("submit", (event) => { event.preventDefault(); openFrame(); });

function tell(now) {
  by("state-text").textContent = `${words[now.state] ?? now.state}, behind ${now.server}` +
    (now.running ? "" : "; no program runs") + (now.throwaway ? ", throwaway database" : "");
  by("dot").className = now.error ? "failed" : now.state;
  by("error").hidden = !now.error;
  by("error").textContent = now.error ?? "";
  if (now.served !== served) {
    const first = served === null;
    served = now.served;
    loadRoutes();
    if (!first || now.running) openFrame();
  }
}

const events = new EventSource("/-/dev/events");
events.onmessage = (message) => tell(JSON.parse(message.data));
loadRequests();
timer = setInterval(() => { if (!document.hidden) loadRequests(); }, 1500);
