"""The name of readings as pages show it. Nothing in the database changes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('creation', '0022_reference_version'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='reading',
            options={'verbose_name': '指标数据'},
        ),
        migrations.AlterField(
            model_name='readingchange',
            name='reading',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='changes', to='creation.reading', verbose_name='指标数据'),
        ),
        migrations.AlterField(
            model_name='submission',
            name='readings',
            field=models.JSONField(default=list, verbose_name='指标数据'),
        ),
    ]
