"""What a page says once after a change, kept in a cookie that goes to the desk alone.

Django's own goes to the whole host, where another site may have a cookie of that name.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpResponse


class _OwnCookie(CookieStorage):
    def _update_cookie(self, encoded_data: str, response: HttpResponse) -> None:
        super()._update_cookie(encoded_data, response)  # type: ignore[misc]  # not in the stubs
        if self.cookie_name in response.cookies:
            response.cookies[self.cookie_name]["path"] = settings.SESSION_COOKIE_PATH


class Notes(FallbackStorage):
    """In a cookie, and what is too long for one in the session."""

    storage_classes = (_OwnCookie, SessionStorage)
