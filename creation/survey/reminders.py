"""Reminders of surveys to the coordinators, each once: units without an answer before the end, and the report after it."""

from datetime import date

from creation.audit.actor import Actor
from creation.models import CampaignState, NoticeKind, Survey
from creation.people import notifications
from creation.people.recipients import coordinators_of

NAMED = 5  # units


def remind(actor: Actor, covered: date) -> None:
    """``covered``: the last day for which the reminders of today speak."""
    for each in Survey.objects.filter(campaign__state=CampaignState.OPEN).select_related("campaign"):
        if each.ends < actor.today:
            if count := each.answers.count():
                _tell(each, f"“{each}”已经结束，收到 {count} 份答卷，请看结果、出报告。", "over", actor)
        elif each.starts <= actor.today and each.ends <= covered:
            _remind_of_empty_units(each, actor)


def _remind_of_empty_units(survey: Survey, actor: Actor) -> None:
    answered = survey.answers.values("unit")
    batches = survey.batches.exclude(unit__in=answered).select_related("unit").order_by("unit__order", "unit")
    names = list(dict.fromkeys(each.unit.short_name for each in batches))
    if names:
        more = f"等 {len(names)} 个单位" if len(names) > NAMED else ""
        text = f"“{survey}”到 {survey.ends:%Y-%m-%d} 结束，{'、'.join(names[:NAMED])}{more}还没有一份答卷。"
        _tell(survey, text, "empty", actor)


def _tell(survey: Survey, text: str, what: str, actor: Actor) -> None:
    for person in coordinators_of(survey.campaign, actor):
        notifications.notify(
            person,
            NoticeKind.REMINDER,
            text,
            actor,
            subject=f"survey/{survey.pk}",
            dedup_key=f"{survey.ends}/{what}",
        )
