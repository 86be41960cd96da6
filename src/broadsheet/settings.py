"""Django's settings, read from the environment. docs/settings.md lists them."""

from __future__ import annotations

SECRET_KEY = "set below"
INSTALLED_APPS: list[str] = []
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
USE_TZ = True
