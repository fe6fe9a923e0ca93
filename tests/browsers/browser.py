#!/usr/bin/python3
"""Pages of other sites, in headless Chromium, over TLS with a CA of our own: what they make a browser send
changes nothing and signs nobody in or out; the honest page works, by keyboard alone.

usage: browser.py PROGRAM GATEWRIGHT SPELLINGS

school.test is ours. evil.test is another site; sub.school.test is of our site and not of our origin."""
import html
import os
import sqlite3
import subprocess
import sys
import urllib.parse

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

import chromium
import fcgi
import tls
from program import Program, run_tests, wait_for

PROGRAM, GATEWRIGHT, SPELLINGS = sys.argv[1:4]
NAMES = ["school.test", "sub.school.test", "evil.test", "app.school.test"]
HERE = os.path.dirname(os.path.abspath(__file__))


class Site(Program):
    def __init__(self):
        super().__init__(PROGRAM, settings={"GW_ORIGIN": "https://school.test"})
        schema = subprocess.run([GATEWRIGHT, "schema", "--sqlite", HERE + "/routes.def"], check=True,
                                capture_output=True, text=True).stdout
        with self.store() as store:
            store.executescript(schema + """
                INSERT INTO users (id, email, role, disabled, epoch) VALUES
                    (1, 'ann@school.test', 'reader', 0, 0), (2, 'bob@school.test', 'editor', 0, 0);
                INSERT INTO notes (id, owner, title) VALUES (1, 1, 'hers');""")

    def store(self):
        return sqlite3.connect(self.folder + "/store.db")

    def state(self):
        """All that requests can change."""
        with self.store() as store:
            return list(store.execute("SELECT * FROM notes ORDER BY id")), \
                   list(store.execute("SELECT * FROM users ORDER BY id"))

    def page(self, name, text):
        tls.write_page(self, name, text)

    def start(self):
        self.page("empty", "nothing")
        self.start_program()
        self.port = tls.serve(self, NAMES)
        self.browser = chromium.browse(self, self.port, NAMES)
        return self

    def __exit__(self, *what):
        if hasattr(self, "browser"):
            self.browser.quit()
        return super().__exit__(*what)

    # ---- What a person does ----

    def go(self, url, title=None):
        self.browser.get(url)
        if title:
            self.wait_title(title)

    def wait_title(self, title):
        WebDriverWait(self.browser, 10).until(lambda b: b.title == title,
                                              f"the title is {self.browser.title!r}, not {title!r}")

    def sign_in(self, who="ann"):
        """By keyboard alone."""
        self.go("https://school.test/sign-in", "sign in")
        keys = [Keys.TAB, who + "@school.test", Keys.TAB, "right", Keys.ENTER]
        for key in keys:
            self.browser.switch_to.active_element.send_keys(key)
        self.wait_title("home")
        assert self.who() == who + "@school.test"

    def cookies(self):
        return chromium.cookies_in(self.browser)

    def who(self):
        """Whom the browser is signed in as, as the program sees it; leaves the page where it is."""
        here = self.browser.current_window_handle
        self.browser.switch_to.new_window("tab")
        self.browser.get("https://school.test/guests")
        text = self.browser.find_element(By.TAG_NAME, "body").text
        self.browser.close()
        self.browser.switch_to.window(here)
        return text

    def script(self, text):
        return chromium.run_script(self.browser, text)


def forged_form(action, fields, more=""):
    inputs = "".join(f'<input type=hidden name="{k}" value="{v}">' for k, v in fields.items())
    return f'<form method=post action="https://school.test{action}" {more}>{inputs}</form>' \
           "<script>document.forms[0].submit()</script>"


FORMS = {
    "form": forged_form("/notes", {"title": "forged"}),
    "plain-form": forged_form("/notes/raw", {"title": "forged"}, "enctype=text/plain"),
    "multipart": forged_form("/notes/raw", {"title": "forged"}, "enctype=multipart/form-data"),
    "json-form": forged_form("/notes/json", {'{"title":"forged","x":"': '"}'}, "enctype=text/plain"),
    "log-in": forged_form("/sign-in", {"email": "bob@school.test", "password": "right"}),
    "log-out": forged_form("/sign-out", {}),
    "log-out-open": forged_form("/sign-out/anyway", {}),
    "no-referrer": '<meta name=referrer content=no-referrer>' + forged_form("/notes", {"title": "forged"}),
    "no-referrer-log-in": '<meta name=referrer content=no-referrer>' +
                          forged_form("/sign-in", {"email": "bob@school.test", "password": "right"}),
    "sandboxed": "<iframe sandbox='allow-scripts allow-forms' srcdoc='%s'></iframe>" %
                 forged_form("/sign-in", {"email": "bob@school.test", "password": "right"}).replace("'", "&#39;"),
    "framed": "<iframe name=in></iframe>" + forged_form("/notes", {"title": "forged"}, "target=in"),
    "image": "<img src=https://school.test/sign-out/anyway><img src=https://school.test/notes>",
    "frame": "<iframe src=https://school.test/page></iframe>",
    "script": "<script src=https://school.test/me></script>",
    "style": "<link rel=stylesheet href=https://school.test/notes>",
    "refresh": "<meta http-equiv=refresh content='0;url=https://school.test/sign-out'>",
}

