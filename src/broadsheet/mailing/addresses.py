"""Mail addresses: read in every odd form, compared, made fit for the wire. No network, no tables.

Two addresses are the same mailbox where their keys are equal: lower case throughout, the domain as
an A-label. By RFC 5321 a server may tell `Ann@` from `ann@`; none that we know does, and two
mails to one reader are worse. Dots and `+tags` stay: they name other mailboxes at most servers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import idna
from django.utils.translation import gettext_lazy as _

LONGEST_LOCAL = 64  # octets: RFC 5321, 4.5.3.1.1
LONGEST = 254  # octets: RFC 3696, erratum 1690

_ATEXT = r"-A-Za-z0-9!#$%&'*+/=?^_`{|}~"
_PLAIN = re.compile(
    rf"([{_ATEXT}]+(?:\.[{_ATEXT}]+)*)@"
    r"((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9]))"
)
_DOT_ATOM = re.compile(rf"[{_ATEXT}\u0080-\U0010ffff]+(?:\.[{_ATEXT}\u0080-\U0010ffff]+)*")
_QUOTED = re.compile(r'"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*"')
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# What copying from a web page or a spreadsheet leaves around an address, and shows to nobody.
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_NAMED = re.compile(r"[^<>]*<([^<>]*)>\s*[;,.]*")
_COMMENT = re.compile(r"\s*\([^()]*\)\s*")

_WORDS = {
    "empty": _("There is no address."),
    "no_at": _("An address needs an @, as in name@example.org."),
    "several": _("There is more than one address; give each its own line."),
    "control": _("It holds a line break or another control character."),
    "space": _("There is a space inside the address."),
    "local": _("The part before the @ cannot be a mailbox's name."),
    "dots": _("A dot stands at the beginning or the end of the name, or two in a row."),
    "domain": _("The part after the @ is not a domain, as in example.org."),
    "no_dot": _("The domain lacks its ending, such as .org."),
    "number": _("It names a machine by its number; a domain is needed."),
    "long": _("It is too long to be an address."),
}


class AddressError(ValueError):
    """What was typed cannot be written to. `code` is one of the keys of the words above."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)

    def __str__(self) -> str:
        return str(_WORDS[self.code])


@dataclass(frozen=True, slots=True)
class Address:
    """An address that can be written to. `domain` is an A-label in lower case."""

    local: str
    domain: str

    def __str__(self) -> str:
        """As it goes on the wire."""
        return f"{self.local}@{self.domain}"

    @property
    def key(self) -> str:
        """What two spellings of one mailbox share."""
        if self.local.isascii():
            return f"{self.local.lower()}@{self.domain}"
        return f"{unicodedata.normalize('NFC', self.local.casefold())}@{self.domain}"

    @property
    def needs_utf8(self) -> bool:
        """Only a server that announces SMTPUTF8 (RFC 6531) can take it."""
        return not self.local.isascii()


def parse(raw: str) -> Address:
    """Read an address as people type, paste and export it.

    Understood: names and angle brackets, `mailto:`, comments, spaces and unseen characters around
    it, full-width letters, domains in any script. Raises AddressError with the reason.
    """
    plain = _PLAIN.fullmatch(raw)
    if plain is not None and not raw.startswith("'"):
        return _fit(plain[1], plain[2].lower())
    return _parse_odd(raw)


def _parse_odd(raw: str) -> Address:
    text = _bare(raw)
    if not text:
        raise AddressError("empty")
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text):
        raise AddressError("control")
    local, at, domain = text.rpartition("@")
    if not at:
        raise AddressError("no_at")
    quoted = local.startswith('"')
    if not quoted and re.search(r"[,;]|@\S*\s+\S*$", local):
        raise AddressError("several")
    local, domain = (local if quoted else local.strip()), domain.strip()
    return _fit(_local(local, quoted=quoted), to_a_label(domain))


def _bare(raw: str) -> str:
    """Without what stands around an address: unseen characters, a name, brackets, comments."""
    text = _UNSEEN.sub("", unicodedata.normalize("NFC", raw))
    wide = unicodedata.normalize("NFKC", text)  # full-width letters of a Chinese keyboard
    text = (wide if wide.isascii() else text.replace("＠", "@").replace("\u00a0", " ")).strip()
    named = _NAMED.fullmatch(text)
    if named is not None:
        text = named[1].strip()
    text = re.sub(r"^mailto:", "", text, flags=re.IGNORECASE)
    if text.count("@") == 1 and "?" in text.partition("@")[2]:
        text = text.partition("?")[0]  # mailto:ann@example.org?subject=...
    if not text.startswith('"'):
        text = _COMMENT.sub("", text)
        text = text.strip(" '\t<>").rstrip(";,.")
    return text


