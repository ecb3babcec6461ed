"""A button of the bracket panel."""

from dataclasses import dataclass

from issues.text.operations import Operation


@dataclass(frozen=True)
class Button:
    """A button with its operation, its label, and sentences that describe what would be recorded.

    `words` is the full wording of an alternative that is shortened in the label.
    """

    operation: Operation
    label: str
    says: list[str]
    words: str = ""
