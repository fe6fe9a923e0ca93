"use strict";
/* Head teachers: all accounts, each with a switch. */
const KINDS = { teachers: "teacher_id", users: "id" };

function accountItem(kind, account) {
  const mine = kind === "teachers" && account.teacher_id === signedIn.account.teacher_id;
  const toggle = made("button", { type: "button", className: "switch" });
  const word = made("span", { textContent: account.disabled ? "off" : "on" });
  toggle.append(made("i", {}), word);
  toggle.setAttribute("role", "switch");
  toggle.setAttribute("aria-checked", String(!account.disabled));
  toggle.setAttribute("aria-label", `The account of ${account.name}, ${account.email}`);
  const item = made("li", {}, made("div", { className: "what" },
    made("strong", { textContent: account.name }), " ",
    ...(account.role === "head" ? [made("span", { className: "tag", textContent: "head" })] : []),
    made("span", { textContent: account.email })),
    mine ? made("span", { className: "tag", textContent: "you" }) : made("div", { className: "row" }, toggle));
  toggle.addEventListener("click", () => switchAccount(kind, account, item));
  return item;
}

async function switchAccount(kind, account, item) {
  const body = JSON.stringify({ disabled: !account.disabled });
  const answer = await send("PUT", `${api}/accounts/${kind}/${account[KINDS[kind]]}`, body);
  if (!answer.ok)
    return say($("accounts-message"), false, problemText(answer));
  const fresh = accountItem(kind, answer.json);
  item.replaceWith(fresh);
  asked = fresh.querySelector("button");
  asked.focus();
  placePanel();
  say($("accounts-message"), true, answer.json.disabled
    ? `${account.name} is switched off: no token of that account is good any more.`
    : `${account.name} is switched on again.`);
}

async function listKind(kind, after) {
  const answer = await send("GET", `${api}/accounts/${kind}?limit=100` + (after ? `&after=${after}` : ""), null, true);
  if (!answer.ok)
    return say($("accounts-message"), false, problemText(answer));
  const items = answer.json.data.map(account => accountItem(kind, account));
  if (!after) $(kind).replaceChildren();
  if (!after && !items.length) $(kind).append(made("li", { textContent: "Nobody has registered yet." }));
  $(kind).append(...items);
  if (!answer.json.next) return;
  const more = made("button", { type: "button", className: "small", textContent: `Show more ${kind}` });
  const row = made("li", {}, made("div", { className: "row" }, more));
  more.addEventListener("click", async () => {
    row.remove();
    await listKind(kind, answer.json.next);
  });
  $(kind).append(row);
}

async function listAccounts() {
  await listKind("teachers");
  await listKind("users");
}
