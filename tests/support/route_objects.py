"""Objects of every kind in every scope, and who may know of them. The expected result of each route is computed from these and the policy.

A ``RouteTarget`` is a request: its arguments, the scope of its object (``scope``), and the rights that let a person know of it. ``known``
overrides these for what belongs to one person. ``act_scope`` is the scope in which the route's right is checked, if that is another (a
citation is reviewed by its task, a unit of a campaign by the campaign).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from creation.models import (
    Action,
    ActionFile,
    Announcement,
    AnnouncementFile,
    ApplicationEntry,
    ApplicationReceipt,
    Appraisal,
    AppraisalPoint,
    AppraisalRequest,
    AppraisalSeat,
    Bulletin,
    Campaign,
    CasePicture,
    Channel,
    Citation,
    Commendation,
    Consultation,
    Delivery,
    Digest,
    District,
    EditionChange,
    EvidenceVersion,
    Finding,
    FindingSource,
    InspectionTeam,
    Instruction,
    Job,
    LinkWatch,
    Meeting,
    MeetingFile,
    Membership,
    Nomination,
    Notice,
    Objection,
    Opinion,
    PageMark,
    Paper,
    PaperScan,
    Publicity,
    PublicityFile,
    Question,
    Reply,
    RolloverGap,
    SupervisionOrder,
    SupervisionRound,
    Survey,
    SurveyBatch,
    Task,
    TaskRequest,
    TypicalCase,
    Unit,
    UnitAlias,
    Upload,
    User,
    UserSession,
    Visit,
    VisitCheck,
    VisitPhoto,
)
from creation.rules.policy import Permission, Scope, grant_allows
from tests.support import import_steps, workbook_files
from tests.support.world import NOW, TODAY, World

MISSING = 999_999


@dataclass(frozen=True)
class RouteTarget:
    name: str
    args: dict[str, Any]
    scope: Scope | None = None  # None: there is no such object
    reads: tuple[str, ...] = ()
    known: frozenset[str] | None = None
    act_scope: Scope | None = None
    # If the object is missing inside another: the rights that let a person know of that one.
    around: tuple[str, ...] = ()

    def is_known_to(self, person: User) -> bool:
        if self.known is not None:
            return person.username in self.known
        return self.scope is not None and any(
            grant_allows(g, act, self.scope) for g in person.grants for act in self.reads
        )

    def admits(self, person: User, act: str) -> bool:
        scope = self.act_scope or self.scope
        return not act or (scope is not None and any(grant_allows(grant, act, scope) for grant in person.grants))


TargetFactory = Callable[[World], list[RouteTarget]]


def other_task(world: World) -> Task:
    return Task.objects.get(campaign=world.elsewhere)


def campaign(world: World) -> list[RouteTarget]:
    reads = ("campaign.read",)
    return [
        RouteTarget("own", {"campaign_id": world.campaign.pk}, world.campaign.scope(), reads),
        RouteTarget("elsewhere", {"campaign_id": world.elsewhere.pk}, world.elsewhere.scope(), reads),
        RouteTarget("missing", {"campaign_id": MISSING}),
    ]


def _inside(world: World, key: str, own: int, far: int) -> list[RouteTarget]:
    """A part of a campaign: the right is checked for the campaign before the part is looked up."""
    reads, scope = ("campaign.read",), world.campaign.scope()
    here, there = {"campaign_id": world.campaign.pk}, {"campaign_id": world.elsewhere.pk}
    return [
        RouteTarget("own", here | {key: own}, scope, reads),
        RouteTarget("elsewhere", there | {key: far}, world.elsewhere.scope(), reads),
        RouteTarget("of-elsewhere-under-own", here | {key: far}, act_scope=scope, around=reads),
        RouteTarget("missing", here | {key: MISSING}, act_scope=scope, around=reads),
    ]


def campaign_unit(world: World) -> list[RouteTarget]:
    return _inside(world, "unit_id", world.units["城管局"].pk, other_task(world).unit_id)


def unit_year(world: World) -> list[RouteTarget]:
    """The year-end figures of the own unit, of another, and of one elsewhere."""
    own, other, far = (world.units["城管局"], world.units["老街街道"], other_task(world).unit)
    campaign = world.campaign

    def at(name: str, found: Unit) -> RouteTarget:
        scope = Scope(campaign.district_id, campaign=campaign.pk, unit=found.pk)
        return RouteTarget(name, {"campaign_id": campaign.pk, "unit_id": found.pk}, scope, ("ledger.export",))

    return [
        at("own", own),
        at("other-unit", other),
        RouteTarget("elsewhere", {"campaign_id": campaign.pk, "unit_id": far.pk}),
        RouteTarget("missing", {"campaign_id": campaign.pk, "unit_id": MISSING}),
    ]


def unit_post(world: World) -> list[RouteTarget]:
    own, far = (Membership.objects.get(user__username=name) for name in ("clerk", "outsider"))
    return _inside(world, "pk", own.pk, far.pk)


def phase(world: World) -> list[RouteTarget]:
    return _inside(world, "pk", world.phases["evidence"].pk, other_task(world).phase_id)


def rule(world: World) -> list[RouteTarget]:
    return _inside(world, "pk", world.campaign.rules.earliest("pk").pk, world.elsewhere.rules.earliest("pk").pk)


def action(world: World) -> list[RouteTarget]:
    far = Action.objects.create(phase=other_task(world).phase, code="D-9", title="x", audience="office")
    own = Action.objects.get(phase=world.phases["mobilization"])
    return _inside(world, "pk", own.pk, far.pk)


def undecided(world: World) -> list[RouteTarget]:
    rows = [RolloverGap.objects.create(campaign=each, text="x") for each in (world.campaign, world.elsewhere)]
    return _inside(world, "pk", rows[0].pk, rows[1].pk)


def checkpoint(world: World) -> list[RouteTarget]:
    return _inside(world, "pk", world.indicators["4-3-3"].pk, other_task(world).indicator_id or 0)


def application_receipt(world: World) -> list[RouteTarget]:
    """A receipt of the national site for a checkpoint of each campaign."""
    made = []
    for campaign, task in ((world.campaign, world.tasks["lead"]), (world.elsewhere, other_task(world))):
        by = world.people["coordinator"]
        entry = ApplicationEntry.objects.create(
            campaign=campaign, indicator=task.indicator, created_by=by, created_at=NOW
        )
        facts = {"blob": "ab/" + uuid4().hex, "name": "回执.png", "media_type": "image/png", "sha256": "0" * 64}
        made.append(ApplicationReceipt.objects.create(entry=entry, size=1, created_by=by, created_at=NOW, **facts))
    own, far = made
    places = _inside(world, "pk", own.entry.indicator_id, far.entry.indicator_id)
    return [
        place for each in places for place in _with([each], receipt_id=far.pk if each.name == "elsewhere" else own.pk)
    ]


def _change(campaign: Campaign, by: User, after: bool) -> EditionChange:
    """Create a change of edition: confirmed, or in comparison."""
    before = campaign.system
    system = before.__class__.objects.create(district=before.district, name=before.name, edition="9") if after else None
    done = {"after": system, "confirmed_at": NOW, "confirmed_by": by} if after else {}
    return EditionChange.objects.create(
        campaign=campaign, before=before, file_name="附件1.xlsx", created_by=by, created_at=NOW, edition="9", **done
    )


def edition(world: World) -> list[RouteTarget]:
    """An edition that was replaced; one in comparison has no such page."""
    own = _change(world.campaign, world.people["coordinator"], after=True)
    far = _change(world.elsewhere, world.people["outsider"], after=True)
    return _known_parts(world, own.pk, far.pk)


def _known_parts(world: World, own: int, far: int) -> list[RouteTarget]:
    """A part of a campaign that everybody who knows of the campaign may read."""
    reads = ("campaign.read",)
    here, there = {"campaign_id": world.campaign.pk}, {"campaign_id": world.elsewhere.pk}
    return [
        RouteTarget("own", here | {"pk": own}, world.campaign.scope(), reads),
        RouteTarget("elsewhere", there | {"pk": far}, world.elsewhere.scope(), reads),
        RouteTarget("of-elsewhere-under-own", here | {"pk": far}),
        RouteTarget("missing", here | {"pk": MISSING}),
    ]


def compared(world: World) -> list[RouteTarget]:
    """Campaigns with an edition in comparison."""
    _change(world.campaign, world.people["coordinator"], after=False)
    _change(world.elsewhere, world.people["outsider"], after=False)
    return campaign(world)


def ended_task(world: World) -> list[RouteTarget]:
    """Tasks that a new edition ended; active ones have no such page."""
    reads, far = ("task.read",), other_task(world)
    places = []
    for where, found in (("own", world.tasks["lead"]), ("other-unit", world.tasks["other"]), ("elsewhere", far)):
        Task.objects.filter(pk=found.pk).update(dropped_on=TODAY, ended="要点已删除")
        places.append(RouteTarget(where, {"campaign_id": found.campaign_id, "pk": found.pk}, found.scope(), reads))
    own = places[0].args
    return [
        *places,
        RouteTarget("wrong-campaign", own | {"campaign_id": world.elsewhere.pk}),
        RouteTarget("standing", own | {"pk": world.tasks["assist"].pk}),
        RouteTarget("missing", own | {"pk": MISSING}),
    ]


def item(world: World) -> list[RouteTarget]:
    far = other_task(world).indicator
    assert far is not None
    return _inside(world, "pk", world.indicators["4-3"].pk, far.parent_id or 0)


def task(world: World) -> list[RouteTarget]:
    reads, dropped = ("task.read",), world.tasks["action"]
    Task.objects.filter(pk=dropped.pk).update(dropped_on=TODAY)
    far = other_task(world)

    def at(found: Task, campaign: Campaign) -> dict[str, Any]:
        return {"campaign_id": campaign.pk, "pk": found.pk}

    return [
        RouteTarget("own", at(world.tasks["lead"], world.campaign), world.tasks["lead"].scope(), reads),
        RouteTarget("other-unit", at(world.tasks["other"], world.campaign), world.tasks["other"].scope(), reads),
        RouteTarget("elsewhere", at(far, world.elsewhere), far.scope(), reads),
        RouteTarget("wrong-campaign", at(world.tasks["lead"], world.elsewhere)),
        RouteTarget("dropped", at(dropped, world.campaign)),
        RouteTarget("missing", {"campaign_id": world.campaign.pk, "pk": MISSING}),
    ]


def _with(places: list[RouteTarget], **more: Any) -> list[RouteTarget]:
    return [replace(place, args=place.args | more) for place in places]


def measured(world: World) -> list[RouteTarget]:
    """A reading of the measure of the own task."""
    measure = world.tasks["lead"].indicator.measures.get()
    own = [place for place in task(world) if place.name != "other-unit" and place.name != "elsewhere"]
    return _with(own, measure_id=measure.pk, period="2026")


def measure(world: World) -> list[RouteTarget]:
    """A measure of the campaign, with the own unit's figures only."""
    measure, scope = world.tasks["lead"].indicator.measures.get(), world.campaign.scope()
    own = {"campaign_id": world.campaign.pk, "pk": measure.pk}
    return [
        RouteTarget("own", own, scope, ("campaign.read",)),
        RouteTarget("wrong-campaign", own | {"campaign_id": world.elsewhere.pk}),
        RouteTarget("missing", own | {"pk": MISSING}, around=("campaign.read",)),
    ]


