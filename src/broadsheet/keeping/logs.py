"""Log lines as JSON, one object a line, without personal data: for a machine that gathers logs.

An address, a token in a link, and what stands behind a question mark are taken out of every message:
logs are kept by others than the desk, and for longer.
"""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

_MAIL = re.compile(r"[\w.+'=-]+@[\w-]+(?:\.[\w-]+)+")
# /u/TOKEN, /c/TOKEN, /p/TOKEN and /d/TOKEN of readers; links by which somebody signs in or reviews.
_TOKEN = re.compile(r"(/(?:[ucpd]|desk/(?:sign-in|come|review))/)[^/\s'\"]+")
_QUERY = re.compile(r"(/[^\s?'\"]*)\?[^\s'\"]+")
_NUMBER = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")
# IPv6, whole or shortened by "::" (RFC 5952); a time of day has neither eight parts nor two colons together.
_NUMBER_6 = re.compile(
    r"(?<![\w:])(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*)?"
    r"::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*)?)(?![\w:])",
    re.IGNORECASE,
)


def scrubbed(text: str) -> str:
    """The text without mail addresses, tokens, searches and network addresses of visitors."""
    text = _QUERY.sub(r"\1?…", _TOKEN.sub(r"\1…", _MAIL.sub("(address)", text)))
    text = _NUMBER.sub(lambda found: found[0] if found[0].startswith("127.") else "(network)", text)
    return _NUMBER_6.sub(lambda found: found[0] if found[0] in ("::", "::1") else "(network)", text)


class Json(logging.Formatter):
    """One JSON object a line: at, level, from, words, and where something failed."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "words": scrubbed(record.getMessage()),
        }
        if record.exc_info:
            line["trace"] = scrubbed(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class Plain(logging.Formatter):
    """The same for people who read along on a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return scrubbed(super().format(record))
