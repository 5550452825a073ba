"""Secrecy marks are also found in what a file says of itself, and in what is written in it without being shown."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('creation', '0025_survey_links'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='secrecymark',
            name='mark_place_is_known',
        ),
        migrations.AlterField(
            model_name='secrecymark',
            name='place',
            field=models.CharField(choices=[('title', '题名'), ('file_name', '文件名'), ('text', '正文'), ('first_page', '首页'), ('margin', '页眉页脚'), ('box', '文本框'), ('notes', '批注脚注'), ('properties', '文件属性和名称'), ('hidden', '不直接显示的内容')], max_length=10, verbose_name='位置'),
        ),
        migrations.AddConstraint(
            model_name='secrecymark',
            constraint=models.CheckConstraint(condition=models.Q(('place__in', ['title', 'file_name', 'text', 'first_page', 'margin', 'box', 'notes', 'properties', 'hidden'])), name='mark_place_is_known', violation_error_message='密级标志的位置不在可选范围。'),
        ),
    ]