def _local(local: str, *, quoted: bool) -> str:
    if quoted:
        if _QUOTED.fullmatch(local) is None:
            raise AddressError("local")
        inside = re.sub(r"\\(.)", r"\1", local[1:-1])
        if inside.isascii() and _DOT_ATOM.fullmatch(inside):
            return inside
        if not inside or not inside.isascii():
            raise AddressError("local")
        return local
    if not local:
        raise AddressError("local")
    if local.startswith(".") or local.endswith(".") or ".." in local:
        raise AddressError("dots")
    if any(char.isspace() for char in local):
        raise AddressError("space")
    if "@" in local:
        raise AddressError("several")
    # Letters, digits and marks of any script; signs, private and unassigned characters are slips.
    if _DOT_ATOM.fullmatch(local) is None or any(
        unicodedata.category(char) not in ("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd", "Pc")
        for char in local
        if not char.isascii()
    ):
        raise AddressError("local")
    return local


def to_a_label(domain: str) -> str:
    """A domain in lower-case ASCII, by IDNA 2008 with the mapping of UTS 46.

    Raises AddressError. A label that IDNA forbids and DNS allows (`ab--cd`) is kept as it is.
    """
    if domain.startswith("["):
        raise AddressError("number")
    domain = domain.rstrip(".")
    if domain.isascii():
        ascii_domain = domain.lower()
    else:
        try:
            ascii_domain = idna.encode(domain, uts46=True, transitional=False).decode("ascii")
        except (idna.IDNAError, UnicodeError) as error:
            raise AddressError("domain") from error
    labels = ascii_domain.split(".")
    if any(_LABEL.fullmatch(label) is None for label in labels):
        raise AddressError("domain")
    if len(labels) < 2:
        raise AddressError("no_dot")
    if labels[-1].isdigit():
        raise AddressError("number")
    if len(labels[-1]) < 2:
        raise AddressError("domain")
    return ascii_domain


def _fit(local: str, domain: str) -> Address:
    # Folding may grow a name (ß to ss): the key must fit its column as well.
    octets = (
        max(len(local.encode()), len(local.casefold().encode()))
        if not local.isascii()
        else len(local)
    )
    if octets > LONGEST_LOCAL or octets + 1 + len(domain) > LONGEST:
        raise AddressError("long")
    return Address(local, domain)


def shown(address: str) -> str:
    """An address as people read it: the domain in its own script where that is safe to show."""
    local, at, domain = address.rpartition("@")
    if "xn--" not in domain:
        return address
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except (idna.IDNAError, UnicodeError):
        return address


def masked(address: str) -> str:
    """Enough for its owner to know it by: `a•••@example.org`. For pages that a forwarded mail opens."""
    local, at, domain = shown(address).rpartition("@")
    return f"{local[:1]}•••{at}{domain}"


# Whose servers take the mail of a domain, by the end of its MX host's name. Limits are per service,
# not per domain: thousands of firms' domains are Google's. From the services' own set-up pages.
_SERVICES = (
    ("google", ("google.com", "googlemail.com", "smtp.goog")),
    ("microsoft", ("protection.outlook.com", "olc.protection.outlook.com", "mx.microsoft",
                   "outlook.com", "hotmail.com")),
    ("yahoo", ("yahoodns.net", "aol.com")),
    ("apple", ("mail.icloud.com", "apple.com")),
    ("proton", ("protonmail.ch", "proton.me")),
    ("zoho", ("zoho.com", "zoho.eu", "zoho.in")),
    ("mimecast", ("mimecast.com",)),
    ("proofpoint", ("pphosted.com", "ppe-hosted.com")),
    ("qq", ("qq.com", "mail.qq.com", "exmail.qq.com")),
    ("netease", ("netease.com", "163.com", "126.com")),
)  # fmt: skip
# The large open mailbox services, for when no MX was looked up.
_DOMAINS = {
    "google": ("gmail.com", "googlemail.com"),
    "microsoft": ("outlook.com", "hotmail.com", "live.com", "msn.com", "hotmail.co.uk",
                  "hotmail.fr", "hotmail.de", "live.co.uk", "outlook.fr", "outlook.de",
                  "windowslive.com"),
    "yahoo": ("yahoo.com", "yahoo.co.uk", "yahoo.com.hk", "yahoo.com.tw", "yahoo.fr", "yahoo.de",
              "yahoo.com.ph", "yahoo.co.in", "yahoo.com.sg", "ymail.com", "rocketmail.com",
              "aol.com"),
    "apple": ("icloud.com", "me.com", "mac.com"),
    "proton": ("proton.me", "protonmail.com", "pm.me"),
    "qq": ("qq.com", "foxmail.com"),
    "netease": ("163.com", "126.com", "yeah.net"),
}  # fmt: skip
_SERVICE_OF = {domain: service for service, domains in _DOMAINS.items() for domain in domains}


def service(domain: str, mx_hosts: Iterable[str] = ()) -> str:
    """Who takes the mail of a domain: the key by which speed is limited.

    `mx_hosts` are the names of its MX records, best first, where they were looked up; else only
    the well-known services are told from others, and any other domain is its own key.
    """
    known = _SERVICE_OF.get(domain)
    if known:
        return known
    for host in mx_hosts:
        name = host.rstrip(".").lower()
        for key, ends in _SERVICES:
            if name.endswith(ends) and any(name == end or name.endswith(f".{end}") for end in ends):
                return key
        if name:
            return f"mx:{name}"
    return domain
