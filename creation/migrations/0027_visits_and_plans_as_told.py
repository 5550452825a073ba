"""Of a visit the half of the day of which its unit has heard; of a plan of rectification what it said before each change; of a finding
what was noted when it was found.

Units that have heard of a visit know its half as it is planned.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def know_the_half(apps, schema_editor):
    apps.get_model("creation", "Visit").objects.exclude(announced_for=None).update(announced_half=models.F("half"))


class Migration(migrations.Migration):

    dependencies = [
        ('creation', '0026_marks_in_names'),
    ]

    operations = [
        migrations.AddField(
            model_name='finding',
            name='noted',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='findings', to='creation.visitcheck', verbose_name='走访查看'),
        ),
        migrations.AddField(
            model_name='visit',
            name='announced_half',
            field=models.CharField(choices=[('am', '上午'), ('pm', '下午'), ('day', '全天')], default='day', max_length=3, verbose_name='已通知的时段'),
        ),
        migrations.RunPython(know_the_half, migrations.RunPython.noop),
        migrations.CreateModel(
            name='RectificationPlanChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measures', models.TextField(blank=True, verbose_name='原整改措施')),
                ('leader', models.CharField(blank=True, max_length=40, verbose_name='原责任领导')),
                ('person', models.CharField(blank=True, max_length=40, verbose_name='原责任人')),
                ('changed_at', models.DateTimeField(verbose_name='修改时间')),
                ('changed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='修改人')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='creation.rectificationplan', verbose_name='整改方案')),
            ],
            options={
                'verbose_name': '整改方案变动',
                'ordering': ['changed_at', 'id'],
            },
        ),
    ]
