"""The codes behind which a survey is answered. A code is signed, not stored: only that it was used is."""

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from creation.models import Survey, SurveyBatch

_SIGNER_SALT = "creation.survey"


def code_of(survey: Survey, serial: int) -> str:
    """Return the code of a printed slip, such as ``3-57-…``: survey, serial number, signature."""
    return f"{survey.pk}-{serial}-{_signature(survey.pk, serial)}"


def address_of(survey: Survey, serial: int) -> str:
    return f"{settings.SITE_URL}{reverse('survey_answer', args=[code_of(survey, serial)])}"


def read_code(code: str) -> tuple[int, int] | None:
    """Return the survey's key and the serial number of a code; None if it is not one of ours."""
    parts = code.split("-", 2)
    if len(parts) != 3 or not (parts[0].isdecimal() and parts[1].isdecimal()) or len(parts[0]) + len(parts[1]) > 18:
        return None
    survey, serial = int(parts[0]), int(parts[1])
    same = constant_time_compare(parts[2], _signature(survey, serial))
    return (survey, serial) if same else None


def batch_of(survey: Survey, serial: int) -> SurveyBatch | None:
    """Return the batch that the serial number belongs to."""
    return survey.batches.filter(first__lte=serial, last__gte=serial).select_related("unit").first()


def _signature(survey: int, serial: int) -> str:
    return signing.Signer(salt=_SIGNER_SALT).signature(f"{survey}-{serial}")[:22].replace("-", "_")
