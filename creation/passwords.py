"""What a password must be made of."""

from django.core.exceptions import ValidationError

KINDS = 3


class MixedCharacters:
    """At least three of: capitals, small letters, digits, signs (等保 2.0, 身份鉴别)."""

    def validate(self, password: str, user: object = None) -> None:
        if kinds(password) < KINDS:
            raise ValidationError(self.get_help_text(), code="password_too_simple")

    def get_help_text(self) -> str:
        return "密码须包含大写字母、小写字母、数字、符号中的至少三种。"


def kinds(password: str) -> int:
    """How many of the four kinds of characters occur."""
    tests = (str.isupper, str.islower, str.isdigit, lambda character: not character.isalnum())
    return sum(any(test(character) for character in password) for test in tests)
