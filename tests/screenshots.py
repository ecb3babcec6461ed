"""`make screenshots`: take the pictures of the documentation, of a site that serves the fixtures.

Run against a site that is up: python -m tests.screenshots http://localhost:8000
"""

import os
import sys
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


def main(site: str, password: str = "") -> None:
    """Take every page; with the password of the demonstration users also the editor, with a slip in it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        for name, address in PAGES.items():
            take(page, site, name, address)
        if password:
            sign_in(page, site, "canada", password)
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(f"{site}/provisions/customs-duties/log/")
            field = page.get_by_label("Text of the provision")
            field.fill("[CAN propose: Having regard to the Work Programme]\n" + field.input_value() + " [CAN: and")
            page.locator("#check .problems").wait_for()
            page.screenshot(path=FOLDER / "log-change.png")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
