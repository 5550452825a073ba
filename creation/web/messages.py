"""Where the sentence that a page shows after an act waits for that page: in a cookie, so that no act costs two more writes.

The cookie is signed for one login. Who logs in next at the same computer sees nothing of it.
"""

# mypy: disable-error-code="misc"
# django-stubs leave out what a storage overrides.

from typing import Any

from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.core import signing


class LoginCookieStorage(CookieStorage):
    """Messages in a cookie that only the session in which they were written can read."""

    def _get(self, *args: Any, **kwargs: Any) -> Any:
        self._bind_to_session()
        return super()._get(*args, **kwargs)

    def _store(self, messages: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        self._bind_to_session()  # its key may have changed since, by a login
        return super()._store(messages, response, *args, **kwargs)

    def _bind_to_session(self) -> None:
        key = self.request.session.session_key or ""
        self.signer = signing.get_cookie_signer(salt=f"{self.key_salt}.{key}")


class MessageStorage(FallbackStorage):
    """The cookie; the session for what does not fit into it."""

    storage_classes = (LoginCookieStorage, SessionStorage)
