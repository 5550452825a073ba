"""Random passwords that can be read aloud: three groups, such as Kavomi-7294-tunase."""

import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from creation.models import User

CONSONANTS, VOWELS = "bdfghjkmnprstvz", "aeiou"


def fresh(person: User) -> str:
    """One that the policy in force accepts for this person."""
    while True:
        password = f"{_word().capitalize()}-{secrets.randbelow(9000) + 1000}-{_word()}"
        if _accepted(password, person):
            return password


def _accepted(password: str, person: User) -> bool:
    try:
        validate_password(password, person)
    except ValidationError:
        return False
    return True


def _word(syllables: int = 3) -> str:
    return "".join(secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(syllables))
