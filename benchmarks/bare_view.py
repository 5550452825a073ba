"""The reference for benchmarks/uploads.py: a Django view that writes the request body to a file, on the same server."""

import sys
import tempfile
from pathlib import Path

import django
import waitress
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

CHUNK = 256 * 1024


def put(request: HttpRequest) -> HttpResponse:
    with (FOLDER / "bare").open("wb") as file:
        while chunk := request.read(CHUNK):
            file.write(chunk)
    return HttpResponse(status=201)


urlpatterns = [path("", put)]
FOLDER = Path(tempfile.gettempdir())


def main() -> None:
    global FOLDER
    port, FOLDER = int(sys.argv[1]), Path(sys.argv[2])
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], SECRET_KEY="x" * 50, MIDDLEWARE=[])
    django.setup()
    from django.core.wsgi import get_wsgi_application

    tempfile.tempdir = str(FOLDER)
    most = 4 * 2**30
    options = {"threads": 16, "asyncore_use_poll": True, "inbuf_overflow": 64 * 2**10, "max_request_body_size": most}
    waitress.serve(get_wsgi_application(), host="127.0.0.1", port=port, ident=None, **options)


if __name__ == "__main__":
    main()
