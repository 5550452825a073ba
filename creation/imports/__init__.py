"""Import of Excel workbooks: checked, read by a child process, planned line by line, and carried out completely or not at all.

`import_uploads` holds the functions that views and jobs call; `registry` lists the kinds; each kind has a module of its own.
"""
