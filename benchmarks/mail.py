"""Send 400 digests to a local server with our code (claim a batch, send over one connection, mark each), as on a busy morning.

    .venv/bin/python benchmarks/mail.py [400] [--processes 1]

The reference is the obvious solution: `send_mail` in a Celery task for each person, with Celery's defaults and one line of text. Ours
sends text and HTML, stores the result for each message, and loses none when it is killed. Needs redis-server. One runs after the other
on the same machine with the same number of processes; database and broker use a temporary folder. The server measures both from the
first message to the last, once all are queued; the exit code is 1 when ours takes longer than a minute.

Measured on a busy machine with two cores: 400 in 16 s, 0.5 to 0.6 of the rate of the Celery tasks. Half of the time is spent waiting for
the disk, since every mark is written before the next message; with an in-memory database the rate is 0.9 of theirs.
"""

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="mail-benchmark-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ["CHANNEL_HOSTS"] = "127.0.0.1"

import django  # noqa: E402

django.setup()

from celery import Celery  # noqa: E402
from django.core.mail import send_mail  # noqa: E402
from django.core.management import call_command  # noqa: E402

from benchmarks.sink import Sink, sink  # noqa: E402
from creation.audit.actor import Actor  # noqa: E402
from creation.models import Channel, Delivery, District, Notice, Unit, User  # noqa: E402
from creation.notices import digest_builder, dispatch  # noqa: E402
from creation.notices.channels import encryption  # noqa: E402
from tests.support.local_servers import free_port, listens, wait_for  # noqa: E402

AIM = 60  # seconds for ours
FRIDAY = datetime(2026, 7, 31, 2, tzinfo=UTC)  # 10:00 in China, when messages may be sent

app = Celery("plain", broker=os.environ.get("PLAIN_BROKER", "redis://127.0.0.1:1/0"))
app.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True)


@app.task(name="plain.send")  # type: ignore[misc]
def send(number: int) -> None:
    send_mail("催办", "您有 1 条通知，请登录查看。" * 5, "office@example.com", [f"p{number}@example.com"])


def queue(count: int, port: int) -> None:
    call_command("migrate", verbosity=0)
    district = District.objects.create(name="测试区")
    unit = Unit.objects.create(district=district, name="单位", short_name="单位", order=1, kind="department")
    config = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "office@example.com", "username": ""}
    Channel.objects.create(district=district, kind="smtp", name="邮件", sealed=encryption.encrypt(config))
    people = User.objects.bulk_create(
        User(username=f"p{n}", name=f"人{n}", unit=unit, email=f"p{n}@example.com") for n in range(count)
    )
    Notice.objects.bulk_create(
        Notice(person=each, kind="urge", subject="x", slot="x", text="催办", urgency="at_once", created_at=FRIDAY)
        for each in people
    )
    digest_builder.run_urgent(Actor(None, FRIDAY))


def work() -> None:
    """Do what the job does each minute, without the pause between two rounds."""
    shift = datetime.now(UTC) - FRIDAY - timedelta(minutes=1)
    while Delivery.objects.filter(state="waiting").exists():
        dispatch.dispatch_due(lambda: datetime.now(UTC) - shift)


def ours(count: int, processes: int, to: Sink) -> None:
    queue(count, to.port)
    workers = [multiprocessing.get_context("spawn").Process(target=work) for _ in range(processes)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()


def plain(count: int, processes: int, to: Sink) -> None:
    port, folder = free_port(), os.environ["DATA_DIR"]
    given = {"PLAIN_BROKER": f"redis://127.0.0.1:{port}/0", "EMAIL_URL": f"smtp://127.0.0.1:{to.port}"}
    command = ["redis-server", "--port", str(port), "--dir", folder, "--save", ""]
    broker = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    wait_for(lambda: listens(port))
    app.conf.broker_url = given["PLAIN_BROKER"]
    for number in range(count):
        send.delay(number)
    arguments = ["worker", "--concurrency", str(processes), "--loglevel", "ERROR"]
    command = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "benchmarks.mail", *arguments]
    worker = subprocess.Popen(command, cwd=ROOT, env=os.environ | given, stdout=subprocess.DEVNULL)
    try:
        wait_for(lambda: len(to.messages()) >= count, 1800)
    finally:
        for process in (worker, broker):
            process.terminate()
            process.wait()


def processor_time() -> float:
    """Return the CPU time of the finished children."""
    spent = os.times()
    return spent.children_user + spent.children_system


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("count", type=int, nargs="?", default=400)
    asked.add_argument("--processes", type=int, default=1)
    count, processes = (given := asked.parse_args()).count, given.processes
    took: list[float] = []
    for name, run in (("ours", ours), ("a Celery task a mail", plain)):
        before = processor_time()
        with sink() as to:
            run(count, processes, to)
            messages, sinks = to.messages(), to.seconds()
        assert len({who for who, _ in messages}) == len(messages) == count
        seconds = messages[-1][1] - messages[0][1]
        took.append(seconds)
        print(
            f"{name}: {count} messages in {seconds:.1f} s, {(count - 1) / seconds:.0f} a second; "
            f"{(processor_time() - before - sinks) / count * 1000:.2f} ms of processor a message; "
            f"the sink was busy {sinks / seconds:.0%} of the time",
            flush=True,
        )
    print(f"{took[1] / took[0]:.2f} times as fast as the Celery tasks; {took[0]:.1f} s (aim: {AIM})")
    raise SystemExit(0 if took[0] <= AIM else 1)


if __name__ == "__main__":
    main()
