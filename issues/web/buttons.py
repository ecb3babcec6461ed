"""A button of a panel: one press, and what it would record."""

from dataclasses import dataclass

from issues.text.operations import Operation


@dataclass(frozen=True)
class Button:
    """One press: what is done, what stands on the button, and in sentences what would be recorded.

    `words` are all the words that it is about, where the label leaves some out.
    """

    operation: Operation
    label: str
    says: list[str]
    words: str = ""
