from django.db import models


class AttachedFile(models.Model):
    """A file that the office sends with something. ``blob`` is its key in the storage."""

    name = models.CharField("文件名", max_length=120)
    blob = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField("字节数")
    media_type = models.CharField(max_length=120)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name
