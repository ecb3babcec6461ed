"""Divide a document into articles. Each article is negotiated, named and stored as a separate text.

`cut` divides a document at each numbered paragraph. However, a bracket may open in an article's heading and close in
its last paragraph. The smallest self-contained unit is therefore the article.
"""

import re
from typing import NamedTuple

from bracketed_text.cutting import Cut, Part, cut
from bracketed_text.parsing import parse
from bracketed_text.register import Register

_MARK = re.compile(r"[\[\]]")


class Article(NamedTuple):
    """An article, `document[start:end]`, which consists of headings and the text under them.

    Joined together, the articles are the document. `title` is the last heading, including its label. `under` contains
    the headings above it within the article. `furniture` contains the spans of page headers and page numbers, as
    offsets into the document.
    """

    start: int
    end: int
    title: str
    under: tuple[str, ...]
    furniture: tuple[tuple[int, int], ...] = ()


def articles(document: str, register: Register) -> list[Article]:
    """Return the articles of `document` in order.

    Consecutive articles are joined if a bracket opens in one and closes in the other. The function never raises an
    exception.
    """
    result: list[Article] = []
    faults: list[int] = []
    for article in _headed(cut(document)):
        own = _faults(document, article, register)
        if result and faults[-1] and own:
            joined = result[-1]._replace(end=article.end, furniture=result[-1].furniture + article.furniture)
            together = _faults(document, joined, register)
            if together < faults[-1] + own:  # a mark in the first article pairs with a mark in the second
                result[-1], faults[-1] = joined, together
                continue
        result.append(article)
        faults.append(own)
    return result


def _headed(cuts: list[Cut]) -> list[Article]:
    """Return an article for each group of headings and the text under it."""
    result: list[Article] = []
    headings: list[str] = []
    furniture: list[tuple[int, int]] = []
    start, has_body = 0, False
    for part in cuts:
        if part.part is Part.HEADING:
            if has_body:
                result.append(_article(start, part.start, headings, furniture))
                headings, furniture, start, has_body = [], [], part.start, False
            headings.append(": ".join(words for words in (part.label, part.title) if words))
        else:
            has_body = True
        furniture += part.furniture
    if cuts and cuts[-1].end > start:
        result.append(_article(start, cuts[-1].end, headings, furniture))
    return result


def _article(start: int, end: int, headings: list[str], furniture: list[tuple[int, int]]) -> Article:
    return Article(start, end, headings[-1] if headings else "", tuple(headings[:-1]), tuple(furniture))


def _faults(document: str, article: Article, register: Register) -> int:
    """Return the number of errors that joining a neighbour may remove, or 0 if every mark has a partner."""
    text = document[article.start : article.end]
    return 0 if _is_closed(text) else len(parse(text, register).errors)


def _is_closed(text: str) -> bool:
    depth = 0
    for mark in _MARK.findall(text):
        depth += 1 if mark == "[" else -1
        if depth < 0:
            return False
    # Escaped marks are ordinary characters, which only the parser recognises.
    return depth == 0 and "\\" not in text
