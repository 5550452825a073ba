"""Job handlers for papers: each takes the job's parameters and returns a file."""
