"""From the first day of preparation to yesterday evening: the campaign is opened, people work, the clock ticks."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from creation.audit.trail import Actor
from creation.campaigns import opening
from creation.demo import board, leavings, orders, people, queries, readers, timing, urges
from creation.demo.binder import Binder
from creation.demo.making import Maker
from creation.demo.people import Cast
from creation.demo.plot import Fate, Scale, fates
from creation.demo.scripts import SCRIPTS, Scene, Script
from creation.demo.story import Story
from creation.demo.timing import Diary
from creation.demo.words import Words, said_of
from creation.models import Campaign, Holiday, Notice, Task, Unit
from creation.notices import delivery, holidays
from creation.tasks import progress

PRESET = "yuanhui"
SEED = 20210903
SELDOM = 5  # every so many people read their notices only now and then


def diary_of(now: datetime) -> Diary:
    """The same day always tells the same story."""
    today = timezone.localdate(now)
    for year in range((today - timedelta(days=60)).year, (today + timedelta(days=180)).year + 1):
        holidays.fill(year, Actor(None, now))
    return Diary(today, Holiday.objects.calendar(), Random(SEED))  # noqa: S311 - a story, no secret


def prepare(diary: Diary) -> tuple[Campaign, Cast]:
    """The campaign of today's year with its phases moved, its people, and its tasks given out."""
    system = Actor(None, diary.at(timing.PREPARING, 9))
    campaign = opening.open_campaign(PRESET, diary.today.year, system, draft=True)
    units = list(Unit.objects.filter(district=campaign.district).order_by("order", "pk"))
    cast = people.engage(people.seats(units), units, Actor(None, diary.at(timing.PREPARING, 10)), diary.today)
    timing.move_phases(campaign, Actor(cast.coordinator, diary.at(timing.DATING, 15)), diary.today)
    opening.start(campaign, Actor(cast.coordinator, diary.at(timing.OPENING, 8, 30)))
    return campaign, cast


class Season:
    """The days of an opened campaign, each with its scenes."""

    def __init__(self, campaign: Campaign, cast: Cast, diary: Diary, scale: Scale) -> None:
        self.campaign, self.cast, self.diary, self.scale = campaign, cast, diary, scale
        words = Words(diary.rng)
        self.story = Story(cast, diary, words, Binder(diary.rng, Maker(diary.rng, words, scale.pictures)))
        self.days: dict[int, list[Scene]] = defaultdict(list)

    def live(self) -> None:
        """Every day from the opening to yesterday, in order."""
        tasks = Task.objects.live().filter(campaign=self.campaign).for_table().order_by("pk")
        told = [task for task in tasks if said_of(task)]
        self._plan(fates(told, set(self.cast.liaisons), self.diary, self.scale))
        for number in range(timing.OPENING, 0):
            for order in orders.of_day(number):
                given = orders.give(order, self.campaign, self.story)
                self._plan(orders.fates(given, self.diary), since=number)
            self._day(number)
        readers.of_yesterday(self.campaign, self.story)
        leavings.leave(self.campaign, self.story)

    def _plan(self, drawn: Iterable[tuple[Task, Fate]], since: int | None = None) -> None:
        scenes: list[Scene] = []
        for task, fate in drawn:
            SCRIPTS[fate](Script(task, self.diary, scenes, since))
        for scene in sorted(scenes):
            self.days[self.diary.number(timezone.localdate(scene.at))].append(scene)

    def _day(self, number: int) -> None:
        """Reminders in the morning, work, what is urgent in the evening; then the day's figures."""
        morning = Actor(None, self.diary.at(number, delivery.OPENING_HOUR))
        scenes = sorted(self.days[number])
        early = [scene for scene in scenes if scene.at < morning.at]
        self._play(early)
        delivery.daily_round(morning)
        self._play(scenes[len(early) :])
        queries.of_day(number, self.campaign, self.story)
        urges.of_day(number, self.campaign, self.story)
        board.of_day(number, self.campaign, self.story)
        delivery.urgent_round(Actor(None, self.diary.at(number, 18)))
        self._read(number)
        progress.take_snapshot(self.campaign, self.diary.day(number))

    def _play(self, scenes: list[Scene]) -> None:
        for scene in scenes:
            self.story.play(scene)

    def _read(self, number: int) -> None:
        """Most people read what came the day before; some only once in a while."""
        readers = [p.pk for n, p in enumerate(self.cast.everybody) if n % SELDOM or number % (2 * SELDOM) == 0]
        received = Notice.objects.filter(person__in=readers, at__lt=self.diary.at(number, 0))
        received.mark_read(self.diary.at(number, 18, 5))
