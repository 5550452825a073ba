"""Print the content of a data folder as JSON: ``python tests/releases/facts.py`` in a checkout, with DATA_DIR set. Nothing may get lost.

Rows are counted by the names of the models. A later release may hold more, which an upgrade adds, but never less.
"""

import json
import os
import sys
from typing import Any

APP = "creation"


def facts() -> dict[str, Any]:
    from django.apps import apps

    rows = {model.__name__: model._default_manager.count() for model in apps.get_app_config(APP).get_models()}
    return {
        "rows": rows,
        "status": statuses(),
        "trail": trail(),
        "files": files(),
        "words": words(),
        "people": people(),
    }


def statuses() -> dict[str, int]:
    from django.db.models import Count

    from creation.models import Task

    found = (
        Task.objects.filter(dropped_on=None)
        .values_list("campaign__year", "status")
        .order_by("campaign__year", "status")
    )
    return {f"{year} {status}": count for year, status, count in found.annotate(n=Count("pk"))}


def trail() -> dict[str, Any]:
    """Count the audit entries in the database and in archives, and the actions by name."""
    from django.db.models import Count

    from creation.models import AuditArchive, AuditEntry

    acts = AuditEntry.objects.order_by("act").values_list("act").annotate(n=Count("pk"))
    archives = list(AuditArchive.objects.order_by("first_seq").values_list("first_seq", "last_seq"))
    return {"acts": dict(acts), "archives": [list(each) for each in archives]}


def files() -> dict[str, str]:
    """Return storage key → digest, for every row with a stored file."""
    from django.apps import apps

    kept: dict[str, str] = {}
    for model in apps.get_app_config(APP).get_models():
        if {"blob", "sha256"} <= {field.name for field in model._meta.get_fields()}:
            kept |= dict(model._default_manager.exclude(blob="").values_list("blob", "sha256"))
    return dict(sorted(kept.items()))


def words() -> dict[str, list[Any]]:
    """Return texts that units and the office have written."""
    from creation.models import Announcement, Evidence, Question, Reply, Review, Submission, TaskRequest

    return {
        "answers": ordered(Submission, "task_id", "number", "measures", "results", "highlights", "statement", "digest"),
        "judgements": ordered(Review, "submission_id", "verdict", "reason", "comment"),
        "requests": ordered(TaskRequest, "task_id", "kind", "reason", "wanted_on", "granted"),
        "questions": ordered(Question, "task_id", "text"),
        "replies": ordered(Reply, "asked", "text"),
        "announcements": ordered(Announcement, "title", "body", "version"),
        "evidence": ordered(Evidence, "title", "doc_number", "issuer", "confidentiality"),
    }


def ordered(model: Any, *fields: str) -> list[list[str]]:
    return [[str(value) for value in row] for row in model._default_manager.order_by("pk").values_list("pk", *fields)]


def people() -> dict[str, str]:
    """Return a person for each role, if possible without another role; in units, the one who has submitted most."""
    from collections import Counter

    from django.db.models import Count

    from creation.models import Membership

    held = Membership.objects.filter(user__is_active=True, user__username__startswith="demo.")
    rows = list(
        held.annotate(n=Count("unit__tasks__submissions")).order_by("n", "-pk").values_list("role", "user__username")
    )
    hats = Counter(login for _, login in rows)
    return dict(sorted(dict(sorted(rows, key=lambda row: hats[row[1]] == 1)).items()))


if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    json.dump(facts(), sys.stdout, ensure_ascii=False)