def request(world: World) -> list[RouteTarget]:
    places = []
    for place in task(world):
        found = Task.objects.filter(pk=place.args["pk"]).first()
        asked = found and TaskRequest.objects.get_or_create(
            task=found,
            kind="objection",
            defaults={"reason": "非本单位职责", "created_by": found.owner, "created_at": NOW},
        )
        places += _with([place], request_id=asked[0].pk if asked else MISSING)
    return places


def citation(world: World) -> list[RouteTarget]:
    cited = {name: world.cite(name, by=by) for name, by in (("lead", "liaison"), ("other", "rival"))}
    places = {place.name: place for place in task(world)}
    own, other = places["own"], places["other-unit"]
    scope = own.scope
    return [
        *_with([own], citation_id=cited["lead"].pk),
        *_with([other], citation_id=cited["other"].pk),
        *_with([places["dropped"], places["missing"]], citation_id=cited["lead"].pk),
        RouteTarget(
            "of-another-task",
            own.args | {"citation_id": cited["other"].pk},
            act_scope=scope,
            known=frozenset(),
            around=("task.read",),
        ),
        RouteTarget(
            "missing-citation",
            own.args | {"citation_id": MISSING},
            act_scope=scope,
            known=frozenset(),
            around=("task.read",),
        ),
    ]


