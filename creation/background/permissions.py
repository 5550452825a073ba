"""Checks the permission of the person who requested a job: when it starts, when it ends, and when its file is downloaded."""

from django.core.exceptions import ObjectDoesNotExist

from creation.background.kinds import JobKind, PermissionLost, campaign_of
from creation.models import Evidence, Job, User
from creation.rules.policy import Grant, grant_allows

PERMISSION_LOST = "您已没有生成此文件的权限，文件没有提供。如有疑问，请与创建办联系。"
PERMISSION_CHANGED = "生成之后您的权限有变化，此文件不再提供。请重新生成。"
CONTENTS_CHANGED = "生成之后，其中的印证资料有的已隐藏、停用或删除，此文件不再提供。请重新生成。"


def check_permission(job: Job, kind: JobKind) -> None:
    """Raise PermissionLost unless the person may still reach everything reachable when the job started, as the file contains it."""
    if not kind.permission or job.owner_id is None:
        return
    owner = User.objects.get(pk=job.owner_id)  # read again from the database
    try:
        scope = campaign_of(job).scope()
    except ObjectDoesNotExist:
        raise PermissionLost(kind.permission_lost_message or PERMISSION_LOST) from None
    allowed_by = [_grant_key(grant) for grant in owner.grants if grant_allows(grant, kind.permission, scope)]
    if not allowed_by:
        raise PermissionLost(kind.permission_lost_message or PERMISSION_LOST)
    if not set(job.granted) <= set(allowed_by):
        raise PermissionLost(kind.permission_lost_message or PERMISSION_CHANGED)
    if not job.granted:
        job.granted = allowed_by
        Job.objects.filter(pk=job.pk, token=job.token).update(granted=allowed_by)


def check_contents(job: Job) -> None:
    """Raise PermissionLost if the file contains or names a piece of evidence whose words its owner may not read any more."""
    if not job.evidence or job.owner is None:
        return
    if Evidence.objects.are_words_withheld(job.evidence, job.owner):
        raise PermissionLost(CONTENTS_CHANGED)


def _grant_key(grant: Grant) -> str:
    return f"{grant.role}/{grant.district}/{grant.unit}/{grant.campaign}"
