"""The definitions of figures and statuses, as the definitions page shows them and the search finds them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from issues.models.choices import STATUS_DEFINITIONS, Status


@dataclass(frozen=True)
class Definition:
    """A term and its definition. The slug is the anchor on the definitions page."""

    slug: str
    term: str | Promise
    text: str | Promise


FIGURES = (
    Definition(
        "words", _("Words"), _("Words in the text, excluding bracket heads, notes, blanks, footnote marks and links.")
    ),
    Definition(
        "contested-words", _("Contested words"), _("Words inside at least one bracket, or in a labelled option.")
    ),
    Definition(
        "clean-share",
        _("Clean share"),
        _(
            "Words outside all brackets as a share of all words. For a small group or issue, all its provisions are "
            "taken together."
        ),
    ),
    Definition(
        "open-brackets",
        _("Open brackets"),
        _(
            "Pairs of brackets under negotiation, at any depth. The number typically rises before it falls, so a low "
            "number is not in itself a sign of progress."
        ),
    ),
    Definition(
        "alternatives",
        _("Alternatives"),
        _(
            "Variants to choose from: brackets joined by “/” or “or”, the parts of [this/that], mirror pairs, and "
            "options labelled “Option 1:”."
        ),
    ),
    Definition(
        "members-named",
        _("Members named"),
        _(
            "Members and groupings named at the head of an open bracket. A member that is not named is silent; silence "
            "does not imply support or opposition."
        ),
    ),
    Definition(
        "agreement",
        _("Agreement between two members"),
        _(
            "Of the open variants on which both members take a side (propose, support or oppose), the share on which "
            "they take the same side. The number of variants is shown because a share of a few variants means little."
        ),
    ),
    Definition(
        "parties",
        _("Parties"),
        _(
            "Participants that can stand apart. If a member negotiates for others, as the European Union does for "
            "its member states, they are one party from the first to the last day of their membership. The "
            "position of the party is that of the member that negotiates. If it has none, the positions that the "
            "others take in their own names count. Analyses count parties, whereas the number of participants "
            "follows WTO practice."
        ),
    ),
    Definition(
        "opposing",
        _("Opposing"),
        _("Members and groupings that oppose the words of at least one open bracket."),
    ),
)
STATUSES = tuple(
    Definition(f"status-{status.value.replace(' ', '-')}", status.label, STATUS_DEFINITIONS[status])
    for status in Status
)
DEFINITIONS = (*FIGURES, *STATUSES)
