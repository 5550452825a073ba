"""The library of evidence: listing, search index, suggestions, secrecy marks and hiding."""
