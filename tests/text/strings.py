"""Strings that people, damaged files and adversaries send."""

from hypothesis import strategies as st

# One of each kind that is refused: a control of either set, an override, an isolate, halves of characters,
# noncharacters of several planes, separators that end a line for some.
REFUSED = (
    *("\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1b", "\x1f", "\x7f", "\x80", "\x85", "\x9f"),
    *("\u202a", "\u202d", "\u202e", "\u2066", "\u2069", "\ud800", "\udfff"),
    *("\ufdd0", "\ufdef", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff", "\u2028", "\u2029"),
)
# What texts in Arabic, Persian and Indic scripts need, and what any text may hold.
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

# Every category of code points, surrogates too, with those that matter more often than chance would have it.
ANY_TEXT = st.lists(
    st.one_of(st.text(st.characters(categories=None)), st.sampled_from([*REFUSED, *TAKEN, "[CAN: ", "]", " "]))
).map("".join)
