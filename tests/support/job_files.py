"""Request files made by background jobs as a browser does: submit, open the job's page, download."""

import re
from typing import Any
from urllib.parse import unquote

from django.test import Client
from django.utils import timezone

from creation import background


def post_for_job(client: Client, url: str, data: dict[str, Any]) -> str:
    """Submit the form; return the URL of the job's page."""
    response = client.post(url, data)
    assert response.status_code == 302, response.status_code
    return str(response["Location"])


def download_result(client: Client, url: str, data: dict[str, Any]) -> tuple[bytes, str]:
    """Submit the form, run a worker, and download the file; return its bytes and name."""
    page = post_for_job(client, url, data)
    background.run_queued(timezone.now)
    link = re.search(r'href="(/jobs/\d+/file/)"', client.get(page).content.decode())
    assert link, client.get(page).content.decode()
    response: Any = client.get(link[1])
    assert response.status_code == 200, response.status_code
    name = unquote(response["Content-Disposition"].split("''")[-1])
    return b"".join(response.streaming_content), name
