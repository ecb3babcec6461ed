"""Who did something, as far as the reader is told, and what was done meanwhile."""

from django.utils.translation import gettext as _

from issues.access.roles import Reader
from issues.access.visibility import knows_people
from issues.models import Provision, Revision


def doer(revision: Revision, reader: Reader) -> str:
    """Return for which member a revision was logged, else by which person, else by whose office."""
    if revision.on_behalf_of is not None:
        return revision.on_behalf_of.local_name
    if revision.recorded_by is not None and knows_people(reader, revision.provision.negotiation_id):
        return revision.recorded_by.get_full_name() or revision.recorded_by.get_username()
    return _("A facilitator or the secretariat")


def since_revision(provision: Provision, number: int, newest: int) -> list[Revision]:
    """Return the revisions after `number` up to `newest`, in order, with who logged them."""
    found = provision.revisions.acts().filter(number__gt=number, number__lte=newest).order_by("number")
    return list(found.select_related("on_behalf_of", "recorded_by", "provision"))
