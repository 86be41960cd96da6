"""Whether the beat has words for an article's language."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from broadsheet.wire.beat import Beat
from broadsheet.wire.judge.score import Scorer

# Below these a text is looked at more closely; figures from the errors on invented rows.
_FEW = 4  # words: fewer tell no language
_KNOWN = 0.45  # share of words that the model has met; English headlines lie above it
_SURE = 0.9  # probability at which the guess of a Latin-script language is believed
_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]+)*")
# Anything but Latin letters, their marks, and punctuation.
_NOT_LATIN = re.compile(
    "[^\x00-\u036f\u1e00-\u1eff\u2000-\u214f\u2190-\u2bff\ufb00-\ufb06\ufe00-\ufe0f\uff00-\uff5e]"
)
_SCRIPTS = {
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "CJK": "zh",
    "THAI": "th",
    "KHMER": "km",
    "LAO": "lo",
    "MYANMAR": "my",
    "BENGALI": "bn",
    "TAMIL": "ta",
    "TELUGU": "te",
    "SINHALA": "si",
    "GREEK": "el",
    "HEBREW": "he",
    "GEORGIAN": "ka",
    "ARMENIAN": "hy",
    "GUJARATI": "gu",
    "GURMUKHI": "pa",
    "ETHIOPIC": "am",
}


def uncovered(
    stated: str | None, given: str, words: Sequence[str], beat: Beat, scorer: Scorer | None
) -> str | None:
    """The language of a text where the beat has no words for it; None where it has, or none is told.

    A stated language is believed. Else the script decides, and where the script is Latin and few of
    the words are known to the model, a guess that is nearly sure. The answer is an ISO 639 code.
    """
    covered = {language.split("-")[0].lower() for language in beat.languages}
    if not given.isascii() and _NOT_LATIN.search(given):
        script = _script(given)
        if script and script != "latin":
            # A stated language may be that of the site; the script of the words is plain to see.
            language = script if script in _SCRIPTS.values() else (_guess(given)[0] or script)
            return None if language in covered else language
    if stated and _TAG.fullmatch(stated.strip()):
        language = re.split("[-_]", stated.strip())[0].lower()
        return None if language in covered else language
    if scorer is None or len(words) < _FEW:
        return None
    if scorer.known(words) >= _KNOWN * len(words):
        return None
    language, sure = _guess(given)
    return language if language not in covered and sure >= _SURE else None


def _script(given: str) -> str | None:
    """`latin`, a language that its script tells, or the script's name, by most of the letters."""
    counts: dict[str, int] = {}
    for character in given[:400]:
        if character.isalpha():
            script = "latin" if character.isascii() else unicodedata.name(character, "?").split()[0]
            script = {"LATIN": "latin", "FULLWIDTH": "latin"}.get(script, script)
            counts[script] = counts.get(script, 0) + 1
    if not counts:
        return None
    if counts.get("HIRAGANA", 0) + counts.get("KATAKANA", 0) > 0.1 * sum(counts.values()):
        return "ja"
    # A Chinese character says as much as three or four letters.
    if "CJK" in counts:
        counts["CJK"] *= 3
    most = max(counts, key=lambda script: (counts[script], script))
    return _SCRIPTS.get(most, most.lower() if most != "latin" else "latin")


def _guess(given: str) -> tuple[str, float]:
    found, sure = _identifier().classify(given)
    return str(found), float(sure)


@lru_cache(maxsize=1)
def _identifier():  # type: ignore[no-untyped-def]
    """Loaded at the first text that needs it: 0.3 s."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
