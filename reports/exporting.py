"""Papers made by a worker: each takes the job's parameters and gives a file."""

from creation.models import Campaign, Job
from creation.working import File, Report
from reports import scopes
from reports.ledger import write_ledger

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def ledger(job: Job, report: Report) -> File:
    """The ledger of what the owner may see, narrowed by ``params["filter"]``."""
    campaign, now = campaign_of(job), report.clock()
    part = scopes.part_of(campaign, scopes.everything(job.owner), job.params.get("filter", {}), now)
    path = report.folder / "ledger.xlsx"
    count = write_ledger(part.tasks, campaign, scopes.cover_of(campaign, part, now), path, report.step)
    return File(path, scopes.file_name(campaign, part, now), EXCEL, f"{part.scope}，{count} 行")


def campaign_of(job: Job) -> Campaign:
    return Campaign.objects.select_related("district", "host", "system").get(pk=job.params["campaign"])
