#!/usr/bin/python3
"""Lessons on the school's page, behind nginx and behind lighttpd: found, changed in part, given pictures that the web server
sends back.

usage: pictures.py SHOTS AXE: folders for screenshots, and for axe-core from npm. Runs the school by examples/school/run."""
import hashlib
import json
import os
import random
import struct
import sys
import tempfile
import time
import urllib.request
import zlib

from selenium.webdriver.support.ui import WebDriverWait

from chromium import wait_until
from packages import install_packages
from person import ROOT, Person, School

SHOTS, AXE_FOLDER = sys.argv[1:3]
SIZES = [(1280, False), (1280, True), (390, False), (390, True)]
os.makedirs(SHOTS, exist_ok=True)
install_packages(os.path.join(ROOT, "tests/page"), AXE_FOLDER)
with open(AXE_FOLDER + "/node_modules/axe-core/axe.min.js", encoding="utf-8") as source:
    AXE = source.read()


def png(path, width, height, colour):
    """A picture of those measures, written without any library of pictures."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + b"".join(bytes(colour(x / width, y / height)) for x in range(width)) for y in range(height))
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
                   chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    return path


def of_bytes(path, size):
    """A picture that is too large: what follows its head does not matter to what looks at types."""
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x02\0\0\0\x90wS\xde" + random.randbytes(size - 33))
    return path


def shown(title):
    """What the picture beside a title is when it has come: (width, height) of the file; None without one."""
    item = me.script("return [...document.querySelectorAll('#lessons li')].find(li => li.querySelector('strong')?.textContent"
                     " === arguments[0])", title)
    image = item and item.find_elements("css selector", ".picture")
    if not image:
        return None
    WebDriverWait(me.browser, 10).until(lambda _: image[0].is_displayed())
    return tuple(me.script("return [arguments[0].naturalWidth, arguments[0].naturalHeight]", image[0]))


def titles():
    return me.script("return [...document.querySelectorAll('#lessons li strong')].map(s => s.textContent)")


def soon(what, condition):
    wait_until(me.browser, condition, what)
    me.checks += 1


def add(title, level="beginner"):
    me.fill(title=title)
    me.by("level").send_keys(level)
    me.press("#new-lesson button")
    soon(title, lambda: title in titles())


def search(title="", level="any"):
    me.fill(search_title=title)
    me.by("search-level").send_keys(level)
    me.press("#load-lessons")


def open_form(word, title):
    button = "[aria-label='%s: %s']" % (word, title)
    soon(title, lambda: me.browser.find_elements("css selector", button))
    me.press(button)


def upload(path):
    me.find("#lessons form input[type=file]").send_keys(path)
    me.press("#lessons form [type=submit]")


def kept():
    """{name: SHA-256} of the files in the folder of pictures."""
    folder = school.data + "/files/pictures"
    found = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as file:
            found[name] = hashlib.sha256(file.read()).hexdigest()
    return found


def sha(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def a_lesson_is_found_by_a_part_of_its_title_and_by_its_level():
    search("LATIN")
    soon("two", lambda: titles() == ["Latin for beginners", "Latin poets"])
    me.check("GET /api/v1/lessons?q=LATIN\n" in me.by("sent").text, me.by("sent").text)
    search("latin", "advanced")
    soon("one", lambda: titles() == ["Latin poets"])
    search("", "advanced")
    soon("by its level", lambda: titles() == ["Attic Greek", "Latin poets"])
    search("%")
    me.sees("lessons-message", "No lesson is found.")
    me.look(390)
    search("latin")
    soon("two", lambda: len(titles()) == 2)
    place = me.script("const r = id => document.getElementById(id).getBoundingClientRect();"
                      "return [r('load-lessons').bottom, r('lessons').top, r('lessons').bottom, r('answer-panel').top, innerHeight]")
    me.check(place[1] - place[0] < 24 and place[1] < place[4] and place[3] >= place[2],
             "what is found stands right beneath the button, and the answer beneath it: %s" % place)
    me.look()


def pages_of_a_search_stay_with_it():
    token = json.loads(urllib.request.urlopen(urllib.request.Request(
        school.url + "api/v1/auth/teacher", b'{"name":"Mo","email":"mo@example.com","password":"correct horse"}',
        {"Content-Type": "application/json"})).read())["token"]
    for i in range(25):
        urllib.request.urlopen(urllib.request.Request(
            school.url + "api/v1/lessons", json.dumps({"title": "Maths %d" % i}).encode(),
            {"Content-Type": "application/json", "Authorization": "Bearer " + token})).read()
    search("maths")
    soon("a page", lambda: len(titles()) == 20)
    me.press("#more-lessons")
    soon("all", lambda: titles() == ["Maths %d" % i for i in range(25)])


def one_member_is_changed_alone():
    search("greek")
    soon("one", lambda: titles() == ["Attic Greek"])
    open_form("Edit", "Attic Greek")
    me.find("#lessons form select").send_keys("beginner")
    me.press("#lessons form [type=submit]")
    soon("changed", lambda: "beginner" in me.by("lessons").text and titles() == ["Attic Greek"])
    sent = me.by("sent").text
    me.check(sent.startswith("PATCH /api/v1/lessons/") and '{\n  "level": "beginner"\n}' in sent, sent)
    open_form("Edit", "Attic Greek")
    me.find("#lessons form input").send_keys(" prose")
    me.press("#lessons form [type=submit]")
    soon("changed", lambda: titles() == ["Attic Greek prose"])
    me.check('{\n  "title": "Attic Greek prose"\n}' in me.by("sent").text, me.by("sent").text)
    open_form("Edit", "Attic Greek prose")
    me.find("#lessons form input").clear()
    me.find("#lessons form input").send_keys("Latin poets")
    me.press("#lessons form [type=submit]")
    me.sees("lessons", "Conflict.")
    me.press("#lessons form [type=button]")


def a_picture_is_shown_as_it_was_sent_and_another_replaces_it():
    search("l")
    open_form("Picture", "Latin for beginners")
    upload(PICTURES["sunset"])
    soon("shown", lambda: shown("Latin for beginners") == (160, 120))
    me.check(list(kept().values()) == [sha(PICTURES["sunset"])], kept())
    me.check("Content-Type: multipart/form-data" in me.by("sent").text and "“sunset.png”" in me.by("sent").text, me.by("sent").text)
    open_form("Picture", "Latin for beginners")
    upload(PICTURES["tower"])
    soon("the other", lambda: shown("Latin for beginners") == (90, 200))
    me.check(list(kept().values()) == [sha(PICTURES["tower"])], "and the first has gone: %s" % kept())
    open_form("Picture", "Latin poets")
    me.expect_no_barriers(server + "-choose", AXE, SIZES[-1:])
    upload(PICTURES["sunset"])
    soon("shown", lambda: shown("Latin poets") == (160, 120))
    me.expect_no_barriers(server + "-pictures", AXE, SIZES if server == "nginx" else SIZES[:1])


def the_web_server_sends_it_with_its_type():
    name = [name for name, digest in kept().items() if digest == sha(PICTURES["tower"])][0]
    cookies = "; ".join("%s=%s" % (c["name"], c["value"]) for c in me.browser.get_cookies())
    request = urllib.request.Request(school.url + "api/v1/pictures/" + name, headers={"Cookie": cookies, "Range": "bytes=1-3"})
    with urllib.request.urlopen(request) as answer:
        me.check((answer.status, answer.read(), answer.headers["Content-Type"], answer.headers["X-Content-Type-Options"]) ==
                 (206, b"PNG", "image/png", "nosniff"), answer.headers)
        me.check(server in answer.headers["Server"] and not answer.headers["X-Sendfile"] and
                 not answer.headers["X-Accel-Redirect"], answer.headers)
    try:
        urllib.request.urlopen(school.url + "api/v1/pictures/" + name)
        me.check(False, "a stranger sees it")
    except urllib.error.HTTPError as refused:
        me.check(refused.code == 401, refused.code)


def what_is_no_picture_is_refused_at_its_field_and_the_old_one_stays():
    before = kept()
    open_form("Picture", "Latin poets")
    for path, fault in (("", "The picture is required."),
                        (PICTURES["text"], "The picture must be of the type image/png or image/jpeg."),
                        (PICTURES["large"], "The picture must be at most 2097152 bytes.")):
        if path:
            me.find("#lessons form input[type=file]").send_keys(path)
        me.press("#lessons form [type=submit]")
        me.sees(me.find("#lessons form input[type=file]").get_attribute("id") + "-fault", fault)
        me.check(me.script("return document.activeElement.type") == "file", "the focus is at the fault")
    me.find("#lessons form input[type=file]").send_keys(PICTURES["huge"])
    me.press("#lessons form [type=submit]")
    me.sees("lessons", "Too large.")
    me.press("#lessons form .row button:last-child")
    me.check(shown("Latin poets") == (160, 120) and kept() == before, kept())


def a_picture_goes_alone_or_with_its_lesson():
    open_form("Picture", "Latin poets")
    me.press("#lessons form .danger")
    soon("gone", lambda: "Latin poets" in titles() and shown("Latin poets") is None)
    me.check(list(kept().values()) == [sha(PICTURES["tower"])], kept())
    open_form("Delete", "Latin for beginners")
    me.press("#lessons .danger")
    me.sees("lessons-message", "is deleted")
    me.check(not kept(), kept())


def somebody_elses_lesson_gets_none():
    search("maths 7")
    open_form("Picture", "Maths 7")
    upload(PICTURES["sunset"])
    me.sees("lessons", "is yours.")
    me.check(not kept(), kept())


def a_user_sees_it_too():
    open_form("Picture", "Latin poets")
    upload(PICTURES["sunset"])
    soon("shown", lambda: shown("Latin poets") == (160, 120))
    me.press("#sign-out-here")
    me.sees("account-message", "signed out")
    me.register("user", "Bob", "bob@example.com")
    search("poets")
    soon("shown", lambda: shown("Latin poets") == (160, 120))
    me.check(not me.browser.find_elements("css selector", "#lessons button"), "and changes nothing")


def the_browser_has_no_complaints():
    noise = [e["message"] for e in me.browser.get_log("browser") if "Policy" in e["message"] or "Uncaught" in e["message"]]
    me.check(not noise, noise)


# What the web server has no part in is done behind one of them.
LISTS = [a_lesson_is_found_by_a_part_of_its_title_and_by_its_level, pages_of_a_search_stay_with_it,
         one_member_is_changed_alone, somebody_elses_lesson_gets_none]
FILES = [a_picture_is_shown_as_it_was_sent_and_another_replaces_it, the_web_server_sends_it_with_its_type,
         what_is_no_picture_is_refused_at_its_field_and_the_old_one_stays, a_picture_goes_alone_or_with_its_lesson,
         a_user_sees_it_too, the_browser_has_no_complaints]


def begin():
    me.url = school.url
    me.go()
    me.register("teacher", "Ann Teacher", "ann@example.com")
    add("Latin for beginners")
    add("Attic Greek", "advanced")
    add("Latin poets", "advanced")


with tempfile.TemporaryDirectory(prefix="gatewright-page.") as top:
    PICTURES = {"sunset": png(top + "/sunset.png", 160, 120, lambda x, y: (255, int(90 + 140 * y), int(60 + 120 * x))),
                "tower": png(top + "/tower.png", 90, 200, lambda x, y: (40, int(80 + 90 * x), int(120 + 100 * y))),
                "large": of_bytes(top + "/large.png", 2 * 1024 * 1024 + 1), "huge": of_bytes(top + "/huge.png", 3 * 1024 * 1024),
                "text": top + "/text.png"}
    with open(PICTURES["text"], "w", encoding="ascii") as text:
        text.write("This is no picture, whatever its name.")
    me = Person("", top, SHOTS)
    try:
        for server in "nginx", "lighttpd":
            os.mkdir(top + "/" + server)
            school = School(top + "/" + server, server)
            try:
                begin()
                for test in (LISTS if server == "nginx" else []) + FILES:
                    begun = time.monotonic()
                    test()
                    print("passed %s: %s (%.1f s)" % (server, test.__name__, time.monotonic() - begun), flush=True)
            finally:
                school.stop()
    finally:
        me.browser.quit()
print("%d checks; screenshots in %s" % (me.checks, SHOTS))
