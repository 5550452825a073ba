"""The modules that are changed, in order of importance, each with the fast tests that are to notice."""

RULES = "creation.rules."
PURE: dict[str, tuple[str, ...]] = {  # modules without Django, whose tests run without it
    RULES + "deadlines": ("tests/rules/test_deadlines.py", "tests/rules/test_workdays.py"),
    RULES + "reminder_days": ("tests/rules/test_reminder_days.py",),
    RULES + "policy": ("tests/rules/test_policy.py",),
    RULES + "targets": ("tests/rules/test_targets.py",),
    RULES + "secrecy": ("tests/rules/test_words.py",),
    RULES + "phones": ("tests/rules/test_words.py",),
    RULES + "names": ("tests/rules/test_words.py",),
    RULES + "text_diff": ("tests/rules/test_words.py",),
    RULES + "spoken_days": ("tests/rules/test_words.py",),
    RULES + "scoring": ("tests/rules/test_scoring.py",),
    RULES + "satisfaction": ("tests/rules/test_satisfaction.py",),
}
TARGETS: dict[str, tuple[str, ...]] = {
    **PURE,
    "creation.models.task": (
        "tests/models/test_task_querysets.py",
        "tests/tasks/test_boundaries.py",
    ),
    "creation.tasks.figures": (
        "tests/tasks/test_boundaries.py",
        "tests/tasks/test_progress.py",
        "tests/reports/test_one_number.py",
    ),
    "creation.tasks.progress": ("tests/tasks/test_boundaries.py", "tests/tasks/test_progress.py"),
    "creation.access": ("tests/access/test_permission_checks.py", "tests/access/test_mixed_roles.py"),
    "creation.tasks.workflow": ("tests/tasks/test_effects.py",),
    "creation.tasks.effects": ("tests/tasks/test_effects.py",),
    "creation.notices.reminders.planner": ("tests/notices/test_reminder_planning.py",),
    "creation.models.evidence": ("tests/models/test_evidence_querysets.py",),
    "creation.commendation.voting": ("tests/commendation/test_commendation.py",),
    "creation.commendation.publication": ("tests/commendation/test_commendation.py",),
    "creation.appraisal.results": ("tests/appraisal/test_appraisal.py",),
    "creation.supervision.findings": (
        "tests/supervision/test_findings.py",
        "tests/supervision/test_repeated_returns.py",
    ),
    RULES + "holiday_notice_parser": ("tests/rules/test_decree.py",),
}
