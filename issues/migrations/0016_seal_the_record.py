import logging
from itertools import islice, product

from django.db import migrations

from issues.models.chain import complete_all
from issues.models.schemes import digest_of, names_of

logger = logging.getLogger(__name__)
# More combinations of former names than this are not tried for one revision.
MOST_TRIED = 1000


class FormerNames:
    """What things were called before they were renamed, as far as the feed of changes has told it."""

    def __init__(self, apps):
        self.changes = apps.get_model("issues", "Change").objects
        self.known = {}

    def of(self, resource, row):
        """Return the names under which a row was told, the newest first."""
        if (resource, row) not in self.known:
            told = self.changes.filter(resource=resource, row=row).order_by("-number").values_list("key", flat=True)
            self.known[resource, row] = list(dict.fromkeys(told))
        return self.known[resource, row]

    def candidates(self, revision, names):
        """Return for each relation all that its row may have been called when `revision` was recorded."""
        found = {}
        for relation, now in names.items():
            thing = getattr(revision, relation)
            if relation == "on_behalf_of":
                found[relation] = [[code] for code in dict.fromkeys([*now, *self.of("member", thing.pk)])]
            elif relation in ("corrects", "undoes", "carries"):
                found[relation] = [now]  # a digest of then takes in the number alone
            else:
                slugs = dict.fromkeys([now[1], *self.of(relation, thing.pk)])
                negotiations = dict.fromkeys([now[0], *self.of("negotiation", thing.negotiation_id)])
                found[relation] = [[*one] for one in product(negotiations, slugs)]
        return found

    def when_recorded(self, revision, before):
        """Return the names with which the digest of `revision` fits; those of now where none is found that do."""
        now, previous = names_of(revision), before.digest if before is not None else ""
        if revision.digest == digest_of(revision, previous, now):
            return now
        candidates = self.candidates(revision, now)
        for chosen in islice(product(*candidates.values()), MOST_TRIED):
            names = dict(zip(candidates, chosen, strict=True))
            if revision.digest == digest_of(revision, previous, names):
                logger.info("Revision %s was recorded under other names: %s", revision.pk, names)
                return names
        return now


def seal(apps, schema_editor):
    """Give revisions the names that their digests take in, and statuses and steps of proposals their first digests."""
    former = FormerNames(apps)
    complete_all(apps.get_model("issues", "Revision"), "provision", "number", former.when_recorded)
    complete_all(apps.get_model("issues", "ProposalStep"), "proposal", "number")
    complete_all(apps.get_model("issues", "StatusReport"), "small_group", "pk")


class Migration(migrations.Migration):

    # Each chain in a transaction of its own, beside a site that goes on.
    atomic = False

    dependencies = [
        ('issues', '0015_guards_of_the_record'),
    ]

    operations = [
        migrations.RunPython(seal, migrations.RunPython.noop),
    ]
