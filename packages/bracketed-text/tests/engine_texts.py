"""Provide a register, strategies for texts, and operations, which the engine's tests share.

`anything` draws arbitrary texts, `sound_texts` draws texts without errors, and `plain` draws words without brackets.
"""

from collections.abc import Callable

from hypothesis import strategies as st

from bracketed_text import (
    EditRefused,
    Name,
    Register,
    Tree,
    choose,
    drop,
    lift,
    propose,
    propose_alternative,
    take_position,
    withdraw_position,
)
from bracketed_text.advanced import STANCES, Edit, Relation, enclose, mark_run, merge_alternatives

Operation = Callable[[Tree], Edit]

CODES = [
    "CAN",
    "JPN",
    "BRA",
    "CHN",
    "EU",
    "USA",
    "US",
    "IDN",
    "AUS",
    "AU",
    "NZ",
    "CL",
    "PE",
    "SG",
    "MY",
    "MX",
    "VN",
    "BN",
    "CA",
    "JP",
    "KEN",
    "NGA",
]
REGISTER = Register(
    [
        *((code, Name(code)) for code in CODES),
        ("Canada", Name("CAN")),
        ("Korea, Republic of", Name("KOR")),
        ("Trinidad and Tobago", Name("TTO")),
        ("AFRICAN GROUP", Name("AFRICAN GROUP", ("KEN", "NGA"))),
    ]
)

pieces = st.sampled_from(
    ["[", "]", "[CAN: ", "[CAN propose; BRA oppose: ", "[BRA oppose: ", " / ", " or ", "{", "}", "\\[", "\n\n", "\n",
     "shall ", "may ", "Option 1: ", "member", "s", "; ", ": ", "1. ", "é", "[...]", "[27]", "[Note: x]", "](a.b)"]
)  # fmt: skip
drafts = st.lists(pieces, max_size=40).map("".join)
anything = st.one_of(st.text(max_size=200), drafts)

words = st.sampled_from(["Each", "Member", "shall", "may", "act", "records", "promptly", "data"])
plain = st.lists(words, min_size=1, max_size=6).map(" ".join)
heads = st.sampled_from(["", "CAN: ", "JPN oppose: ", "CAN propose; BRA oppose: ", "CHN/IDN reserve: "])


def _bracketed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda head, body, tail: f"[{head}{body}] {tail}", heads, inner, plain)


sound_texts = st.lists(st.recursive(plain, _bracketed, max_leaves=6), min_size=1, max_size=4).map(" ".join)

alternatives = st.lists(st.one_of(plain, sound_texts), min_size=2, max_size=4)
separators = st.sampled_from([" / ", " or ", " ", "", " {and/or} "])
choice_heads = st.sampled_from(["", "CAN: ", "JPN oppose: ", "CAN propose; BRA oppose: "])


@st.composite
def choice_texts(draw: st.DrawFn) -> str:
    """Return a text with choices among brackets, among alternatives inside a bracket, and among labelled options."""
    parts = []
    for words in draw(st.lists(alternatives, min_size=1, max_size=3)):
        form = draw(st.sampled_from(["brackets", "inside", "labelled brackets", "options"]))
        if form == "brackets":
            separator = draw(separators)
            parts.append(separator.join(f"[{draw(choice_heads)}{phrase}]" for phrase in words))
        elif form == "inside":
            parts.append("[" + "/".join(draw(plain) for _ in words) + "]")
        elif form == "labelled brackets":
            parts.append(" ".join(f"[Option {number}: {phrase}]" for number, phrase in enumerate(words, start=1)))
        else:
            parts.append(
                "\n" + "\n".join(f"Option {number}: {phrase}" for number, phrase in enumerate(words, start=1)) + "\n\n"
            )
        parts.append(draw(plain))
    return " ".join(parts)


def all_operations(tree: Tree) -> list[Operation]:
    """Return operations at many places in the text. Many of these operations are refused."""
    brackets = [bracket.start for bracket, _ in tree.walk()]
    tried: list[Operation] = [lambda tree: propose(tree, len(tree.text), "in time", "IDN")]
    for at in brackets:
        tried += [lambda tree, at=at, stance=stance: take_position(tree, at, "IDN", stance) for stance in STANCES]  # type: ignore[misc]
        tried += [lambda tree, at=at: withdraw_position(tree, at, "CAN")]  # type: ignore[misc]
        tried += [lambda tree, at=at: propose_alternative(tree, at, "in time", "IDN")]  # type: ignore[misc]
        tried += [lambda tree, at=at, does=does: does(tree, at) for does in (lift, drop, choose)]  # type: ignore[misc]
        tried += [lambda tree, at=at: merge_alternatives(tree, at, "all of it")]  # type: ignore[misc]
        tried += [lambda tree, at=at: mark_run(tree, at, Relation.ALTERNATIVES)]  # type: ignore[misc]
    tried += [lambda tree, at=at: propose(tree, at, "in time", "IDN") for at in range(0, len(tree.text), 7)]  # type: ignore[misc]
    tried += [lambda tree, at=at: enclose(tree, at, at + 9, "IDN") for at in range(0, len(tree.text) - 9, 5)]  # type: ignore[misc]
    return tried


def try_operation(tree: Tree, operation: Operation) -> Edit | None:
    """Return the edit that `operation` makes, or None if the operation is refused."""
    try:
        return operation(tree)
    except EditRefused:
        return None