SCRIPTS = {
    "fetch": "return (await fetch('https://school.test/notes', {method: 'POST', credentials: 'include',"
             "mode: 'no-cors', body: new URLSearchParams({title: 'forged'})})).type",
    "fetch-json": "return (await fetch('https://school.test/notes/json', {method: 'POST', credentials: 'include',"
                  "headers: {'Content-Type': 'application/json'}, body: '{\"title\":\"forged\"}'})).status",
    "delete": "return (await fetch('https://school.test/notes/1', {method: 'DELETE', credentials: 'include'})).status",
    "fetch-log-in": "return (await fetch('https://school.test/sign-in', {method: 'POST', credentials: 'include',"
                    "mode: 'no-cors', body: new URLSearchParams({email: 'bob@school.test', password: 'right'})})).type",
    "fetch-log-out": "return (await fetch('https://school.test/sign-out/anyway', {method: 'POST',"
                     "credentials: 'include', mode: 'no-cors'})).type",
    "bearer": "return (await fetch('https://school.test/notes', {method: 'POST', credentials: 'include',"
              "headers: {Authorization: 'Bearer x'}, body: 'title=forged'})).status",
    "beacon": "return navigator.sendBeacon('https://school.test/notes', new URLSearchParams({title: 'forged'}))",
    "xhr": "const x = new XMLHttpRequest(); x.open('POST', 'https://school.test/notes/raw'); x.withCredentials = true;"
           "return await new Promise(r => { x.onloadend = () => r(x.status); x.send('x'); })",
    "toss": "for (const name of ['__Host-school', '__Secure-school', 'school'])"
            "for (const more of ['', '; domain=school.test', '; domain=.school.test; path=/notes'])"
            "document.cookie = name + '=x; secure; path=/' + more; return 'tossed'",
}


def attack(site, origin):
    """Every one of them, from pages of an origin, against a browser that Ann is signed in with."""
    site.sign_in()
    token = site.cookies()[("__Host-school", "school.test")]["value"]
    before, said = site.state(), {}
    for name, text in FORMS.items():
        site.page(name, text)
        site.go(f"{origin}/{name}.html")
        WebDriverWait(site.browser, 10).until(
            lambda b: b.execute_script("return document.readyState") == "complete")
        assert site.state() == before, (origin, name)
        assert site.who() == "ann@school.test", (origin, name, site.who())
    for name, text in SCRIPTS.items():
        site.go(origin + "/empty.html", "empty")
        said[name] = site.script(text)
        assert site.state() == before, (origin, name, said[name])
        assert site.who() == "ann@school.test", (origin, name, site.who())
    now = site.cookies()[("__Host-school", "school.test")]
    assert now["value"] == token, "another token"
    # A page may set one of its own host, and none that a browser would send to ours.
    assert {c[1] for c in site.cookies() if c[0] == "__Host-school"} <= {"school.test", origin[8:]}
    return said


def test_another_site_changes_nothing():
    with Site().start() as site:
        attack(site, "https://evil.test")
        # These have arrived, and were refused for what they are.
        log = open(site.log).read()
        assert log.count(" csrf") >= 4, log


def test_a_sub_domain_changes_nothing():
    """SameSite does not help there: the cookie comes along, and Origin tells."""
    with Site().start() as site:
        attack(site, "https://sub.school.test")
        log = open(site.log).read()
        assert log.count(" csrf") >= 10, log


def test_a_stranger_is_not_signed_in_by_another_site():
    with Site().start() as site:
        for origin in "https://evil.test", "https://sub.school.test":
            for name in "log-in", "no-referrer-log-in", "sandboxed":
                site.page(name, FORMS[name])
                site.go(f"{origin}/{name}.html")
                assert site.who() == "guest", (origin, name)
                assert ("__Host-school", "school.test") not in site.cookies()


def test_a_link_of_another_site_finds_who_follows_it_signed_in():
    with Site().start() as site:
        site.sign_in()
        site.page("link", "<a id=go href=https://school.test/page>there</a>")
        site.go("https://evil.test/link.html")
        site.browser.find_element(By.ID, "go").click()
        site.wait_title("the page")


