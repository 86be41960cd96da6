"""The language that a page says it is in, believed where its first words are in it.

What a page says costs 20 microseconds to look up, and is wrong more often than one would think: of 439
real pages in 20 languages 10 said another language than their text was in, 8 of them English, which
templates say of themselves, in `lang` and in `og:locale` alike. So a page is left out only where all that
it says agrees and its title and its description are in that language too, by their share of its commonest
words (jusText's lists, made from Wikipedia). With each language asked for in turn, none of the 439 was
left out wrongly, and two in three of those in another language rightly (docs/measures-scan.md). What is
in doubt goes on, and costs what a page costs.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection

from broadsheet.wire.scan import quick
from broadsheet.wire.scan.records import Record

HEAD = 16_000  # bytes in which a page says its language, and most their title and description
SPEAKS = 0.3  # share of words that are common in a language, for a text in it
DOUBT = (
    0.5  # of that share: where a language that is asked for reaches it, the two are not told apart
)
FEWEST = 8  # words, or letters of a script: of fewer nothing is said

_LANG = re.compile(
    rb"<html\b[^>]{0,2000}?\s(?:xml:)?lang\s*=\s*[\"']?\s*([A-Za-z]{2,3})(?![A-Za-z])",
    re.IGNORECASE,
)
_HEADER = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_][A-Za-z0-9_-]*)?\s*")
_TITLE = re.compile(rb"<title[^>]{0,300}>([^<]{1,600})</title", re.IGNORECASE)
_DESCRIPTION = re.compile(
    rb"<meta\b[^>]{0,300}?\b(?:name|property)\s*=\s*[\"']?(?:og:)?description\b[^>]{0,1500}>"
    rb"|<meta\b[^>]{0,1500}?\b(?:name|property)\s*=\s*[\"']?(?:og:)?description\b[^>]{0,300}>",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "tl": "fil"}
# Without blanks between words, a language is told by its letters. Han without kana is Chinese.
_SCRIPTS = {
    "zh": re.compile(r"[\u4e00-\u9fff]"),
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "ko": re.compile(r"[\uac00-\ud7a3]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
}
_LISTS = {
    "af": "Afrikaans",
    "ar": "Arabic",
    "az": "Azerbaijani",
    "be": "Belarusian",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "bs": "Bosnian",
    "ca": "Catalan",
    "cs": "Czech",
    "cy": "Welsh",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "eu": "Basque",
    "fa": "Persian",
    "fi": "Finnish",
    "fil": "Tagalog",
    "fr": "French",
    "gl": "Galician",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "hy": "Armenian",
    "id": "Indonesian",
    "is": "Icelandic",
    "it": "Italian",
    "ka": "Georgian",
    "kk": "Kazakh",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "mk": "Macedonian",
    "ms": "Malay",
    "ne": "Nepali",
    "nl": "Dutch",
    "no": "Norwegian_Bokmal",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sq": "Albanian",
    "sr": "Serbian",
    "sv": "Swedish",
    "sw": "Swahili",
    "ta": "Tamil",
    "te": "Telugu",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "uz": "Uzbek",
    "vi": "Vietnamese",
}


def asked_for(given: str) -> str | None:
    """A language as somebody writes it ("en", "zh-Hant", "ZH_hans"), as ISO 639; None where it is none.

    Regions are left out, but for Chinese, where they say which letters are meant.
    """
    from babel import Locale

    primary, _, rest = given.strip().replace("_", "-").partition("-")
    code = _plain(primary)
    if code == "zh" and rest:
        old = rest.lower() in ("hant", "tw", "hk", "mo")
        code += "-Hant" if old else "-Hans"
    return code if code.partition("-")[0] in Locale("en").languages else None


def is_among(language: str, asked: Collection[str]) -> bool:
    """Whether an article's language is asked for; "zh" asks for both ways of writing Chinese."""
    plain, sign, script = language.partition("-")
    return _plain(plain) in asked or _plain(plain) + sign + script in asked


def plainly_other(record: Record, asked: Collection[str]) -> bool:
    """Whether a page says that it is in a language that is not asked for, and its first words are."""
    said = stated(record)
    if not said or any(said == one.partition("-")[0] for one in asked):
        return False
    head = record.body[:HEAD]
    title, told = _first_words(head, quick.charset(head, record.content_type))
    others = {one.partition("-")[0] for one in asked}
    # A title is short: one word of its language is enough, where there are fewer of any that is asked for.
    by_title = speaks(title, said, fewest=1)
    if any(speaks(title, one, fewest=1) >= by_title for one in others):
        return False
    words = f"{title} {told}"
    own = speaks(words, said) if told else 0.0
    return own >= SPEAKS and all(speaks(words, one) <= own * DOUBT for one in others)


def stated(record: Record) -> str:
    """The language that the page and its server say, as ISO 639; "" where they say none, or several."""
    found = _LANG.search(record.body, 0, HEAD)
    said = {_plain(found[1].decode())} if found else set()
    if record.content_language:
        header = _HEADER.fullmatch(record.content_language)
        said.add(_plain(header[1]) if header else "")
    return said.pop() if len(said) == 1 else ""


def speaks(text: str, language: str, fewest: int = FEWEST) -> float:
    """The share of a text's words that are common in a language, or of its letters that are its own.

    0 where there are not the `fewest` of them, or nothing is known of the language.
    """
    script = _SCRIPTS.get(language)
    if script:
        letters = sum(map(len, _WORD.findall(text)))
        own = len(script.findall(text))
        if language == "zh" and _SCRIPTS["ja"].search(text):
            return 0.0
        return own / letters if own >= fewest else 0.0
    words = _WORD.findall(text.lower())
    common = _common(language)
    return sum(word in common for word in words) / len(words) if len(words) >= fewest else 0.0


def _plain(code: str) -> str:
    code = code.lower()
    return _SAME.get(code, code)


def _first_words(head: bytes, encoding: str) -> tuple[str, str]:
    """A page's title and description; "" where it has none."""
    title, meta = _TITLE.search(head), _DESCRIPTION.search(head)
    told = quick.CONTENT.search(meta[0]) if meta else None
    return (
        quick.plain(title[1], encoding) if title else "",
        quick.plain(told[1] or told[2], encoding) if told else "",
    )


@functools.cache
def _common(language: str) -> frozenset[str]:
    name = _LISTS.get(language)
    if name is None:
        return frozenset()
    from justext import get_stoplist  # only a scan that asks for languages needs it

    return frozenset(get_stoplist(name))
