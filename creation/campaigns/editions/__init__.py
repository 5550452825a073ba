"""A new edition of the indicator system in mid-campaign: compared with the old one, confirmed point by point, carried out as a whole."""
