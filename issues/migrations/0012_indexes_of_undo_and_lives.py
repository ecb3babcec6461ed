from django.db import migrations, models

from members.concurrently import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('issues', '0011_undo_and_lives'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='position',
            index=models.Index(condition=models.Q(('earlier__isnull', False)), fields=['earlier'], name='position_by_earlier'),
        ),
        AddIndexConcurrently(
            model_name='revision',
            index=models.Index(condition=models.Q(('undoes__isnull', False)), fields=['undoes'], name='revision_by_undoing'),
        ),
        AddIndexConcurrently(
            model_name='revision',
            index=models.Index(condition=models.Q(('carries__isnull', False)), fields=['carries'], name='revision_by_carrying'),
        ),
        AddIndexConcurrently(
            model_name='variant',
            index=models.Index(condition=models.Q(('earlier__isnull', False)), fields=['earlier'], name='variant_by_earlier'),
        ),
    ]
