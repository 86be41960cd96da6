"""Whether mail services will believe that our mail is ours, and the records that make them."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from broadsheet.issues.models import Newsletter
from broadsheet.mailing import addresses, dkim, links, message, outbox
from broadsheet.mailing.dns import Resolver
from broadsheet.mailing.letters import SenderError, sender
from broadsheet.mailing.models import Subscriber
from broadsheet.mailing.smtp import Smtp
from broadsheet.mailing.transports import Fate, Letter, TransportError

FIRST_SELECTOR = "broadsheet"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `cure` is empty where all is well; `record` is a line for DNS."""

    what: str
    cure: str = ""
    record: str = ""


def make_key(folder: Path) -> None:
    """See to it that there is a key to sign with."""
    if not any(folder.glob("*.pem")):
        dkim.make(folder, "", FIRST_SELECTOR)


def look(newsletter: Newsletter, resolver: Resolver) -> Iterator[Finding]:
    """All findings, in the order in which they are best mended."""
    try:
        by = sender(newsletter)
    except SenderError as error:
        yield Finding(error.what, f"{error.at}: {error.hint}")
        return
    yield Finding(_("Mail is from %(address)s") % {"address": by.address})
    yield from desk_address()
    yield from _way_out()
    yield from _spf(by.domain, resolver)
    yield from _dkim(by.domain, resolver)
    yield from _dmarc(by.domain, resolver)
    yield from _server_name(resolver)
    yield from _coming_back(by, resolver)


def desk_address() -> Iterator[Finding]:
    """What the desk's own address does to the unsubscribe button of a mail. Asks nobody."""
    if not settings.ADDRESS.startswith("https://"):
        yield Finding(
            _("Readers reach the desk at %(address)s, which is not https") % {"address": settings.ADDRESS},
            _("Set BROADSHEET_ADDRESS to an https address: without it mail programs show no "
              "unsubscribe button, and large services ask for one (RFC 8058)."),
        )  # fmt: skip
    longest = len(links.leave(Subscriber(token="0" * 16)))
    if longest > links.LONGEST_LEAVE:
        yield Finding(
            _("The unsubscribe address has %(n)d characters") % {"n": longest},
            _("At most %(n)d fit on a line that no program folds: take a shorter address.")
            % {"n": links.LONGEST_LEAVE},
        )


def _way_out() -> Iterator[Finding]:
    """Whether the mail server lets us in, and whether over TLS."""
    try:
        way = outbox.named()
    except TransportError as error:
        yield Finding(error.what, f"{error.at}: {error.hint}")
        return
    if not isinstance(way, Smtp):
        yield Finding(_("Mail goes out by %(way)s") % {"way": settings.MAIL.partition(":")[0]})
        return
    host = urlsplit(settings.MAIL).hostname or "localhost"
    try:
        with closing(way):
            features = way.features()
            secure = way.is_secure()
    except TransportError as error:
        yield Finding(error.what, f"{error.at}. {error.hint}")
        return
    yield Finding(_("The mail server %(host)s lets us in") % {"host": host})
    if not secure and not _here(host):
        yield Finding(
            _("Mail goes to %(host)s without TLS") % {"host": host},
            _("Write smtp+starttls:// or smtps:// in BROADSHEET_MAIL."),
        )
    if "PIPELINING" not in features:
        yield Finding(_("It does not announce PIPELINING, so sending is slower"))


