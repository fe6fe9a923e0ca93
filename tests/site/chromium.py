"""Headless Chromium, with what it keeps in a folder of the caller's."""
import os
import subprocess
import tempfile

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic",
             "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def start_browser(folder, *arguments):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ARGUMENTS + [*arguments, "--user-data-dir=" + tempfile.mkdtemp(prefix="chromium.", dir=folder)]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)


def browse(site, port, names):
    """A Chromium that finds the names of tls.serve at that port, and trusts their authority. HOME is the site's folder
    from then on."""
    home = site.folder + "/.pki/nssdb"
    os.makedirs(home)
    subprocess.run(["certutil", "-N", "-d", "sql:" + home, "--empty-password"], check=True)
    subprocess.run(["certutil", "-A", "-d", "sql:" + home, "-n", "tests", "-t", "C,,", "-i", site.folder + "/ca.pem"],
                   check=True)
    os.environ["HOME"] = site.folder
    rules = "--host-resolver-rules=" + ",".join("MAP %s:443 127.0.0.1:%d" % (name, port) for name in names)
    browser = start_browser(site.folder, rules)
    browser.set_script_timeout(20)
    return browser


def wait_until(browser, condition, what="", seconds=15):
    """What is drawn anew while it is looked at is looked at again."""
    return WebDriverWait(browser, seconds, ignored_exceptions=[StaleElementReferenceException]).until(lambda _: condition(), what)


def cookies_in(browser):
    """{(name, domain): what the browser knows of it}"""
    found = browser.execute_cdp_cmd("Network.getAllCookies", {})["cookies"]
    return {(c["name"], c["domain"]): c for c in found}


def run_script(browser, text):
    """What a script of the page that is shown returns, as text, or "failed: ..."."""
    return browser.execute_async_script(
        "const done = arguments[arguments.length - 1];(async () => {" + text +
        "})().then(v => done(String(v)), e => done('failed: ' + e));")
