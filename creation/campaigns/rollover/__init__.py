"""A campaign rolled forward: last year's structure and people carried over, its evidence offered anew, its status left behind."""
