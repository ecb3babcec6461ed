"""Strings from users, damaged files and attackers."""

from hypothesis import strategies as st

# One example of each refused kind: control characters of both sets, an override, an isolate, surrogates, noncharacters
# of several planes, and separators that only some programs treat as line ends.
REFUSED = (
    *("\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1b", "\x1f", "\x7f", "\x80", "\x85", "\x9f"),
    *("\u202a", "\u202d", "\u202e", "\u2066", "\u2069", "\ud800", "\udfff"),
    *("\ufdd0", "\ufdef", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff", "\u2028", "\u2029"),
)
# Characters that Arabic, Persian and Indic scripts need, and characters that any text may contain.
TAKEN = (
    "\t",
    "\n",
    "\r",
    "\u200e",
    "\u200f",
    "\u061c",
    "\u200c",
    "\u200d",
    "\u00ad",
    "\ufeff",
    "\ufffd",
    "é",
    "東",
    "😀",
)

# All categories of code points, including surrogates, with the critical ones overrepresented.
ANY_TEXT = st.lists(
    st.one_of(st.text(st.characters(categories=None)), st.sampled_from([*REFUSED, *TAKEN, "[CAN: ", "]", " "]))
).map("".join)
