"""A button of the bracket panel."""

from dataclasses import dataclass

from issues.text.operations import Operation


@dataclass(frozen=True)
class Button:
    """A button: the operation, its label, and what it would record, in sentences.

    `words` are the full words of an alternative whose label shortens them.
    """

    operation: Operation
    label: str
    says: list[str]
    words: str = ""
