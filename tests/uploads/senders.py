#!/usr/bin/python3
"""What sends files in forms: Chromium without scripts, Chromium's fetch, curl and Python's urllib3, through nginx.

usage: senders.py PROGRAM"""
import hashlib
import json
import os
import subprocess
import sys

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

import chromium
import tls
from program import Program, run_tests

PROGRAM = sys.argv[1]
NAMES = ["school.test"]
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb004300") + os.urandom(90000) + bytes.fromhex("ffd9")
FILES = {"a b.jpg": JPEG, 'qu"ote\'s;.jpg': JPEG, "ünï 日本.jpg": JPEG, "back\\slash.jpg": JPEG,
         "not.jpg": b"<!doctype html><html><script>alert(1)</script></html>"}


class Site(Program):
    def start(self):
        self.start_program()
        self.port = tls.serve(self, NAMES)
        for name, content in FILES.items():
            with open(os.path.join(self.folder, name), "wb") as file:
                file.write(content)
        return self

    def curl(self, target, *arguments):
        return subprocess.run(["curl", "-sS", "--cacert", self.folder + "/ca.pem", "--resolve",
                               "school.test:%d:127.0.0.1" % self.port, *arguments,
                               "https://school.test:%d%s" % (self.port, target)], check=True, capture_output=True).stdout


def expect(said, name, content=JPEG):
    picture = json.loads(said)["picture"]
    assert picture == [name, "image/jpeg", len(content), hashlib.sha256(content).hexdigest()], picture


def shown(name):
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def test_chromium_sends_a_form_with_a_file_and_is_shown_it_again():
    with Site(PROGRAM).start() as site:
        browser = chromium.browse(site, site.port, NAMES)
        try:
            with open(site.folder + "/page.html", "w") as page:
                page.write("<!doctype html><title>form</title><form method=post enctype=multipart/form-data "
                           "action=https://school.test/photos/shown><input name=title><input id=picture type=file "
                           "name=picture><button>Go</button></form>")
            browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})

            def send(title, *files):
                browser.find_element(By.NAME, "title").clear()
                browser.find_element(By.NAME, "title").send_keys(title)
                for file in files:
                    browser.find_element(By.ID, "picture").send_keys(os.path.join(site.folder, file))
                browser.find_element(By.TAG_NAME, "button").click()

            def text():
                return browser.find_element(By.TAG_NAME, "body").text

            browser.get("file://" + site.folder + "/page.html")
            send("<one>")
            WebDriverWait(browser, 10).until(lambda b: b.title == "again")
            chromium.wait_until(browser, lambda: "is required" in text())
            assert browser.find_element(By.NAME, "title").get_attribute("value") == "<one>"
            send("<one>", "not.jpg")
            chromium.wait_until(browser, lambda: "image/jpeg" in text())
            assert "not.jpg" in text() and "must be of the type image/png or image/jpeg" in text(), text()
            send("one", "a b.jpg")
            chromium.wait_until(browser, lambda: text().startswith("{"))
            expect(text(), "a b.jpg")
        finally:
            browser.quit()


def test_the_page_of_docs_sends_a_form_in_parts():
    with Site(PROGRAM).start() as site:
        browser = chromium.browse(site, site.port, NAMES)
        try:
            browser.get("https://school.test/docs")
            form = browser.find_element(By.CSS_SELECTOR, "form[data-path='/photos']")
            browser.execute_script("arguments[0].closest('.route').open = true", form)
            for name, text in (("title", "one"), ("tags", "a, b"), ("picture", os.path.join(site.folder, "a b.jpg"))):
                form.find_element(By.CSS_SELECTOR, "[data-name='%s']" % name).send_keys(text)
            browser.execute_script("arguments[0].querySelector('button').click()", form)
            answer = form.find_element(By.CSS_SELECTOR, ".answer")
            WebDriverWait(browser, 15).until(lambda _: " ms" in answer.text or "No answer" in answer.text)
            text = browser.execute_script("return arguments[0].textContent", answer)
            assert hashlib.sha256(JPEG).hexdigest() in text and "image/jpeg" in text and '"a b.jpg"' in text, text
        finally:
            browser.quit()


def test_curl_sends_names_of_every_kind():
    with Site(PROGRAM).start() as site:
        for name in FILES:
            if name != "not.jpg":
                quoted = '"%s"' % os.path.join(site.folder, name).replace("\\", "\\\\").replace('"', '\\"')
                expect(site.curl("/photos", "-F", "title=x", "-F", "picture=@%s" % quoted), shown(name))
        assert b"must be of the type" in site.curl("/photos", "-F", "title=x", "-F", "picture=@%s/not.jpg;type=image/png" % site.folder)
        assert b'"tags":["a","b"]' in site.curl("/photos", "-F", "title=x", "-F", "tags=a", "-F", "tags=b", "-F",
                                                "picture=@%s/a b.jpg" % site.folder)
        chunked = site.curl("/photos", "-F", "title=x", "-F", "picture=@%s/a b.jpg" % site.folder, "-H", "Transfer-Encoding: chunked")
        expect(chunked, "a b.jpg")


def test_urllib3_sends_what_arrives():
    import urllib3
    with Site(PROGRAM).start() as site:
        for name in ("a b.jpg", 'qu"ote\'s;.jpg', "ünï 日本.jpg"):
            body, kind = urllib3.encode_multipart_formdata({"title": "é", "picture": (name, JPEG, "image/jpeg")})
            path = site.folder + "/body"
            with open(path, "wb") as file:
                file.write(body)
            said = site.curl("/photos", "-H", "Content-Type: " + kind, "--data-binary", "@" + path)
            expect(said, name)
            assert json.loads(said)["title"] == "é"


run_tests(globals())
