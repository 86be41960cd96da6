"""Django's settings, read from the environment once at start. docs/settings.md lists them.

`broadsheet start` makes the folder and the secret key; nothing here writes.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
import django
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from broadsheet import given
from broadsheet.wire import beat as beats
from broadsheet.wire.errors import WireError

HOME = Path(os.environ.get("BROADSHEET_HOME", "var")).resolve()
KEY_FILE = HOME / "secret-key"


def _yes(name: str) -> bool:
    return os.environ.get(name, "").lower() in ("1", "yes", "true", "on")


DEBUG = _yes("BROADSHEET_DEBUG")
# The key signs sessions. `broadsheet start` writes one into the desk's folder; a desk of several
# machines sets the same one on all of them.
NOT_SET_UP = "not yet set up"
SECRET_KEY = os.environ.get("BROADSHEET_SECRET_KEY") or (
    KEY_FILE.read_text(encoding="utf-8").strip() if KEY_FILE.exists() else NOT_SET_UP
)
if SECRET_KEY != NOT_SET_UP and len(SECRET_KEY) < 32:
    raise ImproperlyConfigured(
        f"The secret key has {len(SECRET_KEY)} characters and needs 32 or more, made by chance: whoever "
        "guesses it can sign in as anybody. Unset BROADSHEET_SECRET_KEY, and `broadsheet start` makes one "
        f"in {KEY_FILE}; or make one with: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
    )
# Keys of before, while sessions and the suppression list still rest on them.
SECRET_KEY_FALLBACKS = os.environ.get("BROADSHEET_OLD_KEYS", "").split()
ALLOWED_HOSTS = [
    host.strip()
    for host in os.environ.get("BROADSHEET_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
    if host.strip()
]
if "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured(
        "BROADSHEET_HOSTS must not hold *: any name that somebody points at this machine would then stand "
        "in links and mails. Write the names that readers use, with commas: news.example.org,127.0.0.1"
    )
# The address under which readers reach the desk, for feeds and mail: https://news.example.org
# Where none is set, it is the address that was served last.
# An address chosen in the first run goes before it.
CHOSEN_ADDRESS = HOME / "public-address"
_SERVED = HOME / "address"


def _address() -> str:
    named = os.environ.get("BROADSHEET_ADDRESS", "")
    for kept in (CHOSEN_ADDRESS, _SERVED):
        if not named and kept.exists():
            named = kept.read_text(encoding="utf-8").strip()
    return (named or "http://127.0.0.1:8000").rstrip("/")


ADDRESS = _address()
try:
    _parts = urlsplit(ADDRESS)
    _port = _parts.port  # a number that is none is found when it is asked for
except ValueError:
    _parts = urlsplit("")
# The path that the desk stands at, without a slash at its end: "" or "/news". Of letters that need no
# escape, so that it is the same in an address, a cookie and a proxy's settings.
PATH = _parts.path
if (
    _parts.scheme not in ("http", "https")
    or not _parts.hostname
    or not re.fullmatch(r"(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*", PATH)
    or _parts.query
    or _parts.fragment
):
    raise ImproperlyConfigured(
        f"{ADDRESS!r} is no address that readers can open. Write BROADSHEET_ADDRESS like "
        "https://news.example.org or, below a site that stands already, https://example.org/news: a path "
        "of plain letters, digits and hyphens, and nothing behind it."
    )
if _parts.hostname not in ALLOWED_HOSTS:
    ALLOWED_HOSTS.append(_parts.hostname)
# Also where a proxy does not pass on the host's name.
CSRF_TRUSTED_ORIGINS = [f"{_parts.scheme}://{_parts.netloc}"]
# How many proxies stand before the desk and add to X-Forwarded-For: behind HTTPS there is one, else
# none. By it the limits on signing in know the browser's address from the proxy's.
_proxies = os.environ.get("BROADSHEET_PROXIES") or str(int(ADDRESS.startswith("https://")))
if not (_proxies.isascii() and _proxies.isdigit()):
    raise ImproperlyConfigured(
        f"BROADSHEET_PROXIES is a whole number, not {_proxies!r}: how many proxies stand before the desk."
    )
PROXIES = int(_proxies)
# Which machines these proxies are. What others say of X-Forwarded-... counts for nothing; this machine
# is always believed.
PROXY_NETWORKS = given.networks(
    "BROADSHEET_PROXY_NETWORKS",
    os.environ.get("BROADSHEET_PROXY_NETWORKS", ""),
    "10.0.0.5, 172.16.0.0/12",
)

BEAT = given.folder("BROADSHEET_BEAT", os.environ.get("BROADSHEET_BEAT", ""))
CONTACT = os.environ.get("BROADSHEET_CONTACT", "")  # goes into the fetcher's user agent
# Networks that may be fetched though they are private: "127.0.0.0/8, 10.1.2.0/24"
ALLOW_NETWORKS = given.networks(
    "BROADSHEET_ALLOW_NETWORKS", os.environ.get("BROADSHEET_ALLOW_NETWORKS", ""), "10.1.2.0/24"
)

# A home place chosen in the first run: a beat of a few lines that extends the shipped one.
_OWN_BEAT = HOME / "beat"
if BEAT is None and (_OWN_BEAT / "beat.yaml").exists():
    BEAT = _OWN_BEAT

FIXED_ZONE, FIXED_ADDRESS = "BROADSHEET_ZONE" in os.environ, "BROADSHEET_ADDRESS" in os.environ
try:
    TIME_ZONE = given.zone(os.environ.get("BROADSHEET_ZONE") or beats.load(BEAT).home.zone)
except WireError as error:
    raise ImproperlyConfigured(f"The beat cannot be loaded. {error}") from error
USE_TZ = True
LANGUAGE_CODE = "en-gb"
USE_I18N = True
# What the desk and the readers' pages speak; a third is a folder in `locale` and a line here.
LANGUAGES = [("en-gb", "English"), ("zh-hant", "繁體中文")]
LOCALE_PATHS = [Path(__file__).parent / "locale"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    *(["template_partials"] if django.VERSION < (6, 0) else []),
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
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
    "broadsheet.front.Front",
    "broadsheet.archive.reading.Reading",
    "broadsheet.archive.kept.Pages",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "broadsheet.desk.language.Language",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "broadsheet.desk.fullness.Fullness",
    "broadsheet.desk.access.Door",
    "broadsheet.desk.access.Permissions",
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
                "broadsheet.desk.context.sample",
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
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("MinimumLengthValidator", {"min_length": 12}),
        ("UserAttributeSimilarityValidator", {"user_attributes": ("name", "email")}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
OTP_TOTP_ISSUER = "Broadsheet"
OTP_TOTP_THROTTLE_FACTOR = 0  # people/limits.py counts, in the same way for all ways to get in
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

STATIC_URL = f"{PATH}/static/"
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
# Past newsletters come by the hundred, and one with a hundred items has seven fields for each.
DATA_UPLOAD_MAX_NUMBER_FILES = 1000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
# What a page of another origin could do with a window that the desk opened: nothing.
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "SAMEORIGIN"
SESSION_ENGINE = "broadsheet.people.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_SAMESITE = "Strict"
# What else stands at this host has no business with them.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{PATH}/"
MESSAGE_STORAGE = "broadsheet.desk.notes.Notes"
CSRF_FAILURE_VIEW = "broadsheet.desk.access.stale"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ADDRESS.startswith("https://")
if ADDRESS.startswith("https://"):
    SECURE_HSTS_SECONDS = 365 * 24 * 3600  # not for subdomains: those may be somebody else's
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Mails about getting in go by the mail server that issues go by, where it is an SMTP server and there
# is an address to send from; else the desk shows the link, to be handed over.
MAIL = given.mail(os.environ.get("BROADSHEET_MAIL", ""))
_mail = urlsplit(MAIL)
MAIL_FROM = given.sender(os.environ.get("BROADSHEET_MAIL_FROM", "")) or unquote(
    _mail.username or ""
)
if _mail.scheme not in ("smtp", "smtp+starttls", "smtps") or "@" not in MAIL_FROM:
    MAIL_FROM = ""
EMAIL_HOST = _mail.hostname or "localhost"
EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.scheme == "smtp+starttls"
EMAIL_PORT = _mail.port or {"smtps": 465, "smtp+starttls": 587}.get(_mail.scheme, 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
EMAIL_TIMEOUT = 20  # seconds: somebody waits for the page

# How issues go out. docs/mailing.md tells the forms of these.
MAIL_SENDER = os.environ.get("BROADSHEET_MAIL_FROM") or (
    unquote(_mail.username or "") if "@" in unquote(_mail.username or "") else ""
)
MAIL_REPLY_TO = os.environ.get("BROADSHEET_MAIL_REPLY_TO", "")
MAIL_HELO = os.environ.get("BROADSHEET_MAIL_NAME", "")
MAIL_BOUNCES = os.environ.get("BROADSHEET_MAIL_BOUNCES", "")
BOUNCE_BOX = given.box(os.environ.get("BROADSHEET_BOUNCE_BOX", ""))
# Keys and secrets of a mailing service, as django-anymail names them: ANYMAIL_BREVO_API_KEY and so on.
ANYMAIL = {
    name.removeprefix("ANYMAIL_"): value
    for name, value in os.environ.items()
    if name.startswith("ANYMAIL_")
}
DKIM_FOLDER = HOME / "dkim"
SENDING_FOLDER = HOME / "sending"  # what each connection has begun, see mailing/journal.py


def _whole(name: str, default: int, least: int = 0) -> int:
    return given.whole(name, os.environ.get(name, ""), default, least)


# Days that the numbers of web reads are kept, see mailing/reads.py; 0: nothing is counted.
WEB_READS: int = _whole("BROADSHEET_WEB_READS", 730)
MAIL_PER_HOUR: int = _whole("BROADSHEET_MAIL_PER_HOUR", 0)  # 0: no limit
MAIL_CONNECTIONS: int = _whole("BROADSHEET_MAIL_CONNECTIONS", 4, 1)
MAIL_RAMP_UP: int = _whole("BROADSHEET_MAIL_RAMP_UP", 0)  # 0: no ramp
try:  # "google=2000, microsoft=1000" an hour
    MAIL_LIMITS: dict[str, int] = {
        name.strip(): int(most)
        for name, _, most in (
            one.partition("=")
            for one in os.environ.get("BROADSHEET_MAIL_LIMITS", "").split(",")
            if one
        )
    }
except ValueError as error:
    raise ImproperlyConfigured(
        "BROADSHEET_MAIL_LIMITS cannot be read. Write service=mails an hour: google=2000, microsoft=1000"
    ) from error

# Where backups go, with which passphrase, and how many of the last days, weeks and months are kept.
BACKUP_TO = os.environ.get("BROADSHEET_BACKUP_TO", "")
BACKUP_KEY = os.environ.get("BROADSHEET_BACKUP_KEY", "").strip()
if BACKUP_KEY and len(BACKUP_KEY) < 12:
    raise ImproperlyConfigured(
        "BROADSHEET_BACKUP_KEY has fewer than 12 characters: whoever finds a backup could guess it. Unset "
        "it, and `broadsheet backup` makes one by chance."
    )


def _keep(told: str) -> tuple[int, int, int]:
    read = told.split()
    if len(read) != 3 or not all(one.isdigit() for one in read):
        raise ImproperlyConfigured(
            f"BROADSHEET_BACKUP_KEEP is three numbers, not {told!r}: of how many days, weeks and months "
            "the last backup is kept. Write: 7 4 6"
        )
    return int(read[0]), int(read[1]), int(read[2])


BACKUP_KEEP = _keep(os.environ.get("BROADSHEET_BACKUP_KEEP") or "7 4 6")

# Processes that serve pages: Python uses one core in each. Two are enough for the public pages of a small
# organisation; each takes some 150 MB.
WEB_PROCESSES: int = _whole("BROADSHEET_WEB_PROCESSES", 0) or min(2, os.cpu_count() or 1)

# Megabytes (millions of bytes) that the desk's folder may take; 0 for as many as the disk has.
DISK_BUDGET: int = _whole("BROADSHEET_DISK_MB", 0)
# Who may read /metrics from another machine; without it only this machine may.
METRICS_TOKEN = os.environ.get("BROADSHEET_METRICS_TOKEN", "").strip()
if METRICS_TOKEN and len(METRICS_TOKEN) < 16:
    raise ImproperlyConfigured(
        "BROADSHEET_METRICS_TOKEN needs 16 characters or more, made by chance."
    )
_log = os.environ.get("BROADSHEET_LOG", "plain")
if _log not in ("plain", "json"):
    raise ImproperlyConfigured(f"BROADSHEET_LOG is plain or json, not {_log!r}.")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # Both take addresses of people and tokens out of every line: keeping/logs.py
    "formatters": {
        "plain": {"()": "broadsheet.keeping.logs.Plain"},
        "json": {"()": "broadsheet.keeping.logs.Json"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": _log}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
