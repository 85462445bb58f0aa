"""The pages that mails lead to, in a real browser."""
import os
import re
import tempfile

import pytest

from test_admin_recovery import code_of, link_of
from test_directory import mail_to, sink  # noqa: F401: a fixture
from test_login import first_step, second_step, totp

from harness import wait_for

webdriver = pytest.importorskip("selenium.webdriver")
Service = pytest.importorskip("selenium.webdriver.chrome.service").Service
pytestmark = pytest.mark.skipif(not os.path.exists("/usr/bin/chromedriver"), reason="no chromium")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage")


class Browser:
    def __init__(self, driver):
        self.driver = driver

    def open(self, url):
        self.driver.get("about:blank")
        self.driver.get(url)

    def fill(self, **fields):
        for name, text in fields.items():
            wait_for(name, lambda: self.driver.find_elements("name", name))[0].send_keys(text)
        self.driver.find_element("css selector", "form button").click()

    def sees(self, text):
        wait_for(text, lambda: text in self.driver.find_element("tag name", "main").text)

    def codes(self):
        return [e.text for e in self.driver.find_elements("css selector", "#more code")]


@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(prefix="chromium.") as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        try:
            yield Browser(driver)
            said = [e["message"] for e in driver.get_log("browser")]
            assert not [m for m in said if "Content Security Policy" in m or "Error:" in m], said
        finally:
            driver.quit()


def test_an_invited_user_chooses_his_password(world, sink, browser):  # noqa: F811
    name = world.name("invited")
    world.admin.post("/api/users/invite", dict(name=name, email=name + "@example.org"))
    base, secret = link_of(mail_to(sink, name + "@example.org"), "invite")
    browser.open(f"{base}#{secret}")
    browser.fill(password="chosen in a browser", again="something else")
    browser.sees("not the same")
    assert secret not in browser.driver.current_url
    browser.open(f"{base}#{secret}")
    browser.fill(password="chosen in a browser", again="chosen in a browser")
    browser.sees("You can sign in")
    world.login(name, "chosen in a browser")


def test_a_required_second_factor_is_set_up(world, browser):
    u = world.user()
    world.admin.done("PUT", "/api/users/tfa/totp/enforce",
                     dict(user_guids=[u.guid], enforce=True, url=""))
    browser.open(world.api.base + "/two-factor")
    browser.fill(username=u.name, password="wrong password")
    browser.sees("Wrong credentials")
    browser.open(world.api.base + "/two-factor")
    browser.fill(username=u.name, password=u.password)
    browser.sees("Scan this")
    [secret] = browser.codes()
    image = browser.driver.find_element("tag name", "img")
    wait_for("the QR code", lambda: browser.driver.execute_script(
        "return arguments[0].complete && arguments[0].naturalWidth > 0", image))
    browser.fill(code=totp(secret))
    browser.sees("It is on")
    codes = browser.codes()
    assert len(codes) == 10 and all(re.fullmatch(r"\d{6}", c) for c in codes)
    assert "access_token" in second_step(world, u.name, first_step(world, u.name), codes[9])


def test_a_forgotten_password_is_set_anew(world, sink, browser):  # noqa: F811
    u = world.user(email=world.name("forgot") + "@example.org")
    browser.open(world.api.base + "/forgot")
    browser.fill(username=u.name)
    browser.sees("on its way")
    code = code_of(mail_to(sink, world.admin.get(f"/api/users/{u.guid}")["email"]))
    browser.fill(token=code, password="set in a browser", again="set in a browser")
    browser.sees("You can sign in")
    world.login(u.name, "set in a browser")
