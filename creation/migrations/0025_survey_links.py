from django.db import migrations, models


class Migration(migrations.Migration):
    """Short links of a survey, which take so many answers of a unit."""

    dependencies = [("creation", "0024_personal_acts")]

    operations = [
        migrations.AddField(
            model_name="surveybatch",
            name="limit",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="短链接的名额"),
        ),
        migrations.AddConstraint(
            model_name="surveybatch",
            constraint=models.CheckConstraint(
                condition=models.Q(limit=None) | models.Q(limit__gt=0), name="a_survey_link_takes_answers"
            ),
        ),
    ]
