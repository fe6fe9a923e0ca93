"""What a person does with the school's page, in headless Chromium: by the mouse, by keys, on small screens."""
import os
import re
import signal
import subprocess
import sys

from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from chromium import start_browser, wait_until

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SIZES = (1280, 768, 360)
with open(ROOT + "/tests/page/contrast.js", encoding="utf-8") as _file:
    CONTRAST = _file.read().split("*/", 1)[1].strip()


class School:
    """As examples/school/run starts it, with its database in a folder of its own."""

    def __init__(self, folder, server="nginx"):
        self.data = folder + "/data"
        self.process = subprocess.Popen([os.path.join(ROOT, "examples/school/run"), "--data", self.data, "--server", server],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        start_new_session=True)
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C" in line:
                break
        else:
            sys.exit("the school did not start:\n" + self.said)
        self.url = re.search(r"the school runs: (http://\S+)", self.said)[1]
        self.mails = re.search(r"Mails for forgotten passwords: (\S+)", self.said)[1]
        self.log = re.search(r"The log: (\S+)", self.said)[1]

    def newest_mail(self):
        names = sorted((os.path.join(self.mails, name) for name in os.listdir(self.mails)), key=os.path.getmtime)
        with open(names[-1], encoding="utf-8") as mail:
            return mail.read()

    def sql_of_a_head(self, email):
        """The line that the script prints, for another address."""
        line = re.search(r"^  sqlite3 (\S+) \"(.*)\"$", self.said, re.M)
        subprocess.run(["sqlite3", line[1], re.sub(r"email = '[^']*'", "email = '%s'" % email, line[2])], check=True)

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(10)


class Person:
    def __init__(self, url, folder, shots):
        self.browser, self.url, self.shots, self.checks = start_browser(folder), url, shots, 0
        self.browser.set_script_timeout(60)
        self.look()

    # ---- The screen ----

    def look(self, width=1280, dark=False):
        height = 800 if width > 500 else 740
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})

    def shot(self, name):
        self.browser.save_screenshot(os.path.join(self.shots, name + ".png"))

    def script(self, text, *arguments):
        return self.browser.execute_script(text, *arguments)

    def by(self, name):
        return self.browser.find_element(By.ID, name)

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def check(self, condition, what):
        self.checks += 1
        if not condition:
            self.shot("failed")
            print(self.browser.get_log("browser"))
            raise AssertionError("%s; see %s/failed.png" % (what, self.shots))

    def sees(self, name, part):
        """Soon, in the element of that id."""
        try:
            wait_until(self.browser, lambda: part in self.by(name).text)
        except Exception:
            self.check(False, "%s says %r, not %r" % (name, self.by(name).text, part))
        self.checks += 1

    # ---- By the mouse ----

    def go(self, fragment=""):
        self.browser.get("about:blank")
        self.browser.get(self.url + fragment)

    def fill(self, **texts):
        for name, text in texts.items():
            field = self.by(name.replace("_", "-"))
            field.clear()
            field.send_keys(text)

    def press(self, selector):
        """Where a list is drawn anew meanwhile: the button that is there then."""
        for last in (False, False, True):
            try:
                button = self.find(selector)
                self.script("arguments[0].scrollIntoView({block: 'center'})", button)
                return button.click()
            except StaleElementReferenceException:
                if last:
                    raise

    def choose(self, name, value):
        self.find("input[name=%s][value='%s']" % (name, value)).click()

    def register(self, kind, name, email, password="correct horse"):
        self.choose("kind", kind)
        self.choose("new", "yes")
        self.fill(name=name, email=email, password=password)
        self.press("#enter")
        self.sees("signed-in-message", "Welcome, " + name)

    def sign_in(self, kind, email, password="correct horse"):
        self.choose("kind", kind)
        self.choose("new", "")
        self.fill(email=email, password=password)
        self.press("#enter")

    # ---- By keys ----

    def keys(self, *keys):
        for key in keys:
            self.browser.switch_to.active_element.send_keys(key)

    def tab_to(self, selector):
        """With the tabulator alone, from where the focus is."""
        for _ in range(80):
            if self.script("return document.activeElement.matches(arguments[0])", selector):
                ring = self.script("const s = getComputedStyle(document.activeElement), n = document.activeElement.nextElementSibling;"
                                   "return [s.outlineStyle, n ? getComputedStyle(n).outlineStyle : '']")
                self.check("solid" in ring, "the focus of %s is seen: %s" % (selector, ring))
                return
            self.keys(Keys.TAB)
        self.check(False, "%s is never reached" % selector)

    # ---- What is there for everybody ----

    def barriers(self, axe):
        """What axe-core finds, and texts and borders that are too faint."""
        self.script(axe + "; window.axe = axe;")
        found = self.browser.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {resultTypes: ['violations']}).then(r => done(r.violations.map("
            "v => [v.id, v.nodes.map(n => n.html.slice(0, 120) + ' ' + n.failureSummary)])), e => done(String(e)))")
        return found, self.script("return " + CONTRAST)

    def expect_no_barriers(self, what, axe, combinations):
        """There are none, and nothing sticks out sideways."""
        for width, dark in combinations:
            self.look(width, dark)
            where = "%s at %d, %s" % (what, width, "dark" if dark else "light")
            found, seen = self.barriers(axe)
            self.check(found == [], "%s: %s" % (where, found))
            self.check(seen["faults"] == [] and seen["texts"] > 10 and seen["borders"] > 3, "%s: %s" % (where, seen))
            wide = self.script("return document.documentElement.scrollWidth")
            self.check(wide <= width, "%s: %d wide" % (where, wide))
            self.shot("%s-%d%s" % (what, width, "-dark" if dark else ""))
        self.look()
