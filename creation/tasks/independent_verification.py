"""Who may verify that a rectification is done: somebody who wrote neither the finding nor the rectification.

Whoever recorded a finding may return a report, or open it again. Where the inspection group has nobody else, the writer verifies and says
why, which the history keeps.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Value

from creation.audit.actor import Actor
from creation.lib.refusals import Refusal, require_text
from creation.models import FindingChange, Membership, RectificationPlan, Submission, Task, User
from creation.rules.policy import Role

NO_REASON = "请写明为什么由您本人核查，会记入办理记录。"


@dataclass(frozen=True, slots=True)
class Verifier:
    """What the person wrote, "" for nothing; and who of the inspection group could verify instead."""

    wrote: str = ""
    others: tuple[str, ...] = ()

    @property
    def refusal(self) -> str:
        """Return why the person may not verify, or ""."""
        if not self.wrote or not self.others:
            return ""
        return f"您{self.wrote}，销号等核查须由督导检查组没有参与过的人办理：{'、'.join(self.others)}。"

    @property
    def must_say_why(self) -> bool:
        return bool(self.wrote) and not self.others


def verifier_of(task: Task, person: User, today: date) -> Verifier:
    writers = _writers(task)
    if person.pk not in writers:
        return Verifier()
    group = Membership.objects.recipients(today, Role.INSPECTOR).for_campaign(task.campaign).people()
    return Verifier(writers[person.pk], tuple(other.name for other in group if other.pk not in writers))


def require_independent(task: Task, actor: Actor, why: str) -> str:
    """Return what the history says about a verification by a writer, "" for anybody else. Raises Refusal."""
    verifier = verifier_of(task, actor.human, actor.today)
    if verifier.refusal:
        raise Refusal(verifier.refusal)
    if not verifier.must_say_why:
        return ""
    require_text(why, NO_REASON, "why_alone")
    return f"（核查人{verifier.wrote}，督导检查组没有其他人可以核查：{why.strip()}）"


def _writers(task: Task) -> dict[int, str]:
    """Return who wrote the rectification or the finding, and what."""
    reports = Submission.objects.filter(task=task).annotate(what=Value("报送过这项整改"))
    plans = RectificationPlan.objects.filter(task=task).annotate(what=Value("填写过整改方案"))
    wordings = FindingChange.objects.filter(finding=task.finding_id).annotate(what=Value("修改过问题表述"))
    written = reports.order_by().values_list("created_by", "what")
    written = written.union(
        plans.values_list("updated_by", "what"), wordings.order_by().values_list("changed_by", "what")
    )
    found: dict[int, str] = dict(written)
    if task.finding:
        found[task.finding.created_by_id] = "登记了这个问题"
    return found
