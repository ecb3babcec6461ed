"""The brackets that a change concerns, with the addresses at which they are found."""

from typing import NamedTuple

from bracketed_text import Comparison, Tree
from issues.models import Revision
from issues.models.page_links import PageLink, path_of
from issues.text.addresses import address_key
from issues.text.bracket_labels import TextLabels

# The maximum number of brackets named for one change.
MOST = 12


class ChangedBracket(NamedTuple):
    """A bracket in the text of a revision: the provision, the key of its address, and its label within the text."""

    provision: str
    key: str
    label: str
    revision: int

    @property
    def path(self) -> str:
        """The path of the bracket's page."""
        return path_of(PageLink("bracket", (self.provision, self.key)))


def changed_brackets(
    revisions: tuple[Revision, Revision], trees: tuple[Tree, Tree], comparison: Comparison
) -> list[ChangedBracket]:
    """Return the brackets that differ between two revisions of a provision, without repetition.

    A bracket that remains or begins is named as in the later revision, and one that ended as in the earlier revision.
    At most `MOST` brackets are returned.
    """
    texts = [TextLabels(tree) for tree in trees]
    brackets: dict[tuple[int, int], ChangedBracket] = {}
    for event in comparison.events:
        side, index = (1, event.new) if event.new is not None else (0, event.old)
        if index is None or (side, index) in brackets:
            continue
        revision, text = revisions[side], texts[side]
        key = address_key(revision.number, text.variants[index].begin)
        label = text.at_ordinal(index + 1)
        brackets[side, index] = ChangedBracket(revision.provision.slug, key, label, revision.number)
        if len(brackets) == MOST:
            break
    return list(brackets.values())
