"""The leaders' board (领导看板): one screen for a meeting that says where the district stands, what changed and what needs a decision."""
