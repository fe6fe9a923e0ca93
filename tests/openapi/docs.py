#!/usr/bin/python3
"""The page of @docs as the school has it, behind nginx and a mount, in headless Chromium: read, found in, tried by the mouse and by
keys, on small screens, in the dark. axe-core finds nothing in the way.

usage: docs.py SHOTS AXE: folders for screenshots, and for axe-core from npm."""
import json
import os
import subprocess
import sys

for beside in "site", "page":
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", beside))
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from packages import install_packages
from person import ROOT, SIZES, Person
from web import GATEWRIGHT, ROUTES, Site

SHOTS, AXE_FOLDER = sys.argv[1:3]
os.makedirs(SHOTS, exist_ok=True)
install_packages(os.path.join(ROOT, "tests/page"), AXE_FOLDER)
with open(AXE_FOLDER + "/node_modules/axe-core/axe.min.js", encoding="utf-8") as source:
    AXE = source.read()
EVERYWHERE = [(SIZES[0], False), (SIZES[0], True), (SIZES[1], False), (SIZES[2], True)]


def printed(*words):
    return json.loads(subprocess.run([GATEWRIGHT, *words, ROUTES], check=True, stdout=subprocess.PIPE).stdout)


def route_of(method, path):
    """The part of the page that tells about it."""
    form = me.find(".route form[data-method='%s'][data-path='%s']" % (method, path))
    return me.script("return arguments[0].closest('.route')", form)


def opened(method, path):
    route = route_of(method, path)
    if not route.get_attribute("open"):
        summary = route.find_element("css selector", "summary")
        me.script("arguments[0].scrollIntoView({block: 'center'})", summary)
        summary.click()
    return route


def field(route, name):
    return route.find_element("css selector", "[data-name=%s]" % name if name != "body" else "textarea")


def sent(route, **texts):
    """What comes back, as the page shows it."""
    for name, text in texts.items():
        place = field(route, name)
        place.clear()
        place.send_keys(text)
    return sent_with(route)


def sent_with(route, **texts):
    """With what stands in the other fields."""
    for name, text in texts.items():
        field(route, name).send_keys(text)
    me.script("arguments[0].querySelector('.answer').replaceChildren()", route)
    button = route.find_element("css selector", "form button")
    me.script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
    return answered(route)


def answered(route):
    answer = route.find_element("css selector", ".answer")
    WebDriverWait(me.browser, 15).until(lambda _: " ms" in answer.text or "No answer" in answer.text)
    return answer.text


def test_each_route_stands_under_its_tag_with_what_the_document_says():
    me.go("/docs")
    document = printed("openapi")
    n = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            route = route_of(method.upper(), path)
            text, told, table, heading = me.script(
                "const r = arguments[0], t = s => r.querySelector(s)?.textContent; r.open = true; return [r.textContent,"
                "t('.who'), t('table'), r.closest('section').querySelector('h2').textContent]", route)
            n += 1
            me.check(heading == operation["tags"][0], (path, heading))
            me.check(operation["summary"] in text, (path, operation["summary"], text))
            for name in [p["name"] for p in operation.get("parameters", [])]:
                me.check(name in table, (path, name))
            for status in operation["responses"]:
                me.check(status in text, (path, status))
            wanted = {name.split(".")[0] for scheme in operation["security"] for name in scheme}
            me.check(all(name in told for name in wanted) if wanted else
                     told in ("anybody", "with a ticket", "with a refresh token"), (path, told))
    me.check(n == len(printed("routes", "--json")) == len(me.browser.find_elements("css selector", ".route")), n)


def test_it_tries_a_route_with_a_token_and_without():
    me.go("/docs")
    refused = sent(opened("GET", "/api/v1/me"))
    me.check("401" in refused and "problem" not in refused.split("\n")[0], refused)
    made = sent(opened("POST", "/api/v1/auth/user"), body=json.dumps(
        {"name": "Ann <b>User</b>", "email": "ann@example.com", "password": "correct horse"}))
    me.check("201" in made, made)
    token = json.loads(made.split("\n", 1)[1])["token"]
    me.by("token").send_keys(token)
    shown = sent(opened("GET", "/api/v1/me"))
    me.check("200" in shown and "Ann <b>User</b>" in shown, shown)
    me.check("404" in sent(opened("GET", "/api/v1/lessons/{id}"), id="7"), "no such lesson")
    me.check("\"data\": []" in sent(opened("GET", "/api/v1/lessons"), limit="5"), "a list with a query")
    me.check("422" in sent(opened("GET", "/api/v1/lessons"), limit="500"), "a query that is refused")
    me.check("video/webm" in sent(opened("GET", "/api/v1/videos/{name}"), name="welcome.webm"), "bytes are counted")


