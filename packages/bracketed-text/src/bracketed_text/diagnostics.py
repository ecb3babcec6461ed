"""Define the diagnostics: stable codes, severities, and messages that explain each problem and how to correct it."""

from enum import Enum
from typing import NamedTuple

from bracketed_text.phrases import Message, gettext_noop

# The depth of nesting at which a warning is given, and the maximum depth, above which nesting is an error.
DEPTH_WARNING = 7
DEPTH_LIMIT = 12
# The maximum number of brackets, alternatives and options in one provision; see `limits`.
MOST_VARIANTS = 5_000


class Severity(Enum):
    """The severity of a diagnostic. Only errors prevent a change from being recorded."""

    ERROR = "error"
    WARNING = "warning"


class Code(Enum):
    """The stable codes of the diagnostics. `RULES` contains the severity and messages for each code."""

    UNMATCHED_OPEN = "unmatched-open"
    UNMATCHED_CLOSE = "unmatched-close"
    TOO_MANY_BRACKETS = "too-many-brackets"
    TOO_DEEP = "too-deep"
    DEEP = "deep"
    UNKNOWN_NAME = "unknown-name"
    BOTH_SIDES = "both-sides"
    EMPTY_BRACKET = "empty-bracket"
    HEAD_WITHOUT_COLON = "head-without-colon"
    CLOSE_IN_HEAD = "close-in-head"
    LOST_OPEN = "lost-open"
    DUPLICATE_OPTION = "duplicate-option"
    SINGLE_OPTION = "single-option"
    JOINED_WORDS = "joined-words"
    WHOLE_DOCUMENT = "whole-document"


class _Rule(NamedTuple):
    severity: Severity
    message: str
    hint: str


RULES: dict[Code, _Rule] = {
    Code.UNMATCHED_OPEN: _Rule(
        Severity.ERROR,
        gettext_noop("This “[” is never closed."),
        gettext_noop("Add “]” where the contested text ends, or write “\\[” for a literal bracket."),
    ),
    Code.UNMATCHED_CLOSE: _Rule(
        Severity.ERROR,
        gettext_noop("This “]” does not close a bracket."),
        gettext_noop(
            "Add “[” where the contested text begins, remove this mark, or write “\\]” for a literal bracket."
        ),
    ),
    Code.TOO_MANY_BRACKETS: _Rule(
        Severity.ERROR,
        gettext_noop("This text contains more than {most} brackets, alternatives or options."),
        gettext_noop("Split the text: a provision should be a single article or paragraph."),
    ),
    Code.TOO_DEEP: _Rule(
        Severity.ERROR,
        gettext_noop("Brackets are nested more than {limit} levels deep here."),
        gettext_noop(
            "Use fewer levels: split the paragraph, or write the inner bracket as an alternative next to "
            "the outer bracket."
        ),
    ),
    Code.DEEP: _Rule(
        Severity.WARNING,
        gettext_noop("Brackets are nested {warning} levels deep here, which makes the text hard to follow."),
        gettext_noop("Write alternatives side by side (“[old] / [new]”) rather than one inside the other."),
    ),
    Code.UNKNOWN_NAME: _Rule(
        Severity.WARNING,
        gettext_noop("Unknown member or grouping “{name}”."),
        gettext_noop(
            "Use the standard code, such as CAN, EU or AFRICAN GROUP. If no member is meant, remove the colon."
        ),
    ),
    Code.BOTH_SIDES: _Rule(
        Severity.WARNING,
        gettext_noop("“{name}” appears on both sides of this bracket."),
        gettext_noop(
            "Keep the member on one side. To propose different words, add an alternative next to the bracket."
        ),
    ),
    Code.EMPTY_BRACKET: _Rule(
        Severity.WARNING,
        gettext_noop("This bracket contains no words."),
        gettext_noop(
            "Write the contested words inside the bracket, or remove the bracket. If the words will be filled in "
            "later, write “[ ]”."
        ),
    ),
    Code.HEAD_WITHOUT_COLON: _Rule(
        Severity.WARNING,
        gettext_noop("The names at the head of this bracket do not end with a colon."),
        gettext_noop("Add a colon, as in “[CAN propose: …]”. Without it, the names are read as part of the text."),
    ),
    Code.CLOSE_IN_HEAD: _Rule(
        Severity.ERROR,
        gettext_noop("This “]” is between the names and the position they take."),
        gettext_noop("Remove it. The “]” that closes the bracket belongs after the contested words."),
    ),
    Code.LOST_OPEN: _Rule(
        Severity.WARNING,
        gettext_noop("Names take a position here, but no “[” precedes them."),
        gettext_noop("Write “[” before the names. The next “]” then closes this bracket."),
    ),
    Code.DUPLICATE_OPTION: _Rule(
        Severity.WARNING,
        gettext_noop("The label of option {name} appears twice in the same list of options."),
        gettext_noop("Number the options 1, 2, 3 … or A, B, C …, so that each can be chosen by its label."),
    ),
    Code.SINGLE_OPTION: _Rule(
        Severity.WARNING,
        gettext_noop("Option {name} is the only option: there is nothing to choose."),
        gettext_noop(
            "Add the other option (write an empty option as “Option 2: [No text]”), or put the words in a bracket."
        ),
    ),
    Code.JOINED_WORDS: _Rule(
        Severity.WARNING,
        gettext_noop(
            "“{name}” looks like a deleted and an inserted word run together, as happens when tracked changes are lost."
        ),
        gettext_noop("Keep the intended word, or write both as alternatives: “[old] / [new]”."),
    ),
    Code.WHOLE_DOCUMENT: _Rule(
        Severity.WARNING,
        gettext_noop("This bracket encloses the whole document and is not counted in the figures."),
        gettext_noop(
            "No action is required. It is clearer to bracket only what is contested and to write that nothing is "
            "agreed until everything is agreed."
        ),
    ),
}


class Diagnostic(NamedTuple):
    """A problem in `text[start:end]`.

    `Tree.line_and_column` converts an offset into a line and a column.
    """

    code: Code
    start: int
    end: int
    name: str = ""

    @property
    def severity(self) -> Severity:
        """The severity of the diagnostic, which depends on its code."""
        return RULES[self.code].severity

    @property
    def message(self) -> Message:
        """A sentence that describes the problem."""
        return Message(
            RULES[self.code].message,
            name=self.name,
            limit=DEPTH_LIMIT,
            warning=DEPTH_WARNING,
            most=f"{MOST_VARIANTS:,}",
        )

    @property
    def hint(self) -> Message:
        """One or more sentences that explain how to correct the problem."""
        return Message(RULES[self.code].hint)
