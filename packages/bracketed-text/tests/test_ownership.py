"""Test the changes to a text that a member is allowed to make, and those that are refused."""

import pytest

from bracketed_text import (
    parse,
)
from bracketed_text.advanced import first_trespass
from engine_texts import REGISTER

OLD = "Each Member shall [BRA propose; JPN oppose: promptly] act [in writing] and [JPN: by post]."

ALLOWED = {
    "propose words": OLD.replace("act", "[CAN: always] act"),
    "oppose base text": OLD.replace("act", "[CAN oppose: act]"),
    "join the proponents": OLD.replace("[BRA propose", "[BRA/CAN propose"),
    "join those who oppose": OLD.replace("JPN oppose", "JPN, CAN oppose"),
    "take a position where nobody is named": OLD.replace("[in writing]", "[CAN oppose: in writing]"),
    "reserve": OLD.replace("[JPN: by post]", "[JPN propose; CAN reserve: by post]"),
    "add a paragraph of its own": OLD + "\n\n[CAN: 2. It informs others.]",
    "propose an alternative beside a bracket": OLD.replace("[JPN: by post]", "[JPN: by post] / [CAN: by wire]"),
    "propose an alternative before a bracket": OLD.replace("[JPN: by post]", "[CAN: by wire] or [JPN: by post]"),
    "propose two alternatives": OLD.replace("act", "[CAN: a] / [CAN: b] act"),
    "propose words within another's bracket": OLD.replace("by post", "by [CAN: registered] post"),
}
REFUSED = {
    "change base text": OLD.replace("shall", "may"),
    "add base text": OLD + " It informs others.",
    "delete base text at the end": OLD.replace(" act ", " "),
    "lift a bracket": OLD.replace("[in writing]", "in writing"),
    "drop a bracket": OLD.replace(" [JPN: by post]", ""),
    "speak for another member": OLD.replace("[JPN: by post]", "[JPN, BRA: by post]"),
    "withdraw another's position": OLD.replace("; JPN oppose", ""),
    "reword another's bracket": OLD.replace("by post", "by mail"),
    "open a bracket under nobody's name": OLD.replace("act", "[act]"),
    "break a line": OLD.replace(" act ", "\nact "),
    "speak for another within its own bracket": OLD.replace("act", "[CAN: so [BRA: they] say] act"),
    "take another's bracket into its own": OLD.replace("[JPN: by post]", "[CAN: [JPN: by post]]"),
    "turn base text into its own proposal": OLD.replace("act", "[CAN: act]"),
    "put a separator where none is": OLD.replace("act [in", "act / [in"),
    "hide a character": OLD.replace("act", "act\u200b"),
    "take away a mark": OLD.replace("[in writing]", "\\[in writing\\]"),
    "propose what nobody is named for": OLD.replace("[in writing]", "[CAN: in writing]"),
    "pad base text": OLD.replace(" act ", " act" + " " * 990_000),
    "pad another's words": OLD.replace("by post", "by" + " " * 990_000 + "post"),
    "pad another's words with lines": OLD.replace("by post", "by post" + "\n" * 990_000),
    "pad base text beside its own bracket": OLD.replace("act", "[CAN: always]" + " " * 990_000 + "act"),
    "pad base text before its own bracket": OLD.replace("act", " " * 990_000 + "[CAN: always] act"),
    "pad base text with lines before its own bracket": OLD + "\n" * 990_000 + "[CAN: So be it.]",
    "pad a head": OLD.replace("[JPN: by", "[JPN propose ; CAN reserve: by"),
    "pad what it opposes": OLD.replace(" act ", " [CAN oppose:  act] "),
    "take a blank away": OLD.replace("[in writing] and", "[in writing]and"),
    "put a tab for a blank": OLD.replace("Each Member", "Each\tMember"),
    "put a wide blank for a blank": OLD.replace("Each Member", "Each\u3000Member"),
    "end the text with a line": OLD + "\n",
    "begin the text with a blank": " " + OLD,
    "break a line behind its own words": OLD.replace(" act", " [CAN: always]\nact"),
    "leave out the verb of others": OLD.replace("[BRA propose; JPN", "[BRA; CAN support; JPN"),
    "respell a head": OLD.replace("[JPN: by", "[JPN : by"),
}