def test_the_honest_page_works():
    with Site().start() as site:
        # Sent to sign in, and back to where she wanted.
        site.go("https://school.test/page?a=b%20c")
        site.wait_title("sign in")
        assert site.browser.current_url == "https://school.test/sign-in?next=/page%3Fa%3Db%2520c"
        for key in Keys.TAB, "ann@school.test", Keys.TAB, "right", Keys.ENTER:
            site.browser.switch_to.active_element.send_keys(key)
        site.wait_title("the page")
        assert site.browser.current_url == "https://school.test/page?a=b%20c"
        cookie = site.cookies()[("__Host-school", "school.test")]
        assert cookie["secure"] and cookie["httpOnly"] and cookie["sameSite"] == "Lax" and cookie["path"] == "/"
        assert site.browser.execute_script("return document.cookie") == ""
        # A form and a script of ours.
        site.go("https://school.test/", "home")
        site.browser.find_element(By.ID, "title").send_keys("mine" + Keys.ENTER)
        wait_for("the note", lambda: any(n[2] == "mine" for n in site.state()[0]))
        site.go("https://school.test/", "home")
        said = site.script("return (await fetch('/notes/json', {method: 'POST', headers: {'Content-Type':"
                           "'application/json'}, body: '{\"title\":\"script\"}'})).status")
        assert said == "201", said
        assert any(n[2] == "script" for n in site.state()[0])
        # Signed out, and a bad cookie is taken away.
        site.browser.find_element(By.ID, "out").click()
        wait_for("signed out", lambda: ("__Host-school", "school.test") not in site.cookies())
        site.browser.execute_cdp_cmd("Network.setCookie", {"name": "__Host-school", "value": "junk", "path": "/",
                                                           "url": "https://school.test/", "secure": True})
        assert ("__Host-school", "school.test") in site.cookies()
        site.go("https://school.test/page", "sign in")
        assert ("__Host-school", "school.test") not in site.cookies()


def test_an_origin_with_credentials_may_and_no_other():
    with Site().start() as site:
        site.sign_in()
        text = "return (await fetch('https://school.test/notes/json', {method: 'POST', credentials: 'include'," \
               "headers: {'Content-Type': 'application/json'}, body: '{\"title\":\"app\"}'})).status"
        site.go("https://app.school.test/empty.html", "empty")
        assert site.script(text) == "201"
        site.go("https://sub.school.test/empty.html", "empty")
        assert site.script(text).startswith("failed"), "the preflight admits it"


# ---- Forms that are shown again ----

def typed(site):
    return {box.get_attribute("id"): box.get_attribute("value")
            for box in site.browser.find_elements(By.CSS_SELECTOR, "input, textarea")}


def faults(site):
    return {found.get_attribute("id"): found.text for found in site.browser.find_elements(By.CSS_SELECTOR, ".fault[id]")}


def fill_enrolment(site, **texts):
    """By keyboard alone, from the first field on; each text replaces what stands there."""
    site.browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    order = ["name", "email", "age", "house", "langs0", "langs1", "langs2", "news", "about", "pin"]
    for name in order:
        box = site.browser.switch_to.active_element
        assert box.get_attribute("id") == name, (box.get_attribute("id"), name)
        if name == "news":
            box.send_keys(texts.get(name, ""))
        elif name in texts:
            box.send_keys(Keys.CONTROL + "a")
            box.send_keys(texts[name] or Keys.DELETE)
        box.send_keys(Keys.TAB)
    assert site.browser.switch_to.active_element.get_attribute("id") == "go"
    site.browser.switch_to.active_element.send_keys(Keys.ENTER)


def test_a_form_is_shown_again_without_scripts_with_what_was_typed_and_what_is_wrong():
    with Site().start() as site:
        site.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        site.go("https://school.test/enrol", "enrol")
        nasty = "<b>\"'&amp;</b>"
        fill_enrolment(site, name=nasty + " and more than fits", email="no address", age="five", house="green", langs0="en",
                       langs1="x", news=" ", about="\n two\n\n lines & <i>", pin="12")
        site.wait_title("enrol again")
        assert typed(site) == {
            "name": nasty + " and more than fits", "email": "no address", "age": "five", "house": "green", "langs0": "en",
            "langs1": "x", "langs2": "", "news": "on", "about": "\n two\n\n lines & <i>", "pin": ""}, typed(site)
        assert site.browser.find_element(By.ID, "news").is_selected()
        assert not site.browser.find_elements(By.CSS_SELECTOR, "p b:not(.fault), i"), "what was typed became markup"
        assert faults(site) == {
            "name-fault": "must be 1 to 20 characters", "email-fault": "must be an e-mail address",
            "age-fault": "must be a whole number", "house-fault": 'must be one of "red", "blue"',
            "pin-fault": "must be 4 to 8 characters"}, faults(site)
        assert len(site.browser.find_elements(By.CSS_SELECTOR, "fieldset b.fault")) == 2, "langs1 and the empty one"
        invalid = site.browser.find_element(By.CSS_SELECTOR, "[aria-describedby=email-fault]")
        assert invalid.get_attribute("aria-invalid") == "true" and invalid.get_attribute("id") == "email"
        assert "12" not in site.browser.find_element(By.ID, "pin").get_attribute("outerHTML")


