"""From the first day of preparation to yesterday evening: the campaign is opened, people work, the clock ticks."""

from collections import defaultdict
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from creation import delivery, holidays, opening, progress
from creation.demo import people, timing
from creation.demo.binder import Binder
from creation.demo.people import Cast
from creation.demo.making import Maker
from creation.demo.plot import Scale, fates
from creation.demo.scripts import SCRIPTS, Scene, Script
from creation.demo.story import Story
from creation.demo.timing import Diary
from creation.demo.words import Words, said_of
from creation.models import Campaign, Holiday, Notice, Task, Unit, Urgency
from creation.trail import Actor

PRESET = "yuanhui"
SEED = 20210903
SELDOM = 7  # every so many people read their notices only now and then


def diary_of(now: datetime) -> Diary:
    """The same day always tells the same story."""
    today = timezone.localdate(now)
    for year in range((today - timedelta(days=60)).year, (today + timedelta(days=180)).year + 1):
        holidays.fill(year, Actor(None, now))
    return Diary(today, Holiday.objects.calendar(), Random(SEED))  # noqa: S311 - a story, no secret


def prepare(diary: Diary) -> tuple[Campaign, Cast]:
    """The campaign of today's year with its phases moved, its people, and its tasks given out."""
    begin = Actor(None, diary.at(timing.PREPARING, 9))
    campaign = opening.open_campaign(PRESET, diary.today.year, begin, draft=True)
    timing.move_phases(campaign, diary.today)
    units = list(Unit.objects.filter(district=campaign.district).order_by("order", "pk"))
    cast = people.engage(units, Actor(None, diary.at(timing.ENGAGING, 10)), diary.today)
    opening.start(campaign, Actor(cast.coordinator, diary.at(timing.OPENING, 9)))
    return campaign, cast


def live(campaign: Campaign, cast: Cast, diary: Diary, scale: Scale) -> None:
    """Every day from the opening to yesterday, in order."""
    tasks = [task for task in Task.objects.live().filter(campaign=campaign).for_table().order_by("pk") if said_of(task)]
    scenes: list[Scene] = []
    for task, fate in fates(tasks, set(cast.liaisons), diary, scale):
        SCRIPTS[fate](Script(task, diary, scenes))
    words = Words(diary.rng)
    story = Story(cast, diary, words, Binder(diary.rng, Maker(diary.rng, words, scale.pictures)))
    by_day: dict[int, list[Scene]] = defaultdict(list)
    for scene in sorted(scenes):
        by_day[diary.number(timezone.localdate(scene.at))].append(scene)
    for number in range(timing.OPENING, 0):
        _day(number, by_day[number], story, campaign)


def _day(number: int, scenes: list[Scene], story: Story, campaign: Campaign) -> None:
    """Reminders in the morning, work, what is urgent in the evening; then the day's figures."""
    diary = story.diary
    morning = Actor(None, diary.at(number, delivery.OPENING_HOUR))
    early = [scene for scene in scenes if scene.at < morning.at]
    for scene in early:
        story.play(scene)
    delivery.daily_round(morning)
    for scene in scenes[len(early) :]:
        story.play(scene)
    delivery.digest(Actor(None, diary.at(number, 18)), Urgency.AT_ONCE)
    _read(story.cast, diary, number)
    progress.take_snapshot(campaign, diary.day(number))


def _read(cast: Cast, diary: Diary, number: int) -> None:
    """Most people read what came the day before; some only once a week."""
    today = [p.pk for n, p in enumerate(cast.everybody) if n % SELDOM or number % SELDOM == 0]
    Notice.objects.filter(person__in=today, at__lt=diary.at(number, 0)).mark_read(diary.at(number, 18, 5))