def _here(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host == "::1"


def _spf(domain: str, resolver: Resolver) -> Iterator[Finding]:
    found = resolver.texts(domain)
    if found is None:
        yield _silent(domain)
        return
    ours = [text for text in found if text.lower().startswith("v=spf1")]
    if not ours:
        yield Finding(
            _("%(domain)s has no SPF record") % {"domain": domain},
            _("Set it, with what your mail server's keeper tells you in place of the include:"),
            f'{domain}. IN TXT "v=spf1 mx include:MAIL-SERVER.example ~all"',
        )
    elif len(ours) > 1:
        yield Finding(
            _("%(domain)s has %(n)d SPF records; servers take none of them")
            % {"domain": domain, "n": len(ours)},
            _("Make one of them (RFC 7208, 4.5)."),
        )
    elif "+all" in ours[0].split():
        yield Finding(
            _("The SPF record of %(domain)s lets anybody write in its name") % {"domain": domain},
            _("Write ~all in place of +all."),
        )
    else:
        yield Finding(_("SPF: %(record)s") % {"record": ours[0]})


def _dkim(domain: str, resolver: Resolver) -> Iterator[Finding]:
    for key in dkim.keys(settings.DKIM_FOLDER, domain):
        found = resolver.texts(key.name)
        if found is None:
            yield _silent(key.name)
        elif not found:
            yield Finding(
                _("The key %(name)s is not in DNS") % {"name": key.name},
                _("Set this record:"),
                key.zone_line,
            )
        elif not any(_public(text) == _public(key.record) for text in found):
            yield Finding(
                _("%(name)s holds another key than ours") % {"name": key.name},
                _("Put this in its place, or signatures fail:"),
                key.zone_line,
            )
        else:
            yield Finding(_("DKIM: %(name)s is in order") % {"name": key.name})


def _public(record: str) -> str:
    parts = dict(part.strip().partition("=")[::2] for part in record.split(";") if "=" in part)
    return "".join(parts.get("p", "").split())


def _dmarc(domain: str, resolver: Resolver) -> Iterator[Finding]:
    asked = domain
    while True:  # the organisation's domain may hold it (RFC 7489, 6.6.3)
        found = resolver.texts(f"_dmarc.{asked}")
        if found is None:
            yield _silent(f"_dmarc.{asked}")
            return
        ours = [text for text in found if text.replace(" ", "").lower().startswith("v=dmarc1")]
        if ours or asked.count(".") < 2:
            break
        asked = asked.partition(".")[2]
    if len(ours) != 1:
        yield Finding(
            _("%(domain)s has %(n)d DMARC records; one is needed")
            % {"domain": domain, "n": len(ours)},
            _("Gmail and Yahoo ask it of whoever sends much. To begin with:"),
            f'_dmarc.{domain}. IN TXT "v=DMARC1; p=none"',
        )
    else:
        yield Finding(_("DMARC: %(record)s") % {"record": ours[0]})


def _server_name(resolver: Resolver) -> Iterator[Finding]:
    """PTR, forward and back: only where our own server speaks to the world."""
    host = urlsplit(settings.MAIL).hostname or ""
    if not _here(host) and not settings.MAIL.startswith("sendmail"):
        yield Finding(
            _("Mail goes through %(host)s; the name of its address is its keeper's matter")
            % {"host": host}
        )
        return
    name = settings.MAIL_HELO or socket.getfqdn()
    found = resolver.addresses(name)
    if not found:
        yield Finding(
            _("The name of this mail server, %(name)s, has no address in DNS") % {"name": name},
            _("Set BROADSHEET_MAIL_NAME to its public name, and an A record for that."),
        )
        return
    for address in found:
        if ipaddress.ip_address(address).is_loopback:
            continue
        back = resolver.name_of(address)
        if back != name.lower():
            yield Finding(
                _("The address %(address)s is called %(back)s, not %(name)s")
                % {"address": address, "back": back or _("nothing"), "name": name},
                _("Ask whoever gave you the address to set its PTR record to %(name)s; large "
                  "services refuse mail without it.") % {"name": name},
            )  # fmt: skip
        else:
            yield Finding(_("PTR: %(address)s is %(name)s") % {"address": address, "name": name})


def _coming_back(by: message.Sender, resolver: Resolver) -> Iterator[Finding]:
    for domain in dict.fromkeys(
        address.rpartition("@")[2] for address in (by.address, settings.MAIL_BOUNCES) if address
    ):
        found = resolver.exchangers(domain)
        if found == []:
            yield Finding(
                _("%(domain)s takes no mail: it has no MX record") % {"domain": domain},
                _("Answers and bounces need one, and services refuse a sender that takes no mail."),
            )
    if not settings.MAIL_BOUNCES:
        yield Finding(
            _("Bounces go to %(address)s, where a person must read them") % {"address": by.address},
            _("Set BROADSHEET_MAIL_BOUNCES and BROADSHEET_BOUNCE_BOX to a mailbox of their own."),
        )


def _silent(name: str) -> Finding:
    return Finding(
        _("DNS did not answer for %(name)s") % {"name": name},
        _("Look at this machine's network, then try again."),
    )


def try_out(newsletter: Newsletter, to: str) -> Finding:
    """Send one short letter by the real way, so that a person can see it arrive."""
    try:
        by = sender(newsletter)
        address = str(addresses.parse(to))
        now = datetime.now(UTC)
        headers = [
            ("From", message.mailbox("From", by.name, by.address)),
            ("To", address.encode()),
            ("Subject", message.phrase("Subject", f"[Test] {newsletter.name}")),
            ("Message-ID", f"<doctor.{int(now.timestamp())}@{by.domain}>".encode()),
        ]
        keys = dkim.keys(settings.DKIM_FOLDER, by.domain)
        data = message.single(
            headers, _("This letter shows that the desk can send mail.\n"), now, keys
        )
        with closing(outbox.named()) as way:
            outcome = next(iter(way.send([Letter(by.address, address, data)])))
    except (TransportError, SenderError, addresses.AddressError) as error:
        return Finding(_("No letter could be sent to %(to)s") % {"to": to}, str(error))
    said = f"{outcome.code} {outcome.words}"
    if outcome.fate is Fate.ACCEPTED:
        return Finding(_("A letter to %(to)s was taken: %(said)s") % {"to": to, "said": said})
    return Finding(_("A letter to %(to)s was not taken") % {"to": to}, said)
