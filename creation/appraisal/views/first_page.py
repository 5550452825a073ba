"""What a mock assessment adds to the first page of a unit: what assessors asked it for and it has not answered yet."""

from typing import Any

from django.http import HttpRequest

from creation import access
from creation.lib.prepared import prepared
from creation.models import AppraisalRequest
from creation.rules.policy import Permission
from creation.web import first_page, shortcuts


def _unanswered(request: HttpRequest) -> Any:
    user = shortcuts.current_user(request)
    if not access.may_somewhere(user, Permission.APPRAISAL_ANSWER):
        return None
    return _to_answer(user) or None


_to_answer = prepared(AppraisalRequest.objects.to_answer_by)


first_page.register("creation/appraisal/first_page/_requests.html", _unanswered)
