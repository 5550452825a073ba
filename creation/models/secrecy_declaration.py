from django.db import models

from creation.models.evidence import EvidenceVersion


class SecrecyDeclaration(models.Model):
    """A person's declaration, with a reason, that a piece of evidence with a secrecy mark contains no state secret. Immutable."""

    version = models.ForeignKey(EvidenceVersion, models.CASCADE, related_name="declarations", verbose_name="资料版本")
    reason = models.CharField("理由", max_length=200)
    created_by = models.ForeignKey("creation.User", models.PROTECT, related_name="+", verbose_name="确认人")
    created_at = models.DateTimeField("确认时间")

    class Meta:
        verbose_name = "不涉密确认"
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.marks_in_words}：{self.reason}"

    @property
    def marks_in_words(self) -> str:
        """The marks that the declaration covers, as ``首页：机密、内部``."""
        from creation.models.secrecy_mark import marks_in_words

        return marks_in_words((mark.place, mark.word) for mark in self.marks.all())
