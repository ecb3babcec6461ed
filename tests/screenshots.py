"""`make screenshots`: take the pictures of the documentation, of a site of its own with the fixtures."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SIZES = {"": (1280, 900), "-phone": (390, 844)}
PAGES = {
    "overview": "/",
    "small-group": "/small-groups/consumer-protection/",
    "sub-issue": "/sub-issues/B.2.a/",
    "provision": "/provisions/customs-duties/",
    "history": "/provisions/customs-duties/history/",
    "text": "/text/",
    "reading": "/text/?mode=members&member=CAN&silence=drop",
    "variants": "/variants/?section=B&state=any",
    "compare": "/compare/?start=2020-10-31&small_group=consumer-protection",
    "convergence": "/convergence/",
    "standing": "/standing/?since=2020-10-01&least=3",
    "nearest": "/standing/?member=USA&with=CHN",
    "landing": "/landing/",
    "lenses": "/lenses/",
    "lens": "/lenses/msme/",
    "calendar": "/calendar/",
    "meeting": "/meetings/2021-02-05-first-plenary-of-2021/",
    "activity": "/activity/",
    "proposals": "/proposals/",
    "members": "/members/",
    "member": "/members/IDN/",
    "outline": "/issues/",
    "definitions": "/definitions/",
}


def take(page: Page, site: str, name: str, address: str) -> None:
    """Take one page at both widths, the part that one sees first."""
    for suffix, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(site + address)
        page.screenshot(path=FOLDER / f"{name}{suffix}.png")


def sign_in(page: Page, site: str, name: str, password: str) -> None:
    """Sign in as a demonstration user."""
    page.goto(f"{site}/login/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


@contextmanager
def site_of_its_own() -> Iterator[tuple[str, str]]:
    """Yield address and demonstration password of a site on a fresh database."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/screenshots.sqlite3"}
        for command in (["migrate", "-v0"], ["load_fixtures"]):
            subprocess.run([sys.executable, "manage.py", *command], env=environment, check=True)
        users = [sys.executable, "manage.py", "demo_users", "--no-color"]
        printed = subprocess.run(users, env=environment, check=True, capture_output=True, text=True).stdout
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        serve = [sys.executable, "-m", "gunicorn", "jsi_tracker.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
        with subprocess.Popen([*serve, "--log-level", "warning"], env=environment) as server:
            try:
                _wait_for(f"http://localhost:{port}/")
                yield f"http://localhost:{port}", printed.split("password ")[1].split()[0]
            finally:
                server.terminate()


def _wait_for(address: str) -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"{address} did not answer")


def main() -> None:
    """Take every page, and the editor with a slip in it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with site_of_its_own() as (site, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        for name, address in PAGES.items():
            take(page, site, name, address)
        page.emulate_media(color_scheme="dark")
        take(page, site, "overview-dark", "/")
        page.emulate_media(color_scheme="light")
        sign_in(page, site, "canada", password)
        take(page, site, "bracket", "/provisions/customs-duties/?revision=6&at=3")
        take(page, site, "requests", "/requests/")
        take(page, site, "table-proposal", "/proposals/new/")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{site}/provisions/customs-duties/log/")
        field = page.get_by_label("Text of the provision")
        field.fill("[CAN propose: Having regard to the Work Programme]\n" + field.input_value() + " [CAN: and")
        page.locator("#check .problems").wait_for()
        page.screenshot(path=FOLDER / "log-change.png")
        page.context.clear_cookies()
        sign_in(page, site, "facilitator", password)
        take(page, site, "state-status", "/small-groups/consumer-protection/state/")
        browser.close()


if __name__ == "__main__":
    main()
