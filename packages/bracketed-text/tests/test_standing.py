"""Test positions on one alternative inside a bracket, on a labelled option, or in a run."""

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bracketed_text import EditRefused, Tree, choose, compare, parse, read, sentences, take_position, withdraw_position
from bracketed_text.advanced import STANCES, Relation, divide, first_trespass, groups, variants
from bracketed_text.words import words
from engine_texts import REGISTER

AFTER = {
    "the first": ("The [a few/many people] act.", "a few", "The [CAN oppose: a few] / [many people] act."),
    "the last": ("The [a few/many people] act.", "many", "The [a few] / [CAN oppose: many people] act."),
    "one in the middle": ("[a few/some/many of us]", "some", "[a few] / [CAN oppose: some] / [many of us]"),
    "one with blanks around the slash": ("The [a few / many] act.", "many", "The [a few] / [CAN oppose: many] act."),
    "one beside an alternative": ("[a few/many] / [JPN: all]", "many", "[a few] / [CAN oppose: many] / [JPN: all]"),
    "one of a run": ("[a few] [JPN: many]", "[JPN", "[a few] [JPN propose; CAN oppose: many]"),
    "one of alternatives": ("[a few] / [JPN: many]", "[a", "[CAN oppose: a few] / [JPN: many]"),
    "an option": (
        "Option 1: it acts.\nOption 2: it waits.",
        "Option 2",
        "Option 1: it acts.\nOption 2: [CAN oppose: it waits.]",
    ),
    "an option with an or behind it": (
        "Option 1: it acts\nor\nOption 2: it waits",
        "Option 1",
        "Option 1: [CAN oppose: it acts]\nor\nOption 2: it waits",
    ),
    "an option that others propose": (
        "Option 1: [JPN: it acts]\nor\nOption 2: it waits",
        "Option 1",
        "Option 1: [JPN propose; CAN oppose: it acts]\nor\nOption 2: it waits",
    ),
    "an option with brackets in it": (
        "Option 1: it [JPN: soon] acts\nOption 2: it waits",
        "Option 1",
        "Option 1: [CAN oppose: it [JPN: soon] acts]\nOption 2: it waits",
    ),
    "an option in a bracket": (
        "[Option 1: it acts]\n[Option 2: it waits]",
        "[Option 2",
        "[Option 1: it acts]\n[CAN oppose: Option 2: it waits]",
    ),
}


@pytest.mark.parametrize(("text", "words", "expected"), AFTER.values(), ids=AFTER)
def test_a_member_takes_a_position_on_one_alternative(text: str, words: str, expected: str) -> None:
    tree = parse(text, REGISTER)
    edit = take_position(tree, text.index(words), "CAN", "oppose")
    assert edit.text == expected
    assert edit.undo() == text
    assert first_trespass(tree, edit.tree, "CAN") is None


REFUSED = {
    "the whole of the alternatives": (
        "The [a few/many] act.",
        "[",
        "Choose the place of one alternative",
    ),
    "one that is none on its own": ("The [date/time of day] act.", "time", "no longer be recognised"),
    "one beside a run": ("[a few/many] [JPN: all]", "many", "First ask the facilitator to mark"),
    "one beside independent options": ("[a few/many] {and/or} [JPN: all]", "many", "ask the facilitator"),
    "an empty option": ("Option 1: it acts\nOption 2: [No text]", "Option 2", "no words to support"),
    "words beside them": ("The [a few/many] act.", "act", "No bracket under negotiation begins here"),
}


