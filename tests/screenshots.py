"""Take the documentation's screenshots from a temporary site with the fixtures (`make screenshots`)."""

import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.interchange.documents import revised
from tests.serving import served

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
FOLDER = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
SIZES = {"": (1280, 900), "-phone": (390, 844)}
OTHERS = {"fr": "en français", "es": "en español"}
COLOURS = 96
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
    "search": "/search/?q=customs+duties",
    "issue": "/issues/B.3/",
    "documents": "/documents/",
    "document": "/documents/inf-ecom-62-rev-1/",
    "reported-positions": "/reported-positions/",
    "reported-position": "/reported-positions/16/",
    "proposal": "/proposals/e-commerce-programme-for-development/",
    "compare-revisions": "/compare/?provision=customs-duties&old=2&new=5",
    "time-machine": "/?as_of=2020-12-07",
    "export": "/export/",
    "login": "/accounts/login/",
}
OF_A_DELEGATE = {
    "bracket": "/provisions/customs-duties/?revision=6&at=3",
    "requests": "/requests/",
    "table-proposal": "/proposals/new/",
    "digests": "/digests/",
    "account": "/accounts/",
    "tokens": "/accounts/tokens/",
    "sessions": "/accounts/sessions/",
}
OF_THE_SECRETARIAT = {
    "invitations": "/accounts/invitations/",
    "webhooks": "/webhooks/",
    "import": "/imports/",
    "table-import": "/admin/members/member/import/",
}
# The provision that is re-imported with Canada's changes and the chair's comment.
SENT_IN = "electronic-transaction-frameworks"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass
class Camera:
    """A camera that takes the visible parts of pages in one language at both widths."""

    page: Page
    site: str
    language: str
    taken: list[str]

    def take(self, name: str, address: str, *, phone: bool = True) -> None:
        """Open a page, and save a screenshot named `name` for each width."""
        for suffix, (width, height) in SIZES.items() if phone else [("", SIZES[""])]:
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.goto(self.site + address)
            self.keep(name, suffix)

    def keep(self, name: str, suffix: str = "") -> None:
        """Save a screenshot with a reduced palette, which is sufficient for text."""
        file = FOLDER / self.language / f"{name}{suffix}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        picture = Image.open(io.BytesIO(self.page.screenshot())).convert("RGB")
        picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(file, optimize=True)
        if not suffix:
            self.taken.append(name)


def sign_in(context: BrowserContext, site: str, name: str, password: str) -> None:
    """Log in as a demonstration user."""
    page = context.new_page()
    page.goto(f"{site}/login/")
    page.locator("#id_login").fill(name)
    page.locator("#id_password").fill(password)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url(f"{site}/**")
    page.close()


@contextmanager
def site_of_its_own() -> Iterator[tuple[str, str]]:
    """Yield the URL and the demonstration password of a site on a temporary database."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/screenshots.sqlite3"}
        for command in (["migrate", "-v0"], ["load_fixtures"]):
            subprocess.run([sys.executable, "manage.py", *command], env=environment, check=True)
        users = [sys.executable, "manage.py", "demo_users", "--no-color"]
        printed = subprocess.run(users, env=environment, check=True, capture_output=True, text=True).stdout
        with served(environment, "/", "--threads", "4", "--log-level", "warning") as site:
            yield site.replace("127.0.0.1", "localhost"), printed.split("password ")[1].split()[0]


def photograph(browser: Browser, site: str, password: str, language: str) -> list[str]:
    """Take all pages in one language, and return the names of the screenshots."""
    context = browser.new_context(locale=language)
    camera = Camera(context.new_page(), site, language, [])
    for name, address in PAGES.items():
        camera.take(name, address)
    camera.page.emulate_media(color_scheme="dark")
    camera.take("overview-dark", "/")
    camera.page.emulate_media(color_scheme="light")
    sign_in(context, site, "canada", password)
    for name, address in OF_A_DELEGATE.items():
        camera.take(name, address)
    camera.take("log-change", "/provisions/customs-duties/log/", phone=False)
    field = camera.page.locator("#id_text")
    field.fill("[CAN propose: Having regard to the Work Programme]\n" + field.input_value() + " [CAN: and")
    camera.page.locator("#check .problems").wait_for()
    camera.keep("log-change-with-a-slip")
    context.clear_cookies()
    sign_in(context, site, "facilitator", password)
    camera.take("state-status", "/small-groups/consumer-protection/state/")
    context.clear_cookies()
    sign_in(context, site, "secretariat", password)
    for name, address in OF_THE_SECRETARIAT.items():
        camera.take(name, address)
    review(camera)
    context.close()
    return camera.taken


def review(camera: Camera) -> None:
    """Import a Word file, take pictures of its choices and its review, and close the import."""
    page = camera.page
    page.goto(f"{camera.site}/imports/")
    page.locator("#id_file").set_input_files({"name": "Rev.9.docx", "mimeType": WORD, "buffer": _word_file()})
    page.locator("#id_source").fill("INF/ECOM/62/Rev.9")
    page.locator(".importing button[type=submit]").click()
    page.locator("form[action$='/choices/']").wait_for()
    address = page.url.removeprefix(camera.site)
    camera.take("import-marks", address)
    page.locator("form[action$='/choices/'] button[type=submit]").click()
    page.locator("#row-1").wait_for()
    camera.take("import-review", address)
    page.locator("button[value=aside]").click()


def _word_file() -> bytes:
    rows = json.loads((FIXTURES / "08_revisions.json").read_text(encoding="utf-8"))
    texts = [row["fields"]["text"] for row in rows if row["fields"]["provision"][-1] == SENT_IN]
    return revised("Domestic framework for electronic transactions", texts[-1])


def gallery(names: list[str]) -> str:
    """Return the page of the documentation that shows the screenshots."""
    lines = [
        "# Every page, in pictures",
        "",
        "`make screenshots` takes these pictures from a temporary site with the facts and demonstration texts.",
        "They show the top of each page at widths of 1280 and 390 pixels. The links lead to the same pictures in",
        "French and in Spanish.",
        "",
    ]
    for name in names:
        lines += [f"## {name.replace('-', ' ').capitalize()}", ""]
        for suffix in ("", "-phone"):
            if (FOLDER / "en" / f"{name}{suffix}.png").exists():
                lines.append(f"![{name}, {'phone' if suffix else 'desktop'}](../screenshots/en/{name}{suffix}.png)")
        links = [f"[{said}](../screenshots/{language}/{name}.png)" for language, said in OTHERS.items()]
        lines += ["", " · ".join(links), ""]
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    """Take all pages in each language, and write the page that shows the screenshots."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    with site_of_its_own() as (site, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        names = photograph(browser, site, password, "en")
        for language in OTHERS:
            photograph(browser, site, password, language)
        browser.close()
    (FOLDER.parent / "reference" / "pages.md").write_text(gallery(names), encoding="utf-8")


if __name__ == "__main__":
    main()
