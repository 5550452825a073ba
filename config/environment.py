"""Read environment variables. An invalid value ends the program with a message instead of using a default silently."""

from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off", ""}

env = environ.Env()
env.read_env(BASE_DIR / ".env")


def text(name: str, default: str) -> str:
    """Return the value; an empty one means the default, as for a line of `.env` that was left empty."""
    return str(env.str(name, default="")).strip() or default


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"环境变量 {name} 的值「{value}」不是整数：请改正后再启动。") from None


def flag(name: str) -> bool:
    value = text(name, "").lower()
    if value not in YES | NO:
        raise ImproperlyConfigured(f"环境变量 {name} 的值「{value}」无法识别：请写 1（是）或 0（否）。")
    return value in YES


def comma_separated(name: str, default: str) -> list[str]:
    """Return the values between commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
