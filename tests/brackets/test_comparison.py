"""What changed, said as negotiators say it."""

import pytest

from issues.brackets import compare, parse, sentences
from tests.brackets.register import REGISTER

NAMES = {"CAN": "Canada", "BRA": "Brazil", "JPN": "Japan"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Each shall act.", "Each shall [CAN: promptly] act.", ["Canada proposes “promptly”."]),
        ("Each shall act.", "Each shall [CAN oppose: act].", ["Canada opposes “act”."]),
        ("Each shall act.", "Each [shall] act.", ["Bracket opened, nobody named: “shall”."]),
        ("Each [CAN: shall] act.", "Each shall act.", ["Bracket lifted, the words stay: “shall”."]),
        ("Each [CAN: duly] acts.", "Each acts.", ["Dropped: “duly”."]),
        (
            "Each [shall] / [may] act.",
            "Each may act.",
            ["Dropped: “shall”.", "Chosen among the alternatives: “may”."],
        ),
        ("A [CAN: b c] d.", "A [CAN, BRA: b c] d.", ["Brazil proposes “b c”."]),
        ("A [CAN: b c] d.", "A [CAN propose; BRA oppose: b c] d.", ["Brazil opposes “b c”."]),
        ("A [CAN, BRA: b c] d.", "A [BRA: b c] d.", ["Canada withdraws its position on “b c”."]),
        ("A [CAN support: b c] d.", "A [CAN oppose: b c] d.", ["Canada opposes “b c”."]),
        ("A [CAN: b c d] e.", "A [CAN: b c f] e.", ["Reworded: “b c d” becomes “b c f”."]),
        ("Each shall act.", "Each may act.", ["Text outside brackets changed: “shall” becomes “may”."]),
        ("A b.", "A b c.", ["Text outside brackets added: “c”."]),
        ("A [CAN: x] b.", "A b [CAN: x].", []),
    ],
)
def test_a_change_is_said_as_negotiators_say_it(old: str, new: str, said: list[str]) -> None:
    before, after = parse(old, REGISTER), parse(new, REGISTER)
    assert sentences(before, after, compare(before, after), lambda code: NAMES.get(code, code)) == said
