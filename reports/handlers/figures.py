"""Reports of figures with their charts."""

from django.utils import timezone

from creation.background import JobContext, ResultFile
from creation.briefing.board import board_of, campaign_with_facts
from creation.lib import filenames
from creation.lib.consistent_reads import consistent_snapshot
from creation.lib.refusals import Refusal
from creation.models import Holiday, Job, Survey
from creation.rules.satisfaction import MIN_ANSWERS
from reports import board_picture, canvas
from reports import surveys as survey_reports
from reports.handlers.common import EXCEL
from reports.word import paper_files

SURVEY_FORMS = {"docx": paper_files.WORD, "xlsx": EXCEL}


def survey(job: Job, job_context: JobContext) -> ResultFile:
    """Make the report of a survey: ``params["form"]`` is docx or xlsx. Raises Refusal while there are too few answers."""
    owner, now = job.owner, job_context.clock()
    seen = Survey.objects.visible_to(owner) if owner else Survey.objects.all()
    found = seen.filter(pk=job.params["survey"]).select_related("campaign__district").first()
    if found is None:
        raise Refusal("这次测评已不在您的范围内，没有生成。")
    with consistent_snapshot():
        results = survey_reports.results_to_report(found, timezone.localdate(now))
    if results is None:
        raise Refusal(f"答卷不足 {MIN_ANSWERS} 份，还不能出报告。")
    form = job.params["form"]
    path = job_context.folder / f"survey.{form}"
    if form == "docx":
        survey_reports.write_word(found, results, path)
    else:
        survey_reports.write_workbook(found, results, path, now)
    name = filenames.clean(survey_reports.file_name(found, now, form))
    return ResultFile(path, name, SURVEY_FORMS[form], f"{found}，{results.answered} 份答卷")


def board(job: Job, job_context: JobContext) -> ResultFile:
    """Draw the leaders' board as the owner sees it. Raises Refusal on a machine without a Chinese font."""
    now = job_context.clock()
    today = timezone.localdate(now)
    if job.owner is None:
        raise Refusal("领导看板的图片须由登录的人员生成。")
    with consistent_snapshot():
        campaign = campaign_with_facts(job.params["campaign"], today)
        found = board_of(campaign, job.owner, today, Holiday.objects.calendar())
    try:
        path = board_picture.write(campaign, found, now, job_context.folder / "board.png")
    except LookupError:
        raise Refusal(canvas.NO_FONT) from None
    return ResultFile(
        path, filenames.clean(f"领导看板_{campaign.district}_{today:%Y%m%d}.png"), "image/png", "1920×1080"
    )
