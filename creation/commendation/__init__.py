"""Commendation (总结表彰): nominations with the facts beside them, other organs' opinions, the vote, the public notice, the decision."""