def marked(world: World) -> list[RouteTarget]:
    """A mark on a page of cited evidence."""
    places = []
    for place in citation(world):
        cited = Citation.objects.filter(pk=place.args["citation_id"]).first()
        mark = cited and PageMark.objects.create(
            citation=cited,
            version=cited.evidence.versions.get(),
            page=1,
            created_by=world.people["reviewer"],
            created_at=NOW,
        )
        places += _with([place], mark_id=mark.pk if mark else MISSING)
    return places


def evidence(world: World) -> list[RouteTarget]:
    """Evidence is known where it is cited; the unit's own also if it is not cited."""
    reads = ("evidence.read",)
    own, other = world.cite("lead").evidence, world.cite("other", by="rival").evidence
    loose = world.cite("action")
    loose.removed_at = NOW
    loose.save()
    unit = Scope(world.district.pk, world.campaign.pk, world.units["城管局"].pk)
    units_only = frozenset({"liaison", "clerk", "leader"})
    return [
        RouteTarget("own", {"pk": own.pk}, unit, reads, act_scope=own.scope()),
        RouteTarget("other-unit", {"pk": other.pk}, world.tasks["other"].scope(), reads, act_scope=other.scope()),
        RouteTarget("cited-nowhere", {"pk": loose.evidence_id}, loose.evidence.scope(), known=units_only),
        RouteTarget("missing", {"pk": MISSING}),
    ]


def library_piece(world: World) -> list[RouteTarget]:
    """Evidence in the library of a campaign."""
    own, *others = evidence(world)
    elsewhere = RouteTarget("wrong-campaign", own.args | {"campaign_id": world.elsewhere.pk})
    return [*_with([own, *others], campaign_id=world.campaign.pk), elsewhere]


def version(world: World) -> list[RouteTarget]:
    return _with(evidence(world), number=1)


def link(world: World) -> list[RouteTarget]:
    """A link cited by a task of the campaign; another campaign does not know of it."""
    reads, made = ("evidence.read",), {}
    for name, by in (("lead", "liaison"), ("other", "rival")):
        version = world.cite(name, by=by).evidence.versions.get()
        EvidenceVersion.objects.filter(pk=version.pk).update(url="https://example.org/", text="")
        made[name] = LinkWatch.objects.create(version=version, next_at=NOW)
    here = {"campaign_id": world.campaign.pk}
    return [
        RouteTarget(
            where,
            here | {"pk": made[name].pk},
            world.tasks[name].scope(),
            reads,
            act_scope=made[name].scope(),
        )
        for where, name in (("own", "lead"), ("other-unit", "other"))
    ] + [
        RouteTarget("wrong-campaign", {"campaign_id": world.elsewhere.pk, "pk": made["lead"].pk}),
        RouteTarget("missing", here | {"pk": MISSING}),
    ]


def attachment(world: World) -> list[RouteTarget]:
    """An attachment of an action, for the units that have its task."""
    own = world.tasks["action"]
    rival = Task.objects.create(
        campaign=world.campaign, unit=world.units["老街街道"], action=own.action, phase=own.phase, due_on=own.due_on
    )
    file = ActionFile.objects.create(
        action=own.action,
        name="方案.pdf",
        blob="ab/" + uuid4().hex,
        sha256="0" * 64,
        size=1,
        media_type="application/pdf",
    )
    reads, there = ("task.read",), {"campaign_id": world.campaign.pk, "file_id": file.pk}
    return [
        RouteTarget("own", there | {"pk": own.pk}, own.scope(), reads),
        RouteTarget("other-unit", there | {"pk": rival.pk}, rival.scope(), reads),
        RouteTarget("of-another-task", there | {"pk": world.tasks["lead"].pk}),
        RouteTarget("missing", there | {"pk": MISSING}),
    ]


