"""Encrypts stored channel settings: Fernet (AES-128-CBC with HMAC-SHA256) with a key derived from CHANNEL_KEY."""

import base64
import hashlib
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


def encrypt(config: dict[str, Any]) -> str:
    return _cipher().encrypt(json.dumps(config, ensure_ascii=False).encode()).decode()


def decrypt(sealed: str) -> dict[str, Any]:
    """Decrypt settings. Raises ValueError if they were encrypted with another key or modified."""
    try:
        config: dict[str, Any] = json.loads(_cipher().decrypt(sealed.encode()))
    except InvalidToken:
        raise ValueError(
            "渠道设置无法解密：密钥文件 channel_key 与保存时不同，请恢复该文件或重新填写渠道设置。"
        ) from None
    return config


def _cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(settings.CHANNEL_KEY.encode()).digest()))
