"""A document divided into articles: what one negotiates, names and keeps as one text.

`cut` cuts finer, at each numbered paragraph; but a bracket may open at the heading of an article and close with its
last paragraph, so an article is the least that can stand for itself.
"""

import re
from typing import NamedTuple

from bracketed_text.cutting import Cut, Part, cut
from bracketed_text.parsing import parse
from bracketed_text.register import Register

_MARK = re.compile(r"[\[\]]")


class Article(NamedTuple):
    """`document[start:end]`: headings and what stands under them. Articles, joined, are the document.

    `title` is that of the last heading, with its label; `under` those of the headings around it that begin here;
    `furniture` is where page headers and page numbers stand in it, as offsets into the document.
    """

    start: int
    end: int
    title: str
    under: tuple[str, ...]
    furniture: tuple[tuple[int, int], ...] = ()


def articles(document: str, register: Register) -> list[Article]:
    """Return `document` in articles, in order; those between which a bracket stands open are one. Never raises."""
    found: list[Article] = []
    faults: list[int] = []
    for article in _headed(cut(document)):
        own = _faults(document, article, register)
        if found and faults[-1] and own:
            joined = found[-1]._replace(end=article.end, furniture=found[-1].furniture + article.furniture)
            together = _faults(document, joined, register)
            if together < faults[-1] + own:  # a mark in the one pairs with a mark in the other
                found[-1], faults[-1] = joined, together
                continue
        found.append(article)
        faults.append(own)
    return found


def _headed(cuts: list[Cut]) -> list[Article]:
    """Return one article for each stretch of headings with what stands under them."""
    found: list[Article] = []
    headings: list[str] = []
    furniture: list[tuple[int, int]] = []
    start, has_body = 0, False
    for one in cuts:
        if one.part is Part.HEADING:
            if has_body:
                found.append(_article(start, one.start, headings, furniture))
                headings, furniture, start, has_body = [], [], one.start, False
            headings.append(": ".join(part for part in (one.label, one.title) if part))
        else:
            has_body = True
        furniture += one.furniture
    if cuts and cuts[-1].end > start:
        found.append(_article(start, cuts[-1].end, headings, furniture))
    return found


def _article(start: int, end: int, headings: list[str], furniture: list[tuple[int, int]]) -> Article:
    return Article(start, end, headings[-1] if headings else "", tuple(headings[:-1]), tuple(furniture))


def _faults(document: str, article: Article, register: Register) -> int:
    """Return how many errors there are that a neighbour may cure: none where every mark has its other one inside."""
    text = document[article.start : article.end]
    return 0 if _is_closed(text) else len(parse(text, register).errors)


def _is_closed(text: str) -> bool:
    depth = 0
    for mark in _MARK.findall(text):
        depth += 1 if mark == "[" else -1
        if depth < 0:
            return False
    # Marks behind a backslash are letters: those that know better have a look.
    return depth == 0 and "\\" not in text
