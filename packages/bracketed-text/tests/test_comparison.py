"""Test the sentences that describe changes."""

import pytest

from bracketed_text import compare, parse, sentences
from bracketed_text.advanced import Act, quote
from engine_texts import REGISTER

NAMES = {"CAN": "Canada", "BRA": "Brazil", "JPN": "Japan"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Each shall act.", "Each shall [CAN: promptly] act.", ["Canada proposes “promptly”."]),
        ("Each shall act.", "Each shall [CAN oppose: act].", ["Canada opposes “act”."]),
        ("Each shall act.", "Each [shall] act.", ["Bracket opened, nobody named: “shall”."]),
        (
            "Each [CAN: shall] act.",
            "Each shall act.",
            ["Bracket lifted, words kept: “shall”.", "This ends the position of Canada."],
        ),
        ("Each [CAN: duly] acts.", "Each acts.", ["Dropped: “duly”.", "This ends the position of Canada."]),
        (
            "Each [shall] / [may] act.",
            "Each may act.",
            ["Dropped: “shall”.", "Chosen among the alternatives: “may”."],
        ),
        ("A [b/c] d.", "A [b] d.", ["Dropped: “c”."]),
        ("A [b] d.", "A [b/c] d.", ["Bracket opened, nobody named: “c”."]),
        ("A [CAN: b c] d.", "A [CAN, BRA: b c] d.", ["Brazil proposes “b c”."]),
        ("A [CAN: b c] d.", "A [CAN propose; BRA oppose: b c] d.", ["Brazil opposes “b c”."]),
        ("A [CAN, BRA: b c] d.", "A [BRA: b c] d.", ["The position of Canada on “b c” ends."]),
        ("A [CAN support: b c] d.", "A [CAN oppose: b c] d.", ["Canada opposes “b c”."]),
        ("A [CAN: b c d] e.", "A [CAN: b c f] e.", ["Reworded: “b c d” becomes “b c f”."]),
        ("Each shall act.", "Each may act.", ["Text outside brackets changed: “shall” becomes “may”."]),
        ("A b.", "A b c.", ["Text outside brackets added: “c”."]),
        (
            "A [CAN: b c d] e f g h i j k l m n o.",
            "A e f g h i j k l m n o [CAN: b c d].",
            ["Moved: “b c d”."],
        ),
        (
            "Each [CAN: keeps records] / [BRA: publishes records] daily.",
            "Each [CAN, BRA: keeps and publishes records] daily.",
            [
                "Merged into the bracket beside it: “keeps records”.",
                "Reworded: “publishes records” becomes “keeps and publishes records”.",
                "Canada proposes “keeps and publishes records”.",
            ],
        ),
        ("A [CAN: may] b.", "A [CAN: shall] b.", ["Reworded: “may” becomes “shall”."]),
        ("A [may] b.", "A [shall] b.", ["Reworded: “may” becomes “shall”."]),
        ("A [CAN, JPN: b].", "A [CAN/JPN:  b].", ["Spacing, punctuation or spelling changed; the words did not."]),
        ("A  b.", "A b.", ["Spacing, punctuation or spelling changed; the words did not."]),
        ("A [b] / [c].", "A [b].", ["Dropped: “c”."]),
        ("A [b] [c] d.", "A [b] / [c] d.", ["“b” and the text beside it are now marked as alternatives."]),
        (
            "A [b][c] d.",
            "A [b] {and/or} [c] d.",
            ["“b” and the text beside it are now marked as independent options."],
        ),
        ("A [CAN: b [BRA: c] d] e.", "A [CAN: b d] e.", ["Dropped: “c”.", "This ends the position of Brazil."]),
        ("A [b] x [b] c.", "A x [b] c.", ["Dropped: “b”."]),
        (
            "Each Party [CAN: shall not act] here.",
            "Each Party shall act here.",
            [
                "Bracket lifted, words kept: “shall not act”.",
                "Some of these words were removed: “not”.",
                "This ends the position of Canada.",
            ],
        ),
        ("A [b] or [c] d.", "A [b] or [c] or [CAN: e] d.", ["Canada proposes “e”."]),
        (
            "A [CAN propose; JPN, BRA oppose: b] c.",
            "A c.",
            ["Dropped: “b”.", "This ends the positions of Canada, Japan and Brazil."],
        ),
        # footnote numbers are not words, regardless of how many changed
        ("It keeps data3 safe.", "It keeps data safe.", ["Footnote numbers changed."]),
        ("It keeps [data³] safe[4], once.5", "It keeps [data⁴] safe[5], once.6", ["Footnote numbers changed."]),
        ("It [CAN5/JPN6: keeps] it.", "It [CAN7/JPN: keeps] it.", ["Footnote numbers changed."]),
        (
            "It keeps [data3] safe.",
            "It keeps data safe.",
            ["Bracket lifted, words kept: “data3”.", "Footnote numbers changed."],
        ),
        (
            "It keeps [all data] safe.",
            "It keeps all data12 safe.",
            ["Bracket lifted, words kept: “all data”.", "Footnote numbers changed."],
        ),
        (
            "It keeps [data3/records4].",
            "It keeps records.",
            ["Dropped: “data3”.", "Chosen among the alternatives: “records4”.", "Footnote numbers changed."],
        ),
        (
            "See COP21 in 10 km².",
            "See COP22 in 10 km³.",
            [
                "Text outside brackets changed: “COP21” becomes “COP22”.",
                "Text outside brackets changed: “²” becomes “³”.",
            ],
        ),
        ("See art.5 on rev2.", "See art.6 on rev2.", ["Text outside brackets changed: “5” becomes “6”."]),
        # a mark is not a word, but a bracket that contains a mark is not empty
        ("It keeps [a] it.", "It keeps [;] it.", ["Reworded: “a” becomes “;”."]),
        ("It keeps [a] it.", "It keeps [] it.", ["Reworded: “a” becomes an empty bracket."]),
        ("It keeps – it.", "It keeps all – it.", ["Text outside brackets added: “all”."]),
        # text between the same words has not moved; neither has lifted text whose words also occur elsewhere
        (
            "A [CAN: keep the records] b c d e f g h.",
            "A keep the records b c d e f g h [CAN: keep the records].",
            [
                "Bracket lifted, words kept: “keep the records”.",
                "This ends the position of Canada.",
                "Canada proposes “keep the records”.",
            ],
        ),
        (
            "A keep the records b c d e f g h [CAN: keep the records].",
            "A [CAN: keep the records] b c d e f g h.",
            [
                "Dropped: “keep the records”.",
                "This ends the position of Canada.",
                "Canada proposes “keep the records”.",
            ],
        ),
    ],
)
def test_a_change_is_described_in_the_terms_of_negotiators(old: str, new: str, expected: list[str]) -> None:
    before, after = parse(old, REGISTER), parse(new, REGISTER)
    assert sentences(before, after, compare(before, after), lambda code: NAMES.get(code, code)) == expected


