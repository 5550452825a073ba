from django.db import models

from creation.models.evidence import Evidence, EvidenceVersion


class ExtractState(models.TextChoices):
    READING = "reading", "正在读取"
    READ = "read", "已读取"
    NOTHING = "nothing", "没有可读的文字"
    FAILED = "failed", "读取失败"


EDITION = 3  # a higher number makes every file be read again


class Extract(models.Model):
    """What was extracted from a stored file: its first page and its metadata. The row also claims the work."""

    version = models.OneToOneField(EvidenceVersion, models.CASCADE, related_name="extract", verbose_name="资料版本")
    state = models.CharField("状态", max_length=8, choices=ExtractState.choices, default=ExtractState.READING)
    first_page = models.TextField("首页文字", blank=True)
    marks = models.JSONField("其他位置的标志", default=list)  # [place, word] of each, without the text around it
    # The way of reading of the program that read it; what an older one read is read again.
    edition = models.PositiveSmallIntegerField("读取方式", default=0)
    facts = models.JSONField("文件自述", default=dict)
    tries = models.PositiveSmallIntegerField("次数", default=0)
    claimed_until = models.DateTimeField("占用至", null=True, blank=True)
    read_at = models.DateTimeField("读取时间", null=True, blank=True)

    class Meta:
        verbose_name = "文件读取"
        indexes = [models.Index(fields=["state", "claimed_until"])]

    def __str__(self) -> str:
        return f"{self.version} {self.get_state_display()}"

    @property
    def is_current(self) -> bool:
        """Whether the file was read, as far as possible, by the present program."""
        return self.state != ExtractState.READING and self.edition >= EDITION


class SearchEntry(models.Model):
    """The search tokens of a piece of evidence (see ``creation.lib.bigrams``), from its description and the text of its newest version.

    ``seen`` is the version of the piece and ``number`` that of its content when the tokens were written; the entry is out of
    date if either differs.
    """

    evidence = models.OneToOneField(Evidence, models.CASCADE, primary_key=True, related_name="entry")
    seen = models.PositiveIntegerField()
    number = models.PositiveSmallIntegerField()
    head = models.TextField(blank=True)
    body = models.TextField(blank=True)

    class Meta:
        verbose_name = "检索条目"

    def __str__(self) -> str:
        return str(self.evidence)
