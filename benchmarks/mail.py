"""Letters a second to a local sink: our round (claim, send over a kept line, mark) against a plain Celery program, one task a mail.

    .venv/bin/python benchmarks/mail.py [2000]

Needs redis-server. Both run one after the other on the same machine, with one worker each; database and broker lie in a folder that is
thrown away. The plain program is what one would write first: `send_mail` in a task, a task for each person.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
IS_WORKER = os.environ.get("MAIL_BENCHMARK") == "worker"
if not IS_WORKER:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="mail-benchmark-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["CHANNEL_HOSTS"] = "127.0.0.1"

import django  # noqa: E402

django.setup()

from celery import Celery  # noqa: E402
from django.core.mail import send_mail  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

app = Celery("plain", broker=os.environ.get("PLAIN_BROKER", "redis://127.0.0.1:1/0"))
app.conf.update(task_ignore_result=True, task_acks_late=True, worker_prefetch_multiplier=1)
AIM = 2.0  # times as many a second


@app.task(name="plain.send")  # type: ignore[misc]
def send(number: int) -> None:
    send_mail("催办", "您有 1 条通知，请登录查看。" * 5, "office@example.com", [f"p{number}@example.com"])


def ours(count: int, port: int) -> float:
    import time_machine

    from creation import delivery, posting
    from creation.channels import sealing
    from creation.models import Channel, Delivery, District, Notice, Unit, User
    from creation.trail import Actor

    call_command("migrate", verbosity=0)
    district = District.objects.create(name="测试区")
    unit = Unit.objects.create(district=district, name="单位", short_name="单位", order=1, kind="department")
    config = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "office@example.com", "username": ""}
    Channel.objects.create(district=district, kind="smtp", name="邮件", sealed=sealing.seal(config))
    people = User.objects.bulk_create(
        User(username=f"p{n}", name=f"人{n}", unit=unit, email=f"p{n}@example.com") for n in range(count)
    )
    with time_machine.travel("2026-07-31T10:00:00+08:00", tick=True):
        at = timezone.now()
        Notice.objects.bulk_create(
            Notice(person=p, kind="urge", subject="x", slot="x", text="催办", urgency="at_once", at=at) for p in people
        )
        delivery.urgent_round(Actor(None, at))
        start = time.monotonic()
        while Delivery.objects.filter(state="waiting").exists():
            posting.post_due(timezone.now)
        return time.monotonic() - start


def plain(count: int, server: Any) -> float:
    from tests.conftest import free_port, listens, wait_for

    port, folder = free_port(), os.environ["DATA_DIR"]
    broker = subprocess.Popen(
        ["redis-server", "--port", str(port), "--dir", folder, "--save", ""], stdout=subprocess.DEVNULL
    )
    wait_for(lambda: listens(port))
    given = {
        "PLAIN_BROKER": f"redis://127.0.0.1:{port}/0",
        "MAIL_BENCHMARK": "worker",
        "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
    }
    app.conf.broker_url = given["PLAIN_BROKER"]
    for number in range(count):
        send.delay(number)
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "benchmarks.mail",
        "worker",
        "--concurrency",
        "1",
        "--loglevel",
        "ERROR",
    ]
    worker = subprocess.Popen(command, cwd=ROOT, env=os.environ | given, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: server.received, 60)
        start, first = time.monotonic(), len(server.received)
        wait_for(lambda: len(server.received) >= count, 600)
        return (time.monotonic() - start) * count / (count - first)
    finally:
        for process in (worker, broker):
            process.terminate()
            process.wait()


def main() -> None:
    from tests.otherside import mail_server

    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    rates = []
    for name, run in (("ours", lambda s: ours(count, s.port)), ("a Celery task a mail", lambda s: plain(count, s))):
        with mail_server() as server:
            seconds = run(server)
            assert len({to for to, _ in server.received}) == len(server.received) == count
        rates.append(count / seconds)
        print(f"{name}: {count} letters in {seconds:.1f} s, {rates[-1]:.0f} a second", flush=True)
    print(f"ratio {rates[0] / rates[1]:.2f} (aim: {AIM})")


if __name__ == "__main__":
    main()
