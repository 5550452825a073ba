"""Asking for a file that long work makes, as a browser does: the click, the page, the file."""

import re
from typing import Any
from urllib.parse import unquote

from django.test import Client
from django.utils import timezone

from creation import background


def post_for_job(client: Client, url: str, data: dict[str, Any]) -> str:
    """Send the form; gives the address of the work's page."""
    response = client.post(url, data)
    assert response.status_code == 302, response.status_code
    return str(response["Location"])


def download_result(client: Client, url: str, data: dict[str, Any]) -> tuple[bytes, str]:
    """Send the form, let a worker work, and fetch the file: its bytes and its name."""
    page = post_for_job(client, url, data)
    background.run_queued(timezone.now)
    link = re.search(r'href="(/jobs/\d+/file/)"', client.get(page).content.decode())
    assert link, client.get(page).content.decode()
    response: Any = client.get(link[1])
    assert response.status_code == 200, response.status_code
    name = unquote(response["Content-Disposition"].split("''")[-1])
    return b"".join(response.streaming_content), name
