#!/usr/bin/python3
"""The page of @docs sends what a route takes besides its path: headers, and a patch under the name that the route accepts. In headless
Chromium, behind nginx."""
import sqlite3

from selenium.webdriver.support.ui import WebDriverWait

from chromium import start_browser
from web import Site, run_tests


class Page:
    """The page, in a browser that ends with it."""

    def __enter__(self):
        self.site = Site("nginx").__enter__()
        self.site.start()
        self.browser = start_browser(self.site.folder)
        self.browser.get("http://127.0.0.1:%d/docs" % self.site.port)
        return self

    def __exit__(self, *args):
        self.browser.quit()
        return self.site.__exit__(*args)

    def answer(self, method, path, body=None, **fields):
        """What the page shows, once it is sent."""
        form = self.browser.find_element("css selector", ".route form[data-method='%s'][data-path='%s']" % (method, path))
        self.browser.execute_script("arguments[0].closest('.route').open = true", form)
        for name, text in fields.items():
            form.find_element("css selector", "[data-name='%s']" % name.replace("_", "-")).send_keys(text)
        if body is not None:
            area = form.find_element("css selector", "textarea")
            area.clear()
            area.send_keys(body)
        button = form.find_element("css selector", "button")
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
        button.click()
        place = form.find_element("css selector", ".answer")
        WebDriverWait(self.browser, 15).until(lambda _: " ms" in place.text or "No answer" in place.text)
        return place.text


def test_headers_are_sent_as_they_are_filled_in():
    with Page() as page:
        said = page.answer("GET", "/headers", Idempotency_Key="0f000000-0000-4000-8000-000000000007", X_Sizes="1, 2")
        assert "200" in said and '"key": "0f000000-0000-4000-8000-000000000007"' in said and '"depth": 3' in said, said


def test_a_patch_is_sent_as_what_its_route_accepts():
    with Page() as page:
        assert "201" in page.answer("POST", "/things", '{"title": "before"}')
        said = page.answer("PATCH", "/things/{id}", '{"title": "behind"}', id="1")
        assert "200" in said and "behind" in said, said
        store = page.site.environment["GW_DATABASE_URL"].partition("sqlite:")[2]
        assert sqlite3.connect(store).execute("SELECT title FROM things").fetchall() == [("behind",)]


def test_a_body_that_may_be_left_out_is_sent_where_something_stands_there():
    with Page() as page:
        assert "a wish" in page.answer("POST", "/hurry", '{"text": "a wish"}')
        assert "an errand" in page.answer("POST", "/errands", text="an errand")
    with Page() as page:
        assert "no wish at all" in page.answer("POST", "/hurry", "")
        assert "no errand at all" in page.answer("POST", "/errands")


run_tests(globals())
