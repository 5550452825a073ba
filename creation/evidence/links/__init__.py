"""Links as evidence, opened regularly by the scheduler.

The content found is stored, and the owner is notified of dead links. Internal addresses are not opened.
"""
