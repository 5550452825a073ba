"""The codes behind which a survey is answered. A code is signed, not stored: only that it was used is.

A printed slip has a code of its own. A short link leads each phone to a code that is drawn for it, see ``SurveyBatch``.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.db.models import Exists
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from creation.models import Survey, SurveyBatch, SurveyUse

_SIGNER_SALT = "creation.survey"
_LINK_SALT = "creation.survey.link"
_CODE_CHARACTERS, _LINK_CHARACTERS = (
    22,
    6,
)  # of a signature; a link is open to everybody and only has to be typed correctly
LINK_FIRST, LINK_SPAN = 1 << 30, 1 << 20  # serial numbers behind short links, a range for each; all fit into 31 bits
MOST_LINKS = ((1 << 31) - LINK_FIRST) // LINK_SPAN


def code_of(survey: Survey, serial: int) -> str:
    """Return the code of a printed slip, such as ``3-57-…``: survey, serial number, signature."""
    return f"{survey.pk}-{serial}-{_signature(survey.pk, serial)}"


def address_of(survey: Survey, serial: int) -> str:
    return _address(code_of(survey, serial))


def read_code(code: str) -> tuple[int, int] | None:
    """Return the survey's key and the serial number of a code; None if it is not one of ours."""
    parts = code.split("-", 2)
    if len(parts) != 3 or not (parts[0].isdecimal() and parts[1].isdecimal()) or len(parts[0]) + len(parts[1]) > 18:
        return None
    survey, serial = int(parts[0]), int(parts[1])
    same = constant_time_compare(parts[2], _signature(survey, serial))
    return (survey, serial) if same else None


def batch_with_use(survey: int, serial: int) -> tuple[SurveyBatch, bool] | None:
    """Return the batch of a code with its survey, unit and campaign, and whether the code was used, in one query; None for one that
    belongs to no batch."""
    used = SurveyUse.objects.filter(survey=survey, serial=serial)
    rows = SurveyBatch.objects.filter(survey=survey, first__lte=serial, last__gte=serial).annotate(used=Exists(used))
    found = rows.select_related("survey__campaign", "unit").order_by().first()
    return (found, found.used) if found else None


def link_of(batch: SurveyBatch) -> str:
    """Return what stands at the end of a short link, such as ``17-kX3fQ9``: batch, signature."""
    return f"{batch.pk}-{_link_signature(batch.pk)}"


def link_address_of(batch: SurveyBatch) -> str:
    return _address(link_of(batch))


def read_link(link: str) -> int | None:
    """Return the batch's key of a short link; None if it is not one of ours."""
    key, _, signature = link.partition("-")
    if not key.isdecimal() or len(key) > 18 or not constant_time_compare(signature, _link_signature(int(key))):
        return None
    return int(key)


def draw_code(batch: SurveyBatch) -> str:
    """Return an unused code of a short link for a phone that has none yet."""
    while True:
        serial = batch.first + secrets.randbelow(batch.last - batch.first + 1)
        if not batch.uses.filter(serial=serial).exists():
            return code_of(batch.survey, serial)


def _address(code: str) -> str:
    return f"{settings.SITE_URL}{reverse('survey_answer', args=[code])}"


def _signature(survey: int, serial: int) -> str:
    return _signed(_SIGNER_SALT, f"{survey}-{serial}")[:_CODE_CHARACTERS]


def _link_signature(batch: int) -> str:
    return _signed(_LINK_SALT, str(batch))[:_LINK_CHARACTERS]


def _signed(salt: str, text: str) -> str:
    return signing.Signer(salt=salt).signature(text).replace("-", "_")
