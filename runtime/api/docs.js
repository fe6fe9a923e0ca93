"use strict";
// The page of @docs: finds routes, and sends what its forms say. What comes back is shown as text, never as HTML.
(() => {
  const SHOWN = 65536; // characters of an answer
  const main = document.getElementById("routes");
  const token = document.getElementById("token");
  const own = main.dataset.docs;
  const here = location.pathname;
  const mount = here.endsWith(own) ? here.slice(0, here.length - own.length) : "";

  function element(name, text, style) {
    const made = document.createElement(name);
    made.textContent = text;
    if (style)
      made.className = style;
    return made;
  }

  // ---- Requests ----

  function fault(field, text) {
    const before = document.getElementById(field.id + "-fault");
    if (before)
      before.remove();
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    if (!text)
      return;
    const made = element("span", text, "fault");
    made.id = field.id + "-fault";
    field.after(made);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", made.id);
  }

  // Browsers take out a segment of dots, however it is written: it would lead to another route.
  function wrong(field) {
    const segments = field.dataset.in === "rest" ? field.value.split("/") : [field.value];
    if (field.required && !field.value)
      return "This is needed.";
    return /^(path|rest)$/.test(field.dataset.in) && segments.some((part) => /^\.{0,2}$/.test(part))
      ? "No part of a path is empty, . or .. here." : "";
  }

  function check(form) {
    let first = null;
    for (const field of form.querySelectorAll("[data-in]")) {
      const text = wrong(field);
      fault(field, text);
      if (text && !first)
        first = field;
    }
    if (first)
      first.focus();
    return !first;
  }

  function segment(text) {
    return encodeURIComponent(text).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());
  }

  function request(form) {
    const values = new Map();
    const query = new URLSearchParams();
    const parts = new FormData();
    const options = { method: form.dataset.method, headers: {}, redirect: "manual", cache: "no-store",
      credentials: "cookies" in form.dataset ? "same-origin" : "omit" };
    for (const field of form.querySelectorAll("[data-in]")) {
      const { in: place, name, type } = field.dataset;
      if (place === "path")
        values.set(name, segment(field.value));
      else if (place === "rest")
        values.set(name, field.value.split("/").map(segment).join("/"));
      else if (place === "query" && field.value)
        query.append(name, field.value);
      else if (place === "repeated")
        field.value.split(",").filter((part) => part).forEach((part) => query.append(name, part.trim()));
      else if (place === "header" && field.value)
        options.headers[name] = field.value;
      else if (place === "part" && field.value)
        parts.append(name, field.value);
      else if (place === "parts")
        field.value.split(",").filter((part) => part).forEach((part) => parts.append(name, part.trim()));
      else if (place === "upload" && field.files.length)
        parts.append(name, field.files[0]);
      else if (place === "file")
        options.body = field.files[0];
      else if (place === "body" && (field.value.trim() || !("optional" in form.dataset)))
        [options.body, options.headers["Content-Type"]] = [field.value, type];
    }
    if (form.querySelector("[data-in=part], [data-in=parts], [data-in=upload]") &&
        !("optional" in form.dataset && parts.keys().next().done))
      options.body = parts;
    if (token && token.value.trim())
      options.headers.Authorization = "Bearer " + token.value.trim();
    const path = form.dataset.path.replace(/\{([^{}]*)\}/g, (whole, name) => values.get(name) ?? whole);
    const search = query.toString();
    return [location.origin + mount + path + (search ? "?" + search : ""), options];
  }

  function pretty(text, type) {
    if (!/[/+]json\b/.test(type))
      return text;
    try {
      return /\d{16}/.test(text) ? text : JSON.stringify(JSON.parse(text), null, 2);
    } catch {
      return text;
    }
  }

  async function content(answer) {
    const type = answer.headers.get("Content-Type") || "";
    if (!/^text\/|[/+](json|xml)\b/.test(type)) {
      const size = (await answer.blob()).size;
      return size ? `${size} bytes of ${type || "an unknown type"}` : "";
    }
    const text = pretty(await answer.text(), type);
    return text.length > SHOWN ? text.slice(0, SHOWN) + "\n…" : text;
  }

  async function send(form) {
    const [url, options] = request(form);
    const began = performance.now();
    const answer = await fetch(url, options);
    if (answer.type === "opaqueredirect")
      return [element("p", "It leads to another place (a redirection).")];
    const text = await content(answer);
    const took = Math.round(performance.now() - began);
    const shown = [element("p", `${answer.status} ${answer.statusText} in ${took} ms`, answer.ok ? "good" : "bad")];
    if (text) {
      const pre = element("pre", text);
      pre.tabIndex = 0;
      pre.setAttribute("role", "region");
      pre.setAttribute("aria-label", `Answer to ${options.method} ${form.dataset.path}`);
      shown.push(pre);
    }
    return shown;
  }

  async function submit(event) {
    event.preventDefault();
    const form = event.target;
    const place = form.querySelector(".answer");
    const button = form.querySelector("button");
    if (!place || !check(form))
      return;
    button.disabled = true;
    place.replaceChildren(element("p", "Sent; waiting."));
    try {
      place.replaceChildren(...await send(form));
    } catch (error) {
      place.replaceChildren(element("p", "No answer: " + error.message, "bad"));
    }
    button.disabled = false;
    button.focus();
  }

  // ---- The list ----

  function find(text) {
    const words = text.toLowerCase().split(/\s+/).filter((word) => word);
    let n = 0;
    for (const route of document.querySelectorAll(".route")) {
      const told = route.querySelector("summary").textContent.toLowerCase();
      route.hidden = !words.every((word) => told.includes(word));
      n += !route.hidden;
      document.querySelector(`nav a[href="#${route.id}"]`).parentElement.hidden = route.hidden;
    }
    for (const section of document.querySelectorAll(".tag")) {
      section.hidden = !section.querySelector(".route:not([hidden])");
      document.querySelector(`nav a[href="#${section.getAttribute("aria-labelledby")}"]`).parentElement.hidden = section.hidden;
    }
    document.getElementById("found").textContent = words.length ? `${n} ${n === 1 ? "route" : "routes"}` : "";
  }

  function open() {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && document.getElementById(id);
    if (!target || !target.matches(".route"))
      return;
    target.open = true;
    target.querySelector("summary").focus({ preventScroll: true });
  }

  document.addEventListener("submit", submit);
  document.querySelector(".find").hidden = false;
  document.getElementById("find").addEventListener("input", (event) => find(event.target.value));
  window.addEventListener("hashchange", open);
  for (const form of document.querySelectorAll(".try"))
    form.noValidate = true;
  open();
})();
