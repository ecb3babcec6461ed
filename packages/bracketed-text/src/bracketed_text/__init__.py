"""Parse, edit, compare, read and measure bracketed negotiating text without losing a character.

Two rules explain the rest:

1. Square brackets contain text that is not agreed. Text outside brackets is base text.
2. The members named at the head of a bracket take a position on the text inside. A member that is not named there is
   silent.

The engine measures brackets, but it never declares agreement.

    >>> from bracketed_text import Name, Register, measure, parse
    >>> register = Register([("CAN", Name("CAN")), ("BRA", Name("BRA"))])
    >>> tree = parse("Each Party [CAN propose; BRA oppose: shall] [may] act.", register)
    >>> measure(tree).open_brackets
    2
    >>> sorted(measure(tree).opposing)
    ['BRA']

`bracketed_text.advanced` contains the functions that fewer programs need. All other modules are private.
"""

from bracketed_text.choices import choose, drop, lift
from bracketed_text.comparison import compare
from bracketed_text.diagnostics import Code, Diagnostic, Severity
from bracketed_text.documents import Document, parse_document
from bracketed_text.editing import EditRefused
from bracketed_text.edits import propose, propose_alternative, substitute
from bracketed_text.events import Comparison
from bracketed_text.measuring import Measures, measure, together
from bracketed_text.merging import Conflict, Merge, merge
from bracketed_text.parsing import parse
from bracketed_text.readings import Silence, read
from bracketed_text.register import Name, Register
from bracketed_text.standing import take_position, withdraw_position
from bracketed_text.tree import Tree
from bracketed_text.wording import sentences

__version__ = "0.1.0"

__all__ = [
    "Code",
    "Comparison",
    "Conflict",
    "Diagnostic",
    "Document",
    "EditRefused",
    "Measures",
    "Merge",
    "Name",
    "Register",
    "Severity",
    "Silence",
    "Tree",
    "choose",
    "compare",
    "drop",
    "lift",
    "measure",
    "merge",
    "parse",
    "parse_document",
    "propose",
    "propose_alternative",
    "read",
    "sentences",
    "substitute",
    "take_position",
    "together",
    "withdraw_position",
]
