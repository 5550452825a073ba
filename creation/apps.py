from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.module_loading import autodiscover_modules

from creation.lib import audit_triggers, fulltext, reference_triggers


class CreationConfig(AppConfig):
    name = "creation"
    verbose_name = "法治政府建设示范创建"

    def ready(self) -> None:
        from creation import checks  # noqa: F401  (importing registers them)
        from creation.operations import upgrading

        autodiscover_modules("jobs")  # so that pages know the same kinds of jobs as the workers

        # Django's own signals, not ours. Each is sent once per run for this app.
        pre_migrate.connect(upgrading.copy_if_planned, sender=self, dispatch_uid="copy_before_migration")
        post_migrate.connect(upgrading.prune_copies, sender=self, dispatch_uid="prune_copies")
        # A migration that rebuilds a table drops its triggers.
        post_migrate.connect(install_audit_triggers, sender=self, dispatch_uid="install_audit_triggers")
        post_migrate.connect(install_reference_triggers, sender=self, dispatch_uid="install_reference_triggers")
        post_migrate.connect(install_fulltext_index, sender=self, dispatch_uid="install_fulltext_index")


def install_audit_triggers(using: str, **kwargs: Any) -> None:
    if settings.AUDIT_TRIGGERS and not tables_are_missing(using):
        audit_triggers.install(connections[using])


def install_reference_triggers(using: str, **kwargs: Any) -> None:
    if reference_triggers.VERSION in connections[using].introspection.table_names():
        reference_triggers.install(connections[using])


def install_fulltext_index(using: str, **kwargs: Any) -> None:
    if not tables_are_missing(using):
        fulltext.install(connections[using])


def tables_are_missing(using: str) -> bool:
    """Return whether the tables do not exist, as after migrating back to zero."""
    return not {audit_triggers.TABLES[0], fulltext.TABLE} <= set(connections[using].introspection.table_names())
