"""Secrecy marks are also found in headers, text boxes and notes; every file is read again for them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('creation', '0014_unit_aliases'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='secrecymark',
            name='mark_place_is_known',
        ),
        migrations.AddField(
            model_name='extract',
            name='edition',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='读取方式'),
        ),
        migrations.AddField(
            model_name='extract',
            name='marks',
            field=models.JSONField(default=list, verbose_name='其他位置的标志'),
        ),
        migrations.AlterField(
            model_name='secrecymark',
            name='place',
            field=models.CharField(choices=[('title', '题名'), ('file_name', '文件名'), ('text', '正文'), ('first_page', '首页'), ('margin', '页眉页脚'), ('box', '文本框'), ('notes', '批注脚注')], max_length=10, verbose_name='位置'),
        ),
        migrations.AddConstraint(
            model_name='secrecymark',
            constraint=models.CheckConstraint(condition=models.Q(('place__in', ['title', 'file_name', 'text', 'first_page', 'margin', 'box', 'notes'])), name='mark_place_is_known', violation_error_message='密级标志的位置不在可选范围。'),
        ),
    ]
