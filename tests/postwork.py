"""One round of posting in a process of its own, which may be killed with -9 at a chosen statement: `python -m tests.postwork`."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine


def main() -> None:
    time_machine.travel(datetime.now(UTC) + timedelta(seconds=float(os.environ["CLOCK_SHIFT"])), tick=True).start()
    import django

    django.setup()
    from django.db.backends.signals import connection_created
    from django.utils import timezone

    from creation import posting
    from tests.clockwork import dying

    moment, _, rest = os.environ["CLOCK_DEATH"].partition(" ")
    statement, _, number = rest.partition("#")
    wrapper = dying(moment, statement, int(number))

    def arm(connection: Any, **kwargs: Any) -> None:
        connection.execute_wrappers.append(wrapper)

    connection_created.connect(arm, weak=False)
    posting.post_due(timezone.now)


if __name__ == "__main__":
    main()
