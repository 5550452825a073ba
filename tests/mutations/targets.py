"""The modules that are changed, in order of importance, each with the fast tests that are to notice."""

RULES = "creation.rules."
TARGETS: dict[str, tuple[str, ...]] = {
    RULES + "deadlines": ("tests/rules/test_workdays.py", "tests/rules/test_deadlines.py"),
    "creation.models.task": (
        "tests/tasks/test_boundaries.py",
        "tests/models/test_task_querysets.py",
        "tests/tasks/test_task_list.py",
        "tests/tasks/test_todo.py",
        "tests/tasks/test_progress.py",
    ),
    "creation.tasks.progress": ("tests/tasks/test_boundaries.py", "tests/tasks/test_progress.py"),
    "creation.access": ("tests/access/test_permission_checks.py", "tests/access/test_mixed_roles.py"),
    RULES + "policy": ("tests/access/test_permission_checks.py", "tests/access/test_mixed_roles.py"),
    "creation.tasks.workflow": (
        "tests/tasks/test_moves.py",
        "tests/tasks/test_boundaries.py",
        "tests/tasks/test_reviews.py",
    ),
    "creation.tasks.effects": (
        "tests/tasks/test_moves.py",
        "tests/tasks/test_boundaries.py",
        "tests/tasks/test_reviews.py",
        "tests/tasks/test_requests.py",
    ),
    "creation.notices.reminders.planner": (
        "tests/notices/test_reminder_planning.py",
        "tests/notices/test_reminders.py",
        "tests/notices/test_rehearsal.py",
    ),
    "creation.models.evidence": (
        "tests/evidence/test_citing.py",
        "tests/evidence/test_library.py",
        "tests/evidence/test_rules_of_verbs.py",
    ),
    RULES + "targets": ("tests/tasks/test_readings.py", "tests/rules/test_targets.py"),
    RULES + "secrecy": ("tests/evidence/test_secrecy.py",),
    RULES + "phones": ("tests/rules/test_words.py", "tests/people/test_liaison_list.py"),
    RULES + "names": ("tests/rules/test_words.py", "tests/imports/test_unit_names.py"),
    RULES + "text_diff": ("tests/rules/test_words.py",),
    RULES + "spoken_days": ("tests/rules/test_words.py", "tests/imports/test_import_targets.py"),
    RULES + "holiday_notice_parser": ("tests/rules/test_decree.py",),
}
