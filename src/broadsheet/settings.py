"""Django's settings, read from the environment once at start. docs/settings.md lists them.

`broadsheet start` makes the folder and the secret key; nothing here writes.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dj_database_url
import django
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from broadsheet.wire import beat as beats

HOME = Path(os.environ.get("BROADSHEET_HOME", "var")).resolve()
KEY_FILE = HOME / "secret-key"


def _yes(name: str) -> bool:
    return os.environ.get(name, "").lower() in ("1", "yes", "true", "on")


DEBUG = _yes("BROADSHEET_DEBUG")
# The key signs sessions. `broadsheet start` writes one into the desk's folder; a desk of several
# machines sets the same one on all of them.
SECRET_KEY = os.environ.get("BROADSHEET_SECRET_KEY") or (
    KEY_FILE.read_text().strip() if KEY_FILE.exists() else "not yet set up"
)
ALLOWED_HOSTS = [
    host.strip()
    for host in os.environ.get("BROADSHEET_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
    if host.strip()
]
# The address under which readers reach the desk, for feeds and mail: https://news.example.org
# Where none is set, it is the address that was served last.
_SERVED = HOME / "address"
ADDRESS = (
    os.environ.get("BROADSHEET_ADDRESS")
    or (_SERVED.read_text().strip() if _SERVED.exists() else "http://127.0.0.1:8000")
).rstrip("/")
CSRF_TRUSTED_ORIGINS = [ADDRESS] if ADDRESS.startswith("https://") else []

BEAT = Path(os.environ["BROADSHEET_BEAT"]) if os.environ.get("BROADSHEET_BEAT") else None
CONTACT = os.environ.get("BROADSHEET_CONTACT", "")  # goes into the fetcher's user agent
# Networks that may be fetched though they are private: "127.0.0.0/8, 10.1.2.0/24"
ALLOW_NETWORKS = [
    net.strip() for net in os.environ.get("BROADSHEET_ALLOW_NETWORKS", "").split(",") if net.strip()
]

TIME_ZONE = os.environ.get("BROADSHEET_ZONE") or beats.load(BEAT).home.zone
USE_TZ = True
LANGUAGE_CODE = "en-gb"
USE_I18N = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    *(["template_partials"] if django.VERSION < (6, 0) else []),
    "csp",
    "broadsheet.people",
    "broadsheet.jobs",
    "broadsheet.news",
    "broadsheet.library",
    "broadsheet.issues",
    "broadsheet.mailing",
    "broadsheet.desk",
    "broadsheet.archive",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "broadsheet.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            # Django 6 knows `partialdef` by itself, and has no library named "partials" to load.
            "builtins": ["template_partials.templatetags.partials"]
            if django.VERSION < (6, 0)
            else [],
        },
    }
]

AUTH_USER_MODEL = "people.Editor"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "desk:sign_in"
LOGIN_REDIRECT_URL = "desk:inbox"

_SQLITE_OPTIONS = {
    # A writer asks for its lock at BEGIN, not in the middle of a transaction, where SQLite could
    # only answer "database is locked" at once. FULL: a claim must survive a power cut.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}
try:
    _database: dict[str, Any] = dict(
        dj_database_url.parse(
            os.environ.get("DATABASE_URL") or f"sqlite:///{HOME / 'broadsheet.sqlite3'}",
            conn_max_age=60,
            conn_health_checks=True,
        )
    )
except (ValueError, KeyError) as error:
    raise ImproperlyConfigured(
        f"DATABASE_URL cannot be read ({error}). Write sqlite:////path/to/file or "
        "postgres://user:password@host:5432/name."
    ) from error
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"] = _SQLITE_OPTIONS | _database.get("OPTIONS", {})
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # pages work without a collectstatic step, so there is no STATIC_ROOT
WHITENOISE_AUTOREFRESH = DEBUG

# Everything comes from the desk itself: no third party learns who reads what.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
        "base-uri": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "SAMEORIGIN"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "broadsheet.desk.access.stale"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ADDRESS.startswith("https://")
if ADDRESS.startswith("https://"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