def announcement(world: World) -> list[RouteTarget]:
    """An announcement to one unit, and one to another unit."""
    return [place for place, _ in _announced(world)]


def job(world: World) -> list[RouteTarget]:
    """A job is known only to its owner, even if that is the office; a preview job has no page."""

    def asked(name: str, kind: str = "ledger") -> dict[str, Any]:
        params = {"campaign": world.campaign.pk}
        row = Job.objects.create(
            kind=kind, params=params, owner=world.people[name], running_key=f"{kind}/{name}", queued_at=NOW
        )
        return {"pk": row.pk}

    return [
        RouteTarget("own", asked("liaison"), known=frozenset({"liaison"})),
        RouteTarget("the-office's", asked("coordinator"), known=frozenset({"coordinator"})),
        RouteTarget("a-drawing", asked("liaison", "preview"), known=frozenset()),
        RouteTarget("missing", {"pk": MISSING}),
    ]


def _announced(world: World) -> list[tuple[RouteTarget, Announcement]]:
    made = []
    for number, (name, unit) in enumerate({"own": "城管局", "other-unit": "老街街道"}.items(), 1):
        row = Announcement.objects.create(
            campaign=world.campaign,
            number=number,
            title="x",
            body="x",
            issued_by=world.people["coordinator"],
            issued_at=NOW,
        )
        row.units.add(world.units[unit])
        scope = Scope(world.district.pk, world.campaign.pk, world.units[unit].pk)
        args = {"campaign_id": world.campaign.pk, "pk": row.pk}
        made.append((RouteTarget(name, args, scope, ("announcement.read",)), row))
    wrong = RouteTarget("wrong-campaign", {"campaign_id": world.elsewhere.pk, "pk": made[0][1].pk})
    missing = RouteTarget("missing", {"campaign_id": world.campaign.pk, "pk": MISSING})
    return [*made, (wrong, made[0][1]), (missing, made[0][1])]


def paper(world: World) -> list[RouteTarget]:
    """A paper for the own unit's stamp, and one for another unit's."""
    return [place for place, _ in _papers(world)]


def bulletin(world: World) -> list[RouteTarget]:
    """An issue that went out in this campaign, and one of another."""
    facts = {"number": 1, "title": "x", "first": TODAY, "last": TODAY, "name": "x.docx", "media_type": "x/y"}
    facts |= {"sha256": "0" * 64, "size": 1, "created_by": world.people["coordinator"], "created_at": NOW}
    rows = [
        Bulletin.objects.create(campaign=campaign, blob="ab/" + uuid4().hex, **facts)
        for campaign in (world.campaign, world.elsewhere)
    ]
    return _inside(world, "pk", rows[0].pk, rows[1].pk)


def paper_scan(world: World) -> list[RouteTarget]:
    places = []
    for place, row in _papers(world):
        facts = {"blob": "ab/" + uuid4().hex, "name": "扫描.pdf", "media_type": "application/pdf", "sha256": "0" * 64}
        scan = PaperScan.objects.create(paper=row, size=1, created_by=row.created_by, created_at=NOW, **facts)
        places += _with([place], scan_id=scan.pk)
    return places


def _papers(world: World) -> list[tuple[RouteTarget, Paper]]:
    reads, found = ("paper.read",), []
    for serial, (where, name) in enumerate((("own", "lead"), ("other-unit", "other")), 1):
        task = world.tasks[name]
        row = Paper.objects.create(
            campaign=task.campaign, kind="ledger", serial=serial, title="台账", unit=task.unit, digest="0" * 64,
            created_by=world.people["coordinator"], created_at=NOW, blob="ab/" + uuid4().hex, name="台账.xlsx", media_type="x/y",
        )  # fmt: skip
        found.append((RouteTarget(where, {"campaign_id": task.campaign_id, "pk": row.pk}, row.scope(), reads), row))
    return found


def announcement_file(world: World) -> list[RouteTarget]:
    places = []
    for place, row in _announced(world):
        file = AnnouncementFile.objects.create(
            announcement=row,
            name="通知.pdf",
            blob="ab/" + uuid4().hex,
            sha256="0" * 64,
            size=1,
            media_type="application/pdf",
        )
        places += _with([place], file_id=file.pk)
    return places


def finding(world: World) -> list[RouteTarget]:
    """A finding that the own unit has to rectify, and one of another unit."""
    return [place for place, _ in _found(world)]


def rectification(world: World) -> list[RouteTarget]:
    """The rectification of the own unit, and one of another unit."""
    return [replace(place, args=place.args | {"pk": task}) for place, task in _found(world)]


def _found(world: World) -> list[tuple[RouteTarget, int]]:
    made, reads = [], ("finding.read",)
    source = FindingSource.objects.create(district=world.district, name="集中督导")
    for number, (where, name) in enumerate((("own", "lead"), ("other-unit", "other")), 1):
        unit, facts = world.tasks[name].unit, {"created_by": world.people["inspector"], "created_at": NOW}
        row = Finding.objects.create(
            campaign=world.campaign, serial=number, code=f"W00{number}", title="x", source=source, **facts
        )
        task = Task.objects.create(campaign=world.campaign, unit=unit, finding=row, phase=world.phases["evidence"])
        args = {"campaign_id": world.campaign.pk, "pk": row.pk}
        made.append((RouteTarget(where, args, task.scope(), reads, act_scope=task.scope()), task.pk))
    return made


