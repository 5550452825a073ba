"""Upload a file in a process that may be killed with SIGKILL at a chosen step: `python -m tests.support.upload_process`.

UPLOAD_FILE     the bytes; UPLOAD_TASK and UPLOAD_PERSON the keys of the rows
UPLOAD_JOURNAL  where each acknowledged offset is written, as the sender would remember it
KILL_AT         `<before|after> <a function of os, or the start of a statement>#<n>`; KILL_MARK as in `tests.support.worker_process`
"""

import io
import itertools
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PIECES = 3


def main() -> None:
    import django

    django.setup()
    from creation.audit.actor import Actor
    from creation.evidence import pending_uploads, uploads
    from creation.models import Task, User

    arm_kill(os.environ["KILL_AT"])
    content = Path(os.environ["UPLOAD_FILE"]).read_bytes()
    task = Task.objects.for_table().get(pk=os.environ["UPLOAD_TASK"])
    actor = Actor(User.objects.get(pk=os.environ["UPLOAD_PERSON"]), datetime.now(UTC))
    upload = uploads.begin(
        task, pending_uploads.FileDescription("现场.jpg", len(content), "", 5), None, actor, declared=True
    )
    acknowledge(0)
    step = -(-len(content) // PIECES)
    for offset in range(0, len(content), step):
        piece = content[offset : offset + step]
        acknowledge(uploads.receive(upload, offset, len(piece), io.BytesIO(piece).read, actor).offset)


def acknowledge(offset: int) -> None:
    with open(os.environ["UPLOAD_JOURNAL"], "a") as journal:
        journal.write(f"{offset}\n")


def arm_kill(death: str) -> None:
    from tests.support.worker_process import kill, killing_wrapper

    moment, _, rest = death.partition(" ")
    step, _, number = rest.partition("#")
    if hasattr(os, step):
        setattr(os, step, killing_call(getattr(os, step), moment, int(number), kill))
        return
    from django.db.backends.signals import connection_created

    wrapper = killing_wrapper(moment, step, int(number))

    def arm(connection: Any, **kwargs: Any) -> None:
        connection.execute_wrappers.append(wrapper)

    connection_created.connect(arm, weak=False)


def killing_call(call: Any, moment: str, number: int, die: Any) -> Any:
    met = itertools.count(1)

    def wrapped(*arguments: Any, **named: Any) -> Any:
        hit = next(met) == number
        if hit and moment == "before":
            die()
        result = call(*arguments, **named)
        if hit:
            die()
        return result

    return wrapped


if __name__ == "__main__":
    main()
