"""The last evening of a campaign: everybody of a district at once on one small machine."""
