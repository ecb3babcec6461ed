from django.db import migrations
from django.db.models import F


def give_own(apps, schema_editor):
    """Give a proposal that names a document known only by another proposal a row of its own, with the symbol alone.

    Until now to name its symbol made title, note and address of that document readable to whoever reads the naming one.
    """
    using = schema_editor.connection.alias
    proposals = apps.get_model("issues", "Proposal").objects.using(using)
    documents = apps.get_model("issues", "Document").objects.using(using)
    naming = proposals.filter(document__recorded_with__isnull=False, document__meetings=None)
    for proposal in naming.exclude(document__recorded_with=F("pk")).select_related("document").order_by("pk"):
        named = proposal.document
        stem = f"{named.slug[:80]}-{proposal.pk}"
        own = documents.create(
            negotiation_id=proposal.negotiation_id,
            slug=stem,
            symbol=named.symbol,
            title="Text proposal",
            genre="proposal",
            dated=proposal.tabled,
            dated_precision=proposal.tabled_precision,
            verification="Symbol as it was typed when a proposal was recorded; not checked.",
            recorded_with=proposal,
            source="Recorded through the tracker",
        )
        proposals.filter(pk=proposal.pk).update(document=own)
        print(f"  Proposal {proposal.slug}: names {named.symbol} by a document of its own, {own.slug}")


class Migration(migrations.Migration):

    dependencies = [
        ("issues", "0020_documents_of_proposals"),
    ]

    operations = [migrations.RunPython(give_own, migrations.RunPython.noop)]
