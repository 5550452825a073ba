"""For benchmarks/survey.py, in the application: a survey with so many codes, and logins of people at work, printed as JSON."""

import json
import os
import sys
from datetime import timedelta

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.test import Client
    from django.utils import timezone

    from creation.audit.actor import Actor
    from creation.models import Campaign, Membership, Unit
    from creation.rules.policy import Role
    from creation.survey import codes, surveys
    from creation.survey.surveys import DEFAULT_QUESTIONS, NewSurvey

    count, people, now = int(sys.argv[1]), int(sys.argv[2]), timezone.now()
    campaign = max(Campaign.objects.open(), key=lambda each: each.tasks.count())
    held = Membership.objects.recipients(timezone.localdate(now), Role.COORDINATOR, Role.REVIEWER, Role.LIAISON)
    persons = held.for_campaign(campaign).people()[:people]
    office = Actor(persons[0], now)
    day = timezone.localdate(now)
    new = NewSurvey(f"测评 {now:%m%d%H%M%S%f}", "", DEFAULT_QUESTIONS, day, day + timedelta(days=1))
    survey = surveys.create_survey(campaign, new, office)
    for first in range(0, count, surveys.MAX_QUOTA):
        unit = Unit.objects.filter(district=campaign.district).order_by("order")[0]
        surveys.add_codes(survey, [unit], min(surveys.MAX_QUOTA, count - first), office)
    seats = []
    for person in persons:
        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(person)
        seats.append({"session": client.session.session_key, "campaign": str(campaign.pk)})
    numbers = range(1, count + 1)
    print(
        json.dumps({"survey": [survey.pk], "codes": [codes.code_of(survey, each) for each in numbers], "seats": seats})
    )


if __name__ == "__main__":
    main()
