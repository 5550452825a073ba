"""The domain: tasks from an indicator system, their answers with evidence, reviews and reminders."""