def commendation(world: World) -> list[RouteTarget]:
    row = _call(world)
    own = {"campaign_id": world.campaign.pk, "pk": row.pk}
    return [
        RouteTarget("own", own, row.scope(), ("commendation.read",)),
        RouteTarget("wrong-campaign", own | {"campaign_id": world.elsewhere.pk}),
        RouteTarget("missing", own | {"pk": MISSING}),
    ]


def _call(world: World) -> Commendation:
    return Commendation.objects.create(
        campaign=world.campaign,
        name="x",
        collectives=1,
        people=1,
        conditions="x",
        nominate_until=TODAY,
        quorum=1,
        created_by=world.people["coordinator"],
        created_at=NOW,
    )


def _nominated(world: World) -> list[tuple[str, Nomination]]:
    """A nomination of the own unit and one of another, before the public notice."""
    call = _call(world)
    return [
        (
            where,
            Nomination.objects.create(
                commendation=call,
                serial=serial,
                unit=world.tasks[name].unit,
                kind="person",
                name="x",
                created_by=world.people["coordinator"],
                created_at=NOW,
            ),
        )
        for serial, (where, name) in enumerate((("own", "lead"), ("other-unit", "other")), 1)
    ]


def _about_nominations(world: World, make: Callable[[Nomination], Any]) -> list[RouteTarget]:
    places = [
        RouteTarget(
            where,
            {"campaign_id": world.campaign.pk, "pk": make(row).pk},
            row.scope(),
            ("commendation.read",),
        )
        for where, row in _nominated(world)
    ]
    return [
        *places,
        RouteTarget("wrong-campaign", places[0].args | {"campaign_id": world.elsewhere.pk}),
        RouteTarget("missing", places[0].args | {"pk": MISSING}),
    ]


def nomination(world: World) -> list[RouteTarget]:
    return _about_nominations(world, lambda row: row)


def consultation(world: World) -> list[RouteTarget]:
    by = world.people["coordinator"]
    return _about_nominations(
        world,
        lambda row: Consultation.objects.create(
            nomination=row, organ="公安机关", asked_on=TODAY, answer_by=TODAY, asked_by=by
        ),
    )


def objection(world: World) -> list[RouteTarget]:
    by = world.people["coordinator"]
    return _about_nominations(
        world,
        lambda row: Objection.objects.create(
            nomination=row, received_on=TODAY, text="x", recorded_by=by, recorded_at=NOW
        ),
    )


def appraisal(world: World) -> list[RouteTarget]:
    row = Appraisal.objects.create(
        campaign=world.campaign,
        name="x",
        starts=TODAY,
        ends=TODAY,
        created_by=world.people["coordinator"],
        created_at=NOW,
    )
    own = {"campaign_id": world.campaign.pk, "pk": row.pk}
    return [
        RouteTarget("own", own, row.scope(), ("appraisal.read",)),
        RouteTarget("wrong-campaign", own | {"campaign_id": world.elsewhere.pk}),
        RouteTarget("missing", own | {"pk": MISSING}),
    ]


def appraised(world: World) -> list[RouteTarget]:
    unit = world.tasks["lead"].unit
    places = appraisal(world)
    Appraisal.objects.get(pk=places[0].args["pk"]).units.add(unit)
    return _with(places, unit_id=unit.pk)


def appraised_point(world: World) -> list[RouteTarget]:
    places = appraised(world)
    found = Appraisal.objects.get(pk=places[0].args["pk"])
    point = AppraisalPoint.objects.create(appraisal=found, title="x", points=1, order=1)
    return _with(places, point_id=point.pk)


def appraisal_request(world: World) -> list[RouteTarget]:
    """A request of the assessor to the own unit, and one to another."""
    row, places = Appraisal.objects.get(pk=appraisal(world)[0].args["pk"]), []
    seat = AppraisalSeat.objects.create(appraisal=row, person=world.people["assessor"])
    point = AppraisalPoint.objects.create(appraisal=row, title="x", points=1, order=1)
    for where, name in (("own", "lead"), ("other-unit", "other")):
        unit = world.tasks[name].unit
        asked = AppraisalRequest.objects.create(seat=seat, point=point, unit=unit, text="x", asked_at=NOW)
        scope = asked.scope()
        known = {"assessor"} | {
            who
            for who, person in world.people.items()
            for grant in person.grants
            if grant_allows(grant, Permission.APPRAISAL_ANSWER, scope)
            or grant_allows(grant, Permission.APPRAISAL_MANAGE, scope)
        }
        args = {"campaign_id": world.campaign.pk, "pk": asked.pk}
        places.append(RouteTarget(where, args, scope, known=frozenset(known)))
    return places


def city(world: World) -> list[RouteTarget]:
    """The own district, made a city, another one, and one that has no districts."""
    for number, place in enumerate((world.district, world.elsewhere.district)):
        District.objects.create(name=f"区县{number}", parent=place)
    alone = District.objects.create(name="没有下级")
    return [
        RouteTarget("own", {"pk": world.district.pk}, world.district.scope(), ("districts.read",)),
        RouteTarget(
            "elsewhere", {"pk": world.elsewhere.district_id}, world.elsewhere.district.scope(), ("districts.read",)
        ),
        RouteTarget("without-districts", {"pk": alone.pk}),
        RouteTarget("missing", {"pk": MISSING}),
    ]


