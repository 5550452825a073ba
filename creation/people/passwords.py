"""Password rules: length and characters, history and maximum age (等保 2.0, 身份鉴别)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError

from creation.models import FormerPassword, User

MIN_CHARACTER_KINDS = 3
HISTORY_LENGTH = 5
MAX_AGE_DAYS = {"dengbao": 90}


class ChineseMinimumLengthValidator(MinimumLengthValidator):
    """Django's validator with our own message, because Django's Chinese translation lacks it."""

    def get_error_message(self) -> str:
        return f"密码太短，至少 {self.min_length} 个字符。"

    def get_help_text(self) -> str:
        return f"至少 {self.min_length} 个字符，可以用几个不相干的词连成一句。"


class ChineseCommonPasswordValidator(CommonPasswordValidator):
    def get_error_message(self) -> str:
        return "该密码太常见，容易被猜到，请换一个。"

    def get_help_text(self) -> str:
        return "不用常见密码。"


class ChineseAttributeSimilarityValidator(UserAttributeSimilarityValidator):
    def __init__(self) -> None:
        super().__init__(user_attributes=("username", "name", "mobile", "office_phone", "email"))

    def get_error_message(self) -> str:
        return "密码与%(verbose_name)s太相似，请换一个。"

    def get_help_text(self) -> str:
        return "不用登录名、姓名、电话等个人信息。"


class CharacterKindsValidator:
    """Require at least three of: capital letters, small letters, digits, other characters."""

    def validate(self, password: str, user: object = None) -> None:
        if count_character_kinds(password) < MIN_CHARACTER_KINDS:
            raise ValidationError(self.get_help_text(), code="password_too_simple")

    def get_help_text(self) -> str:
        return "密码须包含大写字母、小写字母、数字、符号中的至少三种。"


class PasswordHistoryValidator:
    """Refuse the last five passwords, including the current one."""

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        recent = FormerPassword.objects.filter(user=user).values_list("password", flat=True)[:HISTORY_LENGTH]
        if any(check_password(password, former) for former in recent):
            raise ValidationError(self.get_help_text(), code="password_used_before")

    def get_help_text(self) -> str:
        return f"密码不能与最近 {HISTORY_LENGTH} 次用过的相同。"


def count_character_kinds(password: str) -> int:
    """Return how many of the four kinds of characters occur."""
    tests = (str.isupper, str.islower, str.isdigit, lambda character: not character.isalnum())
    return sum(any(test(character) for character in password) for test in tests)


def is_expired(user: User, now: datetime) -> bool:
    """Return whether the password must be changed first. Only some profiles set a maximum age."""
    days = MAX_AGE_DAYS.get(settings.PASSWORD_PROFILE)
    if days is None:
        return False
    return user.password_changed_at is None or now - user.password_changed_at >= timedelta(days=days)