def test_a_long_provision_moves_together_with_its_brackets() -> None:
    article = "[CAN propose; BRA oppose: Each Member shall keep [records] of [what it [JPN: duly] did] for a year.]"
    rest = " ".join(f"Paragraph {number} stands where it stood." for number in range(9))
    old, new = parse(f"{article} {rest}", REGISTER), parse(f"{rest} {article}", REGISTER)
    comparison = compare(old, new)
    assert [event.act for event in comparison.events if event.act is not Act.RESPELLED] == [Act.MOVED]
    assert comparison.same == {0: 0, 1: 1, 2: 2, 3: 3}
    assert comparison.replay(old.text) == new.text


@pytest.mark.parametrize(("old", "new"), [("\x00", "\n"), ("a  b", "a \x00 b"), ("", "\x00")])
def test_a_character_with_the_hash_of_an_empty_text_is_not_treated_as_empty(old: str, new: str) -> None:
    before, after = parse(old, REGISTER), parse(new, REGISTER)
    assert compare(before, after).replay(old) == new


def test_a_long_quotation_shows_where_words_were_omitted() -> None:
    words = " ".join(f"word{number}" for number in range(30))
    before, _, behind = quote(words).strip("“”").partition(" … ")
    assert words.startswith(before)
    assert words.endswith(behind)
    assert len(before) + len(behind) <= 80


def test_only_an_acting_member_withdraws_its_position() -> None:
    old = parse("A [CAN, BRA: b c] [JPN: d] e.", REGISTER)
    new = parse("A [CAN: b c] e.", REGISTER)
    assert sentences(old, new, compare(old, new), acting=["BRA"]) == [
        "Dropped: “d”.",
        "This ends the position of JPN.",
        "BRA withdraws its position on “b c”.",
    ]
    assert sentences(old, new, compare(old, new), acting=["JPN"]) == [
        "Dropped: “d”.",
        "The position of BRA on “b c” ends.",
    ]


def test_a_rewritten_bracket_is_not_matched_to_an_adjacent_alternative() -> None:
    old, new = "A [CAN: paper] [CAN: burn give/records] b.", "A [CAN: burn] [CAN: keep show/text] b."
    events = compare(parse(old, REGISTER), parse(new, REGISTER)).events
    assert (Act.REWORDED, 0, 0) in [(event.act, event.old, event.new) for event in events]
