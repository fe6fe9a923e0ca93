#!/usr/bin/python3
"""Persons on the school's page: a user, a teacher, a head, somebody who has forgotten the password; by the mouse, by
keys alone, on a telephone, in the dark. axe-core finds nothing in their way.

usage: page.py SHOTS AXE: folders for screenshots, and for axe-core from npm. Runs the school by examples/school/run."""
import itertools
import os
import re
import sys
import tempfile
import time
import urllib.request

from selenium.webdriver.common.keys import Keys

from packages import install_packages
from person import ROOT, SIZES, Person, School

SHOTS, AXE_FOLDER = sys.argv[1:3]
EVERYWHERE = list(itertools.product(SIZES, (False, True)))
SMALL, DARK = [(360, False)], [(1280, True)]
os.makedirs(SHOTS, exist_ok=True)
install_packages(os.path.join(ROOT, "tests/page"), AXE_FOLDER)
with open(AXE_FOLDER + "/node_modules/axe-core/axe.min.js", encoding="utf-8") as source:
    AXE = source.read()


def address(name):
    return "%s.%d@example.com" % (name, time.time_ns())


def whole_sentence(text):
    return re.fullmatch(r"[A-Z].*\.", text)


def fault_at(me, field, part):
    """Told in a whole sentence, at the field, to eyes and to ears; the field has the focus."""
    me.sees(field + "-fault", part)
    fault = me.by(field + "-fault")
    me.check(whole_sentence(fault.text), fault.text)
    me.check(me.by(field).get_attribute("aria-invalid") == "true", "aria-invalid")
    me.check(field + "-fault" in me.by(field).get_attribute("aria-describedby").split(), "aria-describedby")
    me.check(me.script("return document.activeElement.id") == field, "the focus is at the fault")
    gap = me.script("return arguments[1].getBoundingClientRect().top - arguments[0].getBoundingClientRect().bottom",
                    me.by(field), fault)
    me.check(0 <= gap < 20, "right beneath it: %s" % gap)


def test_a_stranger_sees_what_the_page_is_and_what_is_wrong_with_a_field():
    me.go()
    me.check("The school" in me.browser.title, me.browser.title)
    me.sees("who", "Nobody is signed in")
    for group in me.browser.find_elements("css selector", "fieldset"):
        me.check(group.find_element("css selector", "legend").text.strip(), "each group has a legend")
    me.expect_no_barriers("stranger", AXE, EVERYWHERE)
    me.choose("new", "yes")
    me.fill(name="Ann Teacher", email="nobody", password="short")
    me.press("#enter")
    fault_at(me, "email", "must be an e-mail address")
    me.sees("password-fault", "The password must be 8 to 128 characters.")
    me.expect_no_barriers("faults", AXE, SMALL)
    me.fill(email=address("ann"))
    me.press("#enter")
    fault_at(me, "password", "The password must be")
    me.check(not me.by("email").get_attribute("aria-invalid"), "what is right is right again")
    me.press("#load-lessons")
    me.sees("lessons-message", "Sign in to see the lessons.")


def test_what_looks_for_barriers_is_not_blind():
    me.go()
    me.script("document.querySelector('label[for=email]').remove(); account.style.color = '#bbb'; email.style.borderColor = '#ddd'")
    found, seen = me.barriers(AXE)
    me.check({"label", "color-contrast"} <= {name for name, _ in found}, found)
    me.check({fault.split()[0] for fault in seen["faults"]} == {"text", "border"}, seen)


def test_a_user_keeps_a_token_and_is_told_what_stands_in_it():
    bob = address("bob")
    me.go()
    me.register("user", "Bob User", bob)
    me.sees("who", "Bob User, a user")
    for claim in "table_name", "id", "iat", "exp", "epoch":
        me.sees("claims", claim)
    lines = me.script("return [...claims.querySelectorAll('dd span')].map(s => s.textContent)")
    me.check(len(lines) == 5 and all(lines), "each claim is explained: %s" % lines)
    me.check(me.by("token").get_attribute("textContent").count(".") == 2, "the token")
    me.press("#play")
    me.sees("video-message", "By a link that is good for this video alone.")
    moves(me)
    me.check(not me.by("new-lesson").is_displayed() and not me.by("accounts").is_displayed(), "what is for others is hidden")
    me.expect_no_barriers("user", AXE, DARK)
    token = me.script("return sessionStorage.getItem('token')")
    me.press("#sign-out")
    me.sees("account-message", "signed out everywhere")
    me.script("sessionStorage.setItem('token', arguments[0])", token)
    me.go()
    me.sees("account-message", "not good any more")
    me.sign_in("user", bob, "wrong password")
    fault_at(me, "password", "There is no user with this e-mail address and this password.")


def moves(me):
    for _ in range(100):
        if me.script("return video.currentTime") > 0:
            return
        time.sleep(0.1)
    me.check(False, "the video does not play: %s" % me.script("return video.error && video.error.message"))


