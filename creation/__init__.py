"""The domain: an indicator system becomes tasks, tasks are answered with evidence, judged, and reminded of."""
