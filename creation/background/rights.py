"""May whoever asked for the work still have it? Asked when it begins, when it ends, and when its file is fetched."""

from django.core.exceptions import ObjectDoesNotExist

from creation.background.kinds import Kind, Refused
from creation.models import Job, User
from creation.rules.policy import Grant, reaches

GONE = "您已没有生成此文件的权限，文件没有提供。如有疑问，请与创建办联系。"
NARROWER = "生成之后您的权限有变化，此文件不再提供。请重新生成。"


def check(job: Job, kind: Kind) -> None:
    """Raises Refused. What the person could reach when the work began must be within reach still: the file holds it."""
    if not kind.act or job.owner_id is None:
        return
    owner = User.objects.get(pk=job.owner_id)  # as the database has it now
    try:
        scope = kind.place(job).scope()
    except ObjectDoesNotExist:
        raise Refused(kind.refusal or GONE) from None
    held = [_name(grant) for grant in owner.grants if reaches(grant, kind.act, scope)]
    if not held:
        raise Refused(kind.refusal or GONE)
    if not set(job.granted) <= set(held):
        raise Refused(kind.refusal or NARROWER)
    if not job.granted:
        job.granted = held
        Job.objects.filter(pk=job.pk, token=job.token).update(granted=held)


def _name(grant: Grant) -> str:
    return f"{grant.role}/{grant.district}/{grant.unit}/{grant.campaign}"
