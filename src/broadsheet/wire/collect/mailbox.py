"""Newsletters and alerts by mail -> entries: each link that is an article, with the words beside it.

Mail is a source of equal rank: many outlets refuse our server and still write to their readers. A
folder of .eml and a mailbox over IMAP are read alike; a mailbox is only read, nothing in it is
changed, deleted or marked as seen.
"""

from __future__ import annotations

import email
import email.policy
import imaplib
import re
import ssl
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import lxml.etree
import lxml.html

from broadsheet.wire import dates, urls
from broadsheet.wire.collect import folders, wrappers
from broadsheet.wire.collect.charset import decode
from broadsheet.wire.collect.plain import one_line, plain
from broadsheet.wire.dates import When
from broadsheet.wire.errors import CollectError
from broadsheet.wire.model import Entry, Failure

MOST_LINKS = 300  # of one mail: beyond that it is a directory, no newsletter
LONGEST_LABEL = 300

# Links that every newsletter carries and that are no article. The whole words of the link have to
# be such a phrase: "Facebook" is chrome, "Facebook job ads lead to scam compounds" is a story.
_CHROME = re.compile(
    r"(?i)\W*(?:(?:please |click here to |to )?"
    r"(?:manage|update|edit|change)(?: your| my| this| email)*"
    r"(?: preferences| subscriptions?| profile| alert)|"
    r"(?:email )?preferences|"
    r"view (?:this |the )?(?:e-?mail|mail|newsletter)?\s*(?:in|on)?(?: your| a| the)? ?"
    r"(?:browser|web|online|webpage|web page)|(?:web|online) version|"
    r"privacy(?: policy| notice| statement)?|"
    r"terms(?: of (?:use|service)| and conditions|(?: & conditions))?|cookie(?: policy|s)?|contact(?: us)?|"
    r"about(?: us)?|advertise(?: with us)?|forward(?: this)?(?: e-?mail)?(?: to a (?:friend|colleague))?|"
    r"(?:share|follow|like|find|join|tweet|post)(?: us| this)?(?: on| via)?"
    r"(?: facebook| twitter| x| linkedin| instagram| whatsapp| telegram| youtube| e-?mail)?|"
    r"facebook|twitter|x|instagram|linkedin|youtube|"
    r"whatsapp|telegram|tiktok|bluesky|mastodon|"
    r"subscribe(?: now| here| today)?|sign up(?: here| now)?|"
    r"log ?in|sign in|donate(?: now| today)?|(?:download|get) (?:the|our) app|"
    r"see all|see more(?: results)?|"
    r"flag as irrelevant|receive this alert as rss(?: feed)?|send feedback|create another alert|"
    r"help(?: cent(?:er|re))?|home(?: ?page)?|more news|read more news|website|rss|google alerts)\W*"
)
# To fetch a link that ends or confirms a subscription would *do* it, so these are named in the
# languages of the shipped sources, and whatever the List-Unsubscribe header names is left out too.
_ACTS = re.compile(
    r"(?i)unsubscribe|un-subscribe|^\W*opt.?out|opt.?out (?:of|from) (?:these|this|all|our|future|e-?mail)|"
    r"stop receiving|no longer (?:wish|want) to|confirm (?:your|my|e-?mail|subscription|registration)|"
    r"verify (?:your|my)|activate (?:your|my)|reset (?:your|my)? ?password|accept (?:the )?invitation|"
    r"\bremove me\b|"
    r"abmelden|abbestellen|d[eé]sabonner|d[eé]sinscri|dar(?:se|me)? de baja|cancelar (?:la )?suscripci|"
    r"cancelar (?:a )?(?:inscri|subscri)|disiscri|annulla iscrizione|afmelden|uitschrijven|wypisz|"
    r"отписаться|відписатися|berhenti berlangganan|hu[ỷỉ] đăng ký|ยกเลิกการรับ|ยกเลิกการสมัคร|"
    r"取消訂閱|取消订阅|退訂|退订|配信停止|購読解除|구독 ?취소|수신 ?거부|إلغاء الاشتراك|সাবস্ক্রিপশন বাতিল"
)
_CHROME_ADDRESS = re.compile(
    r"(?i)unsubscri|/opt-?out\b|/preferences\b|/confirm(?:/|\?|$)|confirm-?(?:subscription|email)|"
    r"list-manage\.com/(?:profile|unsub|about)|/alerts/(?:remove|edit|"
    r"feedback|share)|google\.com/alerts|support\.google\.com|//(?:www\.)?(?:facebook|twitter|x|instagram|"
    r"linkedin|youtube|pinterest|t)\.(?:com|me)(?:/|$)(?!.*\burl=)|play\.google\.com|apps\.apple\.com|"
    r"\.(?:png|jpe?g|gif|svg|css|js|ico)(?:$|\?)|wa\.me/|mailto:"
)
# "Read more" is the words of a link, never the headline
_MORE = re.compile(
    r"(?i)^(?:read (?:more|on|the (?:full )?(?:story|article|report))|full (?:story|article)|more|here|"
    r"click here|continue reading|learn more|see more|find out more|link|view|weiterlesen|lire la suite|"
    r"leer m[aá]s|[>»→\W]*|了解更多|閱讀更多|阅读更多|อ่านต่อ)[\s.…>»→]*$"
)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it is needed: who, when, what about, and its two bodies."""

    sender: str
    address: str
    subject: str
    date: When | None
    identifier: str | None
    html: str
    text: str
    leave: tuple[str, ...] = ()  # the addresses that end the subscription


def read(body: bytes) -> Mail:
    """A mail from its bytes. Headers and parts that are broken are left out, never fatal."""
    message: Any = email.message_from_bytes(body, policy=email.policy.default)
    name, address = parseaddr(_header(message, "From"))
    texts = {"text/html": "", "text/plain": ""}
    for part in message.walk():
        kind = part.get_content_type()
        if kind not in texts or texts[kind] or part.get_filename():
            continue
        inside = part.get_payload(decode=True)
        if isinstance(inside, bytes):
            texts[kind] = decode(inside, str(part.get("Content-Type", ""))).text
    return Mail(
        sender=one_line(name) or address,
        address=address,
        subject=" ".join(_header(message, "Subject").split()),
        date=dates.rfc822(_header(message, "Date"), basis="mail"),
        identifier=_header(message, "Message-ID").strip() or None,
        html=texts["text/html"],
        text=texts["text/plain"],
        leave=tuple(re.findall(r"<(https?://[^>]+)>", _header(message, "List-Unsubscribe"))),
    )


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name) or "")
    except (ValueError, TypeError, IndexError, AttributeError, KeyError):
        # the standard library's parser of headers fails on some broken ones
        raw = next((value for key, value in message.raw_items() if key.lower() == name.lower()), "")
        return str(raw)


def entries(body: bytes, *, at: str = "the mail") -> list[Entry]:
    """The links of a newsletter or alert that look like articles, in order, each once.

    The date of the mail is *not* the date of what it links to, so entries have none; a desk files
    them by when they were first seen. A mail without such links, but with a text, is one entry
    without an address. CollectError where there is neither.
    """
    mail = read(body)
    found = _of_html(mail) if mail.html else []
    if not found and mail.text:
        found = _of_text(mail)
    if found:
        return found
    text = mail.text.strip() or plain(mail.html)
    if not mail.subject and not text:
        raise CollectError("The mail holds nothing to read", at=at, reason="empty")
    return [
        Entry(
            url=None,
            headline=mail.subject,
            text=text,
            published=mail.date,
            source=mail.sender or None,
            identifier=mail.identifier,
        )
    ]


def _of_html(mail: Mail) -> list[Entry]:
    try:
        root = lxml.html.document_fromstring(
            mail.html[:1_000_000].encode("utf-8", "replace"),
            parser=lxml.html.HTMLParser(encoding="utf-8"),
        )
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return []
    best: dict[str, Entry] = {}
    pictured: set[str] = set()  # whose headline is only what a picture shows
    for node in list(root.iter("a"))[: 4 * MOST_LINKS]:
        href = urls.absolute(node.get("href") or "", "")
        if not href or href in mail.leave or _ACTS.search(node.get("title") or ""):
            continue
        url = wrappers.unwrapped(href)
        label = " ".join("".join(str(piece) for piece in node.itertext()).split())[:LONGEST_LABEL]
        picture = not label
        if picture:
            label = next((img.get("alt") or "" for img in node.iter("img")), "").strip()
        if not _article(url, label):
            continue
        headline, text = _beside(node, label)
        key = urls.key(url)
        entry = Entry(url=urls.canonical(url), headline=headline, text=text)
        known = best.get(key)
        # a picture, a headline and "read more" lead to one page: keep what says most
        if known is None:
            best[key] = entry
            if picture:
                pictured.add(key)
        elif key in pictured and headline and not picture:
            pictured.remove(key)
            best[key] = replace(entry, text=max(known.text, text, key=len))
        else:
            best[key] = replace(
                known,
                headline=known.headline or headline,
                text=max(known.text, text, key=len),
            )
    return [one for one in best.values() if one.headline or one.text][:MOST_LINKS]


def _article(url: str, label: str) -> bool:
    """Whether a link of a mail looks like an article: not chrome, and not the front of a site."""
    if _CHROME_ADDRESS.search(url) or _CHROME.fullmatch(label):
        return False
    if len(label) < 80 and _ACTS.search(label):
        return False
    path, _, query = url.partition("://")[2].partition("/")[2].partition("?")
    return len(path.strip("/")) > 3 or bool(re.search(r"(?:^|&)(?:p|id|article|story)=\w", query))


def _beside(node: Any, label: str) -> tuple[str, str]:
    """The headline and the words that stand with a link, in the smallest block that holds more.

    The headline is the link's own words, unless these are "Read more": then the heading, the bold
    words or the first line of the block.
    """
    block = node
    own = not _MORE.match(label)
    for _ in range(6):
        parent = block.getparent()
        if parent is None or parent.tag in ("body", "html"):
            break
        # a block with links to other pages is the whole list
        others = {a.get("href") for a in parent.iter("a")} - {node.get("href")}
        if len(others) > 1 or (others and own and len(block.text_content()) > len(label) + 40):
            break
        block = parent
    words = plain(lxml.html.tostring(block, encoding="unicode", with_tail=False)[:20_000])
    lines = [line for line in words.splitlines() if line and not _MORE.match(line)]
    headline = label if own else ""
    if not headline:
        for strong in block.iter("h1", "h2", "h3", "h4", "b", "strong"):
            headline = " ".join(strong.text_content().split())[:LONGEST_LABEL]
            if headline and not _MORE.match(headline):
                break
            headline = ""
    if not headline and not lines:
        # heading, paragraph and link side by side: what stands before the link, up to a heading
        for before in block.itersiblings(preceding=True):
            if not isinstance(before.tag, str):
                continue
            if before.tag == "hr" or next(before.iter("a"), None) is not None:
                break
            words = plain(lxml.html.tostring(before, encoding="unicode", with_tail=False)[:20_000])
            if re.fullmatch(r"h[1-6]", before.tag):
                headline = " ".join(words.split())[:LONGEST_LABEL]
                break
            lines = [line for line in words.splitlines() if line] + lines
    if not headline and lines:
        headline = lines[0][:LONGEST_LABEL]
    text = "\n".join(line for line in lines if line != headline)
    return headline, text[:4000]


_ADDRESS = re.compile(r"https?://[^\s<>\"')\]]+")


def _of_text(mail: Mail) -> list[Entry]:
    """Links of a plain text mail; the line before a bare address is its headline."""
    found: dict[str, Entry] = {}
    before = ""
    for line in mail.text.splitlines():
        match = _ADDRESS.search(line)
        if not match:
            before = line.strip() or before
            continue
        if match.group().rstrip(".,;") in mail.leave or _ACTS.search(
            f"{before[-60:]} {match.group()}"
        ):
            continue
        url = wrappers.unwrapped(match.group().rstrip(".,;"))
        label = (line[: match.start()] + line[match.end() :]).strip(" \t<>()[]-:*|")
        headline = label if label and not _MORE.match(label) else before.strip(" *-:#")
        if _article(url, headline):
            found.setdefault(
                urls.key(url), Entry(url=urls.canonical(url), headline=headline[:LONGEST_LABEL])
            )
        before = ""
    return list(found.values())[:MOST_LINKS]


def folder(path: Path) -> Iterator[Entry | Failure]:
    """The entries of every .eml below a folder, in the order of the names."""
    for one in sorted(path.rglob("*.eml")):
        name = one.relative_to(path).as_posix()
        try:
            yield from entries(folders.content(one, name), at=name)
        except CollectError as error:
            yield Failure(name, "collect", str(error))


def imap(
    host: str,
    user: str,
    password: str,
    *,
    since: date,
    box: str = "INBOX",
    senders: Iterable[str] = (),
    port: int = 993,
    most: int = 500,
    seconds: float = 30.0,
    context: ssl.SSLContext | None = None,
    plain_connection: bool = False,
) -> Iterator[tuple[str, bytes]]:
    """The mails of a mailbox since a day, newest last: each with its number and its bytes.

    The box is opened for reading only and mails are peeked at: nothing is marked, moved or deleted.
    `senders` are addresses or domains; without them every mail comes. At most `most`, the newest,
    and none above 20 MB. `plain_connection` is for a server on this machine. CollectError where the
    mailbox cannot be read.
    """
    try:
        server: imaplib.IMAP4 = (
            imaplib.IMAP4(host, port, timeout=seconds)
            if plain_connection
            else imaplib.IMAP4_SSL(
                host, port, timeout=seconds, ssl_context=context or ssl.create_default_context()
            )
        )
    except (OSError, imaplib.IMAP4.error) as error:
        raise CollectError("The mailbox cannot be reached", at=host, reason="network") from error
    wanted = tuple(one.lower().lstrip("@") for one in senders)
    try:
        try:
            server.login(user, password)
        except imaplib.IMAP4.error as error:
            raise CollectError(
                "The mailbox does not take this name and password",
                at=f"{user} at {host}",
                reason="blocked",
                hint="Many providers ask for an application password.",
            ) from error
        quoted = re.sub(r"[\r\n\x00]", "", box).replace("\\", "\\\\").replace('"', '\\"')
        state, _ = server.select(f'"{quoted}"', readonly=True)
        if state != "OK":
            raise CollectError(f"There is no folder {box!r}", at=host, reason="not_found")
        # RFC 3501 6.4.4: the day is in the server's own time, in English whatever the locale
        day = f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        _, numbers = server.uid("SEARCH", "SINCE", day)
        for number in (numbers[0] or b"").split()[-most:]:
            uid = number.decode("ascii")
            _, told = server.uid("FETCH", uid, "(RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM)])")
            head = b" ".join(
                part for one in told if one for part in (one if isinstance(one, tuple) else (one,))
            )
            size = re.search(rb"RFC822\.SIZE (\d+)", head)
            if size and int(size[1]) > folders.LARGEST:
                continue
            if wanted and not any(one.encode() in head.lower() for one in wanted):
                continue
            _, parts = server.uid("FETCH", uid, "(BODY.PEEK[])")
            for part in parts:
                if isinstance(part, tuple):
                    yield uid, part[1]
    except (OSError, imaplib.IMAP4.error) as error:
        raise CollectError("The mailbox broke off", at=host, reason="network") from error
    finally:
        try:
            server.logout()
        except (OSError, imaplib.IMAP4.error):
            server.shutdown()


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
