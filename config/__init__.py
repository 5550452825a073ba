"""The project: settings, processes, URLs. The Celery app is created here, so that every process uses the same one."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
