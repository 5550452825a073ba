"""Links as evidence: opened by the clock, with what they showed; told to the owner when they are dead; never a way into this network."""