def test_a_teacher_is_signed_in_by_cookies_that_no_script_reads():
    me.go()
    me.register("teacher", "Ann Teacher", ANN)
    me.sees("who", "Ann Teacher, a teacher")
    me.check(me.script("return document.cookie") == "" and not me.script("return sessionStorage.getItem('token')"), "no token")
    me.check("token" not in me.by("answer").text, me.by("answer").text)
    me.sees("devices", "Chromium on Linux this one")
    for title in "Latin for <b>beginners</b>", "Greek":
        me.fill(title=title)
        me.press("#new-lesson button")
        me.sees("lessons", title)
    me.fill(title="Greek")
    me.press("#new-lesson button")
    fault_at(me, "title", "You have a lesson with this title already.")
    me.press("#lessons li:nth-child(2) button")
    me.check(me.script("return document.activeElement.value") == "Greek", "the title can be written at once")
    me.expect_no_barriers("teacher", AXE, EVERYWHERE)
    me.keys(Keys.CONTROL + "a", "Attic Greek", Keys.ENTER)
    me.sees("lessons", "Attic Greek")
    me.press("#play")
    me.sees("video-message", "By your cookie.")
    moves(me)


def test_the_answer_stands_beside_what_was_sent():
    me.by("call").find_element("css selector", "button").click()
    me.sees("answer", ANN)
    me.sees("sent", "GET /api/v1/me")
    me.sees("answer-status", "200")
    place = "const r = id => document.getElementById(id).getBoundingClientRect(), a = r('answer-panel');"
    me.script("scrollTo(0, 0)")
    seen = me.script(place + "return [a.top >= 0 && a.bottom <= innerHeight, a.left >= r('account').right]")
    me.check(seen == [True, True], "on the first screen, beside the forms: %s" % seen)
    me.look(360)
    me.press("#call button")
    time.sleep(0.3)
    gap = me.script(place + "return [a.top - document.querySelector('#call button').getBoundingClientRect().bottom,"
                    "a.top < innerHeight]")
    me.check(0 <= gap[0] <= 24 and gap[1], "right beneath the button: %s" % gap)
    me.shot("beneath-360")
    me.fill(title="")
    me.press("#new-lesson button")
    me.sees("title-fault", "The new lesson must be 1 to 200 characters.")
    seen = me.script("const f = document.getElementById('title-fault').getBoundingClientRect();"
                     "return [document.activeElement.id, f.top >= 0 && f.bottom <= innerHeight]")
    me.check(seen == ["title", True], "the fault, and not the answer, is what is in view: %s" % seen)
    me.look()


def test_a_page_that_is_opened_again_after_the_access_cookie_is_gone_stays_signed_in():
    me.browser.delete_cookie("__Host-school")
    me.go()
    me.sees("who", "Ann Teacher, a teacher")
    me.browser.delete_cookie("__Host-school")
    me.press("#load-lessons")
    me.sees("lessons", "Attic Greek")
    me.check(renewals() >= 2, "it was renewed each time")


def renewals():
    with open(school.log, encoding="utf-8") as log:
        return log.read().count("POST /api/v1/auth/teacher/refresh 200")


def test_a_page_that_stays_open_renews_its_cookies_a_minute_before_they_run_out():
    before = renewals()
    me.script("const was = setTimeout; window.setTimeout = (call, ms) => {"
              "window.setTimeout = was; window.planned = ms; return was(call, 0) }; renewIn(900)")
    for _ in range(100):
        if renewals() > before:
            break
        time.sleep(0.05)
    me.check(renewals() == before + 1 and me.script("return planned") == 840000, me.script("return planned"))


def test_a_device_is_ended_from_another():
    request = urllib.request.Request(
        school.url + "api/v1/auth/teacher/sign-in", ('{"email":"%s","password":"correct horse"}' % ANN).encode(),
        {"Content-Type": "application/json", "Origin": school.url[:-1], "User-Agent":
         "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"})
    urllib.request.urlopen(request).read()
    me.go()
    me.sees("devices", "Firefox on Windows")
    me.expect_no_barriers("devices", AXE, SMALL)
    me.press("#devices button")
    me.sees("devices-message", "The session of Firefox on Windows has ended")
    me.check("Firefox" not in me.by("devices").text, me.by("devices").text)


def test_somebody_elses_lesson_is_404_and_stays():
    me.press("#sign-out-here")
    me.sees("account-message", "signed out in this browser")
    me.choose("new", "yes")
    me.fill(name="Ann Again", email=ANN.upper(), password="correct horse")
    me.press("#enter")
    fault_at(me, "email", "This e-mail address is taken.")
    me.register("teacher", "Cleo Other", address("cleo"))
    me.press("#load-lessons")
    me.sees("lessons", "Attic Greek")
    me.press("#lessons .danger")
    me.press("#lessons .danger")
    me.sees("lessons", "404: no lesson 1 is yours.")
    me.sees("answer-status", "404")
    me.press("#lessons li:nth-child(2) button")
    me.press("#lessons form [type=submit]")
    me.sees("lessons", "404: no lesson 2 is yours.")
    me.expect_no_barriers("not-yours", AXE, DARK)
    me.press("#sign-out-here")
    me.sees("account-message", "signed out")


