#!/usr/bin/python3
"""The school's own page over TLS, in headless Chromium: it stays signed in when the access cookie has run out, and pages
of another site and of a sub-domain renew, end and open no session.

With E2E_PROGRAM, and a certificate authority of the tests' own. evil.test is another site; sub.school.test is of our site
and not of our origin."""
import contextlib
import json
import sqlite3
import time

import fcgi
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

import chromium
import tls
from web import ORIGIN, Site, run_tests, wait_for

NAMES = ["school.test", "sub.school.test", "evil.test"]
ACCESS, REFRESH = "__Host-school", "__Secure-school-refresh"
AUTH = "/api/v1/auth/teacher"


class School(Site):
    def start(self):
        tls.write_page(self, "empty", "nothing")
        self.start_program()
        for name in "ann", "eve":
            self.post("/api/v1/auth/teacher", {"name": name, "email": name + "@school.test", "password": "correct horse"}, 201)
        self.browser = chromium.browse(self, tls.serve(self, NAMES), NAMES)
        return self

    def __exit__(self, *what):
        if hasattr(self, "browser"):
            self.browser.quit()
        return super().__exit__(*what)

    def post(self, path, body, status):
        found, _, text = fcgi.request(self.address, path, "POST", meta={"HTTP_ORIGIN": ORIGIN}.items(),
                                      body=json.dumps(body).encode(), timeout=20)
        assert found == status, (path, found, text)

    def sessions(self):
        with contextlib.closing(sqlite3.connect(self.folder + "/school.db", timeout=10)) as db:
            return db.execute("SELECT * FROM gw_sessions ORDER BY sid").fetchall()

    def logged(self, text):
        with open(self.log, encoding="utf-8") as log:
            return sum(text in line for line in log)

    def by(self, name):
        return self.browser.find_element(By.ID, name)

    def sees(self, name, part):
        chromium.wait_until(self.browser, lambda: part in self.by(name).text, "%s lacks %r" % (name, part))

    def cookie(self, name):
        return chromium.cookies_in(self.browser).get((name, "school.test"))

    def forget(self):
        """All that the browser keeps."""
        self.browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.browser.get(ORIGIN + "/")
        self.browser.execute_script("localStorage.clear()")
        self.browser.get(ORIGIN + "/")
        self.sees("who", "Nobody is signed in")

    def sign_in(self):
        self.forget()
        self.by("email").send_keys("ann@school.test")
        self.by("password").send_keys("correct horse")
        self.by("enter").click()
        self.sees("who", "ann, a teacher")

    def let_the_access_cookie_expire(self):
        """In a second: by the browser's own clock."""
        old = self.cookie(ACCESS)
        done = self.browser.execute_cdp_cmd("Network.setCookie", {
            "name": ACCESS, "value": old["value"], "url": ORIGIN + "/", "path": "/", "secure": True, "httpOnly": True,
            "sameSite": "Lax", "expires": time.time() + 1})
        assert done["success"], done
        wait_for("the cookie expires", lambda: not self.cookie(ACCESS))


def test_the_page_stays_signed_in_when_the_access_cookie_has_expired():
    site.sign_in()
    for name, path, same in (ACCESS, "/", "Lax"), (REFRESH, AUTH, "Strict"):
        found = site.cookie(name)
        assert found["secure"] and found["httpOnly"] and (found["path"], found["sameSite"]) == (path, same), found
    assert site.browser.execute_script("return document.cookie") == ""
    before = site.logged("POST %s/refresh 200" % AUTH)
    site.let_the_access_cookie_expire()
    site.by("load-lessons").click()
    site.sees("lessons-message", "There are no lessons yet.")
    assert site.logged("POST %s/refresh 200" % AUTH) == before + 1 and site.cookie(ACCESS)
    # Opened again, and by two tabs at once.
    site.let_the_access_cookie_expire()
    site.browser.switch_to.new_window("tab")
    site.browser.get(ORIGIN + "/")
    site.sees("who", "ann, a teacher")
    site.browser.close()
    site.browser.switch_to.window(site.browser.window_handles[0])
    site.by("load-lessons").click()
    site.sees("answer-status", "200")
    assert site.logged("session.reuse") == 0


