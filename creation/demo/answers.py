"""Thousands of answers and judgements at once, for the large demonstration, with the rows that the verbs would have left."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from creation.demo.people import Cast
from creation.demo.pile import BATCH, Cited, Proof
from creation.demo.timing import Diary
from creation.demo.words import Words
from creation.models import (
    Notice,
    NoticeKind,
    Progress,
    ReturnReason,
    Review,
    Submission,
    SubmittedCitation,
    Task,
    TaskEvent,
    TaskStatus,
    Verdict,
)
from creation.tasks import effects, workflow

VERDICTS = {TaskStatus.APPROVED: Verdict.APPROVE, TaskStatus.RETURNED: Verdict.RETURN}
TOLD = {Verdict.APPROVE: NoticeKind.APPROVED, Verdict.RETURN: NoticeKind.RETURNED}
NOTED = 0.2


class Answers:
    """Each task handed in once, and judged unless it waits. Rows are gathered, then written kind by kind."""

    def __init__(self, cast: Cast, diary: Diary) -> None:
        self.cast, self.diary, self.words = cast, diary, Words(diary.rng)
        self.submissions: list[Submission] = []
        self.cited: list[SubmittedCitation] = []
        self.reviews: list[Review] = []
        self.events: list[TaskEvent] = []
        self.notices: list[Notice] = []
        self.notes: list[Progress] = []

    def write(self, answered: Sequence[tuple[Task, TaskStatus]], cited: Cited) -> None:
        for task, status in answered:
            submission = self._hand_in(task, status, cited[task.pk])
            if status in VERDICTS:
                self._judge(submission, VERDICTS[status])
            if self.diary.rng.random() < NOTED:
                self._note(submission)
        Submission.objects.bulk_create(self.submissions, BATCH)
        SubmittedCitation.objects.bulk_create(self.cited, BATCH)
        Review.objects.bulk_create(self.reviews, BATCH)
        TaskEvent.objects.bulk_create(self.events, BATCH)
        Notice.objects.bulk_create(self.notices, BATCH)
        Progress.objects.bulk_create(self.notes, BATCH)
        tasks = [task for task, _ in answered]
        Task.objects.bulk_update(tasks, ["status", "version", "first_submitted_at"], BATCH)

    def _hand_in(self, task: Task, status: TaskStatus, proofs: Sequence[Proof]) -> Submission:
        at = self.diary.some(-4, -1) if status == TaskStatus.SUBMITTED else self.diary.some(-18, -5)
        words = self.words.answer(task) | {"mode": "upload", "statement": "", "keeper": "", "place": ""}
        by = self.cast.liaisons[task.unit_id]
        day = timezone.localdate(at)
        submission = Submission(task=task, number=1, due_on=task.due_on, handed_on=day, by=by, at=at, **words)
        cited = [_frozen(submission, proof) for proof in proofs]
        submission.digest = workflow.digest_of(submission, cited)
        self.submissions.append(submission)
        self.cited += cited
        self._event(submission, "submit", TaskStatus.OPEN, TaskStatus.SUBMITTED)
        task.status, task.first_submitted_at, task.version = TaskStatus.SUBMITTED, at, task.version + 1
        return submission

    def _judge(self, submission: Submission, verdict: Verdict) -> None:
        task, at = submission.task, self.diary.later(submission.at, self.diary.rng.choice((1, 2)))
        review = Review(submission=submission, verdict=verdict, by=self.diary.rng.choice(self.cast.reviewers), at=at)
        if verdict == Verdict.RETURN:
            said = self.words.lines("returns", task)
            review.reason, review.comment = ReturnReason(said["reason"]), said["comment"]
        self.reviews.append(review)
        target = TaskStatus.APPROVED if verdict == Verdict.APPROVE else TaskStatus.RETURNED
        self._event(submission, verdict.value, TaskStatus.SUBMITTED, target, review)
        task.status, task.version = target, task.version + 1
        self.notices.append(self._notice(review, verdict))

    def _event(
        self, submission: Submission, move: str, source: TaskStatus, target: TaskStatus, review: Review | None = None
    ) -> None:
        act, label = review or submission, workflow.MOVES[move].label
        note = review.comment if review else f"{submission.get_mode_display()}，印证资料若干份"
        row = TaskEvent(
            task=submission.task, move=move, label=label, source=source, target=target, note=note, by=act.by, at=act.at
        )
        self.events.append(row)

    def _notice(self, review: Review, verdict: Verdict) -> Notice:
        task = review.submission.task
        text = f"{verdict.label}：{task}。{review.comment}"[:400]
        read_at = review.at + timedelta(days=1) if self.diary.rng.random() < 0.8 else None
        return Notice(
            person=review.submission.by,
            kind=TOLD[verdict],
            subject=f"task/{task.pk}",
            slot=f"v{task.version}",
            task=task,
            text=text,
            at=review.at,
            read_at=read_at,
        )

    def _note(self, submission: Submission) -> None:
        at = submission.at - timedelta(days=1)
        words = self.words.lines("notes", submission.task)
        day = timezone.localdate(at)
        self.notes.append(Progress(task=submission.task, day=day, by=submission.by, at=at, **words))


def _frozen(submission: Submission, proof: Proof) -> SubmittedCitation:
    citation, version = proof
    row = effects.frozen(citation, version)
    row.submission = submission
    return row
