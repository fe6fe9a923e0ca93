"use strict";
/* Registering, signing in, and the way back in after a forgotten password. */
const signInForm = $("sign-in-form");

function chosen() {
  const data = new FormData(signInForm);
  return { kind: data.get("kind"), registering: !!data.get("new") };
}

/* What the form asks for goes by the two choices at its top. */
function showForm() {
  const { kind, registering } = chosen();
  $("kind-hint").textContent = kind === "teacher"
    ? "Teachers write lessons. They are signed in by cookies, so that no script can carry their token away."
    : "Users read lessons. They are clients of the API, which get a token and keep it themselves.";
  $("name-field").hidden = !registering;
  $("enter").textContent = registering ? "Register" : "Sign in";
  $("forgotten").hidden = kind !== "teacher" || registering;
  $("password").autocomplete = registering ? "new-password" : "current-password";
}
signInForm.addEventListener("change", showForm);

async function register(kind, body) {
  const answer = await send("POST", `${api}/auth/${kind}`, JSON.stringify(body));
  if (!answer.ok) {
    showProblem(signInForm, $("account-message"), answer);
    return null;
  }
  return answer.json.token;
}

/* Users get their token with the row; it is asked for where they have just registered. */
async function signInUser(credentials, token) {
  if (token) {
    enterAsUser(token);
    const me = await sendOnce("GET", api + "/me");
    return { ...me, account: me.ok && me.json.data };
  }
  const answer = await send("POST", api + "/auth/user/login", JSON.stringify(credentials));
  if (answer.ok) enterAsUser(answer.json.token);
  return { ...answer, account: answer.ok && answer.json.data };
}

/* Of what a teacher who registers gets, the page wants no token but the cookies. */
async function signInTeacher(credentials) {
  const answer = await send("POST", api + "/auth/teacher/sign-in", JSON.stringify(credentials));
  if (answer.ok) enterAsTeacher(answer.json.data, answer.json.expires_in);
  return { ...answer, account: answer.ok && answer.json.data };
}

async function hello(greeting) {
  showWho();
  placePanel();
  say($("account-message"), true, "");
  say($("signed-in-message"), true, greeting);
  $("account-title").tabIndex = -1;
  $("account-title").focus({ preventScroll: narrow.matches });
  if (signedIn.kind === "teacher") await listDevices(true);
  if (!$("accounts").hidden) await listAccounts();
}

signInForm.addEventListener("submit", async event => {
  event.preventDefault();
  clearFaults(signInForm);
  say($("account-message"), true, "");
  const { kind, registering } = chosen();
  const credentials = { email: $("email").value, password: $("password").value };
  let token = null;
  if (registering) {
    token = await register(kind, { name: $("name").value, ...credentials });
    if (!token) return;
  }
  const answer = kind === "user" ? await signInUser(credentials, token) : await signInTeacher(credentials);
  if (!answer.ok) {
    if (answer.status !== 401)
      return showProblem(signInForm, $("account-message"), answer);
    showFault($("password"), `There is no ${kind} with this e-mail address and this password.`);
    return $("password").focus();
  }
  signedIn.account = answer.account;
  $("password").value = "";
  await hello(registering ? `Welcome, ${answer.account.name}.` : `Hello, ${answer.account.name}.`);
});

/* ---- A forgotten password --------------------------------------------------------------------- */

$("forgotten").addEventListener("click", async () => {
  clearFaults(signInForm);
  const answer = await send("POST", api + "/auth/teacher/forgotten", JSON.stringify({ email: $("email").value }));
  if (answer.ok)
    say($("account-message"), true, "If a teacher has this address, a mail with a link is on its way. The link is good for 30 minutes.");
  else
    showProblem(signInForm, $("account-message"), answer);
});

/* The ticket of the link: taken out of the address, so that it is in no history. */
let ticket = null;

function takeTicket() {
  const match = location.hash.match(/^#reset=(.+)$/);
  if (!match) return false;
  ticket = match[1];
  history.replaceState(null, "", location.pathname + location.search);
  $("reset").hidden = false;
  $("new-password").focus();
  return true;
}
addEventListener("hashchange", takeTicket);

$("reset-form").addEventListener("submit", async event => {
  event.preventDefault();
  const form = $("reset-form"), message = form.querySelector(".status");
  clearFaults(form);
  say(message, true, "");
  const body = JSON.stringify({ ticket, password: $("new-password").value });
  const answer = await sendOnce("POST", api + "/auth/teacher/reset", body);
  if (answer.status === 401)
    return say(message, false, "This link is not good any more. Ask for another one below.");
  if (!answer.ok)
    return showProblem(form, message, answer);
  ticket = null;
  $("new-password").value = "";
  $("reset").hidden = true;
  leave("Your new password is set. Sign in with it.");
  placePanel();
  $("email").focus();
});