def test_when_the_session_has_ended_it_says_so_and_keeps_no_cookie():
    site.sign_in()
    with contextlib.closing(sqlite3.connect(site.folder + "/school.db", timeout=10)) as db:
        db.execute("DELETE FROM gw_sessions")
        db.commit()
    site.let_the_access_cookie_expire()
    site.by("load-lessons").click()
    site.sees("account-message", "the session has ended")
    assert not site.cookie(ACCESS) and not site.cookie(REFRESH)


def form(path, fields=""):
    return '<form method=post action="%s%s" enctype=text/plain>%s</form><script>document.forms[0].submit()</script>' % (
        ORIGIN, path, fields)


FORGED = {"refresh": AUTH + "/refresh", "end": AUTH + "/end", "everywhere": AUTH + "/everywhere", "logout": "/api/v1/logout"}
FETCH = "return (await fetch('%s', {method: 'POST', credentials: 'include', %s})).type"
LOG_IN = "<input name='{\"email\":\"eve@school.test\",\"password\":\"correct horse\",\"x\":\"' value='\"}'>"


def forge(origin):
    """Every one of them, from pages of an origin; the name of each."""
    pages = {name: form(path) for name, path in FORGED.items()}
    pages["log-in"] = form(AUTH + "/sign-in", LOG_IN)
    pages["images"] = "".join("<img src=%s%s>" % (ORIGIN, path) for path in FORGED.values())
    for name, text in pages.items():
        tls.write_page(site, name, text)
        site.browser.get("%s/%s.html" % (origin, name))
        WebDriverWait(site.browser, 10).until(lambda b: b.execute_script("return document.readyState") == "complete")
        yield name
    site.browser.get(origin + "/empty.html")
    for name, path in FORGED.items():
        for how in "mode: 'no-cors'", "headers: {'Content-Type': 'application/json'}":
            yield name, chromium.run_script(site.browser, FETCH % (ORIGIN + path, how))
        yield name, chromium.run_script(site.browser, "return navigator.sendBeacon('%s%s')" % (ORIGIN, path))
    how = "headers: {'Content-Type': 'application/json'}, body: '{\"email\":\"eve@school.test\",\"password\":\"correct horse\"}'"
    yield "log-in", chromium.run_script(site.browser, FETCH % (ORIGIN + AUTH + "/sign-in", how))


def changes_nothing(origin):
    """Not to the session, not to the cookies, and not to whom the page is for."""
    before, cookies, tried = site.sessions(), [site.cookie(name)["value"] for name in (ACCESS, REFRESH)], 0
    assert len(before) == 1
    for what in forge(origin):
        assert site.sessions() == before, (origin, what)
        assert [site.cookie(name)["value"] for name in (ACCESS, REFRESH)] == cookies, (origin, what)
        tried += 1
    assert tried == 4 + 2 + 4 * 3 + 1, tried
    site.browser.get(ORIGIN + "/")
    site.sees("who", "ann, a teacher")


def test_pages_of_another_site_and_of_a_sub_domain_renew_end_and_open_no_session():
    with contextlib.closing(sqlite3.connect(site.folder + "/school.db", timeout=10)) as db:
        db.execute("DELETE FROM gw_sessions")
        db.commit()
    site.sign_in()
    changes_nothing("https://evil.test")
    # SameSite=Strict does not help there: both cookies come along, and Origin tells.
    before = site.logged(" csrf")
    changes_nothing("https://sub.school.test")
    assert site.logged(" csrf") - before >= 4 * 3, "they have arrived, and were refused for what they are"


def test_a_stranger_is_not_signed_in_by_another_page():
    for origin in "https://evil.test", "https://sub.school.test":
        site.forget()
        before = site.sessions()
        tls.write_page(site, "log-in", form(AUTH + "/sign-in", LOG_IN))
        site.browser.get(origin + "/log-in.html")
        assert site.sessions() == before and not site.cookie(ACCESS) and not site.cookie(REFRESH), origin


if __name__ == "__main__":
    with School() as site:
        site.start()
        run_tests({name: value for name, value in globals().items() if name.startswith("test_")})
