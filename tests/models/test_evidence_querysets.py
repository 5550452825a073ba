"""Who may read which piece, its words and its versions: one piece in each state, one person for each reach."""

from datetime import date
from typing import Any

import pytest

from creation.evidence.library import search_index
from creation.models import (
    Assignment,
    Campaign,
    Citation,
    Evidence,
    EvidenceVersion,
    Extract,
    Membership,
    Scan,
    SearchEntry,
    SecrecyMark,
    Submission,
    SubmittedCitation,
    Task,
    User,
)
from creation.models.extract import EDITION
from tests.support.world import NOW, World

pytestmark = pytest.mark.django_db
GONE = {"deleted_at": NOW, "delete_reason": "重复"}
HIDDEN = {"hidden_at": NOW, "hide_reason": "待核"}


@pytest.fixture
def piece(world: World) -> Evidence:
    """A piece of 城管局, cited in the task ``lead`` of 4-3-3."""
    return world.cite("lead").evidence


def assisting(world: World) -> Evidence:
    """Return a piece of 老街街道, cited in its task ``assist`` of the same checkpoint."""
    return world.cite("assist", by="rival").evidence


def put(piece: Evidence, **values: Any) -> None:
    Evidence.objects.filter(pk=piece.pk).update(**values)


def mark(piece: Evidence) -> None:
    SecrecyMark.objects.create(evidence=piece, version=piece.versions.get(number=1), place="text", word="机密")


def person(world: World, name: str) -> User:
    return User.objects.get(pk=world.people[name].pk)


READERS = ("liaison", "clerk", "leader", "coordinator", "reviewer", "inspector", "chief", "assessor")
EVERYBODY = (*READERS, "rival", "outsider", "nobody", "administrator", "auditor")


def readers(world: World, piece: Evidence, query: str = "visible_to") -> set[str]:
    return {
        name for name in EVERYBODY if getattr(Evidence.objects, query)(person(world, name)).filter(pk=piece.pk).exists()
    }


def test_a_cited_piece_is_read_by_its_unit_and_by_who_reads_the_task(world: World, piece: Evidence) -> None:
    assert readers(world, piece) == set(READERS)


def test_a_piece_that_nothing_cites_is_its_units_alone(world: World, piece: Evidence) -> None:
    Citation.objects.update(removed_at=NOW)
    assert readers(world, piece) == {"liaison", "clerk", "leader"}


def test_a_leading_unit_reads_what_its_assisting_units_cite_and_not_the_reverse(world: World, piece: Evidence) -> None:
    theirs = assisting(world)
    assert {"liaison", "clerk", "leader", "rival"} <= readers(world, theirs)
    assert "rival" not in readers(world, piece)
    Campaign.objects.filter(pk=world.campaign.pk).update(state="draft")
    assert "liaison" not in readers(world, theirs)
    Campaign.objects.filter(pk=world.campaign.pk).update(state="open")
    Assignment.objects.filter(unit=world.units["城管局"]).delete()
    assert "liaison" not in readers(world, theirs)


def test_a_unit_of_another_checkpoint_or_campaign_leads_nothing_here(world: World) -> None:
    other = world.cite("other", by="rival").evidence
    assert "liaison" not in readers(world, other)
    theirs = assisting(world)
    Membership.objects.filter(user=world.people["liaison"]).update(campaign=world.elsewhere)
    assert "liaison" not in readers(world, theirs)
    Membership.objects.filter(user=world.people["liaison"]).update(campaign=world.campaign)
    assert "liaison" in readers(world, theirs)


def test_who_serves_one_campaign_reads_only_what_is_cited_there(world: World, piece: Evidence) -> None:
    Membership.objects.filter(user=world.people["assessor"]).update(campaign=world.elsewhere)
    Membership.objects.filter(user=world.people["reviewer"]).update(campaign=world.campaign)
    assert {"assessor", "reviewer"} & readers(world, piece) == {"reviewer"}


def test_dropped_tasks_show_nothing_unless_an_edition_ended_them(world: World, piece: Evidence) -> None:
    Task.objects.filter(pk=world.tasks["lead"].pk).update(dropped_on=date(2026, 7, 30))
    assert readers(world, piece) == {"liaison", "clerk", "leader"}
    Task.objects.filter(pk=world.tasks["lead"].pk).update(ended="换版")
    assert readers(world, piece) == set(READERS)


UNIT, KEEPER = {"liaison", "clerk", "leader"}, {"coordinator"}


