"""Test that messages are in English by default and can be translated."""

import pickle
import re

import pytest

from bracketed_text import EditRefused, Name, Register, compare, parse, propose, sentences, take_position
from bracketed_text.advanced import Message, listed, quote, stance_sentence

REGISTER = Register([("CAN", Name("CAN")), ("BRA", Name("BRA"))])


def shout(phrase: str) -> str:
    """Return `phrase` in capitals. Its placeholders remain unchanged."""
    return re.sub(r"(\{\w+\})|([^{]+)", lambda match: match[1] or match[2].upper(), phrase)


def test_a_refusal_is_in_english_and_can_be_translated() -> None:
    tree = parse("A [CAN: b] c.", REGISTER)
    with pytest.raises(EditRefused) as refused:
        take_position(tree, 2, "CAN", "propose")
    assert str(refused.value) == refused.value.reason == "CAN already takes this position."
    assert refused.value.reason.translated(shout) == "CAN ALREADY TAKES THIS POSITION."


def test_a_message_inside_a_message_is_translated_too() -> None:
    with pytest.raises(EditRefused) as refused:
        propose(parse("A b.", REGISTER), 2, "[open", "CAN")
    translated = refused.value.reason.translated(shout)
    assert translated.startswith("THE WORDS CONTAIN AN ERROR. THIS “[” IS NEVER CLOSED.")


def test_a_diagnostic_is_in_english_and_can_be_translated() -> None:
    (diagnostic,) = parse("A [b", REGISTER).diagnostics
    assert diagnostic.message == "This “[” is never closed."
    assert diagnostic.message.translated(shout) == "THIS “[” IS NEVER CLOSED."
    assert diagnostic.hint.translated(shout) == diagnostic.hint.upper()


def test_sentences_and_lists_accept_a_translator() -> None:
    old, new = parse("A [CAN, BRA: b] c.", REGISTER), parse("A c.", REGISTER)
    assert sentences(old, new, compare(old, new), translate=shout) == [
        "DROPPED: “b”.",
        "THIS ENDS THE POSITIONS OF CAN AND BRA.",
    ]
    assert listed(["a", "b"], translate=shout) == "a AND b"
    assert quote("", translate=shout) == "AN EMPTY BRACKET"
    assert stance_sentence([("oppose", "CAN")], "b", translate=shout) == "CAN OPPOSES “b”."


def test_names_that_contain_commas_are_separated_by_semicolons() -> None:
    assert listed(["Bahrain, Kingdom of", "Japan"]) == "Bahrain, Kingdom of; and Japan"
    assert listed(["Australia", "Bahrain, Kingdom of", "Japan"]) == "Australia; Bahrain, Kingdom of; and Japan"
    assert listed(["Bahrain, Kingdom of"]) == "Bahrain, Kingdom of"


def test_values_with_braces_stay_unchanged_and_messages_can_be_pickled() -> None:
    message = Message("Unknown: {name}.", name="{x}")
    assert message == message.translated(str) == "Unknown: {x}."
    copy = pickle.loads(pickle.dumps(message))
    assert (copy, copy.phrase, copy.values) == (message, message.phrase, message.values)