# The relations among other members' brackets, and the text next to them.
REGROUPED = {
    "base text becomes an alternative": ("[JPN: a] / b c", "[JPN: a] / [CAN oppose: b c]"),
    "base text becomes an alternative on the other side": ("a b / [JPN: c]", "[CAN reserve: a b] / [JPN: c]"),
    "base text becomes an alternative behind a run": ("[JPN: a] / [BRA: b] c", "[JPN: a] / [BRA: b] [CAN reserve: c]"),
    "base text becomes alternatives to base text": ("a b / c d", "[CAN oppose: a b] / [CAN reserve: c d]"),
    "base text takes the place of what one proposes with others": (
        "[CAN, JPN: a] b c",
        "[CAN, JPN: a] [CAN oppose: b c]",
    ),
    "own words take the place of base text": ("[JPN: a] / b c", "[JPN: a] / [CAN: x] b c"),
    "one alternative is put in a bracket": ("[JPN: a] / [BRA: b]", "[CAN oppose: [JPN: a]] / [BRA: b]"),
    "one bracket of a run is put in a bracket": ("[JPN: a] [BRA: b]", "[JPN: a] [CAN oppose: [BRA: b]]"),
    "one bracket of a run is put in a bracket with words": ("[JPN: a] [BRA: b] c", "[JPN: a] [CAN oppose: [BRA: b] c]"),
    "one bracket of a substitution is put in a bracket": (
        "[JPN: may] [JPN oppose: shall]",
        "[JPN: may] [CAN oppose: [JPN oppose: shall]]",
    ),
    "a substitution is parted": ("[JPN: may] [JPN oppose: shall]", "[JPN: may] [CAN: can] [JPN oppose: shall]"),
    "a run becomes a substitution": ("[JPN, CAN propose: a] [b]", "[JPN, CAN propose: a] [CAN oppose: b]"),
    "a run becomes alternatives": ("[JPN: a] [BRA: b]", "[JPN: a] / [CAN: x] / [BRA: b]"),
    "an option loses words": ("Option 1: a\nOption 2: b\nc", "Option 1: a\nOption 2: b\n[3. CAN: x] c"),
    "an option ends before its words do": (
        "Option 1: a\nb\nOption 3: c",
        "Option 1: a\n[3. CAN: x] b\nOption 3: c",
    ),
    "an option loses who stands at it": (
        "Option 1: [JPN: a]\nOption 2: [BRA: b]",
        "Option 1: [JPN: a] / [CAN: x]\nOption 2: [BRA: b]",
    ),
    "an option is put in a bracket": ("Option 1: a\nOption 2: b", "[CAN oppose: Option 1: a]\nOption 2: b"),
    "words become an option": ("a. Option 1: b\nOption 2: c", "a.\n[CAN: x]\nOption 1: b\nOption 2: c"),
    "alternatives inside a bracket become one text": ("[a/b] c", "[CAN support: a/b] c"),
    "alternatives divided beside a run become its alternatives": ("[a/b] [JPN: c]", "[a] / [b] [JPN: c]"),
    "alternatives are divided beside a run and opposed": ("[a/b] [JPN: c]", "[a] / [CAN oppose: b] [JPN: c]"),
    "alternatives are divided beside independent options": ("[a/b] {and/or} [JPN: c]", "[a] / [b] {and/or} [JPN: c]"),
    "divided alternatives are put together": ("[a] / [b]", "[a/b]"),
    "some alternatives are divided": ("[a/b/c] d", "[a/b] / [c] d"),
    "divided alternatives become independent": ("[a/b] c", "[a] {and/or} [b] c"),
    "divided alternatives become a run": ("[a/b] c", "[a] [b] c"),
    "a divided alternative is reworded": ("[a/b] c", "[a] / [b d] c"),
    "an alternative is divided into its own": ("[a/b] c", "[a] / [CAN: b] c"),
}


@pytest.mark.parametrize(("old", "new"), REGROUPED.values(), ids=REGROUPED)
def test_a_member_cannot_change_the_relations_between_other_members_brackets(old: str, new: str) -> None:
    assert first_trespass(parse(old, REGISTER), parse(new, REGISTER), "CAN") is not None


STANDS_AT_ONE = {
    "divide": ("The [a/b] c.", "The [a] / [b] c."),
    "divide without blanks": ("The [a / b] c.", "The [a]/[b] c."),
    "support one": ("The [a/b] c.", "The [CAN support: a] / [b] c."),
    "oppose the last of three": ("The [a/b/c d] e.", "The [a] / [b] / [CAN oppose: c d] e."),
    "take a position at two": ("The [a/b] c.", "The [CAN support: a] / [CAN oppose: b] c."),
    "propose another beside them": ("The [a/b] c.", "The [a] / [b] / [CAN: d] c."),
    "one of two that are alike": ("The [a/b] and [a/b].", "The [a/b] and [a] / [CAN reserve: b]."),
    "beside an alternative": ("The [a/b] / [JPN: c] d.", "The [CAN support: a] / [b] / [JPN: c] d."),
}


