"""Programs that open one untrusted PDF or compound file, so that a malicious file can crash or exhaust only this process.

Started by run.py with limits. They import nothing of the project but each other and ``link_targets``, so that they start quickly.
"""
