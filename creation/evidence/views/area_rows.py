"""The rows of a task's evidence area, each with its form and what its file offers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import QueryDict

from creation import access
from creation.evidence.citing import CitedEvidence
from creation.evidence.forms.evidence import CitationPassageForm, CitedEvidenceForm
from creation.evidence.library import row_offers
from creation.evidence.library.row_offers import RowOffers
from creation.models import User
from creation.rules.policy import Permission

RowForm = CitedEvidenceForm | CitationPassageForm


@dataclass(frozen=True, slots=True)
class AreaRow:
    """``form`` is None where the row is only read."""

    cited: CitedEvidence
    form: RowForm | None = None
    offers: RowOffers = field(default_factory=RowOffers)


def area_rows(rows: Sequence[CitedEvidence], user: User, *, can_cite: bool) -> list[AreaRow]:
    if not can_cite:
        return [AreaRow(row) for row in rows]
    forms = [form_of_row(row, user) for row in rows]
    editable = [row for row, form in zip(rows, forms, strict=True) if isinstance(form, CitedEvidenceForm)]
    offers = row_offers.offers_of(editable)
    return [AreaRow(row, form, offers.get(row.evidence.pk, RowOffers())) for row, form in zip(rows, forms, strict=True)]


def form_of_row(row: CitedEvidence, user: User, data: QueryDict | None = None) -> RowForm:
    """Return the form of a row: a piece of another unit can be cited, but its data is not changed here."""
    if access.may(user, Permission.EVIDENCE_EDIT, row.evidence):
        return CitedEvidenceForm(data, cited=row)
    return CitationPassageForm(data, cited=row)
