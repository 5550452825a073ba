"""Roll a campaign forward: structure and people of last year are copied, its evidence is offered again, its progress is not copied."""
