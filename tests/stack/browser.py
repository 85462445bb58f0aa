"""A headless Chromium that runs the page of a web client."""

import base64
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

PAGE = Path(__file__).parent / "page"
NACL = Path("/usr/share/nodejs/tweetnacl/nacl-fast.js")
DRIVER = "/usr/bin/chromedriver"
# The second line: nothing but the page goes over the network.
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
         "--disable-quic", "--disable-background-networking",
         "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage")
SESSION_S = 60


def publish(folder):
    """Puts the page where the api serves /web/ from."""
    for name in ("index.html", "pb.js", "session.js"):
        shutil.copy(PAGE / name, folder)
    shutil.copy(NACL, folder / "nacl.js")
    for file in folder.iterdir():
        file.chmod(0o644)


def key_hash(certificate):
    """What Chromium calls the certificate's key: base64 of SHA-256."""
    pem = subprocess.run(["openssl", "x509", "-in", certificate, "-noout",
                          "-pubkey"], check=True, capture_output=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"],
                         input=pem, check=True, capture_output=True).stdout
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


class Browser:
    """Context manager. Trusts CERTIFICATE and no other unknown one."""

    def __init__(self, certificate, log):
        self.profile = tempfile.TemporaryDirectory(prefix="chromium.")
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        for flag in FLAGS:
            options.add_argument(flag)
        options.add_argument(f"--user-data-dir={self.profile.name}")
        options.add_argument("--ignore-certificate-errors-spki-list="
                             + key_hash(certificate))
        self.driver = webdriver.Chrome(
            service=Service(DRIVER, log_path=str(log)), options=options)
        self.driver.set_page_load_timeout(SESSION_S)
        self.driver.set_script_timeout(SESSION_S)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()
        self.profile.cleanup()

    def start(self, url, peer_id, password, key):
        """Opens the page at URL and lets it control PEER_ID."""
        self.driver.get(url)
        self.driver.execute_script(
            "window.ended = run(arguments[0]).then("
            "(host) => ({host}), (e) => ({error: String(e)}));",
            {"id": peer_id, "password": password, "key": key})

    def result(self):
        """(the device's host name, the steps the page shows)."""
        answer = self.driver.execute_async_script(
            "window.ended.then(arguments[0]);")
        steps = self.driver.execute_script(
            "return [...document.querySelectorAll('#steps li')]"
            ".map((item) => item.textContent);")
        assert "error" not in answer, f"{answer['error']}, after {steps}"
        return answer["host"], steps
