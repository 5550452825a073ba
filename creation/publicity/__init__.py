"""Publicity (营造氛围): what was published about the campaign, and typical cases. It is counted and never scored."""
