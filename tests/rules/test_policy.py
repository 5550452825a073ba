"""What a membership allows, at the edges of its district, campaign and unit."""

import pytest

from creation.rules.policy import (
    PERMISSION_MATRIX,
    Grant,
    Permission,
    Reach,
    Role,
    Scope,
    grant_allows,
)

DISTRICT, CAMPAIGN, UNIT = 1, 2, 3
HERE = Scope(DISTRICT, CAMPAIGN, UNIT)


@pytest.mark.parametrize(
    ("grant", "permission", "scope", "allowed"),
    [
        (Grant(Role.LIAISON, DISTRICT, UNIT), Permission.TASK_SUBMIT, HERE, True),
        (Grant(Role.LIAISON, DISTRICT, UNIT, CAMPAIGN), Permission.TASK_SUBMIT, HERE, True),
        (Grant(Role.LIAISON, DISTRICT, UNIT, CAMPAIGN + 1), Permission.TASK_SUBMIT, HERE, False),
        (Grant(Role.LIAISON, DISTRICT, UNIT + 1), Permission.TASK_SUBMIT, HERE, False),
        (Grant(Role.LIAISON, DISTRICT, None), Permission.TASK_SUBMIT, HERE, False),
        (Grant(Role.LIAISON, DISTRICT, None), Permission.TASK_SUBMIT, Scope(DISTRICT), False),
        (Grant(Role.LIAISON, DISTRICT, UNIT), Permission.TASK_SUBMIT, Scope(DISTRICT, CAMPAIGN), True),
        (Grant(Role.LIAISON, DISTRICT + 1, UNIT), Permission.TASK_SUBMIT, HERE, False),
        (Grant(Role.LIAISON, DISTRICT, UNIT), Permission.TASK_REVIEW, HERE, False),
        (Grant(Role.REVIEWER, DISTRICT), Permission.TASK_REVIEW, HERE, True),
        (Grant(Role.REVIEWER, DISTRICT, UNIT + 1), Permission.TASK_REVIEW, HERE, True),
        (Grant(Role.REVIEWER, DISTRICT, None, CAMPAIGN), Permission.TASK_REVIEW, HERE, True),
        (Grant(Role.REVIEWER, DISTRICT, None, CAMPAIGN), Permission.TASK_REVIEW, Scope(DISTRICT), True),
        (Grant(Role.REVIEWER, DISTRICT, None, CAMPAIGN + 1), Permission.TASK_REVIEW, HERE, False),
        (Grant(Role.REVIEWER, DISTRICT + 1), Permission.TASK_REVIEW, HERE, False),
        (Grant(Role.ADMINISTRATOR, DISTRICT), Permission.ACCOUNTS_MANAGE, Scope(DISTRICT), True),
    ],
)
def test_a_membership_reaches_as_far_as_its_role(
    grant: Grant, permission: Permission, scope: Scope, allowed: bool
) -> None:
    assert grant_allows(grant, permission, scope) is allowed


def test_units_never_decide_and_the_office_never_signs() -> None:
    office = {Permission.TASK_REVIEW, Permission.TASK_DECIDE, Permission.TASK_REOPEN, Permission.EVIDENCE_HIDE}
    assert all(Reach.UNIT not in PERMISSION_MATRIX[permission].values() for permission in office)
    assert PERMISSION_MATRIX[Permission.TASK_SIGN] == {Role.UNIT_LEADER: Reach.UNIT}
    assert PERMISSION_MATRIX[Permission.AUDIT_READ] == {Role.AUDITOR: Reach.DISTRICT}
