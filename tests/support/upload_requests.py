"""Uploads as the browser's script sends them: announced by JSON, then raw bytes by PUT."""

from typing import Any

from django.test import Client
from django.urls import reverse

from creation.models import Task


def begin(client: Client, task: Task, name: str, size: int, **more: Any) -> Any:
    address = reverse("upload_begin", args=[task.campaign_id, task.pk])
    asked = {"name": name, "size": size, "modified": "2026-07-15", "declared": True} | more
    return client.post(address, asked, content_type="application/json")


def put(client: Client, url: str, offset: int, body: bytes) -> Any:
    return client.put(f"{url}?offset={offset}", body, content_type="application/octet-stream")


def upload(client: Client, task: Task, name: str, body: bytes, **more: Any) -> Any:
    """Return the response to the last piece, or to the announcement when it was refused."""
    begun = begin(client, task, name, len(body), **more)
    return put(client, begun.json()["url"], 0, body) if begun.status_code == 201 else begun
