"""What a successor needs to know, as a value that the desk shows and the press prints as PDF.

No secret stands in it: it says where the keys are, never what they are.
"""

from __future__ import annotations

import os
import platform
import re
import socket
from datetime import date, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from broadsheet import __version__, given
from broadsheet.issues import queries
from broadsheet.issues.models import Issue, Newsletter
from broadsheet.keeping import backing, health
from broadsheet.keeping.errors import KeepingError
from broadsheet.mailing.models import Subscriber
from broadsheet.news.models import Source
from broadsheet.people.models import App, Editor
from broadsheet.wire import beat as beats
from broadsheet.wire import dates
from broadsheet.wire.edition import Edition, Item, Kind, Section

Fact = tuple[str, str]


def facts(now: datetime) -> list[tuple[str, list[Fact]]]:
    """Headings, each with names and values. Some twelve queries."""
    return [
        (_("The desk"), _desk()),
        (_("People"), _people()),
        (
            _("Newsletters"),
            [fact for one in Newsletter.objects.order_by("pk") for fact in _newsletter(one)],
        ),
        (_("Sending"), _sending()),
        (_("Domains"), _domains()),
        (_("Keys and where they are"), _keys()),
        (_("Settings of the service"), _settings()),
        (_("Backups"), _backups(now)),
        (_("What runs by itself"), _schedule()),
        (_("Sources"), _sources()),
        (_("In the first week"), _first_week()),
        (_("To be written in by hand"), _by_hand()),
    ]


def _desk() -> list[Fact]:
    return [
        (_("Readers and editors reach it at"), settings.ADDRESS),
        (_("Version"), f"Broadsheet {__version__}"),
        (_("It runs on the machine"), f"{socket.gethostname()}, {platform.system()}"),
        (_("Everything lies in"), str(settings.HOME)),
        (_("Its subject"), _beat()),
        (_("Database"), _database()),
        (_("Time zone"), settings.TIME_ZONE),
        (_("Whom sites can write to"), settings.CONTACT or _("nobody: set BROADSHEET_CONTACT")),
    ]


def _database() -> str:
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"SQLite, {given['NAME']}"
    return f"PostgreSQL, {given['NAME']} @ {given['HOST'] or 'localhost'}"


def _people() -> list[Fact]:
    factors = set(App.objects.filter(confirmed=True).values_list("user_id", flat=True))
    return [
        (
            one.name,
            ", ".join(
                (
                    str(one.get_role_display()),
                    one.email or _("no mail address"),
                    _("with second factor") if one.pk in factors else _("without second factor"),
                    _("last signed in %(day)s") % {"day": _day(one.last_login)}
                    if one.last_login
                    else _("never signed in"),
                )
            ),
        )
        for one in Editor.objects.filter(is_active=True).order_by("role", "name")
    ]


def _day(at: datetime) -> str:
    return timezone.localtime(at).date().isoformat()


def _beat() -> str:
    beat = beats.load(settings.BEAT)
    where = str(settings.BEAT) if settings.BEAT else _("as shipped")
    return f"{beat.name}, {beat.home.name} ({where})"


def _settings() -> list[Fact]:
    """The names of what is set in the environment, since a successor must set them again; no value."""
    names = sorted(name for name in os.environ if name.startswith(given.OURS))
    return [(_("Set in its environment"), ", ".join(names) or _("none"))]


def _by_hand() -> list[Fact]:
    """What the desk cannot know, with room for a pen."""
    wanted = (
        _("Where the machine stands, or the account at its host"),
        _("Registrar of the domain, and who pays until when"),
        _("Account at the mail service"),
        _("Where the key of the backups lies on paper"),
        _("Whom to ask when nothing helps"),
    )
    return [(what, "_" * 34) for what in wanted]


def _newsletter(one: Newsletter) -> list[Fact]:
    counted = Subscriber.objects.filter(newsletter=one).aggregate(
        n=Count("pk", filter=Q(state="active"))
    )
    made = Issue.objects.filter(newsletter=one).exclude(state=Issue.State.PUBLISHED)
    last = (
        Issue.objects.filter(newsletter=one, state=Issue.State.PUBLISHED)
        .order_by("-published")
        .first()
    )
    words = _("%(n)s active subscribers") % {"n": f"{counted['n']:,}"}
    if last is not None and last.published:
        words += "; " + _("last issue %(title)s, out on %(day)s") % {
            "title": last.title,
            "day": _day(last.published),
        }
    if titles := ", ".join(issue.title for issue in made.order_by("month")[:5]):
        words += "; " + _("being made: %(titles)s") % {"titles": titles}
    return [(one.name, words)]


def _sending() -> list[Fact]:
    if not settings.MAIL:
        return [(_("Mail server"), _("none is set; issues are handed over to another tool"))]
    way = urlsplit(settings.MAIL)
    return [
        (
            _("Mail goes out by"),
            f"{way.scheme}://{way.hostname or ''}{way.path if way.scheme == 'sendmail' else ''}",
        ),
        (_("From"), settings.MAIL_SENDER or _("not set")),
        (_("Bounces come back to"), settings.MAIL_BOUNCES or _("the sender")),
        (_("They are read from"), urlsplit(settings.BOUNCE_BOX).hostname or _("nowhere")),
    ]