def test_who_mends_one_fault_after_the_other_gets_through():
    with Site().start() as site:
        site.go("https://school.test/enrol", "enrol")
        fill_enrolment(site, name="Bo", email="ann@school.test", house="red", langs0="en", langs1="fr", langs2="de",
                       pin="abcd")
        site.wait_title("enrol again")
        assert list(faults(site)) == ["pin-fault"], faults(site)
        fill_enrolment(site, pin="1234")
        wait_for("the handler's own fault", lambda: faults(site) == {"email-fault": "is enrolled <already>"})
        fill_enrolment(site, email="bo@school.test", pin="1234")
        site.wait_title("enrolled")
        assert site.browser.find_element(By.ID, "done").text == "Bo is in red, 3 languages"


def test_curl_and_pythons_encoder_get_the_same_page_as_a_browser():
    fields = [("name", ""), ("email", "é ü\t+&=%"), ("house", "red"), ("langs", "en"), ("langs", "deutsch"), ("pin", "1234"),
              ("<script>alert(1)</script>", "x")]
    with Site().start() as site:
        said = subprocess.run(
            ["curl", "-sS", "-w", "\n%{http_code} %{content_type}", "--cacert", site.folder + "/ca.pem", "--resolve",
             "school.test:%d:127.0.0.1" % site.port, "https://school.test:%d/enrol" % site.port] +
            [part for name, text in fields if name.isalpha() for part in ("--data-urlencode", name + "=" + text)] +
            ["-d", urllib.parse.urlencode(fields[-1:])], check=True, capture_output=True, text=True).stdout
        page, _, line = said.rpartition("\n")
        assert line == "422 text/html; charset=utf-8", line
        status, _, body = fcgi.request(site.address, "/enrol", "POST", body=urllib.parse.urlencode(fields).encode(),
                                       meta={"CONTENT_TYPE": "application/x-www-form-urlencoded"})
        assert status == 422 and body.decode() == page
        assert html.escape("é ü\t+&=%", quote=True) in page and "<script" not in page, page
        assert html.escape("/<script>alert(1)<~1script> is not a known member", quote=True) in page, page


# ---- next ----

def spellings():
    """What is published, and what is made of pages of ours by changing a piece."""
    with open(SPELLINGS, encoding="utf-8") as lines:
        found = [line.rstrip("\n") for line in lines]
    pieces = ["/", "//", "\\", "\t", "\n", "\r", "\0", " ", "%2F", "%2f", "%5C", "%09", "%0a", "@", ":", ";", "?", "#", ".",
              "..", "%2e", "evil.test", "https:", "//evil.test", "javascript:", "／", "。", "%", "%25", "\u202e", "=", "&"]
    good = ["/", "/me", "/page/a%20b", "/notes/7", "/files/a/b", "/page?a=b"]
    for page in good:
        for piece in pieces:
            found += [page[:at] + piece + page[at:] for at in range(len(page) + 1)]
    return found + good


def test_next_leads_nowhere_else_as_chromium_and_python_read_it():
    """What is accepted is of our origin, and the very path, as two other readers of URLs see it; `//host`
    and its like they read as another origin, so the readers are not blind."""
    with Site().start() as site:
        accepted = []
        for text in spellings():
            status, body = site.request("GET", "/next?next=" + urllib.parse.quote(text, safe=""))
            body = body.decode()
            if status == 200 and body != "(none)":
                assert body == text, (body, text)
                accepted.append(text)
            else:
                assert status in (200, 400), (status, text)
        assert len(accepted) > 100, len(accepted)
        site.go("https://school.test/", "home")
        read = site.browser.execute_script(
            "return arguments[0].map(t => { const a = document.createElement('a'); a.href = t;"
            "const u = new URL(t, location.href); return [u.origin, u.pathname + u.search, u.hash, a.href === u.href] })",
            accepted)
        for text, (origin, path, fragment, same) in zip(accepted, read):
            assert origin == "https://school.test" and fragment == "" and same, (text, origin)
            assert path == text or path == text.rstrip("?"), (text, path)
            parsed = urllib.parse.urlsplit(urllib.parse.urljoin("https://school.test/sign-in", text))
            assert parsed.netloc == "school.test" and parsed.scheme == "https", text
        away = site.browser.execute_script("return arguments[0].map(t => new URL(t, location.href).origin)",
                                           ["//evil.test", "/\\evil.test", "/\t/evil.test", "https:evil.test/x"])
        assert away[:3] == ["https://evil.test"] * 3, away
        print("%d of %d spellings are pages of ours" % (len(accepted), len(spellings())))


run_tests(globals())
