from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules

from creation.lib import audit_triggers, fulltext


class CreationConfig(AppConfig):
    name = "creation"
    verbose_name = "法治政府建设示范创建"

    def ready(self) -> None:
        from creation import checks  # noqa: F401  (importing registers them)

        autodiscover_modules("jobs")  # the pages know the kinds of long work as the workers do

        # Django's own signal, not one of ours: whatever a migration has rebuilt, the triggers stand again after it.
        post_migrate.connect(guard_the_trail, sender=self, dispatch_uid="guard_the_trail")
        post_migrate.connect(index_the_evidence, sender=self, dispatch_uid="index_the_evidence")


def guard_the_trail(using: str, **kwargs: Any) -> None:
    if settings.AUDIT_TRIGGERS and not before_the_tables(using):
        audit_triggers.install(connections[using])


def index_the_evidence(using: str, **kwargs: Any) -> None:
    if not before_the_tables(using):
        fulltext.install(connections[using])


def before_the_tables(using: str) -> bool:
    """After migrating back to nothing there is nothing to guard and nothing to find."""
    return not {audit_triggers.TABLES[0], fulltext.TABLE} <= set(connections[using].introspection.table_names())
