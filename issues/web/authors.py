"""The author of a revision as shown to a reader, and the revisions between two numbers."""

from django.utils.translation import gettext as _

from issues.access.roles import Reader
from issues.access.visibility import knows_people
from issues.models import Provision, Revision


def author_of(revision: Revision, reader: Reader) -> str:
    """Return the name of the member for which a revision was logged, the name of its author, or a general description.

    If the revision was not logged for a member, its author is named to readers who may know people's names. Other
    readers receive the description.
    """
    if revision.on_behalf_of is not None:
        return revision.on_behalf_of.local_name
    if revision.recorded_by is not None and knows_people(reader, revision.provision.negotiation_id):
        return revision.recorded_by.get_full_name() or revision.recorded_by.get_username()
    return _("A facilitator or the secretariat")


def revisions_between(provision: Provision, number: int, newest: int) -> list[Revision]:
    """Return the revisions after `number` up to `newest`, oldest first, with their authors."""
    revisions = provision.revisions.acts().filter(number__gt=number, number__lte=newest).order_by("number")
    return list(revisions.select_related("on_behalf_of", "recorded_by", "provision"))
