"""Excel in: a workbook is judged, read by a child process, planned line by line, and carried out whole or not at all.

`keeping` is what the doors call; `registry` names the kinds; each kind has a module of its own.
"""
