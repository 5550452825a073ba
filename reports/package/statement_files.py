"""Word documents of 情况说明 without a number for the stamp, filled into the campaign's template, which is opened once."""

from datetime import datetime
from io import BytesIO

import docx

from creation.audit.actor import Actor
from creation.models import Campaign, PaperKind, Task
from creation.papers.statements import Statement
from reports.word import facts, templates
from reports.word.definition import common
from reports.word.kinds import KINDS
from reports.word.paper_files import UNNUMBERED
from reports.word.template_filling import FieldValues

KIND = KINDS[PaperKind.STATEMENT]


class StatementFiles:
    """Makes the documents. Template and common fields of a campaign are read once. Raises FileNotFoundError without the template."""

    def __init__(self, as_of: datetime) -> None:
        self._actor = Actor(None, as_of)
        self._known: dict[int, tuple[bytes, dict[str, str]]] = {}

    def file(self, task: Task, sheet: Statement) -> bytes:
        template, words = self._of(task.campaign)
        document = docx.Document(BytesIO(template))
        templates.fill_in(document, FieldValues(words | facts.statement(task, sheet)))
        made = BytesIO()
        templates.finish(document, UNNUMBERED, made)
        return made.getvalue()

    def _of(self, campaign: Campaign) -> tuple[bytes, dict[str, str]]:
        if campaign.pk not in self._known:
            template = templates.as_file(campaign, KIND).getvalue()
            self._known[campaign.pk] = template, common(campaign, self._actor)
        return self._known[campaign.pk]
