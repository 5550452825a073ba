"""Replace the indicator system of a running campaign with a new edition: compare, confirm point by point, carry out in one transaction."""
