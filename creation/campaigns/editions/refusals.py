"""Why a change of edition does not happen."""


class EditionRefused(Exception):
    """It cannot be done; the argument is the sentence to show."""


class EditionStale(EditionRefused):
    """What was shown is not what stands now."""