def test_a_picture_is_chosen_and_sent_and_a_lesson_changed_in_part():
    body = {"name": "Ida", "email": "ida@example.com", "password": "correct horse"}
    me.go("/docs")
    made = sent(opened("POST", "/api/v1/auth/teacher"), body=json.dumps(body))
    me.by("token").send_keys(json.loads(made.split("\n", 1)[1])["token"])
    made = sent(opened("POST", "/api/v1/lessons"), body=json.dumps({"title": "Latin"}))
    lesson = json.loads(made.split("\n", 1)[1])["id"]
    picture = site.folder + "/latin.png"
    with open(picture, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x02\0\0\0\x90wS\xde" + bytes(1000))
    route = opened("PUT", "/api/v1/lessons/{id}/picture")
    me.check("file, at most 2097152 bytes: image/png | image/jpeg" in route.text, route.text)
    field(route, "picture").send_keys(picture)
    said = sent_with(route, id=str(lesson))
    me.check("200" in said and ".png" in said, said)
    me.expect_no_barriers("upload", AXE, [(1280, False), (360, True)])
    name = json.loads(said.split("\n", 1)[1])["picture"]
    me.check("image/png" in sent(opened("GET", "/api/v1/pictures/{name}"), name=name), "and it comes back")
    field(route, "picture").send_keys(os.path.abspath(__file__))
    said = sent_with(route)
    me.check("422" in said and "must be of the type image/png or image/jpeg" in said, said)
    said = sent(opened("PATCH", "/api/v1/lessons/{id}"), id=str(lesson), body=json.dumps({"level": "advanced"}))
    me.check("200" in said and '"title": "Latin"' in said and '"level": "advanced"' in said, said)
    said = sent(opened("GET", "/api/v1/lessons"), q="lat")
    me.check('"title": "Latin"' in said, said)
    me.check('"data": []' in sent(opened("GET", "/api/v1/lessons"), q="greek"), "nothing is found")


def test_a_part_of_a_path_that_leads_elsewhere_is_not_sent():
    me.go("/docs")
    route = opened("GET", "/api/v1/videos/{name}")
    for text, said in ("", "needed"), ("..", "No part of a path"), (".", "No part of a path"):
        place = field(route, "name")
        place.clear()
        place.send_keys(text, Keys.ENTER)
        fault = me.by(place.get_attribute("id") + "-fault").text
        me.check(said in fault, (text, fault))
        me.check(me.script("return document.activeElement === arguments[0]", place), "the focus is there")
        me.check(place.get_attribute("aria-describedby") == place.get_attribute("id") + "-fault", "aria-describedby")
    me.check(not route.find_element("css selector", ".answer").text, "nothing was sent")


def test_routes_are_found_by_words():
    me.go("/docs")
    me.by("find").send_keys("teachers HEAD")
    me.sees("found", "4 routes")
    me.by("find").clear()
    me.by("find").send_keys("put switches")
    me.sees("found", "2 routes")
    shown = [r for r in me.browser.find_elements("css selector", ".route") if r.is_displayed()]
    me.check([r.find_element("css selector", "form").get_attribute("data-path") for r in shown] ==
             ["/api/v1/accounts/users/{id}", "/api/v1/accounts/teachers/{id}"], "these two")
    me.check(len([a for a in me.browser.find_elements("css selector", "nav ul ul a") if a.is_displayed()]) == 2, "the list too")


def test_by_keys_alone_a_route_is_found_opened_and_tried():
    me.go("/docs")
    me.tab_to(".skip")
    me.tab_to("#find")
    me.keys("shows a lesson")
    me.tab_to("nav ul ul a")
    me.keys(Keys.ENTER)
    me.check(me.script("return document.activeElement.matches('summary')"), "the focus is at the route")
    route = route_of("GET", "/api/v1/lessons/{id}")
    me.check(route.get_attribute("open"), "it is open")
    me.tab_to("[data-name=id]")
    me.keys("7", Keys.ENTER)
    me.check("401" in answered(route), "it was sent")
    me.tab_to(".answer pre")


def test_nothing_is_in_the_way_of_anybody():
    me.go("/docs")
    opened("POST", "/api/v1/lessons")
    sent(opened("GET", "/api/v1/lessons"))
    field(opened("GET", "/api/v1/videos/{name}"), "name").send_keys(Keys.ENTER)
    me.script("scrollTo(0, 0)")
    for width, dark in EVERYWHERE:
        me.look(width, dark)
        me.script("document.querySelector('section.tag').scrollIntoView()")
        me.shot("open-%d%s" % (width, "-dark" if dark else ""))
        me.script("scrollTo(0, 0)")
    me.expect_no_barriers("docs", AXE, EVERYWHERE)


def test_a_cookie_is_sent_where_there_is_no_token():
    me.go("/docs")
    body = {"name": "Eve", "email": "eve@example.com", "password": "correct horse"}
    me.check("201" in sent(opened("POST", "/api/v1/auth/teacher"), body=json.dumps(body)), "an account")
    del body["name"]
    me.check("200" in sent(opened("POST", "/api/v1/auth/teacher/sign-in"), body=json.dumps(body)), "signed in")
    me.check("Eve" in sent(opened("GET", "/api/v1/auth/teacher/account")), "by the cookie")


def test_the_policy_admits_no_other_script_and_no_other_place():
    me.go("/docs")
    severe = [line["message"] for line in me.browser.get_log("browser")]
    me.check(not [line for line in severe if "Policy" in line or "script" in line.lower()], severe)
    made = me.browser.execute_async_script(
        "const done = arguments[0], script = document.createElement('script'), said = [];"
        "document.addEventListener('securitypolicyviolation', e => said.push(e.effectiveDirective));"
        "try { script.textContent = 'window.planted = 1'; document.body.append(script); } catch { said.push('refused'); }"
        "try { document.body.innerHTML += '<p>'; } catch { said.push('refused'); }"
        "fetch('https://elsewhere.example/').catch(() => setTimeout(() => done([window.planted || 0, said]), 200))")
    me.check(made[0] == 0 and "connect-src" in made[1] and made[1].count("refused") == 2, made)


with Site("nginx", settings={"GW_MOUNT": "/app", "GW_SENDFILE": "none"}, conf=["--mount", "/app"]) as site:
    site.environment["SCHOOL_PICTURES"] = site.folder
    site.environment["GW_ORIGIN"] = "http://127.0.0.1:%d" % site.port
    site.start()
    me = Person("http://127.0.0.1:%d/app" % site.port, site.folder, SHOTS)
    try:
        for name, test in list(globals().items()):
            if name.startswith("test_"):
                test()
        print("%d checks" % me.checks)
    finally:
        me.browser.quit()
