from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("issues", "0025_wording_of_labels")]

    # Nothing reaches the database: the table and its constraint keep their names, for the release before.
    safe_because = {
        "AlterModelTable tide": "it is the name that the table has already",
        "RenameModel tide": "only the class is renamed: the table keeps its name",
    }

    operations = [
        migrations.AlterModelTable(name="tide", table="issues_tide"),
        migrations.RenameModel(old_name="Tide", new_name="ChangeCounter"),
    ]
