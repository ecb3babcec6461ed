"""Draw events of real texts at random, to be read against both texts (`python sample_events.py SEED [NUMBER]`).

Each event is printed with its sentences and with the text around its place in both versions. The pairs of texts are
described in docs/explanation/corpora.md.
"""

import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bracketed_text import Tree, compare, parse
from bracketed_text.advanced import sentences_by_event
from bracketed_text.events import Comparison

CORPORA = Path(__file__).resolve().parents[3].parent / "shared" / "corpora"
# The brackets around the whole agreement and around the whole decision of 5 October, by their first and last words.
OUTERMOST = (
    ("[ The Parties to this Agreement", "United Nations. ]"),
    ("[ The Conference of the Parties,", "twenty-second session.  ]"),
)
LEAST_OF_PROPOSAL, LEAST_OF_ARTICLE = 0.6, 0.5
AROUND, LONGEST = 260, 700


class Pair(NamedTuple):
    """Two versions of one text."""

    name: str
    old: str
    new: str


class Sample(NamedTuple):
    """An event with its sentences."""

    pair: Pair
    trees: tuple[Tree, Tree]
    comparison: Comparison
    event: int
    sentences: list[str]


def pairs() -> Iterator[Pair]:
    """Yield the pairs O1, O2, O3 and, for each proposal that can be compared, A."""
    early = without_outermost(text_of("unfccc_adp_2015-10-05"))
    middle, late = text_of("unfccc_adp_2015-10-23"), text_of("unfccc_adp_2015-11-10")
    yield from (Pair("O1", early, middle), Pair("O2", middle, late), Pair("O3", early, late))
    articles = articles_of_june()
    for number, member, proposal in proposals_of_august():
        article = articles.get(number, "")
        own, common = words(proposal), words(proposal) & words(article)
        enough = common.total() >= LEAST_OF_PROPOSAL * own.total()
        if article and enough and common.total() >= LEAST_OF_ARTICLE * words(article).total():
            yield Pair(f"A {number} {member}", article, proposal)


def text_of(start: str) -> str:
    return next(CORPORA.glob(f"{start}*")).read_bytes().decode()


def words(text: str) -> Counter[str]:
    return Counter(word.casefold() for word in re.findall(r"\w+(?:['’.\-‑]\w+)*", text))


def without_outermost(text: str) -> str:
    """Return the text of 5 October without the brackets around its two parts."""
    for first, last in OUTERMOST:
        start = text.index(first)
        end = text.index(last, start) + len(last) - 1
        text = text[:start] + text[start + 1 : end] + text[end + 1 :]
    return text


def articles_of_june() -> dict[str, str]:
    text = text_of("bbnj_A-CONF.232-2022-5")
    headings = list(re.finditer(r"^Article (\d+)[ ]*(\w{2,6})?[ ]*$", text, re.MULTILINE))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    return {
        (heading[1] + (heading[2] or "")).lower(): text[heading.start() : end]
        for heading, end in zip(headings, ends, strict=True)
    }


def proposals_of_august() -> Iterator[tuple[str, str, str]]:
    """Yield the number of the article, the member and the text of each proposal, without its rationale."""
    text = text_of("bbnj_A-CONF.232-2022-INF.5")
    listed = re.findall(r"([A-Z][^.\n]{3,160}?) ?\.{5,}", text)
    members = {re.sub(r"^\d+ ", "", name.split(".. ")[-1].strip()) for name in listed}
    headings = list(re.finditer(r"^ARTICLE (\d+) ?([A-Z]*)[ ]*$", text, re.MULTILINE))
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    for heading, end in zip(headings, ends, strict=True):
        number = (heading[1] + heading[2]).lower()
        for member, proposal in by_member(text[heading.end() : end], members):
            yield number, member, proposal


def by_member(text: str, members: set[str]) -> Iterator[tuple[str, str]]:
    member, lines, is_proposal = "", list[str](), True
    for line in [*text.split("\n"), ""]:
        if re.fullmatch(r"\s*\d{1,3}\s*", line):
            continue  # the number of a page
        if line.strip() in members:
            if member and lines:
                yield member, "\n".join(lines) + "\n"
            member, lines, is_proposal = line.strip(), [], True
        elif line.startswith("Rationale"):
            is_proposal = False
        elif is_proposal:
            lines.append(line)
    if member and lines:
        yield member, "\n".join(lines).removesuffix("\n") + "\n"


def samples() -> Iterator[Sample]:
    """Yield all events that have a sentence."""
    for pair in pairs():
        trees = parse(pair.old), parse(pair.new)
        comparison = compare(*trees)
        by_event: dict[int, list[str]] = {}
        for event, sentence in sentences_by_event(*trees, comparison):
            by_event.setdefault(event, []).append(sentence)
        for event, sentences in by_event.items():
            yield Sample(pair, trees, comparison, event, sentences)


def spans(sample: Sample) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the places of the event in the old and in the new text."""
    event = sample.comparison.events[sample.event]
    places: tuple[list[int], list[int]] = ([], [])
    shift = 0
    for hunk in sample.comparison.hunks:
        if hunk.event == sample.event:
            places[0].extend((hunk.start, hunk.end))
            places[1].extend((hunk.start + shift, hunk.start + shift + len(hunk.text)))
        shift += len(hunk.text) - (hunk.end - hunk.start)
    old, new = ((min(at), max(at)) if at else (0, 0) for at in places)
    variants = sample.comparison.old_variants, sample.comparison.new_variants
    return (
        old if event.old is None else (variants[0][event.old].begin, variants[0][event.old].end),
        new if event.new is None else (variants[1][event.new].begin, variants[1][event.new].end),
    )


def shown(tree: Tree, span: tuple[int, int]) -> str:
    start, end = span
    inside = tree.text[start:end]
    if len(inside) > LONGEST:
        inside = f"{inside[: LONGEST // 2]} ~~~ {inside[-LONGEST // 4 :]}"
    around = f"{tree.text[max(0, start - AROUND) : start]}⟪{inside}⟫{tree.text[end : end + AROUND]}"
    return f"line {tree.line_and_column(start)[0]}: {' '.join(around.split())}"


def main(seed: int, number: int = 100) -> None:
    drawn_from = list(samples())
    counts = Counter(sample.pair.name.split()[0] for sample in drawn_from)
    print(dict(counts), len({sample.pair.name for sample in drawn_from}) - 3, "proposals")
    places = sorted(random.Random(seed).sample(range(len(drawn_from)), number))
    for count, sample in enumerate((drawn_from[at] for at in places), 1):
        print(f"\n{count}. {sample.pair.name}, {sample.comparison.events[sample.event].act.value}")
        for sentence in sample.sentences:
            print("   ", sentence)
        for name, tree, span in zip(("old", "new"), sample.trees, spans(sample), strict=True):
            print(f"    {name}, {shown(tree, span)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
