"""What ten ordinary acts cost a person: presses of the mouse or finger, keys, pages loaded, seconds until it is done.

    .venv/bin/python -m benchmarks.burden [name of an act …]

A Chromium does the acts on the pages of ``bin/run``, with a small campaign in a folder of its own. The page counts: only events that the
browser trusts, so nothing that a script of ours or of the page makes up. Choosing in the system's dialog for files is not counted. A
Chinese character that is typed counts as one key; an input method takes two or three. The seconds are those of the machine: nobody thinks
or reads.
"""
