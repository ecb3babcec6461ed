from django.db import migrations


def find(apps, schema_editor):
    """Give each document that came with a proposal, and was everybody's, to those who read the first that names it."""
    documents = apps.get_model("issues", "Document").objects.filter(source="Recorded through the tracker")
    for document in documents:
        document.recorded_with = document.proposals.order_by("pk").first()
        document.save(update_fields=["recorded_with"])


class Migration(migrations.Migration):

    dependencies = [
        ('issues', '0008_documents_recorded_with_proposals'),
    ]

    operations = [
        migrations.RunPython(find, migrations.RunPython.noop),
    ]
