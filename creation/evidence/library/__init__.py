"""The library of evidence: read, indexed, found, suggested, asked about, hidden and brought back."""