@pytest.mark.parametrize(("old", "new"), STANDS_AT_ONE.values(), ids=STANDS_AT_ONE)
def test_a_delegate_can_divide_alternatives_to_support_one_of_them(old: str, new: str) -> None:
    assert first_trespass(parse(old, REGISTER), parse(new, REGISTER), "CAN") is None


@pytest.mark.parametrize("change", ALLOWED.values(), ids=ALLOWED)
def test_a_delegate_can_make_this_change(change: str) -> None:
    assert first_trespass(parse(OLD, REGISTER), parse(change, REGISTER), "CAN") is None


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_a_delegate_cannot_make_this_change(change: str) -> None:
    assert first_trespass(parse(OLD, REGISTER), parse(change, REGISTER), "CAN") is not None


def test_a_member_can_withdraw_and_reword_what_only_it_proposes() -> None:
    own = parse("A [CAN: b] c.", REGISTER)
    assert first_trespass(own, parse("A c.", REGISTER), "CAN") is None
    assert first_trespass(own, parse("A [CAN: d e] c.", REGISTER), "CAN") is None


def test_words_on_which_others_have_positions_no_longer_belong_to_one_member() -> None:
    shared = parse("A [CAN: b [BRA: c] d] e.", REGISTER)
    for change in ("A e.", "A b [BRA: c] d e.", "A [CAN: b d] e.", "A [CAN: x [BRA: c] d] e."):
        assert first_trespass(shared, parse(change, REGISTER), "CAN") is not None
    assert first_trespass(shared, parse("A [CAN: b [BRA propose; CAN oppose: c] d] e.", REGISTER), "CAN") is None


def test_a_member_can_leave_others_positions_unchanged_but_cannot_reverse_them() -> None:
    shared = parse("A [CAN, JPN propose; BRA oppose: b] c.", REGISTER)
    assert first_trespass(shared, parse("A [JPN propose; BRA oppose: b] c.", REGISTER), "CAN") is None
    alone = parse("A [CAN propose; BRA oppose: b] c.", REGISTER)
    assert first_trespass(alone, parse("A [BRA oppose: b] c.", REGISTER), "CAN") is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A [CAN propose; BRA oppose: b] c.", "A c."),
        ("A [CAN propose; BRA reserve; JPN consider: b] c.", "A c."),
        ("A [CAN propose; BRA oppose: b [CAN: d] e] c.", "A c."),
        ("A [CAN propose; BRA oppose: b] / [JPN: d] c.", "A [JPN: d] c."),
        ("A [JPN: d] / [CAN propose; BRA oppose: b] c.", "A [JPN: d] c."),
        ("[CAN propose; BRA oppose: b] c [CAN propose; JPN oppose: d] e.", "c e."),
        ("A [CAN propose; BRA oppose: b] [CAN: x] c.", "A [CAN: x] c."),
        (
            "A [CAN propose; BRA oppose: may] [BRA propose; CAN oppose: shall] c.",
            "A [BRA propose; CAN oppose: shall] c.",
        ),
    ],
)
def test_a_sole_proponent_can_withdraw_words_that_others_oppose(old: str, new: str) -> None:
    assert first_trespass(parse(old, REGISTER), parse(new, REGISTER), "CAN") is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A [CAN propose; BRA support: b] c.", "A c."),
        ("A [CAN, JPN propose; BRA oppose: b] c.", "A c."),
        ("A [CAN propose; BRA oppose: b] c.", "A b c."),
        ("A [CAN propose; BRA oppose: b] c.", "A [CAN: b] c."),
        ("A [CAN propose; BRA oppose: b] c.", "A [CAN: d] c."),
        ("A [CAN propose; BRA oppose: b] c.", "A [CAN propose; BRA oppose: d] c."),
        ("A [CAN propose; BRA oppose: b] c.", "A [CAN flexible; BRA oppose: b] c."),
        ("A [CAN propose; BRA oppose: b [JPN: d] e] c.", "A c."),
        ("A [CAN propose; XYZ oppose: b] c.", "A c."),
        ("A [CAN propose; BRA oppose: b] c.", "A"),
        ("A [CAN propose; BRA oppose: b] c [JPN: d] e.", "A c e."),
    ],
)
def test_a_withdrawal_removes_nothing_else_and_ends_no_other_position(old: str, new: str) -> None:
    assert first_trespass(parse(old, REGISTER), parse(new, REGISTER), "CAN") is not None


