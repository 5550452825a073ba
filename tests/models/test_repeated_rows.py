"""Rows that tests begin with are the same whether our code creates them or they are copied (``tests/support/repeated_rows.py``)."""

from django.db import transaction

from creation.models import District, User
from tests.support.repeated_rows import RepeatedRows
from tests.support.verb_refusals import everything
from tests.support.world import make_world


def test_copied_rows_are_as_they_were_made(db: None) -> None:
    repeated = RepeatedRows(lambda: make_world("源汇区"))
    found = []
    for _ in range(2):
        with transaction.atomic():
            world = repeated()
            found.append((everything(), world.tasks["lead"], world.people["liaison"]))
            assert world.people["liaison"].unit is world.units["城管局"]
            transaction.set_rollback(True)
    assert found[0] == found[1]
    assert not User.objects.exists()


def test_beside_other_rows_they_are_made_again(db: None) -> None:
    repeated = RepeatedRows(lambda: make_world("源汇区"))
    with transaction.atomic():
        repeated()
        transaction.set_rollback(True)
    other = District.objects.create(name="双河区")
    assert repeated().district.pk != other.pk
    assert District.objects.filter(name__in=("源汇区", "双河区")).count() == 2
