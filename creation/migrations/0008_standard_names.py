"""Models under the field's standard names; no row changes."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("creation", "0007_created_at_and_by")]

    operations = [
        migrations.RemoveConstraint(
            model_name='secrecymark',
            name='a_mark_waits_once',
        ),
        migrations.RenameModel("Pulse", "Heartbeat"),
        migrations.RenameModel("Undecided", "RolloverGap"),
        migrations.RenameModel("Dismissal", "RejectedSuggestion"),
        migrations.RenameModel("Clearance", "SecrecyDeclaration"),
        migrations.RenameModel("Intake", "ImportUpload"),
        migrations.RenameField("SecrecyMark", "clearance", "declaration"),
        migrations.RenameField("ReminderRule", "ladder", "lead_times"),
        migrations.AlterField(
            model_name='importupload',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='import_uploads', to='creation.campaign', verbose_name='创建活动'),
        ),
        migrations.AlterField(
            model_name='importupload',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='import_uploads', to=settings.AUTH_USER_MODEL, verbose_name='导入人'),
        ),
        migrations.AlterField(
            model_name='rejectedsuggestion',
            name='evidence',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rejections', to='creation.evidence', verbose_name='印证资料'),
        ),
        migrations.AlterField(
            model_name='rejectedsuggestion',
            name='task',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rejections', to='creation.task', verbose_name='任务'),
        ),
        migrations.AlterField(
            model_name='rollovergap',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='gaps', to='creation.campaign', verbose_name='创建活动'),
        ),
        migrations.AlterField(
            model_name='secrecydeclaration',
            name='version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='declarations', to='creation.evidenceversion', verbose_name='资料版本'),
        ),
        migrations.AddConstraint(
            model_name='secrecymark',
            constraint=models.UniqueConstraint(condition=models.Q(('declaration', None)), fields=('version', 'place', 'word'), name='a_mark_waits_once', violation_error_message='该标志已在等待确认。'),
        ),
    ]
