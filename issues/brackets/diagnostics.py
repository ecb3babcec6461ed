"""What may be wrong with a text: stable codes, severities, and a way out in plain words."""

from enum import Enum
from typing import NamedTuple

# Deeper than this nobody can follow a text in the room; deeper than the second it is a mistake.
DEPTH_WARNING = 7
DEPTH_LIMIT = 12


class Severity(Enum):
    """Errors stop a change from being logged; warnings do not."""

    ERROR = "error"
    WARNING = "warning"


class Code(Enum):
    """The stable code of each diagnostic, with its severity, what it says and the way out."""

    UNMATCHED_OPEN = "unmatched-open"
    UNMATCHED_CLOSE = "unmatched-close"
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
        "This “[” is never closed.",
        "Add “]” where the contested text ends, or write “\\[” if the mark itself is meant.",
    ),
    Code.UNMATCHED_CLOSE: _Rule(
        Severity.ERROR,
        "This “]” closes nothing.",
        "Add “[” where the contested text begins, remove this mark, or write “\\]” if the mark itself is meant.",
    ),
    Code.TOO_DEEP: _Rule(
        Severity.ERROR,
        f"Brackets are nested more than {DEPTH_LIMIT} deep here.",
        "Split the paragraph, or propose the inner text as an alternative beside the outer one.",
    ),
    Code.DEEP: _Rule(
        Severity.WARNING,
        f"Brackets are nested {DEPTH_WARNING} deep here; few readers can follow that.",
        "Consider alternatives side by side instead of brackets within brackets.",
    ),
    Code.UNKNOWN_NAME: _Rule(
        Severity.WARNING,
        "“{name}” is nobody in the register of members and groupings.",
        "Use the customary code, such as CAN, EU or AFRICAN GROUP; if no member is meant, leave out the colon.",
    ),
    Code.BOTH_SIDES: _Rule(
        Severity.WARNING,
        "“{name}” stands on both sides of this bracket.",
        "Keep the member on one side; to want other words, propose an alternative beside the bracket.",
    ),
    Code.EMPTY_BRACKET: _Rule(
        Severity.WARNING,
        "This bracket holds no words.",
        "Write the contested words inside, or remove the bracket; a blank to be filled is written “[ ]”.",
    ),
    Code.HEAD_WITHOUT_COLON: _Rule(
        Severity.WARNING,
        "The names at the head of this bracket do not end with a colon.",
        "Write for example “[CAN propose: …]”, so that the names are not taken for words of the text.",
    ),
    Code.CLOSE_IN_HEAD: _Rule(
        Severity.ERROR,
        "This “]” stands between the names and what they do.",
        "Remove it: the head ends with the colon, and “]” stands behind the contested words.",
    ),
    Code.LOST_OPEN: _Rule(
        Severity.WARNING,
        "Names take a position here, but no “[” stands before them.",
        "Write “[” in front of the names; the “]” that follows then closes this bracket.",
    ),
    Code.DUPLICATE_OPTION: _Rule(
        Severity.WARNING,
        "The label of option {name} stands twice in one list of options.",
        "Number the options 1, 2, 3 … or A, B, C …, so that one can be chosen by its label.",
    ),
    Code.SINGLE_OPTION: _Rule(
        Severity.WARNING,
        "Option {name} stands alone: there is nothing to choose.",
        "Add the other option (an empty one is written “Option 2: [No text]”), or put the words in a bracket.",
    ),
    Code.JOINED_WORDS: _Rule(
        Severity.WARNING,
        "“{name}” looks like deleted and inserted words joined, as when tracked changes are lost.",
        "Keep the word that is meant, or write both as alternatives: “[old] / [new]”.",
    ),
    Code.WHOLE_DOCUMENT: _Rule(
        Severity.WARNING,
        "This bracket stands around the whole document; figures leave it out.",
        "Nothing need be done: bracket what is contested, and say in words that nothing is agreed until all is.",
    ),
}


class Diagnostic(NamedTuple):
    """One finding. `start` and `end` are offsets into the text; `Tree.place` turns them into line and column."""

    code: Code
    start: int
    end: int
    name: str = ""

    @property
    def severity(self) -> Severity:
        """Whether it stops a change."""
        return RULES[self.code].severity

    @property
    def message(self) -> str:
        """What is wrong, in a sentence."""
        return RULES[self.code].message.format(name=self.name)

    @property
    def hint(self) -> str:
        """The way out, in a sentence."""
        return RULES[self.code].hint
