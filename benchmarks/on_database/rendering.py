"""Compare rendering the whole text and computing agreement with lower bounds."""

from collections.abc import Iterator

import numpy as np
from django.utils.html import escape

from benchmarks.rows import Row
from benchmarks.text import negotiating_text, register
from benchmarks.timing import fastest_time
from bracketed_text import parse
from issues.reports.analysis import agreement
from issues.web.rendering import PanelLinks, render


def measure() -> Iterator[Row]:
    """Yield the rows for rendering and agreement."""
    yield _whole_text()
    yield _agreement()


def _whole_text() -> Row:
    tree = parse(negotiating_text(), register())
    html = render(tree, links=PanelLinks(1, page="/provisions/x/"))
    # The lower bound is the time for joining the tags and the escaped text between them.
    pieces = html.replace("<", "\0<").split("\0")
    plain = [piece.partition(">")[2] for piece in pieces]
    ratio = fastest_time(lambda: render(tree, links=PanelLinks(1, page="/provisions/x/"))) / fastest_time(
        lambda: "".join([f"{tag}{escape(words)}" for tag, words in zip(pieces, plain, strict=True)])
    )
    return Row("the whole text as HTML, 30,000 words", "escaping and joining its strings", ratio, "at most 3")


def _agreement() -> Row:
    draw = np.random.default_rng(1)
    table = draw.choice(np.array([-1, 0, 1], np.float32), size=(100_000, 166), p=[0.02, 0.94, 0.04])
    ratio = fastest_time(lambda: agreement(table)) / fastest_time(lambda: table.T @ table)
    return Row("agreement of 166 members over 100,000 variants", "one matrix product in NumPy", ratio, "below 10")