def test_a_proponent_can_leave_its_words_to_their_supporters() -> None:
    shared = parse("A [CAN propose; JPN support; BRA oppose: b] c.", REGISTER)
    for change in (
        "[JPN support; BRA oppose: b]",
        "[JPN support; BRA, CAN oppose: b]",
        "[CAN, JPN support; BRA oppose: b]",
    ):
        assert first_trespass(shared, parse(f"A {change} c.", REGISTER), "CAN") is None
    left = parse("A [JPN support; BRA oppose: b] c.", REGISTER)
    assert first_trespass(left, parse("A [CAN propose; JPN support; BRA oppose: b] c.", REGISTER), "CAN") is None


def test_a_refusal_points_to_the_first_place_where_the_texts_differ() -> None:
    old, new = parse("Each Member shall act.", REGISTER), parse("Each Member may act.", REGISTER)
    trespass = first_trespass(old, new, "CAN")
    assert trespass is not None
    before, after, _ = trespass
    assert before is not None
    assert old.text[before.start : before.end] == "shall"
    assert after is not None
    assert new.text[after.start : after.end] == "may"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A [CAN oppose: b] or [CAN: x] c.", "A b c."),
        ("[BRA: all] / [CAN: x] part of it", "[BRA: all] / part of it"),
        ("[JPN: a] / [BRA: c]", "[JPN: a] / [CAN: x] [BRA: c]"),
        ("by post[1] or [CAN: x] by wire", "by post[1] by wire"),
        ("A [CAN/IND: words] c", "A c"),
        ("A [IND oppose: words] c", "A [CAN oppose: words] c"),
        ("A [BRA: b] c", "A [BRA/XYZ: b] c"),
    ],
)
def test_a_delegate_cannot_remove_text_next_to_its_own_bracket(old: str, new: str) -> None:
    assert first_trespass(parse(old, REGISTER), parse(new, REGISTER), "CAN") is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[JPN: a] / [BRA: c]", "[JPN: a] / [CAN: x] / [BRA: c]"),
        ("[JPN: a] / [BRA: c]", "[JPN: a] / [BRA: c] / [CAN: x]"),
        ("[BRA: a] {and/or} [CAN: x] b", "[BRA: a] b"),
        ("A [BRA: b] c", "A [BRA: b] or [CAN: d] c"),
    ],
)
def test_a_separator_is_added_and_removed_with_the_members_own_bracket(old: str, new: str) -> None:
    assert first_trespass(parse(old, REGISTER), parse(new, REGISTER), "CAN") is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Each [now] acts.", "Each [CAN oppose: now] acts."),
        ("[JPN: a] / [BRA: b] in writing.", "[JPN: a] / [BRA: b] [CAN oppose: in writing]."),
        ("Do act [JPN: a] / [BRA: b].", "Do [CAN oppose: act] [CAN: act now] [JPN: a] / [BRA: b]."),
        ("A\n\nB", "A\n\n[CAN: p]\n\nB"),
        ("A\nB", "A\n[CAN: p]\nB"),
        ("A\n    B", "A\n    [CAN: p]\n    B"),
        ("A.\n", "A.\n\n[CAN: p]\n"),
        ("A.", "A.\n\n[CAN: p]"),
        ("A.", "[CAN: p]\n\nA."),
        ("A.", "A[CAN: , and so on]."),
        ("A (b)", "A ([CAN: so] b)"),
        ('A "b"', 'A "b [CAN: so]"'),
        ("A [JPN: b]", "A [JPN: b [CAN: so]]"),
        ("member[s] act", "member[s][CAN: , all,] act"),
        ("A [BRA propose; CAN oppose: b] c", "A [BRA propose: b] c"),
        ("A [BRA proposes: b] c", "A [BRA proposes; CAN oppose: b] c"),
    ],
)
def test_a_delegate_can_make_this_change_too(old: str, new: str) -> None:
    assert first_trespass(parse(old, REGISTER), parse(new, REGISTER), "CAN") is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Each [CAN oppose: x] acts.", "Each x acts."),  # another member opened the bracket
        ("Each [CAN oppose: x] y acts.", "Each [CAN oppose: x y] acts."),
        ("A\n\nB", "A\nB"),
        ("A\nB", "A\n\nB"),
        ("A\n    B", "A\n  B"),
        ("1.\n\u00a0Option 1: a\n", "1.\nOption 1: a\n"),
        ("[JPN: a] [BRA: c] d", "[JPN: a] [BRA: c] / [CAN: x] d"),
        ("[JPN: a] [BRA: c] d", "[JPN: a] / [CAN: x] [BRA: c] d"),
        ("[a/b] c", "[CAN oppose: a/b] c"),
        ("[a/b] c", "[a [CAN: x]/b] c"),
        ("A [BRA: b] c", "A [BRA proposes: b] c"),
        ("A [CAN: y] b", "A [y] b"),
        ("A\n\nB", "A\n[CAN: p]\nB"),
        ("A.\n", "A.\n\n[CAN: p]"),
        ("A [BRA: b] c", "A [BRA propose: b] c"),
        ("(a)-(b)", "(a) [CAN: x]-(b)"),
        ("[BRA: a] b", "[BRA: a]" + " " * 990_000 + "/ [CAN: x] b"),
        ("A [BRA propose; JPN oppose: b] c", "A [BRA propose;CAN support:  JPN oppose: b] c"),
        ("A\nB", "A\n" + " " * 990_000 + "[CAN: p]\nB"),
        ("A\n\nB", "A\n\n[CAN: p]\n" + " " * 990_000 + "\nB"),
        ("A", "[CAN: p]" + "\n" * 990_000 + "A"),
        ("A", "[CAN: p]" + " " * 990_000 + "A"),
        ("A\n  B", "A\n  [CAN: p]\nB"),
    ],
)
def test_a_delegate_cannot_make_this_change_either(old: str, new: str) -> None:
    assert first_trespass(parse(old, REGISTER), parse(new, REGISTER), "CAN") is not None


