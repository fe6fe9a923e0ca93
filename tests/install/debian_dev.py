"""`gatewright dev` in an empty Debian, and in a browser beside it: an edit of a handler and one of routes.def."""
import os
import sys
import tempfile

from selenium.webdriver.common.by import By

from chromium import start_browser
from program import wait_for

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../dev"))
from session import Session

PAGE = """
int %s(struct gw_request *req)
{
    return gw_html(req, 200, "<!doctype html><html lang=en><title>Notes</title><h1>%s</h1>"
                             "<script src=\\"/-/dev/live.js\\"></script></html>");
}
"""
# With /proc, as every system has it; it goes with the last process.
WITHIN = """mount -t proc proc "$1/proc" && exec chroot "$1" env PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \\
    LC_ALL=C.UTF-8 XDG_RUNTIME_DIR=/tmp/run sh -c 'cd "$1" && exec gatewright dev' sh "$2\""""


def heading(browser):
    found = browser.find_elements(By.TAG_NAME, "h1")
    try:
        return found[0].text if found else ""
    except Exception:  # the page was reloaded between the two
        return ""


def edits_are_seen(root, project):
    """`project` is the path of an application within `root`."""
    def path(name):
        return root + project + "/" + name

    def append(name, text):
        with open(path(name), "a") as file:
            file.write(text)

    append("routes.def", "GET /page ignored page\n")
    append("handlers.c", PAGE % ("page", "First"))
    os.makedirs(root + "/tmp/run", mode=0o700)
    with tempfile.TemporaryDirectory(prefix="gatewright-debian-dev.") as scratch, \
            Session("unshare", "/", root + "/tmp/run", "-m", "sh", "-c", WITHIN, "sh", root, project,
                    command=True) as session:
        session.wait("serving; built", 60)
        browser = start_browser(scratch)
        try:
            site = "http://127.0.0.1:%d" % session.port
            browser.get(site + "/page")
            assert heading(browser) == "First", browser.page_source
            text = open(path("handlers.c")).read()
            with open(path("handlers.c"), "w") as file:
                file.write(text.replace("First", "Second"))
            wait_for("the handler's edit is seen", lambda: heading(browser) == "Second", 30)
            append("handlers.c", PAGE % ("other", "Other"))
            append("routes.def", "GET /other ignored other\n")
            wait_for("the new route is seen", lambda: browser.get(site + "/other") or heading(browser) == "Other", 30)
        finally:
            browser.quit()
        session.quit()