def _domains() -> list[Fact]:
    out = [(_("Web"), urlsplit(settings.ADDRESS).hostname or "")]
    domain = settings.MAIL_SENDER.rpartition("@")[2].rstrip(">")
    if domain:
        out.append(
            (
                _("Mail"),
                _("%(domain)s; `broadsheet doctor mail` prints its SPF, DKIM and DMARC records")
                % {"domain": domain},
            )
        )
    out.append(
        (
            _("Ask the one before you"),
            _("where the domain is registered, who pays for it, and until when"),
        )
    )
    return out


def _keys() -> list[Fact]:
    home = settings.HOME
    return [
        (
            _("Secret key"),
            _(
                "%(path)s, or BROADSHEET_SECRET_KEY. Sessions, second factors, mailbox passwords and the "
                "suppression list rest on it"
            )
            % {"path": settings.KEY_FILE},
        ),
        (_("DKIM keys"), f"{settings.DKIM_FOLDER}"),
        (
            _("Key of the backups"),
            _(
                "%(path)s, or BROADSHEET_BACKUP_KEY. `broadsheet backup --show-key` prints it: have it "
                "on paper, elsewhere"
            )
            % {"path": home / backing.KEY_FILE},
        ),
        (
            _("Passwords of mail server and mailbox"),
            _("in the settings of the service: BROADSHEET_MAIL, BROADSHEET_BOUNCE_BOX"),
        ),
    ]


def _backups(now: datetime) -> list[Fact]:
    try:
        newest = health.newest_backup()
        words = (
            f"{newest.made:%Y-%m-%d %H:%M} UTC, {newest.size / 1e6:,.1f} MB"
            if newest
            else _("there is none")
        )
    except KeepingError as error:
        words = str(error)
    by_itself = (
        _("every night") if settings.BACKUP_TO else _("never by itself: set BROADSHEET_BACKUP_TO")
    )
    days, weeks, months = settings.BACKUP_KEEP
    return [
        (_("They lie in"), str(backing.place())),
        (_("Made"), by_itself),
        (
            _("Kept"),
            _("the last of %(d)d days, %(w)d weeks and %(m)d months")
            % {"d": days, "w": weeks, "m": months},
        ),
        (_("The newest"), words),
        (_("To restore"), "broadsheet restore FILE"),
    ]


def _schedule() -> list[Fact]:
    return [
        (_("Feeds"), _("as often as each brings something new, at least daily; most by the hour")),
        (_("Kept pages of picked stories"), _("hourly")),
        (_("Texts that nobody picked are let go"), _("daily, after 120 days")),
        (
            _("The watch over all this"),
            _("every quarter of an hour; administrators get a mail when work stands still"),
        ),
    ]


def _sources() -> list[Fact]:
    listed = Source.objects.annotate(on=Count("feeds", filter=Q(feeds__enabled=True))).order_by(
        "name"
    )
    on = [one for one in listed if one.enabled and one.on]
    off = [one.name for one in listed if not one.enabled or not one.on]
    out = [(_("Switched on"), f"{len(on):,}: " + ", ".join(one.name for one in on))] if on else []
    return [*out, *([(_("Switched off"), ", ".join(off))] if off else [])]


def _first_week() -> list[Fact]:
    return [
        ("1", _("Get a role of administrator of your own, with a second factor: People, Invite.")),
        ("2", _("Run `broadsheet doctor` and `broadsheet doctor mail`; mend what they name.")),
        ("3", _("Restore the newest backup into an empty folder once, so that you know you can.")),
        ("4", _("Take away the roles of those who have left: People.")),
        ("5", _("Change the passwords that they knew: mail server, mailbox, machine, domain.")),
    ]


def edition(now: datetime) -> Edition:
    """The same as an edition, so that the press can print it."""
    newsletter = queries.newsletter()
    today: date = timezone.localdate(now)
    return Edition(
        uid="handover",
        newsletter=newsletter.name if newsletter else "Broadsheet",
        title=_("Hand-over of the desk"),
        date=dates.typed(today.isoformat()),
        language="en",
        organisation=newsletter.organisation if newsletter else None,
        # One item for each heading, with a list: a line for each fact, as on a sheet of paper.
        sections=(
            Section(
                items=tuple(
                    Item(uid=str(at), kind=Kind.NOTICE, headline=heading, summary=_list(listed))
                    for at, (heading, listed) in enumerate(facts(now))
                    if listed
                )
            ),
        ),
    )


def _list(listed: list[Fact]) -> str:
    return "\n".join(f"- **{_plain(name)}**: {_plain(value)}" for name, value in listed)


def _plain(text: str) -> str:
    """Text as Markdown that reads as it stands; what is to be typed stands in quotes, as on paper."""
    text = re.sub(r"`([^`]*)`", "“\\1”", " ".join(text.split()))
    return "".join(f"\\{char}" if char in "\\`*_[]<>#|~" else char for char in text)
