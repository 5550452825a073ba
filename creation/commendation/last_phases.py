"""The reminders of the last phases together: mock assessments, surveys, typical cases, commendations."""

from creation.appraisal import reminders as of_appraisals
from creation.audit.actor import Actor
from creation.commendation import reminders as of_commendations
from creation.publicity import reminders as of_publicity
from creation.rules.deadlines import Workdays
from creation.rules.reminder_days import covered_until, is_reminder_day
from creation.survey import reminders as of_surveys


def remind(actor: Actor, calendar: Workdays) -> None:
    """Create the notices that are due. Nothing is said twice, and what a day of outage left out is said on the next."""
    if not is_reminder_day(actor.today, calendar):
        return
    covered = covered_until(actor.today, calendar)
    of_appraisals.remind(actor, covered, calendar)
    of_surveys.remind(actor, covered)
    of_publicity.remind(actor, calendar)
    of_commendations.remind(actor, covered, calendar)
