"""Headless Chromium, with what it keeps in a folder of the caller's."""
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-quic",
             "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def start_browser(folder):
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ARGUMENTS + ["--user-data-dir=" + tempfile.mkdtemp(prefix="chromium.", dir=folder)]:
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
