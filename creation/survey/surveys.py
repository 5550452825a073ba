"""Setting up a survey, answering it behind a code, and entering paper forms."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Max

from creation.audit import audit_log
from creation.audit.actor import Actor
from creation.campaigns.open_campaigns import lock_open
from creation.lib.lock_waits import one_at_a_time
from creation.lib.refusals import Refusal, Stale, require_text
from creation.models import Campaign, Survey, SurveyAnswer, SurveyBatch, SurveyUse, Unit
from creation.rules import satisfaction
from creation.rules.satisfaction import CHOICES
from creation.survey.codes import LINK_FIRST, LINK_SPAN, MOST_LINKS

MAX_QUESTIONS, MAX_QUOTA, MAX_PAPERS, MAX_COMMENT = 20, 5000, 500, 500
KEY_BITS = 60
DEFAULT_QUESTIONS = (
    "您对本地法治政府建设的总体评价",
    "您对行政机关依法办事的评价",
    "您对行政执法公正文明的评价",
    "您对政务公开和办事便利的评价",
    "您对矛盾纠纷化解和法律服务的评价",
)
NO_TITLE, NO_QUESTIONS = "请填写名称，如“2026年法治建设满意度测评”。", "请至少写一道题，一行一题。"
WRONG_END = "结束日期不能早于开始日期，请改正。"
NO_UNITS = "请至少选择一个单位。"
IS_OVER = "测评已经结束，扫码答卷全部计入了结果，不能再延长：再来一份，前后一比就看出它怎么答。还要听意见的，请另组织一次测评。"
USED = "您已经评价过了，或者这个测评码已经用过：一个码、一部手机只能答一次。谢谢您的参与。"
FULL = "答卷已经收满，这个链接不再接收。谢谢您的参与。"
NO_CHOICE = "请为每一题选一项；不清楚的选“不了解”。"


@dataclass(frozen=True, slots=True)
class NewSurvey:
    title: str
    intro: str
    questions: Sequence[str]
    starts: date
    ends: date


def create_survey(campaign: Campaign, new: NewSurvey, actor: Actor) -> Survey:
    """Set up a survey; empty questions are left out. Raises Refusal."""
    questions = [line.strip() for line in new.questions if line.strip()]
    require_text(new.title, NO_TITLE, "title")
    if not questions:
        raise Refusal(NO_QUESTIONS, field="questions")
    if len(questions) > MAX_QUESTIONS:
        raise Refusal(f"最多 {MAX_QUESTIONS} 题，现有 {len(questions)} 题，请减少。", field="questions")
    if new.ends < new.starts:
        raise Refusal(WRONG_END, field="ends")
    with transaction.atomic():
        lock_open(campaign, "不能组织测评")
        if campaign.surveys.filter(title=new.title.strip()).exists():
            raise Refusal("已有同名的测评，请换一个名称。", field="title")
        survey = Survey.objects.create(
            campaign=campaign,
            title=new.title.strip(),
            intro=new.intro.strip(),
            questions=questions,
            starts=new.starts,
            ends=new.ends,
            created_by=actor.human,
            created_at=actor.at,
        )
        audit_log.record(actor, "survey.create", survey, detail=f"{len(questions)} 题")
    return survey


def change_survey(survey: Survey, ends: date, intro: str, seen: int, actor: Actor) -> None:
    """Change the last day and the words for the public; the questions may be answered already. Raises Refusal and Stale.

    A survey that is over shows all its answers, so that going on would tell the next one.
    """
    if ends < survey.starts:
        raise Refusal(WRONG_END, field="ends")
    with transaction.atomic():
        lock_open(survey.campaign, "不能修改测评")
        was = Survey.objects.select_for_update().get(pk=survey.pk)
        if was.ends < actor.today <= ends and was.answers.filter(by_hand=False).exists():
            raise Refusal(IS_OVER, field="ends")
        if not Survey.objects.change(survey.pk, seen, ends=ends, intro=intro.strip()):
            now = Survey.objects.get(pk=survey.pk)
            raise Stale("这次测评刚刚被他人修改，没有保存。请核对后再改。", f"到 {now.ends}\n{now.intro}")
        audit_log.record(actor, "survey.change", survey, detail=f"到 {ends}")


def add_codes(survey: Survey, units: Sequence[Unit], each: int, actor: Actor) -> list[SurveyBatch]:
    """Give each unit so many further codes to print. Raises Refusal."""
    with transaction.atomic():
        _lock_for_codes(survey, units, each)
        last = survey.batches.filter(limit=None).aggregate(last=Max("last"))["last"] or 0
        starts = [last + 1 + place * each for place in range(len(units))]
        made = _add_batches(survey, units, starts, each)
        audit_log.record(actor, "survey.codes", survey, detail=f"{len(units)} 个单位各 {each} 个")
    return made


def add_links(survey: Survey, units: Sequence[Unit], each: int, actor: Actor) -> list[SurveyBatch]:
    """Give each unit a short link that takes so many answers. Raises Refusal."""
    with transaction.atomic():
        _lock_for_codes(survey, units, each)
        count = survey.batches.exclude(limit=None).count()
        if count + len(units) > MOST_LINKS:
            raise Refusal(f"一次测评最多 {MOST_LINKS} 个短链接，已有 {count} 个，请少选几个单位。", field="units")
        starts = [LINK_FIRST + (count + place) * LINK_SPAN for place in range(len(units))]
        made = _add_batches(survey, units, starts, LINK_SPAN, limit=each)
        audit_log.record(actor, "survey.codes", survey, detail=f"{len(units)} 个单位各一个短链接，各收 {each} 份")
    return made


def _lock_for_codes(survey: Survey, units: Sequence[Unit], each: int) -> None:
    if not units:
        raise Refusal(NO_UNITS, field="units")
    if not 1 <= each <= MAX_QUOTA:
        raise Refusal(f"每个单位的份数应为 1 到 {MAX_QUOTA}，请改正。", field="each")
    lock_open(survey.campaign, "不能再生成测评码")
    Survey.objects.select_for_update().get(pk=survey.pk)


def _add_batches(
    survey: Survey, units: Sequence[Unit], starts: Sequence[int], width: int, limit: int | None = None
) -> list[SurveyBatch]:
    return SurveyBatch.objects.bulk_create(
        SurveyBatch(survey=survey, unit=unit, first=first, last=first + width - 1, limit=limit)
        for unit, first in zip(units, starts, strict=True)
    )


def answer(survey: Survey, batch: SurveyBatch, serial: int, choices: Sequence[int], comment: str, day: date) -> None:
    """Store an answer and use up its code, in one transaction. Nobody is logged in, so that nothing is recorded about who it was.

    Raises Refusal. Two rows and nothing else are written while the database is locked: this is done fifty times a second.
    """
    _require_choices(survey, choices)
    if not survey.is_open(day):
        raise Refusal("测评没有开始或已经结束。")
    try:
        with one_at_a_time(), transaction.atomic():
            if batch.is_link and SurveyBatch.objects.select_for_update().get(pk=batch.pk).is_full:
                raise Refusal(FULL)
            SurveyUse.objects.create(pk=_random_key(), survey=survey, serial=serial)
            SurveyAnswer.objects.create(
                pk=_random_key(),
                survey=survey,
                unit_id=batch.unit_id,
                choices=list(choices),
                comment=comment.strip()[:MAX_COMMENT],
                day=day,
            )
    except IntegrityError:
        raise Refusal(USED) from None


def enter_papers(survey: Survey, unit: Unit, lines: Sequence[str], actor: Actor) -> int:
    """Enter paper forms, one a line, each question one digit: all or none. Return their number. Raises Refusal, naming the line."""
    forms = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            forms.append(satisfaction.read_paper(line, len(survey.questions)))
        except ValueError as error:
            raise Refusal(f"第 {number} 行：{error}。一份也没有录入。", field="papers") from None
    if not forms:
        raise Refusal("请录入至少一份答卷，一行一份。", field="papers")
    if len(forms) > MAX_PAPERS:
        raise Refusal(f"一次最多录入 {MAX_PAPERS} 份，请分几次录入。", field="papers")
    with transaction.atomic():
        lock_open(survey.campaign, "不能再录入答卷")
        SurveyAnswer.objects.bulk_create(
            SurveyAnswer(pk=_random_key(), survey=survey, unit=unit, choices=choices, by_hand=True, day=actor.today)
            for choices in forms
        )
        audit_log.record(actor, "survey.papers", survey, detail=f"{unit} {len(forms)} 份")
    return len(forms)


def _random_key() -> int:
    """Return a primary key that tells no order: with running numbers the third answer would be that of the third code used."""
    return secrets.randbits(KEY_BITS) + (1 << KEY_BITS)


def _require_choices(survey: Survey, choices: Sequence[int]) -> None:
    if len(choices) != len(survey.questions) or any(choice not in CHOICES for choice in choices):
        raise Refusal(NO_CHOICE)
