"""Two hundred slow uploads at once do not block other requests."""

import statistics
from typing import Any

from tests.support import evidence_files
from tests.support.slow_uploads import Visitor, dribbling, is_waiting, opened_meanwhile

COUNT = 200
SECONDS = 6
MOST = 10  # seconds that a page may take on the slowest machine


def test_two_hundred_dribbling_uploads_stop_neither_pages_nor_other_uploads(filled_site: tuple[int, Any]) -> None:
    port, found = filled_site
    acting = found["acting"]
    task, pages = acting["urls"]["other"], ["/", acting["urls"]["other"]]
    visitor = Visitor(port, *acting["people"]["rival"])
    with dribbling(visitor, task, COUNT) as lines:
        took = opened_meanwhile(visitor, pages, SECONDS, lines)
        body = evidence_files.png()
        url = visitor.announce(task, "现场.png", len(body))
        status, _ = visitor.ask("PUT", f"{url}?offset=0", body)
        assert status == 201
        assert all(map(is_waiting, lines))
    print(
        f"{COUNT} uploads dribble: {len(took)} pages, median {statistics.median(took):.3f} s, slowest {max(took):.3f} s"
    )
    assert max(took) < MOST
    assert visitor.open("/") < MOST
