"""Writers of an SQLite file take turns: first come, first served, over threads and processes."""

import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import OperationalError, connection, transaction

from config.sqlite import turns
from creation.lib import lock_waits
from creation.models import User
from tests.support.local_servers import wait_for
from tests.support.server_process import ROOT

# A process whose threads write all the time, each longer than SQLite sleeps before it looks again.
BUSY = """
    import sys, threading, time
    from pathlib import Path
    from config.sqlite.turns import Turns

    queue = Turns(Path(sys.argv[1]))

    def write():
        while True:
            assert queue.take(20)
            with open(sys.argv[1], "a") as log:
                log.write("other\\n")
            time.sleep(0.005)
            queue.give_back()

    for _ in range(4):
        threading.Thread(target=write, daemon=True).start()
    time.sleep(60)
"""


def waiting(queue: turns.Turns) -> int:
    return len(queue._queue)


def test_threads_write_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    queue, order = turns.Turns(tmp_path / "db"), []
    assert queue.take(1)

    def write(number: int) -> None:
        assert queue.take(20)
        order.append(number)
        queue.give_back()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(5)]
    for number, thread in enumerate(threads):
        thread.start()
        wait_for(lambda number=number: waiting(queue) == number + 1)
    queue.give_back()
    for thread in threads:
        thread.join()

    assert order == [0, 1, 2, 3, 4]


def test_who_gave_up_waiting_leaves_no_gap(tmp_path: Path) -> None:
    queue = turns.Turns(tmp_path / "db")
    assert queue.take(1)
    tried: list[bool] = []
    impatient = threading.Thread(target=lambda: tried.append(queue.take(0.05)))
    impatient.start()
    impatient.join()
    queue.give_back()

    assert tried == [False]
    assert queue.take(0)


def test_work_that_is_ended_while_it_waits_leaves_no_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = turns.Turns(tmp_path / "db")
    assert queue.take(1)

    def end(event: threading.Event, seconds: float) -> bool:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(threading.Event, "wait", end)
    with pytest.raises(SoftTimeLimitExceeded):
        queue.take(1)
    monkeypatch.undo()
    queue.give_back()
    assert queue.take(0)

    monkeypatch.setattr(turns, "_lock", end)
    queue.give_back()
    with pytest.raises(SoftTimeLimitExceeded):
        queue.take(1)
    monkeypatch.undo()
    assert queue.take(0)


def test_a_busy_process_lets_others_in_and_a_dead_one_holds_nothing(tmp_path: Path) -> None:
    log, queue = tmp_path / "db", turns.Turns(tmp_path / "db")
    busy = subprocess.Popen([sys.executable, "-c", textwrap.dedent(BUSY), str(log)], cwd=ROOT)
    try:
        wait_for(lambda: log.exists() and log.read_text().count("other") > 5)
        between = []
        for _ in range(5):
            before = log.read_text().count("other")
            assert queue.take(20)
            between.append(log.read_text().count("other") - before)
            queue.give_back()
    finally:
        busy.kill()
        busy.wait()

    # The one that writes, and the one that had its place already; one more when this process was slow to come.
    assert max(between) <= 3, between
    assert queue.take(20)


def test_a_child_does_not_inherit_the_turn(tmp_path: Path) -> None:
    queue = turns.of(str(tmp_path / "db"))
    assert queue.take(1)
    child = os.fork()
    if not child:
        os._exit(turns.of(str(tmp_path / "db")).take(0.05))
    _, code = os.waitpid(child, 0)
    queue.give_back()

    assert os.waitstatus_to_exitcode(code) == 0  # it had to wait


sqlite_only = pytest.mark.skipif(
    "sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="PostgreSQL locks rows"
)


@sqlite_only
@pytest.mark.django_db(transaction=True)
def test_writing_waits_for_the_turn_and_reading_does_not() -> None:
    queue, reached = turns.of(str(connection.settings_dict["NAME"])), []
    assert queue.take(1)
    try:
        reached.append(User.objects.count())
        with lock_waits.give_up_when_locked(), transaction.atomic():
            reached.append("transaction")
        with lock_waits.give_up_when_locked():
            reached.append(User.objects.update(post=""))
    finally:
        queue.give_back()
    assert reached == [0]

    with transaction.atomic():
        User.objects.update(post="")
    User.objects.update(post="")
    assert queue.take(0)  # both gave it back
    queue.give_back()


@sqlite_only
@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_fails_gives_the_turn_back() -> None:
    with pytest.raises(OperationalError), transaction.atomic():
        raise OperationalError
    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("UPDATE no_such_table SET post = ''")
    with transaction.atomic():
        connection.close()
    queue = turns.of(str(connection.settings_dict["NAME"]))

    assert queue.take(0)
    queue.give_back()
