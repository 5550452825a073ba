"""情况说明 that bear no number for the stamp, as Word: filled into the campaign's template, which is opened once."""

from datetime import datetime
from io import BytesIO

import docx

from creation.audit.trail import Actor
from creation.models import Campaign, PaperKind, Task
from creation.papers.statements import Sheet
from reports.word import facts, templates
from reports.word.filling import Values
from reports.word.kinds import KINDS, common
from reports.word.making import UNNUMBERED

KIND = KINDS[PaperKind.STATEMENT]


class Statements:
    """Makes them as of one moment; template and words of a campaign are read once. Raises FileNotFoundError when the template is gone."""

    def __init__(self, as_of: datetime) -> None:
        self._actor = Actor(None, as_of)
        self._known: dict[int, tuple[bytes, dict[str, str]]] = {}

    def file(self, task: Task, sheet: Sheet) -> bytes:
        template, words = self._of(task.campaign)
        document = docx.Document(BytesIO(template))
        templates.fill_in(document, Values(words | facts.statement(task, sheet)))
        made = BytesIO()
        templates.finish(document, UNNUMBERED, made)
        return made.getvalue()

    def _of(self, campaign: Campaign) -> tuple[bytes, dict[str, str]]:
        if campaign.pk not in self._known:
            template = templates.as_file(campaign, KIND).getvalue()
            self._known[campaign.pk] = template, common(campaign, self._actor)
        return self._known[campaign.pk]
