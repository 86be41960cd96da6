"""Addresses wrapped in other addresses: by alerts, mail scanners and social networks.

Only wrappers that carry the target in plain sight are opened; a shortener's target can be learnt
only by asking it, which the fetcher does as with any redirect.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import parse_qs, unquote, urlsplit

# host (its end) and path -> the parameters that hold the target, in order
_WRAPPERS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (re.compile(pattern), names)
    for pattern, names in (
        (r"(?:^|\.)google\.[a-z.]{2,6}/url$", ("url", "q")),
        (r"(?:^|\.)google\.[a-z.]{2,6}/alerts/share$", ("url", "u")),
        (r"(?:^|\.)(?:l|lm)\.(?:facebook|instagram|messenger)\.com/l\.php$", ("u",)),
        (r"(?:^|\.)facebook\.com/(?:sharer|l\.php|share\.php|sharer/sharer\.php)", ("u",)),
        (r"(?:^|\.)l\.instagram\.com/", ("u",)),
        (r"(?:^|\.)(?:twitter|x)\.com/(?:intent/\w+|share)$", ("url",)),
        (r"(?:^|\.)linkedin\.com/(?:redir/redirect|shareArticle|safety/go)", ("url",)),
        (r"(?:^|\.)youtube\.com/redirect$", ("q",)),
        (r"(?:^|\.)reddit\.com/submit$", ("url",)),
        (r"(?:^|\.)out\.reddit\.com/", ("url",)),
        (r"(?:^|\.)slack-redir\.net/link$", ("url",)),
        (r"(?:^|\.)safelinks\.protection\.outlook\.com/", ("url",)),
        (r"(?:^|\.)urldefense\.com/v[12]/url$", ("u",)),
        (r"(?:^|\.)urldefense\.proofpoint\.com/v[12]/url$", ("u",)),
        (r"(?:^|\.)bing\.com/(?:news/apiclick\.aspx|ck/a)$", ("url", "u")),
        (r"(?:^|\.)duckduckgo\.com/l/?$", ("uddg",)),
        (r"(?:^|\.)vk\.com/away\.php$", ("to",)),
        (r"(?:^|\.)t\.umblr\.com/redirect$", ("z",)),
        (r"(?:^|\.)(?:steamcommunity|discord)\.com/linkfilter/?$", ("url",)),
        (r"(?:^|\.)feedproxy\.google\.com/", ()),
    )
)
_DEFENSE3 = re.compile(r"^https?://urldefense\.(?:com|us)/v3/__(.+?)__;")
_AMP = re.compile(r"^https?://(?:www\.)?google\.[a-z.]{2,6}/amp/(s/)?(.+)$")
_AMP_CACHE = re.compile(r"^https?://[\w-]+\.cdn\.ampproject\.org/[cvi]/(s/)?([^?]+)")


def unwrapped(url: str) -> str:
    """The address inside, through at most five wrappers; the address itself where there is none."""
    for _ in range(5):
        inside = _once(url)
        if inside is None or inside == url:
            return url
        url = inside
    return url


def _once(url: str) -> str | None:
    defense = _DEFENSE3.match(url)
    if defense:
        # Proofpoint v3 puts `*` for each character that it escapes, listed behind; the address up to
        # a first such character is enough only where there is none
        return None if "*" in defense[1] else _http(defense[1])
    for pattern in (_AMP, _AMP_CACHE):
        amp = pattern.match(url)
        if amp:
            return f"http{'s' if amp[1] else ''}://{amp[2]}"
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        query = parse_qs(parts.query)
    except ValueError:
        return None
    for pattern, names in _WRAPPERS:
        if not pattern.search(host + parts.path):
            continue
        for name in names:
            for value in query.get(name, ()):
                if "proofpoint" in host or host.startswith("urldefense"):
                    value = unquote(value.replace("-", "%").replace("_", "/"))  # noqa: PLW2901
                if name == "u" and "bing" in host and value.startswith("a1"):
                    value = _base64(value[2:])  # noqa: PLW2901
                found = _http(value)
                if found:
                    return found
    return None


def _http(value: str) -> str | None:
    return value if re.match(r"https?://[^\s/]+\.", value) else None


def _base64(value: str) -> str:
    try:
        return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
