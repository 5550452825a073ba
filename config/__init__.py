"""The project: settings, processes, addresses. The Celery app is made here, so that every process has the same one."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