def survey(world: World) -> list[RouteTarget]:
    row = Survey.objects.create(
        campaign=world.campaign, title="x", questions=["x"], starts=TODAY, ends=TODAY,
        created_by=world.people["coordinator"], created_at=NOW,
    )  # fmt: skip
    own = {"campaign_id": world.campaign.pk, "pk": row.pk}
    return [
        RouteTarget("own", own, row.scope(), ("survey.read",)),
        RouteTarget("wrong-campaign", own | {"campaign_id": world.elsewhere.pk}),
        RouteTarget("missing", own | {"pk": MISSING}),
    ]


def survey_batch(world: World) -> list[RouteTarget]:
    places = survey(world)
    found = Survey.objects.get(pk=places[0].args["pk"])
    batch = SurveyBatch.objects.create(survey=found, unit=world.tasks["lead"].unit, first=1, last=3)
    return _with(places, batch_id=batch.pk)


def publicity(world: World) -> list[RouteTarget]:
    """An entry of the own unit, and one of another."""
    return [place for place, _ in _published(world)]


def publicity_file(world: World) -> list[RouteTarget]:
    places = []
    for place, row in _published(world):
        facts = {"blob": "ab/" + uuid4().hex, "sha256": "0" * 64, "size": 1, "media_type": "image/png"}
        places += _with([place], file_id=PublicityFile.objects.create(item=row, name="剪报.png", **facts).pk)
    return places


def _published(world: World) -> list[tuple[RouteTarget, Publicity]]:
    made = []
    for where, name in (("own", "lead"), ("other-unit", "other")):
        row = Publicity.objects.create(
            campaign=world.campaign, unit=world.tasks[name].unit, title="x", medium="x", level="city", published_on=TODAY,
            created_by=world.people["coordinator"], created_at=NOW,
        )  # fmt: skip
        args = {"campaign_id": world.campaign.pk, "pk": row.pk}
        made.append((RouteTarget(where, args, row.scope(), ("publicity.read",)), row))
    return made


def case(world: World) -> list[RouteTarget]:
    """A typical case of the own unit, and one of another."""
    return [place for place, _ in _written(world)]


def case_picture(world: World) -> list[RouteTarget]:
    places = []
    for place, row in _written(world):
        facts = {"blob": "ab/" + uuid4().hex, "sha256": "0" * 64, "size": 1, "media_type": "image/png"}
        places += _with([place], file_id=CasePicture.objects.create(case=row, name="现场.png", **facts).pk)
    return places


def _written(world: World) -> list[tuple[RouteTarget, TypicalCase]]:
    made = []
    for where, name in (("own", "lead"), ("other-unit", "other")):
        row = TypicalCase.objects.create(
            campaign=world.campaign, unit=world.tasks[name].unit, title="x", practice="x", results="x",
            created_by=world.people["coordinator"], created_at=NOW,
        )  # fmt: skip
        args = {"campaign_id": world.campaign.pk, "pk": row.pk}
        made.append((RouteTarget(where, args, row.scope(), ("publicity.read",)), row))
    return made


def supervision_round(world: World) -> list[RouteTarget]:
    """A round with a visit to the own unit, and one with a visit to another."""
    return [
        replace(place, args=place.args | {"pk": row.round_id}, act_scope=world.campaign.scope())
        for place, row in _visits(world)
    ]


def inspection_team(world: World) -> list[RouteTarget]:
    return [
        replace(place, args=place.args | {"pk": row.round_id, "team_id": row.team_id}, act_scope=world.campaign.scope())
        for place, row in _visits(world)
    ]


def visit(world: World) -> list[RouteTarget]:
    """A recorded visit to the own unit, and one to another."""
    return [place for place, _ in _visits(world)]


def visit_line(world: World) -> list[RouteTarget]:
    return [
        replace(place, args=place.args | {"line": _noted(world, row).key, "key": uuid4()})
        for place, row in _visits(world)
    ]


def visit_photo(world: World) -> list[RouteTarget]:
    places = []
    for place, row in _visits(world):
        facts = {
            "blob": "ab/" + uuid4().hex,
            "name": "现场.jpg",
            "media_type": "image/jpeg",
            "sha256": "0" * 64,
            "size": 1,
        }
        line = _noted(world, row)
        photo = VisitPhoto.objects.create(line=line, key=uuid4(), created_by=line.created_by, created_at=NOW, **facts)
        places.append(replace(place, args=place.args | {"photo_id": photo.pk}))
    return places


def _noted(world: World, visit: Visit) -> VisitCheck:
    person = world.people["inspector"]
    return VisitCheck.objects.create(visit=visit, key=uuid4(), about="台账", created_by=person, created_at=NOW)


def _visits(world: World) -> list[tuple[RouteTarget, Visit]]:
    made, reads, person = [], ("visit.read",), world.people["inspector"]
    for number, (where, name) in enumerate((("own", "城管局"), ("other-unit", "老街街道")), 1):
        row = SupervisionRound.objects.create(
            campaign=world.campaign, number=number, name=f"第{number}轮", starts=TODAY, ends=TODAY, created_by=person, created_at=NOW,
        )  # fmt: skip
        team = InspectionTeam.objects.create(round=row, name="第一组", leader=person)
        visit = Visit.objects.create(
            round=row, team=team, unit=world.units[name], day=TODAY, announced_for=TODAY, feedback="x",
            recorded_by=person, recorded_at=NOW,
        )  # fmt: skip
        args = {"campaign_id": world.campaign.pk, "pk": visit.pk}
        made.append((RouteTarget(where, args, visit.scope(), reads), visit))
    return made