@pytest.mark.parametrize(
    ("is_marked", "values", "read", "words"),
    [
        (False, {}, set(READERS), set(READERS)),
        (True, {}, UNIT | KEEPER, UNIT | KEEPER),
        (False, HIDDEN, KEEPER, KEEPER),
        (True, HIDDEN, KEEPER, KEEPER),
        (False, GONE, set(), UNIT | KEEPER),
        (True, GONE, set(), UNIT | KEEPER),
        (False, GONE | HIDDEN, set(), KEEPER),
    ],
)
def test_what_is_stopped_is_read_by_those_who_answer_for_it(
    world: World, piece: Evidence, is_marked: bool, values: dict[str, Any], read: set[str], words: set[str]
) -> None:
    if is_marked:
        mark(piece)
    put(piece, **values)
    assert readers(world, piece) == read
    assert readers(world, piece, "words_visible_to") & set(READERS) == words
    withheld = readers(world, piece, "words_withheld_from")
    assert withheld == (set(EVERYBODY) - words if is_marked or values else set())
    for name in READERS:
        is_withheld = Evidence.objects.are_words_withheld([piece.pk], person(world, name))
        assert is_withheld == (name in withheld)


@pytest.mark.parametrize(
    ("values", "found"), [({}, UNIT | KEEPER), (HIDDEN, KEEPER), (GONE, UNIT | KEEPER), (GONE | HIDDEN, KEEPER)]
)
def test_what_is_marked_is_open_to_the_own_unit_until_it_is_hidden_and_to_who_may_hide(
    world: World, piece: Evidence, values: dict[str, Any], found: set[str]
) -> None:
    mark(piece)
    put(piece, **values)
    assert readers(world, piece, "of_own_unit_or_keeper") & set(READERS) == found
    assert "rival" not in readers(world, piece, "of_own_unit_or_keeper")


def test_only_the_words_of_the_pieces_that_are_asked_about_count(world: World, piece: Evidence) -> None:
    other = assisting(world)
    put(other, **HIDDEN)
    assert not Evidence.objects.are_words_withheld([piece.pk], person(world, "reviewer"))
    assert not Evidence.objects.are_words_withheld([], person(world, "reviewer"))
    many = list(range(10**6, 10**6 + 1001))
    assert not Evidence.objects.are_words_withheld([*many, piece.pk], person(world, "reviewer"))
    assert Evidence.objects.are_words_withheld([*many, other.pk], person(world, "reviewer"))


def found(query: Any) -> list[int]:
    return sorted(query.values_list("pk", flat=True))


def test_marks_and_hiding_restrict_a_piece(world: World, piece: Evidence) -> None:
    plain, hidden = assisting(world), world.cite("other", by="rival").evidence
    mark(piece)
    put(hidden, **HIDDEN)
    assert found(Evidence.objects.flagged()) == [piece.pk]
    assert found(Evidence.objects.unrestricted()) == [plain.pk]
    both = {each.pk: each for each in Evidence.objects.all()}
    assert [both[each.pk].is_unrestricted for each in (piece, plain, hidden)] == [False, True, False]
    assert [both[each.pk].flagged_marks for each in (piece, plain)] == ["正文：机密", ""]


def test_citations_count_unless_they_were_removed_or_their_piece_is_gone(world: World, piece: Evidence) -> None:
    cited = Citation.objects.get()
    assert [found(Citation.objects.active()), found(Citation.objects.counting())] == [[cited.pk]] * 2
    put(piece, **HIDDEN)
    assert [found(Citation.objects.active()), found(Citation.objects.counting())] == [[cited.pk], []]
    put(piece, hidden_at=None, hide_reason="", **GONE)
    assert [found(Citation.objects.active()), found(Citation.objects.counting())] == [[], []]
    put(piece, deleted_at=None, delete_reason="")
    Citation.objects.update(removed_at=NOW)
    assert found(Citation.objects.active()) == []


# The recycle bin


def test_the_bin_has_what_was_deleted_and_is_still_stored(world: World, piece: Evidence) -> None:
    kept = assisting(world)
    assert found(Evidence.objects.in_recycle_bin()) == []
    put(piece, **GONE)
    assert found(Evidence.objects.active()) == [kept.pk]
    assert found(Evidence.objects.in_recycle_bin()) == [piece.pk]
    EvidenceVersion.objects.filter(evidence=piece).delete()
    assert found(Evidence.objects.in_recycle_bin()) == []


