"""Makes a PDF of an OFD (GB/T 33190-2016), for previews. A program of its own (run.py) that knows neither Django nor this site.

Text keeps its places and sizes; fonts that the file does not contain are replaced by the renderer's Chinese ones. Seals are drawn, not
verified. Gradients become one colour.
"""
