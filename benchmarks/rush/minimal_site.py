"""The peer: a minimal Django application with a session and a page of 50 rows, on the same server with as many processes and threads.

python -m benchmarks.rush.minimal_site PORT FOLDER [DATABASE_URL]
"""

import os
import socket
import sys
from functools import partial
from pathlib import Path
from typing import Any

import django
import waitress.server
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template import engines
from django.urls import path

from config import databases, web_processes

MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.common.CommonMiddleware"]
ROWS = 50
PAGE = """<!doctype html><title>{{ visits }}</title><table>{% for row in rows %}<tr><td>{{ row.0 }}</td><td>{{ row.1 }}</td>
<td>{{ row.2 }}</td></tr>{% endfor %}</table>"""


def login(request: HttpRequest) -> HttpResponse:
    request.session["visits"] = 1
    return HttpResponseRedirect("/")


def page(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, title, day FROM minimal ORDER BY id LIMIT {ROWS}")
        rows = cursor.fetchall()
    shown = engines["django"].from_string(PAGE).render({"rows": rows, "visits": request.session.get("visits")}, request)
    return HttpResponse(shown)


urlpatterns = [path("login/", login), path("", page)]


def configure(folder: Path, url: str) -> None:
    settings.configure(
        ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="x" * 50,
        INSTALLED_APPS=["django.contrib.sessions"],
        MIDDLEWARE=MIDDLEWARE,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        DATABASES={"default": databases.from_url(url, folder / "minimal.sqlite3")},
    )  # fmt: skip
    django.setup()
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS minimal")
        cursor.execute("CREATE TABLE minimal (id integer PRIMARY KEY, title text, day date)")
        for number in range(ROWS * 10):
            cursor.execute("INSERT INTO minimal VALUES (%s, %s, '2026-08-10')", [number, f"第 {number} 项"])
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]


def serve(application: Any, listening: socket.socket, threads: int) -> None:
    waitress.server.create_server(
        application, sockets=[listening], threads=threads, connection_limit=2000, asyncore_use_poll=True
    ).run()


def main() -> None:
    port, folder, url = int(sys.argv[1]), Path(sys.argv[2]), "".join(sys.argv[3:])
    configure(folder, url)
    from django.core.wsgi import get_wsgi_application

    listening = socket.create_server(("127.0.0.1", port), backlog=1024)
    processes, threads = int(os.environ["WEB_PROCESSES"]), int(os.environ["WEB_THREADS"])
    web_processes.keep_running(processes, partial(serve, get_wsgi_application(), listening, threads), 2**40)


if __name__ == "__main__":
    main()
