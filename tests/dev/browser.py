"""`gatewright dev` in headless Chromium: a page that reloads, errors above it, and /-/dev.

Screenshots go to the folder given as the first argument."""
import json
import os
import sys
import tempfile

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import program
from chromium import start_browser
from program import wait_for
from project import Project, ask, top

shots = sys.argv[1] if len(sys.argv) > 1 and not sys.argv[1].startswith("test_") else tempfile.mkdtemp()
os.makedirs(shots, exist_ok=True)

PAGE = """
int page(struct gw_request *req)
{
    return gw_html(req, 200, "<!doctype html><html lang=en><title>Notes</title><h1>First</h1>"
                             "<script src=\\"/-/dev/live.js\\"></script></html>");
}
"""


def text(browser, selector):
    found = browser.find_elements(By.CSS_SELECTOR, selector)
    try:
        return found[0].text if found else ""
    except Exception:  # the page was reloaded between the two
        return ""


def complaints(browser):
    return [e["message"] for e in browser.get_log("browser")
            if "Content Security Policy" in e["message"] or "Uncaught" in e["message"]]


def with_page():
    project = Project()
    project.replace("routes.def", "GET     /notes ", "GET     /page            ignored      page\nGET     /notes ")
    project.write("handlers.c", project.read("handlers.c") + PAGE)
    return project


def test_a_page_is_reloaded_and_errors_lie_above_it():
    project = with_page()
    with project.serving() as session:
        browser = start_browser(top.name)
        try:
            browser.set_window_size(1000, 700)
            browser.get("http://127.0.0.1:%d/page" % session.port)
            assert text(browser, "h1") == "First"
            good = project.read("handlers.c")
            project.write("handlers.c", good.replace("First", "Second"))
            wait_for("the page is reloaded", lambda: text(browser, "h1") == "Second", 30)
            project.write("handlers.c", good.replace("int page(", "in page("))
            overlay = "#gatewright-dev-overlay"
            said = wait_for("the error is shown", lambda: text(browser, overlay), 30)
            assert "error" in said and "handlers.c" in said and "^" in said, said
            assert text(browser, "h1") == "Second"
            browser.save_screenshot(shots + "/1-error.png")
            project.replace("routes.def", "list_notes ", "list_notes bogus ")
            wait_for("the compiler's own error is shown", lambda: "routes.def" in text(browser, overlay), 30)
            browser.save_screenshot(shots + "/2-routes-error.png")
            project.replace("routes.def", "bogus ", "")
            project.write("handlers.c", good.replace("First", "Third"))
            wait_for("the page is reloaded", lambda: text(browser, "h1") == "Third", 30)
            assert not text(browser, overlay)
            assert not complaints(browser)
        finally:
            browser.quit()


def test_a_route_that_is_new_is_seen_without_a_key():
    project = with_page()
    with project.serving() as session:
        browser = start_browser(top.name)
        try:
            browser.get("http://127.0.0.1:%d/-/dev" % session.port)
            wait_for("the routes are shown", lambda: "list_notes" in text(browser, "#route-rows"))
            assert "/hello" not in text(browser, "#route-rows")
            project.write("handlers.c", project.read("handlers.c") + PAGE.replace("int page", "int hello"))
            project.write("routes.def", project.read("routes.def") + "GET /hello ignored hello\n")
            wait_for("the new route is shown", lambda: "/hello" in text(browser, "#route-rows"), 30)
        finally:
            browser.quit()


def test_the_page_of_dev_by_keyboard():
    project = with_page()
    with project.serving() as session:
        port = session.port
        ask(port, "POST", "/api/users", json.dumps({"email": "a@example.com", "password": "correct horse"}),
            {"Content-Type": "application/json"})
        ask(port, "GET", "/api/notes")
        browser = start_browser(top.name)
        try:
            browser.set_window_size(1200, 1500)
            browser.get("http://127.0.0.1:%d/-/dev" % port)
            wait_for("it serves", lambda: "serving" in text(browser, "#state-text"))
            wait_for("the refused request is shown", lambda: "401" in text(browser, "#request-rows"))
            wait_for("phases are shown", lambda: "handler" in text(browser, "#request-rows"))
            key = browser.find_element(By.CSS_SELECTOR, "#token-form [name=key]")
            key.clear()
            key.send_keys("1", Keys.ENTER)
            made = wait_for("a token is shown", lambda: text(browser, "#token-text").count(".") == 2 and text(browser, "#token-text"))
            assert ask(port, "GET", "/api/notes", headers={"Authorization": "Bearer " + made})[0] == 200
            path = browser.find_element(By.CSS_SELECTOR, "#explain-form [name=path]")
            path.clear()
            path.send_keys("/api/notes", Keys.ENTER)
            wait_for("the explanation is shown", lambda: "list_notes" in text(browser, "#explain-text"))
            browser.save_screenshot(shots + "/3-dev.png")
            project.replace("handlers.c", "int home(", "in home(")
            wait_for("the error is shown", lambda: "error" in text(browser, "#error"), 30)
            browser.save_screenshot(shots + "/4-dev-error.png")
            project.replace("handlers.c", "in home(", "int home(")
            wait_for("the error is gone", lambda: not text(browser, "#error"), 30)
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": True})
            browser.get("http://127.0.0.1:%d/-/dev" % port)
            wait_for("it serves", lambda: "serving" in text(browser, "#state-text"))
            width = browser.execute_script("return document.documentElement.scrollWidth")
            assert width <= 360, width
            browser.save_screenshot(shots + "/5-phone.png")
            assert not complaints(browser), complaints(browser)
        finally:
            browser.quit()


if __name__ == "__main__":
    program.run_tests(globals())
