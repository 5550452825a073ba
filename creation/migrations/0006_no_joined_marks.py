from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('creation', '0005_secrecy_marks_from_words'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='clearance',
            name='marks',
        ),
        migrations.RemoveField(
            model_name='evidence',
            name='held',
        ),
    ]
