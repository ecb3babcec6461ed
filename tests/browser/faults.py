"""Check the width, layout shifts and axe violations of a page in a browser, in light and dark mode."""

import zlib
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.selection import at_night

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
# The maximum cumulative layout shift. A value of 0.1 is considered good (web.dev/cls), but no page needs to shift.
MOST_SHIFT = 0.02
NIGHT = "rgb(20, 24, 31)"

# Returns the layout shift during loading, after the page has fetched its dynamic parts.
SHIFT = """async () => {
  while (document.querySelector("[hx-trigger~=load]")) await new Promise(requestAnimationFrame);
  let shift = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) shift += one.value; })
    .observe({ type: "layout-shift", buffered: true });
  await new Promise((answer) => setTimeout(answer, 20));
  return shift;
}"""
# All axe rules except contrast, on the whole page.
RULES = """() => axe.run({ resultTypes: ["violations"], rules: { "color-contrast": { enabled: false } } })
  .then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`))"""
# Contrast takes axe by far the longest. Elements with the same tags and attributes up to the root have the same
# colours, so only one of them is checked.
CONTRAST = """() => {
  const passing = /^(href|id|for|value|name|title|datetime|data-label|aria-label|aria-labelledby|hx-.*)$/;
  const kinds = new Map();
  const walk = (element, above) => {
    const own = [...element.attributes].filter(({ name }) => !passing.test(name));
    const kind = `${above}>${element.localName}[${own.map(({ name, value }) => `${name}=${value}`)}]`;
    const says = [...element.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
    if ((says || element.matches("input")) && !kinds.has(kind)) kinds.set(kind, element);
    for (const child of element.children) walk(child, kind);
  };
  walk(document.body, "");
  return axe.run({ include: [...kinds.values()] }, { runOnly: ["color-contrast"], resultTypes: ["violations"] })
    .then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`));
}"""


def faults(page: Page, address: str) -> list[str]:
    """Return the faults of the page at `address`, which is loaded once for each size."""
    found: list[str] = []
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        page.goto(address)
        found += [*jumps(page, size), *_faults_at(page, size)]
        if size == "desktop":
            found += _faults_by_night(page)
    return found


def faults_here(page: Page) -> list[str]:
    """Return the faults of the current page, such as the response to a form."""
    found: list[str] = []
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        found += _faults_at(page, size)
    return found


def jumps(page: Page, size: str, most: float = MOST_SHIFT) -> list[str]:
    """Return a list with one fault if the layout shifted during loading. The page must not have been resized."""
    shift = page.evaluate(SHIFT)
    return [f"{page.url} ({size}): what one reads jumps by {shift:.3f}"] if shift > most else []


def complaints_of(page: Page) -> list[str]:
    """Return a list to which browser errors are added, such as scripts blocked by the content security policy."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def _faults_at(page: Page, size: str) -> list[str]:
    found: list[str] = []
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if overflow > 0:
        found.append(f"{page.url} is {overflow} pixels wider than a {size} screen")
    for question in questions(urlsplit(page.url).path, size):
        found += [f"{page.url} ({size}): {said}" for said in _axe(page, question)]
    return found


def questions(path: str, size: str) -> list[str]:
    """Return the checks by axe of the page at `path` in a size: both of them at night, and one of them in CI.

    In CI, a page's contrast is checked in one size and the other rules in the other size. Which size it is depends on
    the path, so each size gets both checks, but of different pages.
    """
    if at_night():
        return [RULES, CONTRAST]
    return [RULES if (zlib.crc32(path.encode()) + list(SIZES).index(size)) % 2 else CONTRAST]


def _faults_by_night(page: Page) -> list[str]:
    page.emulate_media(color_scheme="dark")
    found = [f"{page.url} (dark): {said}" for said in _axe(page, CONTRAST)]
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="light")
    return found if background == NIGHT else [*found, f"{page.url}: not dark by night but {background}"]


def _axe(page: Page, question: str) -> Any:
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    return page.evaluate(question)
