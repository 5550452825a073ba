"""One round of posting in a process of its own, which may be killed with -9 at a chosen statement: `python -m tests.postwork`."""

import os
from datetime import UTC, datetime, timedelta

import time_machine


def main() -> None:
    time_machine.travel(datetime.now(UTC) + timedelta(seconds=float(os.environ["CLOCK_SHIFT"])), tick=True).start()
    import django

    django.setup()
    from django.utils import timezone

    from creation.notices import posting
    from tests.clockwork import doom

    doom(os.environ["CLOCK_DEATH"])
    posting.post_due(timezone.now)


if __name__ == "__main__":
    main()
