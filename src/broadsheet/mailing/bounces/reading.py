"""What a mail that came back says. Bytes in, a value out: no tables, no network, no clock.

The machine-readable parts are read first (RFC 3464 for bounces, RFC 5965 for complaints), then the
older forms, then words. An address is called dead only where the report says so in a code or a
phrase that means nothing else; whatever is merely a refusal counts as soft. A living reader who is
dropped does not come back; a dead address that is tried three times more does no harm.
"""

from __future__ import annotations

import email
import email.errors
import email.header
import email.message
import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import getaddresses, parseaddr

from flufl.bounce import all_failures

LONGEST = 2_000_000  # bytes that are looked at; a bounce may carry a whole mail with pictures
_TOKEN = re.compile(r"\+([a-z2-7]{26})@", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<([a-z2-7]{26})@[^<>\s]+>", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_ADDRESSED = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "Cc")


class Kind(enum.StrEnum):
    """What a mail is."""

    HARD = "hard"  # the address is gone
    SOFT = "soft"  # refused, for a reason that may pass or is not the address's
    DELAYED = "delayed"  # it is still tried
    COMPLAINT = "complaint"
    AUTO = "auto"  # out of office, receipts, challenges: nothing follows from it
    LEAVE = "leave"  # a person asks to be taken off
    REPLY = "reply"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail says, and by what its delivery may be known.

    tokens       of return paths; nobody else can know them
    message_ids  of ours that it quotes; only the reader and the servers on the way know them
    addresses    that it names as failed, lower case; anybody could write those
    """

    kind: Kind
    status: str = ""
    words: str = ""
    tokens: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Verdict:
    kind: Kind
    status: str = ""
    words: str = ""
    addresses: tuple[str, ...] = ()


# The address is gone: phrases of servers that mean nothing else. From their sources and manuals.
_GONE = re.compile(
    r"""
      user\s+(?:is\s+)?unknown
    | unknown\s+(?:user|recipient|local.part|address|mailbox)
    | no\s+such\s+(?:user|recipient|mailbox|account|person|address|local\s+user|virtual\s+user)
    | (?:user|mailbox|recipient|account|address|e-?mail\s+address)(?:\s+\S+)?\s+
        (?:was\s+)?(?:not\s+found|could\s+not\s+be\s+found|does\s+not\s+exist|doesn['’]?t\s+exist|doesn['’]t\s+have|no\s+longer\s+exists?)
    | (?:that|this)\s+(?:address|mailbox|user)\s+(?:does\s+not|doesn['’]t)\s+exist
    | doesn['’]t\s+have\s+an?\s+\S+\s+account
    | no\s+mailbox\s+(?:here\s+)?by\s+that\s+name
    | mailbox\s+unavailable.{0,40}(?:not\s+found|no\s+such)
    | invalid\s+(?:recipient|mailbox|user|address)
    | recipient\s+address\s+rejected:\s*(?:user\s+unknown|undeliverable\s+address|access\s+denied\.\s+AS)
    | not\s+our\s+customer
    | account\s+(?:has\s+been\s+)?(?:disabled|closed|terminated|deleted|inactive)
    | (?:address|mailbox)\s+(?:is\s+)?no\s+longer\s+(?:valid|in\s+use|active|available|monitored)
    | no\s+longer\s+(?:works?|employed|with|at)\b
    | not\s+listed\s+in\s+(?:public\s+)?(?:name\s*&\s*address\s+book|domino\s+directory)
    | host\s+(?:or\s+domain\s+name\s+)?not\s+found
    | (?:domain|host)\s+(?:name\s+)?(?:does\s+not\s+exist|not\s+found)
    | unrouteable\s+(?:mail\s+domain|address)
    | null\s*mx
    | nxdomain
    | no\s+(?:such\s+domain|mx\s+or\s+a\s+records)
    | couldn['’]t\s+find\s+any\s+host\s+named
    | dns\s+domain.{0,60}does\s+not\s+exist
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
# It lives, or nobody says that it does not: full, busy, too large, or refused for what we are.
_LIVES = re.compile(
    r"""
      (?:mailbox|inbox|quota|storage|mail\s*box|disk)\b.{0,40}\b(?:full|exceed\w*|limit|over\b)
    | over\s*quota
    | exceed\w*\s+.{0,30}(?:quota|storage)
    | out\s+of\s+(?:storage|disk)\s+space
    | insufficient\s+(?:system\s+)?(?:storage|disk)
    | too\s+(?:large|big|many)
    | spam
    | blocked
    | block\s*list
    | black\s*list
    | reputation
    | polic(?:y|ies)
    | spf
    | dkim
    | dmarc
    | reject\w*\s+.{0,30}content
    | grey\s*list\w*
    | gray\s*list\w*
    | rate\s*limit\w*
    | temporar\w+
    | try\s+(?:again\s+)?later
    | timed?\s*out
    | connection\s+(?:refused|timed|lost)
    | unusual\s+rate
    | not\s+authori[sz]ed
    | access\s+denied
    | relay\w*\s+(?:denied|not\s+permitted)
    | virus
    | authenticat\w+
    | delayed
    """,
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_GONE_CODES = ("5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4")
_VAGUE = ("5.0.0", "5.5.0", "4.0.0", "5.1.0", "5.4.0", "5.3.0", "")
_FAILED = re.compile(
    r"undeliver\w* | not\s+(?:be\s+)?deliver\w* | delivery\s+(?:status|failure|has\s+failed|notification)"
    r"| failure\s+notice | returned\s+mail | mail\s+delivery\s+(?:failed|system) | could\s+not\s+be\s+sent"
    r"| permanent\s+(?:fatal\s+)?errors? | rejected | unzustellbar | non\s+remis | no\s+entregad | 退信"
    r"| 退件",
    re.IGNORECASE | re.VERBOSE,
)
_DAEMON = re.compile(
    r"mailer-?daemon|postmaster|mail\s*delivery|mdaemon|^mailsweeper|^mmdf|^uucp", re.IGNORECASE
)
_AWAY = re.compile(
    r"out\s+of\s+(?:the\s+)?office|auto(?:matic|mated)?[\s-]*(?:reply|response|antwort)|automatische\s+antwort|on\s+(?:annual\s+)?leave|on\s+holiday"
    r"|vacation|abwesen|absence|absent|réponse\s+automatique|respuesta\s+autom|risposta\s+automatica|fuera\s+de\s+la\s+oficina"
    r"|自動回覆|自动回复|自動返信|不在|休假|ตอบกลับอัตโนมัติ|maternity|we\s+have\s+received\s+your|ticket\s+(?:received|#)|has\s+been\s+received",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"confirm\s+(?:that\s+)?(?:you|your\s+(?:message|mail|e-?mail))|please\s+verify\s+your\s+(?:mail|message)|challenge|white\s*list",
    re.IGNORECASE,
)
_LEAVE = re.compile(
    r"\W*(?:re:\s*)?(?:please\s+)?(?:unsubscribe|stop|remove\s+me|take\s+me\s+off|opt\s*-?out|退訂|取消訂閱|退订|取消订阅|abmelden|désabonner|desabonner|darme\s+de\s+baja)"
    r"(?:\s+(?:me|from\s+.{0,40}|please|list))*\W*",
    re.IGNORECASE,
)


def read(data: bytes) -> Report:
    """What the mail is. Never raises: what cannot be understood is UNKNOWN."""
    message = email.message_from_bytes(data[:LONGEST])
    text = "\n".join(_texts(message))
    found = (
        _complaint(message)
        or _delivery_status(message)
        or _receipt(message)
        or _old_bounce(message, text)
        or _automatic(message, text)
        or _person(message, text)
    )
    tokens, names = _marks(message, text)
    kind = found.kind
    if kind is Kind.REPLY and not (tokens or names):
        kind = Kind.UNKNOWN
    words = " ".join(found.words.split())[:300]
    return Report(kind, found.status, words, tokens, names, found.addresses)


# --- machine-readable reports --------------------------------------------------------------------


def _complaint(message: email.message.Message) -> _Verdict | None:
    """An abuse report (RFC 5965). Only abuse, fraud and opt-outs are against us."""
    for part in message.walk():
        if part.get_content_type() == "message/feedback-report":
            fields = _fields(part)
            what = fields.get("feedback-type", "abuse").lower()
            if what in ("not-spam", "auth-failure", "virus"):
                return _Verdict(Kind.AUTO, words=f"feedback report: {what}")
            named = _mailboxes(fields.get("original-rcpt-to", ""))
            return _Verdict(Kind.COMPLAINT, words=f"feedback report: {what}", addresses=named)
    # Hotmail's Junk Mail Reporting Program sends the mail itself, with one header beside it.
    if message.get("X-HmXmrOriginalRecipient"):
        return _Verdict(Kind.COMPLAINT, words="junk mail report")
    return None


def _delivery_status(message: email.message.Message) -> _Verdict | None:
    """A delivery status notification (RFC 3464): the gravest of its recipients counts."""
    kinds = ("message/delivery-status", "message/global-delivery-status")
    verdicts = [
        _recipient(block)
        for part in message.walk()
        if part.get_content_type() in kinds
        for block in _blocks(part)
        if "action" in block or "status" in block
    ]
    order = (Kind.HARD, Kind.SOFT, Kind.DELAYED, Kind.AUTO)
    return min(verdicts, key=lambda verdict: order.index(verdict.kind), default=None)


def _recipient(block: dict[str, str]) -> _Verdict:
    action = block.get("action", "failed").split(";")[0].split("(")[0].strip().lower()
    told = _STATUS.search(block.get("status", ""))
    status = told[1] if told else ""
    why = block.get("diagnostic-code", "").partition(";")[2] or block.get("diagnostic-code", "")
    closer = _STATUS.search(why)
    if status in _VAGUE and closer:
        status = closer[1]
    named = _mailboxes(block.get("original-recipient", ""), block.get("final-recipient", ""))
    words = f"{status} {why}".strip()
    if action in ("delivered", "relayed", "expanded"):
        return _Verdict(Kind.AUTO, status, words, named)
    if action == "delayed":
        return _Verdict(Kind.DELAYED, status, words, named)
    return _Verdict(gravity(status, why), status, words, named)


def gravity(status: str, why: str) -> Kind:
    """Hard only by a code that speaks of the address, or an unmistakable phrase, and no milder one."""
    lives, gone = _LIVES.search(why), _GONE.search(why)
    if status.startswith("4") or (lives and not gone):
        return Kind.SOFT
    if status in _GONE_CODES and status not in _VAGUE:
        return Kind.HARD
    vague = status in _VAGUE or status.startswith("5.7")
    return Kind.HARD if gone and (vague or status.startswith("5")) else Kind.SOFT


def _receipt(message: email.message.Message) -> _Verdict | None:
    """A receipt that a person or a program has read it (RFC 8098)."""
    for part in message.walk():
        if part.get_content_type() == "message/disposition-notification":
            return _Verdict(Kind.AUTO, words="receipt")
    return None


# --- older forms and people ----------------------------------------------------------------------


def _old_bounce(message: email.message.Message, text: str) -> _Verdict | None:
    """Bounces in words: Exim, qmail, and whatever flufl.bounce knows."""
    named = _mailboxes(str(message.get("X-Failed-Recipients", "")))
    returning = bool(_DAEMON.search(str(message.get("From", "")))) or (
        str(message.get("Return-Path", "")).strip() == "<>"
    )
    subject = _subject(message)
    if not named and not (returning and (_FAILED.search(subject) or _FAILED.search(text[:2000]))):
        return None
    passing, lasting = _by_flufl(message)
    named = named or tuple(sorted(lasting | passing))
    why = _reason(text)
    told = _STATUS.search(why)
    status = told[1] if told else ""
    if re.search(
        r"(?i)delay|still (?:being|trying)|will (?:keep trying|be retried)|warning: could not send",
        subject,
    ):
        return _Verdict(Kind.DELAYED, status, why, named)
    return _Verdict(gravity(status, why), status, why, named)


def _by_flufl(message: email.message.Message) -> tuple[set[str], set[str]]:
    """Addresses that failed for now, and for good, as Mailman's detectors see it."""
    try:
        passing, lasting = all_failures(message)
    except (ValueError, TypeError, LookupError, AttributeError):  # odd mail upsets some detectors
        return set(), set()
    both = ({_plain(a) for a in found} for found in (passing, lasting))
    first, second = both
    return first, second


def _plain(address: str | bytes) -> str:
    return (address.decode("ascii", "replace") if isinstance(address, bytes) else address).lower()


def _reason(text: str) -> str:
    """The part that says why: before the returned mail, without its own words about delivery."""
    head = re.split(
        r"(?im)^(?:-{3,}.*(?:original|returned|below this line|copy of (?:the|your) message).*"
        r"|(?:return-path|received|list-id|dkim-signature):.*)$",
        text,
    )[0]
    return head[:4000]


def _automatic(message: email.message.Message, text: str) -> _Verdict | None:
    """Out of office and the like (RFC 3834), and challenges of filters."""
    subject = _subject(message)
    said = str(message.get("Auto-Submitted", "no")).lower()
    if (
        not said.startswith("no")
        or any(message.get(name) for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder"))
        or str(message.get("Precedence", "")).lower() in ("auto_reply", "junk")
        or _AWAY.search(subject)
        or _CHALLENGE.search(subject)
        or str(message.get("Return-Path", "")).strip() == "<>"
        or _DAEMON.search(parseaddr(str(message.get("From", "")))[1])
    ):
        return _Verdict(Kind.AUTO, words=subject)
    return None


def _person(message: email.message.Message, text: str) -> _Verdict:
    subject = _subject(message)
    first = next((line for line in text.splitlines() if line.strip()), "")
    if _LEAVE.fullmatch(subject) or _LEAVE.fullmatch(first):
        return _Verdict(Kind.LEAVE, words=subject or first)
    return _Verdict(Kind.REPLY, words=subject)


# --- parts ---------------------------------------------------------------------------------------


def _texts(message: email.message.Message) -> Iterator[str]:
    """All that can be read: text parts, and the heads of attached mails."""
    for part in message.walk():
        if part.get_content_maintype() == "text" and not part.is_multipart():
            raw = part.get_payload(decode=True)
            if isinstance(raw, bytes):
                charset = part.get_content_charset() or "utf-8"
                try:
                    yield raw.decode(charset, "replace")
                except LookupError:
                    yield raw.decode("utf-8", "replace")
        if part is not message:
            yield "\n".join(f"{name}: {value}" for name, value in part.items())


def _marks(message: email.message.Message, text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return-path tokens and Message-IDs of ours: where it was sent to, then what it quotes."""
    heads = [
        str(value) for name in (*_ADDRESSED, "Received") for value in message.get_all(name, [])
    ]
    quoted = [str(message.get(name, "")) for name in ("In-Reply-To", "References")]
    whole = "\n".join([*heads, *quoted, text])
    tokens = dict.fromkeys(found.lower() for found in _TOKEN.findall(whole))
    names = dict.fromkeys(found.lower() for found in _MESSAGE_ID.findall(whole))
    return tuple(tokens), tuple(names)


def _blocks(part: email.message.Message) -> Iterator[dict[str, str]]:
    """The groups of fields of a delivery status, which the parser makes messages of."""
    payload = part.get_payload()
    if isinstance(payload, list):
        for block in payload:
            if isinstance(block, email.message.Message):
                yield {name.lower(): _one_line(value) for name, value in block.items()}
                rest = block.get_payload()
                if isinstance(rest, str) and ":" in rest:  # fields after an empty line too many
                    yield _parsed(rest)
    elif isinstance(payload, str):
        for group in re.split(r"\r?\n\s*\r?\n", payload):
            yield _parsed(group)


def _fields(part: email.message.Message) -> dict[str, str]:
    out: dict[str, str] = {}
    for block in _blocks(part):
        out |= block
    return out


def _parsed(text: str) -> dict[str, str]:
    found = email.message_from_string(text.strip() + "\n\n")
    return {name.lower(): _one_line(value) for name, value in found.items()}


def _one_line(value: object) -> str:
    return " ".join(str(value).split())


def _mailboxes(*fields: str) -> tuple[str, ...]:
    """Addresses of `rfc822; ann@example.org` or of a list with commas."""
    found: dict[str, None] = {}
    for given in fields:
        bare = given.partition(";")[2] if ";" in given else given
        for _, address in getaddresses([bare.strip()]):
            if "@" in address:
                found[address.strip("<>").lower()] = None
    return tuple(found)


def _subject(message: email.message.Message) -> str:
    """The subject in words, also where it was sent in bare UTF-8."""
    given = next((str(v) for name, v in message.raw_items() if name.lower() == "subject"), "")
    bare = given.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        parts = email.header.decode_header(bare)
        return "".join(
            raw.decode(charset or "utf-8", "replace") if isinstance(raw, bytes) else raw
            for raw, charset in parts
        )
    except (LookupError, ValueError, email.errors.HeaderParseError):
        return bare
