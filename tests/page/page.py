#!/usr/bin/python3
"""A person on the school's page: registers, signs in, sees the claims, lists lessons, signs out.

Runs the school by examples/school/run and drives headless Chromium. Screenshots go to the folder
given as the first argument (or to a temporary one)."""
import os, re, signal, subprocess, sys, tempfile, time

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from chromium import start_browser

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
shots = sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()
os.makedirs(shots, exist_ok=True)
checks = 0
scratch = tempfile.TemporaryDirectory(prefix="gatewright-page.")


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        browser.save_screenshot(os.path.join(shots, "failed.png"))
        print(browser.get_log("browser"))
        sys.exit(f"failed: {what}; see {shots}/failed.png")


def start_school():
    school = subprocess.Popen([os.path.join(ROOT, "examples/school/run")], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              start_new_session=True)
    said = ""
    for line in school.stdout:
        said += line
        match = re.search(r"the school runs: (http://\S+)", line)
        if match:
            return school, match[1]
    sys.exit(f"the school did not start:\n{said}")


def by(name):
    return browser.find_element(By.ID, name)


def fill(name, text):
    by(name).clear()
    by(name).send_keys(text)


def wait_text(name, part):
    try:
        WebDriverWait(browser, 10).until(lambda _: part in by(name).text)
    except Exception:
        check(False, f"{name} says {by(name).text!r}, not {part!r}")
    check(True, part)


def shot(name):
    browser.save_screenshot(os.path.join(shots, name + ".png"))


school, url = start_school()
browser = start_browser(scratch.name)
try:
    email = f"ann.{time.time_ns()}@example.com"
    browser.set_window_size(1100, 900)
    browser.get(url)
    check("The school" in browser.title, "the page has its title")
    shot("1-start")

    # A bad member is named, in words.
    fill("name", "Ann Teacher")
    fill("email", email)
    fill("password", "short")
    browser.find_element(By.CSS_SELECTOR, "input[value=teacher]").click()
    by("register").click()
    wait_text("account-message", "password")
    shot("2-bad-password")

    fill("password", "correct horse")
    by("register").click()
    wait_text("account-message", "Welcome")
    wait_text("claims", "teachers")
    wait_text("claims", "epoch")
    check(by("token").text.count(".") == 2, "the token is shown")

    fill("title", "Latin for <b>beginners</b>")
    browser.find_element(By.CSS_SELECTOR, "#new-lesson button").click()
    wait_text("lessons", "Latin for <b>beginners</b>")
    shot("3-teacher")

    by("forget").click()
    wait_text("no-token", "not signed in")
    by("load-lessons").click()
    wait_text("lessons-message", "Sign in")

    fill("password", "wrong password")
    by("sign-in").click()
    wait_text("account-message", "wrong")
    fill("password", "correct horse")
    by("sign-in").click()
    wait_text("account-message", "Hello, Ann Teacher")
    by("load-lessons").click()
    wait_text("lessons", "Latin")

    browser.find_element(By.CSS_SELECTOR, "#call button").click()
    wait_text("answer", email)
    wait_text("answer-status", "200")
    shot("4-called")

    by("sign-out").click()
    wait_text("account-message", "Signed out")
    browser.find_element(By.CSS_SELECTOR, "#call button").click()
    wait_text("answer-status", "401")

    # On a phone nothing sticks out sideways.
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                            {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True})
    browser.get(url)
    width = browser.execute_script("return document.documentElement.scrollWidth")
    check(width <= 360, f"the page is {width} wide on a screen of 360")
    shot("5-phone")

    noise = [entry for entry in browser.get_log("browser")
             if "Content Security Policy" in entry["message"] or "Uncaught" in entry["message"]]
    check(not noise, f"the browser complains: {noise}")
finally:
    browser.quit()
    os.killpg(school.pid, signal.SIGTERM)
    school.wait(10)
print(f"{checks} checks; screenshots in {shots}")
