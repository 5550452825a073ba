from django.db import models
from django.db.models import Subquery


class ReferenceVersionQuerySet(models.QuerySet["ReferenceVersion"]):
    def current(self) -> Subquery:
        """Return the version as a column of another query."""
        return Subquery(self.values("token")[:1])


class ReferenceVersion(models.Model):
    """The version of the tables that pages read all the time and the office seldom changes: days off, units, phases, indicators.

    One row. Triggers of the database (``creation.lib.reference_triggers``) give it another random token with every change, whoever makes
    it, in the transaction of the change, so that several processes may keep those tables in memory (``creation.web.reference``).
    """

    token = models.CharField("版本", max_length=36)

    objects = ReferenceVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "基础数据版本"

    def __str__(self) -> str:
        return self.token
