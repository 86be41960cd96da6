"""What somebody pastes: chat messages, alerts, links with trackers, doubles -> entries and the rest.

Nothing is thrown away: every line ends up in an entry or among the leftovers. Nothing is fetched.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace

from broadsheet.wire import text, urls
from broadsheet.wire.collect import wrappers
from broadsheet.wire.collect.plain import plain
from broadsheet.wire.model import Entry

MOST_LINES = 5_000


@dataclass(frozen=True, slots=True)
class Leftover:
    """A line without an address: maybe a headline, maybe only talk. `line` counts from 1."""

    line: int
    text: str


# Who wrote it and when, as chats are exported or copied: WhatsApp, Telegram, Signal, Slack, Line
_TIME = r"\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:[\s\u202f]?[ap]\.?m\.?)?"
_DAY = r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}"
_CHAT = re.compile(
    rf"^\s*(?:\u200e)?(?:"
    rf"\[(?:{_DAY},?\s+)?{_TIME}(?:,?\s+{_DAY})?\]\s*[^:\n]{{1,40}}:\s"
    rf"|{_DAY},?\s+{_TIME}\s+-\s+[^:\n]{{1,40}}:\s"
    rf"|[^:\n\[]{{1,40}},?\s+\[{_DAY}[^\]]{{0,20}}\]:?\s"
    rf"|[\w .'-]{{1,30}}\s{{1,3}}\[?{_TIME}\]?\s*$"
    rf")",
    re.IGNORECASE,
)
_SENDER = re.compile(r"^\s*@?[A-Z][\w.'-]{1,15}(?: [A-Z][\w.'-]{1,15})?:\s+(?=https?://)")
_BULLET = re.compile(r"^\s*(?:[>|*•·▪◦‣●○■□✅👉📰🔗📌➡️\-–—]+\s*|\(?\d{1,2}[.)]\s+)+")
_FORWARD = re.compile(r"(?i)^\s*(?:fwd?|fw|re|aw|wg|tr)\s*:\s*")
_MARKDOWN = re.compile(r"\[([^\[\]\n]{0,300})\]\((https?://[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)\)")
_ADDRESS = re.compile(
    r"(?i)(?:https?://|\bwww\.)[^\s<>\"\u3000\u3001\u3002\uff0c\uff1b\uff1a\uff01\uff1f\uff08\uff09"
    r"\u300a\u300b\u300c\u300d\u3010\u3011\u201c\u201d]{1,4000}"
)
# A bare address without a scheme, with a path: "bangkokpost.com/thailand/general/123"
_BARE = re.compile(r"(?i)(?<![\w@/.-])(?:[a-z0-9-]+\.)+[a-z]{2,12}/[^\s<>\"\u3002\uff0c]{3,}")
_HTML_LINK = re.compile(
    r"(?is)<a\b[^<>]{0,300}?href\s*=\s*[\"']?([^\"'\s<>]{1,2000})[^<>]{0,300}>(.{0,500}?)</a>"
)
# Talk beside a link, which is no headline
_TALK = re.compile(
    r"(?i)^\W*(?:(?:fyi|look|check|this|here|link|please|pls|plz|thanks|thx|thank you|hi|hello|hey|ok|okay|"
    r"wow|omg|so sad|must read|worth|anyone|did you|have you|saw|just saw|seen|another one|one more|also|"
    r"maybe|for our|could|can we|i|we|my|not sure|btw|interesting|sharing|shared|forwarded|google alert|"
    r"see (?:also|this|here|below)|read (?:this|here))\b|(?:from|via|source|important|urgent)\s*[:!@])"
)
_END = ".,;:!?'\"»›*_~`…、。"
_NO_SPACES = re.compile(
    r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u1000-\u109f\u1780-\u17ff]"
)


def entries(pasted: str) -> list[Entry | Leftover]:
    """What was pasted, in its order: an entry for each page, then nothing lost of the other lines.

    Addresses are freed from wrappers (Google, Facebook, Outlook) and trackers; two of one page are one
    entry, with the headline that came first and the talk of both. A headline is what stands with the
    address: a label in Markdown or HTML, the rest of the line, or the line right above. Where the
    headline ends in the outlet's name ("- Bangkok Post" beside bangkokpost.com), it is cut off and
    given as the source.
    """
    found: dict[str, Entry] = {}
    order: list[str | Leftover] = []
    above: Leftover | None = None
    lines = pasted.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, raw in enumerate(lines[:MOST_LINES], start=1):
        line = _bare(raw)
        if not line:
            above = None
            continue
        linked, rest = _links(line)
        if not linked:
            above = Leftover(number, line)
            order.append(above)
            continue
        for n, (url, label) in enumerate(linked):
            headline, talk = _told(label or (rest if n == 0 else ""))
            if not headline and not label and above is not None:
                over, _ = _told(above.text)
                if over:
                    headline = over
                    order.remove(above)
                    above = None
            headline, source = _outlet(headline, url)
            made = Entry(url=url, headline=headline, text=talk, source=source)
            key = urls.key(url)
            if key in found:
                found[key] = _merged(found[key], made)
            else:
                found[key] = made
                order.append(key)
        above = None
    order += [Leftover(MOST_LINES + 1, left.strip()) for left in lines[MOST_LINES:] if left.strip()]
    told = {text.squeezed(one.headline).lower() for one in found.values() if one.headline}
    out: list[Entry | Leftover] = []
    for item in order:
        if isinstance(item, str):
            out.append(found[item])
        elif text.squeezed(item.text).lower() not in told:
            out.append(item)
    return out


def _bare(raw: str) -> str:
    """A line without the chat's own marks, bullets and quoting."""
    line = raw.replace("\u200e", "").replace("\ufeff", "").replace("\u00a0", " ").strip()
    line = _CHAT.sub("", line, count=1) if _CHAT.match(line + " ") else line
    for pattern in (_FORWARD, _BULLET, _SENDER, _FORWARD):
        line = pattern.sub("", line, count=1)
    return line.strip()


