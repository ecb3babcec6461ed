from django.db import migrations
from django.db.models import Max


def number(apps, schema_editor):
    """Give each digest the number that the feed had reached when its last mail was made.

    Where nothing had been told until then, the first mail goes by the moment once more.
    """
    changes = apps.get_model("issues", "Change").objects
    for digest in apps.get_model("issues", "Digest").objects.all():
        told = changes.filter(negotiation=digest.negotiation_id, at__lte=digest.told_until)
        digest.told_number = told.aggregate(last=Max("number"))["last"]
        digest.save(update_fields=["told_number"])


class Migration(migrations.Migration):

    dependencies = [
        ('issues', '0018_numbers_of_digests'),
    ]

    operations = [
        migrations.RunPython(number, migrations.RunPython.noop),
    ]