def test_a_member_can_remove_or_move_a_bracket_that_it_placed() -> None:
    own = parse("Each [CAN oppose: x] y acts.", REGISTER)
    for change in ("Each x y acts.", "Each [CAN oppose: x y] acts.", "Each [CAN reserve: x] y acts."):
        assert first_trespass(own, parse(change, REGISTER), "CAN", {5}) is None
    assert first_trespass(own, parse("Each y acts.", REGISTER), "CAN", {5}) is not None


def test_a_member_cannot_leave_its_own_bracket_without_a_name() -> None:
    own = parse("Each [CAN oppose: shall] act.", REGISTER)
    assert first_trespass(own, parse("Each [shall] act.", REGISTER), "CAN", {5}) is not None


def test_a_members_own_brackets_around_another_members_bracket_are_distinguished_from_it() -> None:
    old = parse("A [but] c", REGISTER)
    assert first_trespass(old, parse("A [CAN oppose: [but]] c", REGISTER), "CAN") is None
    assert first_trespass(old, parse("A [CAN oppose: [CAN reserve: [but]] c]", REGISTER), "CAN") is None
    assert first_trespass(old, parse("A [CAN oppose: but c]", REGISTER), "CAN") is not None


def test_a_text_full_of_a_members_own_brackets_is_judged_in_limited_time() -> None:
    many = "[CAN oppose: " * 400 + "a" + "]" * 400
    old, new = parse(many, REGISTER), parse(many.replace("a]", "b]"), REGISTER)
    assert first_trespass(old, new, "CAN", {bracket.start for bracket, _ in old.walk()}) is not None


OPTIONS = (
    "1. Members shall cooperate on all of this.\n\n2. They shall\n\nOption 1: [EU: act.]\nOption 2: [USA: wait.]\n"
)


@pytest.mark.parametrize("words", ["shall cooperate", "on all", "act.]", "wait.]"])
def test_labelled_options_elsewhere_do_not_prevent_a_member_from_adding_words(words: str) -> None:
    changed = parse(OPTIONS.replace(words, f"[CAN: soon] {words}"), REGISTER)
    assert first_trespass(parse(OPTIONS, REGISTER), changed, "CAN") is None


def test_a_member_cannot_add_an_option_to_those_of_others() -> None:
    trespass = first_trespass(parse(OPTIONS, REGISTER), parse(OPTIONS + "Option 3: [CAN: both.]\n", REGISTER), "CAN")
    assert trespass is not None