def test_a_head_switches_an_account_off_and_on():
    school.sql_of_a_head(ANN)
    me.sign_in("teacher", ANN)
    me.sees("who", "Ann Teacher, a head teacher")
    me.sees("teachers", "Cleo Other")
    me.expect_no_barriers("head", AXE, [(768, False), (360, True)])
    switch = "#teachers [role=switch][aria-label*='Cleo']"
    me.check(me.find(switch).get_attribute("aria-checked") == "true", "on")
    me.press(switch)
    me.sees("accounts-message", "Cleo Other is switched off: no token of that account is good any more.")
    me.check(me.find(switch).get_attribute("aria-checked") == "false", "off")
    me.check(me.script("return document.activeElement.matches(arguments[0])", switch), "the focus stays")
    me.press(switch)
    me.sees("accounts-message", "Cleo Other is switched on again.")
    me.press("#sign-out")
    me.sees("account-message", "signed out everywhere")


def test_a_forgotten_password_is_replaced_by_the_link_of_a_mail():
    me.go()
    me.press("#forgotten")
    fault_at(me, "email", "must be an e-mail address")
    me.fill(email=ANN)
    me.press("#forgotten")
    me.sees("account-message", "If a teacher has this address, a mail with a link is on its way.")
    link = re.search(r"http\S+#reset=\S+", school.newest_mail())[0]
    me.check(link.startswith(school.url), link)
    me.go(link[len(school.url):])
    me.sees("reset", "A new password")
    me.check("reset" not in me.browser.current_url, "the ticket is not in the address any more")
    me.expect_no_barriers("reset", AXE, SMALL)
    me.fill(new_password="short")
    me.press("#reset-form button")
    fault_at(me, "new-password", "The new password must be 8 to 128 characters.")
    me.fill(new_password="battery staple")
    me.press("#reset-form button")
    me.sees("account-message", "Your new password is set. Sign in with it.")
    me.go(link[len(school.url):])
    me.fill(new_password="battery staple")
    me.press("#reset-form button")
    me.sees("reset", "This link is not good any more.")
    me.sign_in("teacher", ANN, "battery staple")
    me.sees("signed-in-message", "Hello, Ann Teacher.")
    me.press("#sign-out-here")
    me.sees("account-message", "signed out")


def test_everything_can_be_done_by_keys_alone():
    me.go()
    me.tab_to(".skip")
    me.tab_to("input[name=new]")
    me.keys(Keys.ARROW_RIGHT)
    for field, text in ("#name", "Kay Keys"), ("#email", address("kay")), ("#password", "correct horse"):
        me.tab_to(field)
        me.keys(text)
    me.tab_to("#enter")
    me.keys(Keys.SPACE)
    me.sees("signed-in-message", "Welcome, Kay Keys.")
    me.tab_to("#title")
    me.keys("By keys", Keys.ENTER)
    me.sees("lessons", "By keys")
    me.tab_to("[aria-label='Edit: By keys']")
    me.keys(Keys.ENTER)
    me.keys(Keys.END, " alone", Keys.ENTER)
    me.sees("lessons", "By keys alone")
    me.tab_to("[aria-label='Delete: By keys alone']")
    me.keys(Keys.ENTER)
    me.keys(Keys.SHIFT + Keys.TAB)
    me.keys(Keys.ENTER)
    me.sees("lessons-message", "“By keys alone” is deleted.")
    me.tab_to("#answer")
    me.keys(Keys.SHIFT + Keys.TAB)
    for _ in range(80):
        if me.script("return document.activeElement.id") == "sign-out-here":
            break
        me.keys(Keys.SHIFT + Keys.TAB)
    me.keys(Keys.ENTER)
    me.sees("account-message", "signed out in this browser")


def test_the_browser_has_no_complaints():
    noise = [entry["message"] for entry in logged if "Content Security Policy" in entry["message"] or
             "Uncaught" in entry["message"] or "rejection" in entry["message"]]
    me.check(not noise, "the browser complains: %s" % noise)


ANN = address("ann")
logged = []
with tempfile.TemporaryDirectory(prefix="gatewright-page.") as folder:
    school = School(folder)
    me = Person(school.url, folder, SHOTS)
    try:
        for name, test in [item for item in globals().items() if item[0].startswith("test_")]:
            begun = time.monotonic()
            test()
            logged += me.browser.get_log("browser")
            print("passed %s (%.1f s)" % (name, time.monotonic() - begun), flush=True)
    finally:
        me.browser.quit()
        school.stop()
print("%d checks; screenshots in %s" % (me.checks, SHOTS))