def order(world: World) -> list[RouteTarget]:
    """A supervision order that the own unit has to answer, and one of another unit."""
    made = []
    for serial, (where, name) in enumerate((("own", "lead"), ("other-unit", "other")), 1):
        unit, phase = world.tasks[name].unit, world.phases["evidence"]
        action = Action.objects.create(
            phase=phase, code=f"DB-{serial}", title="x", audience="chosen", modes=["statement"]
        )
        task = Task.objects.create(campaign=world.campaign, unit=unit, action=action, phase=phase)
        row = SupervisionOrder.objects.create(
            campaign=world.campaign,
            serial=serial,
            action=action,
            lead=unit,
            issued_by=world.people["inspector"],
            issued_at=NOW,
        )
        args = {"campaign_id": world.campaign.pk, "pk": row.pk}
        made.append(RouteTarget(where, args, task.scope(), ("order.read",), act_scope=task.scope()))
    return made


def meeting(world: World) -> list[RouteTarget]:
    """A meeting of the campaign, which belongs to no unit."""
    row = Meeting.objects.create(
        campaign=world.campaign,
        kind="weekly",
        title="x",
        held_on=TODAY,
        recorded_by=world.people["coordinator"],
        recorded_at=NOW,
    )
    args = {"campaign_id": world.campaign.pk, "pk": row.pk}
    return [
        RouteTarget("own", args, row.scope(), ("meeting.read",)),
        RouteTarget("wrong-campaign", args | {"campaign_id": world.elsewhere.pk}),
        RouteTarget("missing", args | {"pk": MISSING}),
    ]


def meeting_file(world: World) -> list[RouteTarget]:
    places = meeting(world)
    file = MeetingFile.objects.create(
        meeting_id=places[0].args["pk"], name="签到册.pdf", blob="ab/" + uuid4().hex, sha256="0" * 64, size=1,
        media_type="application/pdf",
    )  # fmt: skip
    return _with(places, file_id=file.pk)


def question(world: World) -> list[RouteTarget]:
    """A question of the own unit, and one of another."""
    reads, places = ("question.read",), []
    for where, name in (("own", "lead"), ("other-unit", "other")):
        task = world.tasks[name]
        asked = Question.objects.create(task=task, text="x", created_by=task.owner, created_at=NOW)
        places.append(RouteTarget(where, {"campaign_id": task.campaign_id, "pk": asked.pk}, asked.scope(), reads))
    own = places[0].args
    return [
        *places,
        RouteTarget("wrong-campaign", own | {"campaign_id": world.elsewhere.pk}),
        RouteTarget("missing", own | {"pk": MISSING}),
    ]


def reply(world: World) -> list[RouteTarget]:
    """A reply published on a work item of the own unit only; one to another unit's question, on a work item of that unit."""
    reads, at = (
        ("question.read",),
        {"campaign": world.campaign, "created_by": world.people["coordinator"], "created_at": NOW},
    )
    shown = Reply.objects.create(asked="x", text="x", action=world.tasks["action"].action, published_at=NOW, **at)
    kept = Reply.objects.create(asked="x", text="x", indicator=world.tasks["other"].indicator, **at)
    other = world.tasks["other"]
    Question.objects.create(task=other, text="x", created_by=other.owner, created_at=NOW, reply=kept, replied_at=NOW)
    here = {"campaign_id": world.campaign.pk}
    return [
        RouteTarget("own", here | {"pk": shown.pk}, world.tasks["action"].scope(), reads),
        RouteTarget("other-unit", here | {"pk": kept.pk}, other.scope(), reads),
        RouteTarget("wrong-campaign", {"campaign_id": world.elsewhere.pk, "pk": shown.pk}),
        RouteTarget("missing", here | {"pk": MISSING}),
    ]


def instruction(world: World) -> list[RouteTarget]:
    reads, here = ("instruction.read",), {"campaign_id": world.campaign.pk}
    written = {"text": "x", "created_by": world.people["chief"], "created_at": NOW}
    own = Instruction.objects.create(campaign=world.campaign, **written)
    far = Instruction.objects.create(campaign=world.elsewhere, **written)
    return [
        RouteTarget("own", here | {"pk": own.pk}, world.campaign.scope(), reads),
        RouteTarget("elsewhere", {"campaign_id": world.elsewhere.pk, "pk": far.pk}, world.elsewhere.scope(), reads),
        RouteTarget("wrong-campaign", {"campaign_id": world.elsewhere.pk, "pk": own.pk}),
        RouteTarget("missing", here | {"pk": MISSING}),
    ]


def opinion(world: World) -> list[RouteTarget]:
    reads, here = ("opinion.read", "opinion.write"), {"campaign_id": world.campaign.pk}
    task = world.tasks["lead"]
    own = Opinion.objects.create(task=task, text="x", created_by=world.people["assessor"], created_at=NOW)
    return [
        RouteTarget("own", here | {"pk": own.pk}, task.scope(), reads),
        RouteTarget("wrong-campaign", {"campaign_id": world.elsewhere.pk, "pk": own.pk}),
        RouteTarget("missing", here | {"pk": MISSING}),
    ]


