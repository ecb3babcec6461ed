"""Test that text that does not belong to a member remains, regardless of the number of steps that the member takes."""

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from bracketed_text import (
    EditRefused,
    Tree,
    drop,
    lift,
    parse,
    propose,
    propose_alternative,
    substitute,
    take_position,
    withdraw_position,
)
from bracketed_text.advanced import enclose, first_trespass, foreign
from engine_texts import REGISTER, sound_texts
from test_additions import own_after

MOVES = ("support", "oppose", "reserve", "withdraw", "propose", "enclose", "alternative", "substitute", "lift", "drop")


@given(sound_texts, st.data())
@examples(max_examples=150)
def test_no_sequence_of_steps_lets_a_member_change_text_of_others(text: str, data: st.DataObject) -> None:
    if "CAN" in text:
        return
    first = tree = parse(text, REGISTER)
    own: set[int] = set()
    for _ in range(data.draw(st.integers(1, 6))):
        try:
            after = moved(tree, data)
        except EditRefused:
            continue
        if not after.errors and first_trespass(tree, after, "CAN", own) is None:
            own, tree = own_after(tree, after, own), after
    assert first_trespass(first, tree, "CAN") is None
    assert [token for token in foreign(tree, "CAN") if not token.optional and "CAN" in token.token] == []


def moved(tree: Tree, data: st.DataObject) -> Tree:
    """Return the tree after a random change by Canada. The change need not be permitted."""
    move = data.draw(st.sampled_from(MOVES))
    begins = [bracket.start for bracket, _ in tree.walk()]
    start = data.draw(st.integers(0, len(tree.text)))
    end = data.draw(st.integers(start, min(len(tree.text), start + 25)))
    words = data.draw(st.sampled_from(["at once", "in writing or so", "[CAN: soon] later"]))
    if move == "propose":
        return propose(tree, start, words, "CAN").tree
    if move == "enclose":
        return enclose(tree, start, end, "CAN", data.draw(st.sampled_from(["oppose", "reserve"]))).tree
    if move == "substitute":
        return substitute(tree, start, end, words, "CAN").tree
    if not begins:
        return tree
    at = data.draw(st.sampled_from(begins))
    if move == "alternative":
        return propose_alternative(tree, at, words, "CAN").tree
    if move in ("withdraw", "lift", "drop"):
        return {
            "withdraw": lambda: withdraw_position(tree, at, "CAN"),
            "lift": lambda: lift(tree, at),
            "drop": lambda: drop(tree, at),
        }[move]().tree
    return take_position(tree, at, "CAN", move).tree
