"""Links as evidence: opened regularly by the scheduler, with the content found. The owner is notified of dead links. Internal
addresses are not opened.
"""
