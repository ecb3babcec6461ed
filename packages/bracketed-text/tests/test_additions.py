"""Test with the oracle `additions` that a member's permitted changes leave the text of the other members unchanged."""

import re
from collections.abc import Callable

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from additions import added_by, base_text_in_choices, choices, read_by
from bracketed_text import (
    EditRefused,
    Tree,
    compare,
    drop,
    lift,
    parse,
    propose,
    propose_alternative,
    substitute,
    take_position,
    withdraw_position,
)
from bracketed_text.advanced import enclose, first_trespass
from engine_texts import REGISTER

CODE = "CAN"
OTHERS = ("BRA", "JPN", "CHN", "EU")
words = st.sampled_from(
    ["Each", "Member", "shall", "may", "act", "records", '"data"', "(promptly)", "a/b", "text.", "so,"]
)
blanks = st.sampled_from([" ", " ", " ", "  ", "\n", "\n\n", "\n    ", "\t", " \n"])
plain = st.lists(st.tuples(words, blanks), min_size=1, max_size=4).map(
    lambda pairs: "".join(word + blank for word, blank in pairs[:-1]) + pairs[-1][0]
)
heads = st.sampled_from(
    ["", "", "BRA: ", "JPN oppose: ", "BRA propose; JPN oppose: ", "BRA/CHN propose: ", "EU reserve: "]
)
single = st.sampled_from(["may", "shall", "by post", "in writing"])
bracket = st.builds(lambda head, body: f"[{head}{body}]", heads, single)
several = st.builds(
    lambda left, right, separator: separator.join([left, right]),
    bracket,
    bracket,
    st.sampled_from([" / ", " or ", " ", "", " {and/or} ", "/"]),
)
special = st.sampled_from(
    [
        "[suppliers/persons who trade]",
        "[BRA: may] / as they see fit",
        "[BRA propose: may] [BRA oppose: shall]",
        "[BRA: by [JPN: registered] post]",
        "\nOption 1: it acts\nOption 2: it waits a while\n",
        "\nOption A: [BRA: it acts]\nOption B: [JPN: it waits]\n\n",
        "every [5] / [10] years",
        "as in [Note: see below] there",
        "member[s]",
    ]
)
elements = st.one_of(plain, plain, bracket, several, special, st.builds(lambda body: f"[JPN: a {body} b]", several))
texts = st.lists(st.tuples(elements, blanks), min_size=1, max_size=5).map(
    lambda pairs: "".join(element + blank for element, blank in pairs[:-1]) + pairs[-1][0]
)
SNIPPETS = (
    "[CAN: soon]", " [CAN: soon]", "[CAN: soon] ", " / [CAN: soon]", "[CAN: soon] or ", "[CAN: soon]\n",
    "\n\n[CAN: soon]", "[CAN: a\n\nb]", "[CAN oppose: ", "[CAN reserve: ", "]", "[", " ", "  ", "\n", "\t",
    "CAN support: ", "CAN oppose: ", "; CAN oppose", "/CAN", ", CAN", "] / [", "] [", "x", "/", " / ",
    "Option 3: [CAN: x]\n", "[CAN: [BRA: x]]", " propose; CAN oppose", "\nOption 1: ",
)  # fmt: skip


def typed(tree: Tree, data: st.DataObject) -> Tree:
    """Return the tree after inserting, deleting, replacing or enclosing text at random."""
    text = tree.text
    edges = sorted({0, len(text), *(match.start() for match in re.finditer(r"\b|[\[\]:]|(?<=[\[\]:/])|\s", text))})
    start = data.draw(st.sampled_from(edges))
    end = data.draw(st.sampled_from([start, start, *[edge for edge in edges if start <= edge <= start + 30]]))
    kind = data.draw(st.sampled_from(["put in", "put around", "delete", "replace"]))
    snippet = data.draw(st.sampled_from(SNIPPETS))
    if kind == "put in":
        return parse(text[:start] + snippet + text[start:], REGISTER)
    if kind == "put around":
        opening = data.draw(st.sampled_from(["[CAN oppose: ", "[CAN reserve: ", "[CAN: ", "["]))
        return parse(f"{text[:start]}{opening}{text[start:end]}]{text[end:]}", REGISTER)
    return parse(text[:start] + (snippet if kind == "replace" else "") + text[end:], REGISTER)