def _links(line: str) -> tuple[list[tuple[str, str]], str]:
    """The addresses of a line with the labels they carry, and what is left of the line."""
    found: list[tuple[str, str]] = []

    def take(address: str, label: str) -> bool:
        if address.lower().startswith("www.") or "://" not in address:
            address = "https://" + address
        url = urls.absolute(wrappers.unwrapped(html.unescape(address)), "")
        if url is None:
            return False
        url = urls.canonical(url)
        if all(url != known for known, _ in found):
            found.append((url, label))
        return True

    def labelled(pattern: re.Pattern[str], address: int, label: int, words: str) -> str:
        def one(match: re.Match[str]) -> str:
            told = plain(match[label]).replace("\n", " ").strip()
            told = "" if re.match(r"(?i)(?:https?://|www\.)", told) else told
            return " " if take(match[address], told) else match.group()

        return pattern.sub(one, words)

    line = labelled(_HTML_LINK, 1, 2, line)
    line = labelled(_MARKDOWN, 2, 1, line)

    def single(match: re.Match[str]) -> str:
        address, tail = _trimmed(match.group())
        return f" {tail}" if take(address, "") else match.group()

    line = _ADDRESS.sub(single, line)
    line = _BARE.sub(single, line)
    return found, " ".join(line.split())


def _trimmed(address: str) -> tuple[str, str]:
    """An address without the punctuation that only ends the sentence; brackets stay in pairs."""
    end = len(address)
    while end:
        last = address[end - 1]
        pair = {")": "(", "]": "[", "}": "{"}.get(last)
        if last in _END or (pair and address[:end].count(last) > address[:end].count(pair)):
            end -= 1
            continue
        break
    return address[:end], ""


def _told(words: str) -> tuple[str, str]:
    """Words beside a link as (headline, talk): one of them is empty."""
    words = re.sub(r"\s*[<(\[{]\s*[>)\]}]\s*", " ", words)
    words = words.strip(" \t-–—|:>*_~•→👉<").strip()
    if not words:
        return "", ""
    if words[0] in "\"“'‘«" and words[-1] in "\"”'’»" and len(words) > 2:
        words = words[1:-1].strip()
    count = len(words.split())
    enough = count >= 3 or (len(_NO_SPACES.findall(words)) >= 6)
    begins = (
        words[0].isupper()
        or words[0].isdigit()
        or words[0] in "\"“'‘«$£€"
        or _NO_SPACES.match(words)
    )
    talk = _TALK.match(words) and not _titled(words)
    if not enough or not begins or talk or words.endswith(("!!", "??", ":")) or len(words) > 300:
        return "", words
    return words, ""


def _titled(words: str) -> bool:
    """Whether most of the longer words begin with a capital, as in a headline of American style."""
    longer = [word for word in words.split() if len(word) > 3 and word[0].isalpha()]
    return len(longer) >= 4 and sum(word[0].isupper() for word in longer) >= 0.8 * len(longer)


_TAIL = re.compile(r"^(.{12,}?)\s+[-–—|·]\s+([^-–—|·]{2,40})$")


def _outlet(headline: str, url: str) -> tuple[str, str | None]:
    """A headline without the outlet's name at its end, where the address shows that it is one."""
    match = _TAIL.match(headline)
    if not match:
        return headline, None
    letters = "".join(c for c in match[2].lower() if c.isalnum())
    host = "".join(c for c in urls.host(url).lower() if c.isalnum())
    initials = "".join(word[0] for word in match[2].lower().split())
    short = letters.removeprefix("the")
    if len(short) >= 3 and (short in host or (len(initials) >= 3 and host.startswith(initials))):
        return match[1].strip(), match[2].strip()
    return headline, None


def _merged(one: Entry, other: Entry) -> Entry:
    talk = list(dict.fromkeys(part for part in (one.text, other.text) if part))
    headline = one.headline or other.headline
    if one.headline and other.headline and one.headline != other.headline:
        talk.append(other.headline)
    return replace(one, headline=headline, text="\n".join(talk), source=one.source or other.source)
