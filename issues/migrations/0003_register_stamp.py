from django.db import migrations

# One row: another value whenever a member, grouping or alias changes (see issues.text.member_names_version).
CREATE = "CREATE TABLE issues_register_stamp (value varchar(36) NOT NULL)"
FILL = "INSERT INTO issues_register_stamp (value) VALUES ('none yet')"


class Migration(migrations.Migration):

    dependencies = [
        ("issues", "0002_the_record_of_who_did_what"),
        ("members", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL([CREATE, FILL], "DROP TABLE issues_register_stamp"),
    ]