def pressed(tree: Tree, data: st.DataObject) -> Tree:
    """Return the tree after a random operation by Canada. The operation need not be permitted."""
    begins = [bracket.start for bracket, _ in tree.walk()]
    start = data.draw(st.integers(0, len(tree.text)))
    end = data.draw(st.integers(start, min(len(tree.text), start + 25)))
    typed = data.draw(st.sampled_from(["at once", "in writing or so", "[CAN: soon] later"]))
    elsewhere: list[Callable[[], Tree]] = [
        lambda: propose(tree, start, typed, CODE).tree,
        lambda: enclose(tree, start, end, CODE, "oppose").tree,
        lambda: enclose(tree, start, end, CODE, "reserve").tree,
        lambda: substitute(tree, start, end, typed, CODE).tree,
    ]
    if not begins or data.draw(st.booleans()):
        return data.draw(st.sampled_from(elsewhere))()
    at = data.draw(st.sampled_from(begins))
    return data.draw(
        st.sampled_from(
            [
                lambda: propose_alternative(tree, at, typed, CODE).tree,
                lambda: withdraw_position(tree, at, CODE).tree,
                lambda: lift(tree, at).tree,
                lambda: drop(tree, at).tree,
                *(
                    lambda stance=stance: take_position(tree, at, CODE, stance).tree
                    for stance in ("support", "oppose", "reserve", "propose")
                ),
            ]
        )
    )()


def own_after(old: Tree, new: Tree, own: set[int]) -> set[int]:
    """Return the starts of the brackets in `new` that the member opened, as an application would record them."""
    comparison = compare(old, new)
    kept = {comparison.new_variants[to].begin for at, to in comparison.same.items()}
    still = {
        comparison.new_variants[to].begin
        for at, to in comparison.same.items()
        if comparison.old_variants[at].begin in own
    }
    opened = {
        variant.begin
        for variant in comparison.new_variants
        if variant.begin not in kept and variant.head.names() == {CODE}
    }
    return still | opened


def require_others_text_kept(first: Tree, tree: Tree) -> None:
    """Require that `tree` differs from `first` only by Canada's additions, and reads the same for other members."""
    offsets = added_by(CODE, first.text, tree)
    assert offsets is not None, (first.text, tree.text)
    alone = {bracket.start: bracket.start for bracket, _ in first.walk()} | {
        block.start: block.start for run in first.runs for block in run
    }
    assert choices(first, alone) <= choices(tree, offsets), (first.text, tree.text)
    among_others = {members for members in choices(tree, offsets) if set(members) <= alone.keys()}
    assert among_others <= choices(first, alone), (first.text, tree.text)
    assert base_text_in_choices(tree, offsets, CODE) == [], (first.text, tree.text)
    for member in OTHERS:
        assert read_by(tree, member, CODE) == read_by(first, member, CODE), (member, first.text, tree.text)


@given(texts, st.data())
@examples(max_examples=250, deadline=None)
def test_a_text_without_a_members_additions_equals_the_original_text(text: str, data: st.DataObject) -> None:
    first = tree = parse(text, REGISTER)
    if first.errors:
        return
    own: set[int] = set()
    for _ in range(data.draw(st.integers(1, 8))):
        way = data.draw(st.sampled_from([typed, pressed]))
        try:
            after = way(tree, data)
        except EditRefused:
            continue
        if after.text == tree.text or after.errors or first_trespass(tree, after, CODE, own) is not None:
            continue
        own, tree = own_after(tree, after, own), after
        require_others_text_kept(first, tree)
