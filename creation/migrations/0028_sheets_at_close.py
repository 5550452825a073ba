"""A closed mock assessment has a row for each point of each unit that was on its sheet, also where nobody gave a score.

Of those that were closed before, the sheet is that of today: units with a task at the checkpoint.
"""

from django.db import migrations


def leave_open(apps, schema_editor):
    alias = schema_editor.connection.alias
    models = (apps.get_model("creation", name).objects.using(alias) for name in ("Appraisal", "Score", "Task"))
    appraisals, scores, tasks = models
    for appraisal in appraisals.filter(closed_at__isnull=False, everyone=False):
        seats = list(appraisal.seats.order_by("pk"))
        points = appraisal.points.exclude(indicator=None).values_list("indicator", "pk", "indicator__parent__parent__code")
        by_checkpoint = {indicator: (point, section) for indicator, point, section in points}
        own = tasks.filter(campaign=appraisal.campaign_id, dropped_on=None, unit__in=appraisal.units.all())
        pairs = set(own.filter(indicator__in=by_checkpoint).values_list("unit", "indicator")) if seats else set()
        known = set(scores.filter(seat__appraisal=appraisal).values_list("unit", "point"))
        for unit, indicator in sorted(pairs):
            point, section = by_checkpoint[indicator]
            if (unit, point) not in known:
                seat = next((each for each in seats if not each.sections or section in each.sections), seats[0])
                scores.create(seat=seat, point_id=point, unit_id=unit, scored_at=appraisal.closed_at)


class Migration(migrations.Migration):
    dependencies = [("creation", "0027_visits_and_plans_as_told")]

    operations = [migrations.RunPython(leave_open, migrations.RunPython.noop)]
