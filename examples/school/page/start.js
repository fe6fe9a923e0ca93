"use strict";
/* The free form, and who was signed in when the page was left. */
$("path").value = api + "/me";

$("call").addEventListener("submit", async event => {
  event.preventDefault();
  await send($("method").value, $("path").value, $("body").value.trim());
});

async function comeBack() {
  const token = sessionStorage.getItem("token");
  if (token) {
    enterAsUser(token);
    const answer = await sendOnce("GET", api + "/me", null, true);
    if (!answer.ok) return leave(answer.status === 401 ? "Your token is not good any more." : problemText(answer));
    signedIn.account = answer.json.data;
  } else if (localStorage.getItem("school-teacher")) {
    signedIn.kind = "teacher"; /* until it turns out otherwise */
    const left = (localStorage.getItem("school-teacher") - Date.now()) / 1000;
    const answer = await send("GET", api + "/auth/teacher/account", null, true);
    if (!answer.ok) return signedIn.kind && leave(problemText(answer));
    enterAsTeacher(answer.json, signedIn.until ? 0 : left);
  }
  if (!signedIn.kind) return;
  showWho();
  if (signedIn.kind === "teacher") await listDevices(true);
  if (!$("accounts").hidden) await listAccounts();
}

showForm();
showWho();
takeTicket();
comeBack();