def upload(world: World) -> list[RouteTarget]:
    def begun(by: str, name: str) -> Upload:
        return Upload.objects.create(
            token=uuid4(), person=world.people[by], task=world.tasks[name], name="a.pdf", size=9, started_at=NOW
        )

    own, dropped = begun("liaison", "lead"), begun("liaison", "action")
    Task.objects.filter(pk=world.tasks["action"].pk).update(dropped_on=TODAY)
    return [
        RouteTarget("own", {"token": own.token}, own.task.scope(), known=frozenset({"liaison"})),
        RouteTarget("dropped", {"token": dropped.token}, known=frozenset()),
        RouteTarget("missing", {"token": uuid4()}, known=frozenset()),
    ]


def notice(world: World) -> list[RouteTarget]:
    mine = Notice.objects.create(
        person=world.people["liaison"], kind="changed", subject="x", slot="x", text="x", created_at=NOW
    )
    return [
        RouteTarget("own", {"pk": mine.pk}, known=frozenset({"liaison"})),
        RouteTarget("missing", {"pk": MISSING}, known=frozenset()),
    ]


def channel(world: World) -> list[RouteTarget]:
    own, far = (
        Channel.objects.create(district=district, kind="smtp", name="邮件", sealed="x")
        for district in (world.district, world.elsewhere.district)
    )
    reads = ("channels.manage",)
    return [
        RouteTarget("own", {"pk": own.pk}, own.scope(), reads),
        RouteTarget("elsewhere", {"pk": far.pk}, far.scope(), reads),
        RouteTarget("missing", {"pk": MISSING}),
    ]


def delivery(world: World) -> list[RouteTarget]:
    """A failed delivery to a person of the own district, and to one of another."""
    places = []
    for where, name in (("own", "liaison"), ("elsewhere", "outsider")):
        digest = Digest.objects.create(person=world.people[name], day=TODAY, urgency="daily", created_at=NOW)
        failed = Delivery.objects.create(digest=digest, channel="smtp/0", state="failed")
        places.append(RouteTarget(where, {"pk": failed.pk}, failed.scope(), ("proof.read",)))
    return [*places, RouteTarget("missing", {"pk": MISSING})]


def session(world: World) -> list[RouteTarget]:
    begun = NOW - timedelta(minutes=5)
    mine = UserSession.objects.create(
        user=world.people["liaison"], session_key="elsewhere", started_at=begun, seen_at=begun
    )
    return [
        RouteTarget("own", {"pk": mine.pk}, known=frozenset({"liaison"})),
        RouteTarget("missing", {"pk": MISSING}, known=frozenset()),
    ]


PEOPLE_READS = ("phone.reveal", "liaisons.read", "accounts.manage")


def person(world: World) -> list[RouteTarget]:
    """A clerk, whom a colleague may know; one's own pages have other routes."""
    scopes = {name: world.people[name].scope() for name in ("clerk", "rival", "outsider")}
    places = {"own": "clerk", "other-unit": "rival", "elsewhere": "outsider"}
    return [
        *[
            RouteTarget(where, {"pk": world.people[name].pk}, scopes[name], PEOPLE_READS)
            for where, name in places.items()
        ],
        RouteTarget("missing", {"pk": MISSING}),
    ]


def membership(world: World) -> list[RouteTarget]:
    held = {m.user_id: m.pk for m in Membership.objects.all()}
    places = [p for p in person(world) if p.name != "missing"]
    mixed = RouteTarget(
        "of-another-person",
        {"pk": world.people["clerk"].pk, "membership": held[world.people["rival"].pk]},
        act_scope=world.people["clerk"].scope(),
        known=frozenset(),
        around=PEOPLE_READS,
    )
    return [*[_with([place], membership=held[place.args["pk"]])[0] for place in places], mixed]


def unit_alias(world: World) -> list[RouteTarget]:
    def at(name: str, found: Unit, alias: str) -> RouteTarget:
        made = UnitAlias.objects.create(
            district=found.district, name=alias, unit=found, created_by=world.people["coordinator"], created_at=NOW
        )
        return RouteTarget(name, {"pk": made.pk}, made.scope(), ("units.manage",))

    return [
        at("own", world.units["城管局"], "综合执法大队"),
        at("elsewhere", other_task(world).unit, "住房局"),
        RouteTarget("missing", {"pk": MISSING}),
    ]


def unit(world: World) -> list[RouteTarget]:
    reads, far = ("campaign.read", "units.manage"), other_task(world).unit

    def at(name: str, found: Unit) -> RouteTarget:
        return RouteTarget(name, {"pk": found.pk}, found.scope(), reads)

    return [
        at("own", world.units["城管局"]),
        at("other-unit", world.units["老街街道"]),
        at("elsewhere", far),
        RouteTarget("missing", {"pk": MISSING}),
    ]


def intake(world: World) -> list[RouteTarget]:
    """An unfinished upload, known only to its sender."""
    own = import_steps.receive(world, "coordinator", "liaisons", workbook_files.liaisons())
    args, mine = {"campaign_id": world.campaign.pk, "pk": own.pk}, frozenset({"coordinator"})
    return [
        RouteTarget("own", args, world.campaign.scope(), known=mine),
        RouteTarget("wrong-campaign", args | {"campaign_id": world.elsewhere.pk}, known=frozenset()),
        RouteTarget("missing", args | {"pk": MISSING}, known=frozenset()),
    ]


def page(world: World) -> list[RouteTarget]:
    """No object: the page opens for everybody who has its right anywhere."""
    return [RouteTarget("page", {})]
