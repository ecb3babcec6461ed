"""Tests that the peers in the benchmarks do the same work as the engine, so that the ratios are meaningful."""

import re
from typing import Any

import pytest

from benchmarks import differs, grammars
from benchmarks.text import MEMBERS, negotiating_text, register
from bracketed_text import Name, Register, parse
from bracketed_text.advanced import Bracket

PARSERS = {"lark": grammars.lark_parser, "pyparsing": grammars.pyparsing_parser}
MODULES = {
    "difflib": "difflib",
    "difflib, blanks included": "difflib",
    "fast-diff-match-patch": "fast_diff_match_patch",
    "fast-diff-match-patch by provision": "fast_diff_match_patch",
    "lxml": "lxml.html.diff",
    "redlines": "redlines",
}
SOUND = [
    "",
    "Base text alone.",
    "[a]",
    "\tEach [CAN, JPN: x [y [z] y] {a [note} x] member[s] act.\n\n[BRA/CHN: w]",
    "[CAN propose; BRA/CHN oppose: may] [CAN, JPN and BRA oppose:shall][CAN opposed: be]",
    "[CAN support: a] [CAN supports: b] [CAN reserve: c] [CAN considers: d] [CAN flexible: e]",
    "[AFRICAN GROUP: a] [Parties to determine: b] [c: d]",
    r"a \[ b \] [c \] d \\] \{ [e] \x [f]",
    "{note [CAN: no bracket]} [a {note ]} b] } [c]",
    "[CAN: [JPN propose: [BRA oppose: a] b] [c]]",
]


@pytest.fixture(params=PARSERS)
def peer(request: pytest.FixtureRequest) -> Any:
    pytest.importorskip(request.param, reason=f"{request.param} is not installed")
    return PARSERS[request.param]()


@pytest.fixture(params=differs.PEERS)
def differ(request: pytest.FixtureRequest) -> differs.Peer:
    module = MODULES[request.param]
    pytest.importorskip(module, reason=f"{module} is not installed")
    return differs.PEERS[request.param]


def _plain(brackets: list[Bracket]) -> list[Any]:
    return [
        [one.start, one.end, [(claim.stance, list(claim.names)) for claim in one.head.claims], _plain(one.children)]
        for one in brackets
    ]


def test_the_grammars_parse_the_generated_text_like_the_engine(peer: Any) -> None:
    text = negotiating_text(3_000, 150)
    tree = parse(text, register())
    assert len(tree.brackets) == 150
    assert peer(text) == _plain(tree.brackets)


@pytest.mark.parametrize("text", SOUND)
def test_the_grammars_parse_each_form_like_the_engine(peer: Any, text: str) -> None:
    names = [(code, Name(code)) for code in [*MEMBERS, "AFRICAN GROUP"]]
    tree = parse(text, Register(names))
    assert not tree.errors
    assert peer(text) == _plain(tree.brackets)


def test_a_second_version_keeps_its_brackets_heads_and_provisions() -> None:
    old, new = differs.versions(3_000, 150)
    assert (old, new) == differs.versions(3_000, 150)
    before, after = parse(old, register()), parse(new, register())
    assert not after.diagnostics
    assert [one.head for one in before.brackets] == [one.head for one in after.brackets]
    assert old.count("\n\n") == new.count("\n\n") == 22
    assert not re.search(r"[^\n] {2}| [\].]|[\[:] *\]|\w\[|\]\w", new)


def test_a_second_version_has_the_requested_share_of_changed_words() -> None:
    pytest.importorskip("fast_diff_match_patch", reason="fast_diff_match_patch is not installed")
    old, new = differs.versions(3_000, 150)
    # Of 150 changed words, 90 are replaced, which counts as two differences each. The others are deleted or inserted.
    # Adjacent changes may be joined.
    assert 180 < differs.by_fast_diff_match_patch(old, new) < 260
    assert differs.versions(3_000, 150, changed=0)[1] == old


def test_a_differ_reports_no_changes_in_equal_texts(differ: differs.Peer) -> None:
    text, _ = differs.versions(600, 30)
    unit = text if differ.unit == differs.WHOLE else text.split("\n\n")
    assert differ.run(unit, unit) == 0


def test_a_differ_reports_the_changes(differ: differs.Peer) -> None:
    old, new = differs.versions(600, 30)
    units = (old, new) if differ.unit == differs.WHOLE else differs.changed_provisions(old, new)
    assert differ.run(*units) > 10