@pytest.mark.parametrize(("text", "words", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_refused_position_on_an_alternative_has_a_reason(text: str, words: str, reason: str) -> None:
    with pytest.raises(EditRefused, match=reason):
        take_position(parse(text, REGISTER), text.index(words), "CAN", "support")


def test_the_sentence_names_the_alternative_and_the_division_of_the_bracket() -> None:
    tree = parse("The [suppliers/persons who trade] act.", REGISTER)
    edit = take_position(tree, tree.text.index("persons"), "CAN", "support")
    assert sentences(tree, edit.tree, compare(tree, edit.tree)) == [
        "“suppliers” and “persons who trade” are now in separate brackets.",
        "CAN supports “persons who trade”.",
    ]


def test_joining_separate_alternatives_into_one_bracket_is_reported() -> None:
    tree = parse("The [suppliers] / [CAN support: persons who trade] act.", REGISTER)
    after = parse("The [suppliers/persons who trade] act.", REGISTER)
    assert sentences(tree, after, compare(tree, after), acting=("CAN",)) == [
        "“suppliers” and “persons who trade” are now in one bracket.",
        "CAN withdraws its position on “persons who trade”.",
    ]


def test_other_changes_made_with_a_division_are_reported_too() -> None:
    tree, after = parse("The [a few/many] act.", REGISTER), parse("The [a few] / [many]  act.", REGISTER)
    assert sentences(tree, after, compare(tree, after)) == [
        "“a few” and “many” are now in separate brackets.",
        "Spacing, punctuation or spelling changed; the words did not.",
    ]


def test_a_position_on_an_option_is_withdrawn_at_its_label() -> None:
    text = "Option 1: [JPN propose; CAN oppose: it acts]\nOption 2: it waits"
    edit = withdraw_position(parse(text, REGISTER), 0, "CAN")
    assert edit.text == "Option 1: [JPN propose: it acts]\nOption 2: it waits"


def test_an_option_with_a_position_is_read_and_chosen_with_its_words_only() -> None:
    text = "Option 1: it acts.\nOption 2: it waits."
    tree = take_position(parse(text, REGISTER), 0, "CAN", "support").tree
    assert read(tree, ["CAN"]).text.strip() == "it acts."
    assert words(choose(tree, 0).text) == words("[CAN support: it acts.]")


parts = st.lists(
    st.lists(st.sampled_from(["suppliers", "persons", "who", "trade", "data of users", "it's"]), min_size=1, max_size=3)
    .map(" ".join)
    .filter(lambda phrase: " " in phrase),
    min_size=2,
    max_size=5,
)
separators = st.sampled_from(["/", " / ", " /", "/ "])
around = st.sampled_from(
    ["The {} act.", "{}", "The [JPN: very {} x] act.", "{} / [JPN: all of them] act", "A {}, or {} b", "(a)\n{};\n"]
)


def said_words(tree: Tree) -> list[str]:
    """Return the words of a text, excluding heads."""
    return words(" ".join(tree.text[start:end] for start, end, role, _ in tree.pieces() if role in ("text", "label")))


@given(parts, separators, around, st.data())
@examples(max_examples=150, deadline=None)
def test_taking_a_position_on_one_alternative_changes_nothing_else(
    phrases: list[str], separator: str, frame: str, data: st.DataObject
) -> None:
    tree = parse(frame.replace("{}", f"[{separator.join(phrases)}]"), REGISTER)
    alternatives = [variant for variant in variants(tree) if variant.inside]
    variant = data.draw(st.sampled_from(alternatives))
    stance = data.draw(st.sampled_from(sorted(STANCES)))
    edit = take_position(tree, variant.anchor, "CAN", stance)
    assert edit.undo() == tree.text
    assert edit.outcomes == ()
    assert said_words(edit.tree) == said_words(tree)
    # Every variant keeps its positions and the date on which it was opened.
    before, after = variants(tree), variants(edit.tree)
    comparison = compare(tree, edit.tree)
    assert comparison.same == {at: at for at in range(len(before))}
    assert [after[at].words(edit.text).strip() for at, old_variant in enumerate(before) if old_variant.inside] == [
        old_variant.words(tree.text).strip() for old_variant in alternatives
    ]
    stands = [old_variant.words(edit.text).strip() for old_variant in after if "CAN" in old_variant.head.names(stance)]
    assert stands == [variant.words(tree.text).strip()]
    if stance != "propose":
        assert first_trespass(tree, edit.tree, "CAN") is None
    divided = divide(tree, next(variant.bracket.start for variant in alternatives if variant.bracket))
    assert first_trespass(tree, divided.tree, "CAN") is None
    assert any(group.relation is Relation.ALTERNATIVES for group in groups(divided.tree))
