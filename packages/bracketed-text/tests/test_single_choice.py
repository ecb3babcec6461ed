"""Test that an alternative counts as chosen only if no other alternative of the choice remains."""

from hypothesis import given
from hypothesis import strategies as st

from bracketed_text import compare, parse
from bracketed_text.advanced import Act
from engine_texts import REGISTER

WORDS = [
    "every supplier of services that is established there",
    "natural persons who trade across the border by wire",
    "an enterprise whose servers are located abroad",
    "those consumers that have paid in advance",
]
STAYS, LIFTED, DROPPED = "stays", "lifted", "dropped"


@given(
    st.lists(st.sampled_from([STAYS, LIFTED, DROPPED]), min_size=2, max_size=4),
    st.sampled_from([" / ", " or ", "/", " {and/or} "]),
    st.lists(st.sampled_from(["", "CAN: ", "JPN oppose: "]), min_size=4, max_size=4),
)
def test_no_alternative_is_chosen_while_another_alternative_remains(
    fates: list[str], separator: str, heads: list[str]
) -> None:
    choice = list(zip(WORDS, heads, fates, strict=False))
    before = separator.join(f"[{head}{words}]" for words, head, _ in choice)
    after = " ".join(f"[{head}{words}]" if fate == STAYS else words for words, head, fate in choice if fate != DROPPED)
    old = parse(f"This applies to {before} in each Member.", REGISTER)
    new = parse(f"This applies to {after} in each Member.", REGISTER)
    comparison = compare(old, new)
    acts = {event.old: event.act for event in comparison.events if event.act in (Act.CHOSEN, Act.LIFTED, Act.DROPPED)}
    for at, (_, _, fate) in enumerate(choice):
        if fate == STAYS:
            assert at in comparison.pairs
            assert at not in acts
    if STAYS in fates:
        assert Act.CHOSEN not in acts.values()


def test_an_alternative_whose_bracket_is_removed_while_another_remains_is_lifted() -> None:
    old = parse(f"This applies to [{WORDS[0]}] / [{WORDS[1]}].", REGISTER)
    new = parse(f"This applies to {WORDS[0]} [{WORDS[1]}].", REGISTER)
    endings = [event.act for event in compare(old, new).events if event.old == 0]
    assert endings == [Act.LIFTED]