def test_drafters_of_the_unit_and_the_office_restore_what_is_clean(world: World, piece: Evidence) -> None:
    put(piece, **GONE)
    assert readers(world, piece, "restorable_by") == {"liaison", "clerk", "coordinator"}
    put(piece, **HIDDEN)
    assert readers(world, piece, "restorable_by") == {"coordinator"}
    put(piece, hidden_at=None, hide_reason="")
    Scan.objects.create(version=piece.versions.get(), state="infected", found="Eicar", held_at=NOW)
    assert readers(world, piece, "restorable_by") == set()


def test_an_office_of_one_campaign_restores_what_that_campaign_cites(world: World, piece: Evidence) -> None:
    put(piece, **GONE)
    office = Membership.objects.filter(user=world.people["coordinator"])
    office.update(campaign=world.campaign)
    assert "coordinator" in readers(world, piece, "restorable_by")
    office.update(campaign=world.elsewhere)
    assert "coordinator" not in readers(world, piece, "restorable_by")


# Versions


def versions(world: World, name: str) -> list[int]:
    return sorted(EvidenceVersion.objects.visible_to(person(world, name)).values_list("number", flat=True))


def test_others_read_the_newest_version_and_the_one_that_was_handed_in(world: World, piece: Evidence) -> None:
    for number in (2, 3):
        EvidenceVersion.objects.create(
            evidence=piece, number=number, text="正文", created_by=world.people["liaison"], created_at=NOW
        )
    assert [versions(world, name) for name in ("liaison", "reviewer", "rival")] == [[1, 2, 3], [3], []]
    submission = Submission.objects.create(
        task=world.tasks["lead"], number=1, created_by=world.people["liaison"], created_at=NOW, handed_on=NOW.date()
    )
    SubmittedCitation.objects.create(
        submission=submission, version=piece.versions.get(number=2), number="4-3-3-01", title="评查通报", kind="brief"
    )
    assert [versions(world, name) for name in ("liaison", "reviewer", "rival")] == [[1, 2, 3], [2, 3], []]
    put(piece, **HIDDEN)
    assert [versions(world, name) for name in ("liaison", "reviewer", "coordinator")] == [[], [], [2, 3]]


def test_a_file_is_quarantined_until_it_was_found_clean(world: World, piece: Evidence, settings: Any) -> None:
    version = piece.versions.get()
    settings.CLAMAV = "clamd"
    assert not version.is_quarantined
    for state, quarantined in (("waiting", True), ("infected", True), ("clean", False)):
        version.scan = Scan(version=version, state=state)
        assert version.is_quarantined is quarantined
    version.scan = Scan(version=version, state="infected")
    settings.CLAMAV = ""
    assert not version.is_quarantined


def test_what_was_read_and_what_could_not_be_read() -> None:
    assert EvidenceVersion(text="正文").is_secrecy_checked
    assert not EvidenceVersion(blob="x").is_secrecy_checked
    for state, media, silent in (
        ("nothing", "image/jpeg", True),
        ("failed", "application/msword", True),
        ("read", "application/pdf", False),
        ("nothing", "video/mp4", False),
    ):
        version = EvidenceVersion(blob="x", media_type=media)
        version.extract = Extract(version=version, state=state, edition=0)
        assert (version.has_unreadable_text, version.is_secrecy_checked) == (silent, False)
    version.extract.edition = EDITION
    assert version.is_secrecy_checked
    version.blob = ""
    version.media_type = ""
    assert not version.has_unreadable_text
    assert not EvidenceVersion(blob="x").has_unreadable_text


# Search


def test_a_piece_without_an_entry_or_with_an_old_one_is_to_be_indexed(world: World, piece: Evidence) -> None:
    assert found(Evidence.objects.unindexed()) == [piece.pk]
    SearchEntry.objects.create(evidence=piece, seen=piece.version, number=1)
    assert found(Evidence.objects.unindexed()) == []
    put(piece, version=piece.version + 1)
    assert found(Evidence.objects.unindexed()) == [piece.pk]


def test_words_of_the_title_find_a_piece(world: World, piece: Evidence) -> None:
    other = assisting(world)
    put(other, title="现场照片")
    search_index.index_missing()
    assert found(Evidence.objects.matching_text("通报")) == [piece.pk]
    assert found(Evidence.objects.matching_text("现场")) == [other.pk]
    assert found(Evidence.objects.matching_text("没有的词")) == []
    assert found(Evidence.objects.matching_text("，")) == [], "no word"
