"""Who did something, as far as the reader is told."""

from django.utils.translation import gettext as _

from issues.access.visibility import Reader, knows_people
from issues.models import Revision


def doer(revision: Revision, reader: Reader) -> str:
    """Return for which member a revision was logged, else by which person, else by whose office."""
    if revision.on_behalf_of is not None:
        return revision.on_behalf_of.local_name
    if revision.recorded_by is not None and knows_people(reader, revision.provision.negotiation_id):
        return revision.recorded_by.get_full_name() or revision.recorded_by.get_username()
    return _("A facilitator or the secretariat")
