"""Long work as rows: queued by a click, claimed with a lease by one worker, with a progress bar, a file and a sentence at the end.

What others use::

    working.register("package", make_package, title="材料包", act="package.export")   in a ``jobs`` module
    job = working.ask_for("package", {"campaign": campaign.pk}, actor)                 a second click joins the first
    def make_package(job: Job, report: Report) -> File: …                              in the worker

``make_package`` writes into ``report.folder``, tells how far it is by ``report.step`` and gives back a ``File``; what is wrong it says
by ``raise Refusal(sentence)``. Work that ends in the database gives an ``Act``, carried out together with the row's last word. The right
``act`` is asked of the campaign that ``params`` name (or of ``place(job)``) when the work begins, when it ends and each time the file
is fetched. A worker that dies loses its lease and the row is taken up again; three times at most.
"""

from creation.background.kinds import KINDS, Act, Cancelled, File, Kind, Lost, Refused, Work, register
from creation.background.labour import ATTEMPTS, claim, run, run_now, run_queued
from creation.background.queueing import again, ask_for, cancel, latest, queue, running
from creation.background.report import LEASE, Report
from creation.background.results import open_result, sweep

__all__ = [
    "ATTEMPTS",
    "KINDS",
    "LEASE",
    "Act",
    "Cancelled",
    "File",
    "Kind",
    "Lost",
    "Refused",
    "Report",
    "Work",
    "again",
    "ask_for",
    "cancel",
    "claim",
    "latest",
    "open_result",
    "queue",
    "register",
    "run",
    "run_now",
    "run_queued",
    "running",
    "sweep",
]
