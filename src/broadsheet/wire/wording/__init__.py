"""Wording: what a text of ours says in a way that may harm, mislead or give somebody away.

The rules are the beat's (`language.yaml`); this stage says where they speak, how loud, and where
they are silent: official names, titles, addresses, and a survivor's own words for themselves.
Nothing is rewritten, and no finding means only that no rule spoke, never that a text is safe.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sentencex

from broadsheet.wire import text as texts
from broadsheet.wire.beat import Beat, Rule
from broadsheet.wire.errors import BeatError
from broadsheet.wire.wording import slips, spans

__all__ = ["Finding", "Severity", "check", "covers"]


class Severity(enum.StrEnum):
    """How loud a finding is: an error blocks until changed or overruled with a reason."""

    HINT = "hint"
    WARN = "warn"
    ERROR = "error"


_STEPS = (None, Severity.HINT, Severity.WARN, Severity.ERROR)


@dataclass(frozen=True, slots=True)
class Finding:
    """Words that an editor should look at.

    rule      the id of the rule in language.yaml
    start, end   code points in the text as given; `matched` is what stands there
    why, use  the reason, and what to offer instead; never put in by the machine
    because   why it is louder or quieter than the rule says: "in the subject line"; often empty
    """

    rule: str
    severity: Severity
    start: int
    end: int
    matched: str
    why: str
    use: tuple[str, ...] = ()
    because: str = ""


def covers(language: str | None, beat: Beat) -> bool:
    """Whether the beat has rules for a language ("en", "en-GB"). Without a name it is the first one's."""
    known = [str(one) for one in beat.wording.get("scope", {}).get("languages", ())]
    return bool(beat.rules) and (not language or language.partition("-")[0].lower() in known)


def check(
    text: str,
    beat: Beat,
    *,
    field: str = "summary",
    language: str | None = "en",
    official_names: Iterable[str] = (),
    beside: str = "",
) -> list[Finding]:
    """What the beat's rules find in one text, in the order of the text.

    field   where the text stands ("summary", "subject", "headline", "alt" ...): the beat's `scope`
            says which fields raise, lower or silence the rules; an unknown one is our own text
    language   one that the beat has no rules for gives no findings: ask `covers()` and say so
    official_names   further names that may be printed as they are, beside those of the beat
    beside  the other words of the same item, where a footnote may stand

    Rules look at one sentence at a time. A finding inside a larger one of at least its severity is
    left out, since one change mends both. Links' addresses are passed over, except by the rules
    that look for details of people.
    """
    if not text.strip() or not covers(language, beat):
        return []
    rules = _compiled(beat)
    step = rules.fields.get(field, 0)
    if step is None:
        return []
    given = texts.normal(text)
    words = given.text
    known = spans.names(words, rules.names, official_names)
    found: list[Finding] = []
    quotes: list[spans.Quote] | None = None
    other = texts.normal(beside).text if beside else ""
    for one, start, end in _matches(words, rules, other):
        if not one.in_names and spans.inside(start, end, known):
            continue
        if not one.always and spans.inside(start, end, spans.addresses(words)):
            continue
        moved, because = step, rules.because.get(field, "")
        if one.always and moved < 0:
            moved, because = 0, ""
        if not one.always:
            if quotes is None:
                quotes = spans.quotes(words, rules.speech)
            quote = spans.holding(start, end, quotes)
            if quote is not None:
                if quote.title or spans.own_words(quote, words, start, rules.speech):
                    continue
                if quote.spoken:
                    moved, because = moved - 1, "in the words of a named speaker"
        if one.raise_if is not None and one.raise_if.search(words):
            moved, because = moved + 1, one.raised
        level = _STEPS[min(3, max(0, _STEPS.index(one.severity) + moved))]
        if level is None:
            continue
        begin, close = given.span(start, end)
        found.append(
            Finding(one.id, level, begin, close, text[begin:close], one.why, one.use, because)
        )
    return _largest(found, rules)


def _matches(words: str, rules: _Rules, other: str) -> Iterator[tuple[_Compiled, int, int]]:
    for paragraph in _PARAGRAPH.finditer(words):
        begin, stop = paragraph.span()
        speaking = [r for r in rules.rules if r.pattern.search(words, begin, stop)]
        if not speaking:
            continue
        bounds = list(_sentences(words, begin, stop))
        for rule in speaking:
            if rule.ok_if and (rule.ok_if.search(words) or rule.ok_if.search(other)):
                continue
            for start, end in bounds:
                if rule.needs and not rule.needs.search(words, start, end):
                    continue
                if rule.unless and rule.unless.search(words, start, end):
                    continue
                for match in rule.pattern.finditer(words, start, end):
                    if match.end() > match.start() and not _emphasis(words, match.end()):
                        yield rule, match.start(), match.end()
    for name, look in _CHECKS.items():
        check_ = rules.checks.get(name)
        if check_ is not None:
            for start, end in look(words, other):
                yield check_, start, end


_PARAGRAPH = re.compile(r"[^\n]+")


def _sentences(words: str, begin: int, stop: int) -> Iterator[tuple[int, int]]:
    at = begin
    for made in sentencex.segment("en", words[begin:stop]):
        start = words.find(made, at, stop)
        if start < 0:
            # The splitter changed the text: the rest of the paragraph is looked at as one.
            yield at, stop
            return
        at = start + len(made)
        yield start, at


def _emphasis(words: str, end: int) -> bool:
    """Whether a match ends in a star that closes Markdown's emphasis and marks no changed name."""
    if words[end - 1] != "*":
        return False
    line = words.rfind("\n", 0, end) + 1
    opened = len(re.findall(r"(?<![\w\\*])\*{1,2}(?=\w)", words[line : end - 1]))
    closed = len(re.findall(r"(?<=[\w.!?])\*{1,2}(?!\w)", words[line : end - 1]))
    return opened > closed or words[end : end + 1] == "*"


_STAR_NOTE = re.compile(
    r"(?im)(?:^|(?<=[.!?)\s]))\\?\*\s*[^.\n]{0,20}\bnames?\b[^.\n]{0,40}\bchanged\b"
)
_STARRED = re.compile(r"\b[A-Z][\w'-]*\\?\*(?!\w)")


def _note_without_star(words: str, other: str) -> Iterator[tuple[int, int]]:
    """A footnote on changed names where no name has a star, in this text or beside it."""
    if _STARRED.search(words) or _STARRED.search(other):
        return
    for match in _STAR_NOTE.finditer(words):
        yield match.span()


_CHECKS: Mapping[str, Callable[[str, str], Iterator[tuple[int, int]]]] = {
    "note_without_star": _note_without_star,
    "joined_words": lambda words, _: slips.joined_words(words),
    "doubled_word": lambda words, _: slips.doubled_words(words),
    "no_blank_after": lambda words, _: slips.no_blank_after(words),
    "blank_before": lambda words, _: slips.blank_before(words),
}


def _largest(found: list[Finding], rules: _Rules) -> list[Finding]:
    order = sorted(found, key=lambda f: (f.start, -f.end, -_STEPS.index(f.severity), f.rule))
    kept: list[Finding] = []
    open_: list[Finding] = []  # those that reach as far as here
    for one in order:
        open_ = [k for k in open_ if k.end > one.start]
        covered = any(
            one.end <= k.end
            and k.end - k.start > one.end - one.start
            and _STEPS.index(k.severity) >= _STEPS.index(one.severity)
            and one.rule not in rules.always
            for k in open_
        )
        if not covered:
            kept.append(one)
            open_.append(one)
    return sorted(kept, key=lambda f: (f.start, f.end, f.rule))


# --- compiling ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A rule as it runs under the desk's switches.

    always    a field or a quotation never lowers it: it looks for details of people
    in_names  it speaks inside official names too
    """

    id: str
    severity: Severity
    pattern: re.Pattern[str]
    why: str
    use: tuple[str, ...]
    needs: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    ok_if: re.Pattern[str] | None = None
    raise_if: re.Pattern[str] | None = None
    raised: str = ""
    always: bool = False
    in_names: bool = False


@dataclass(frozen=True, slots=True)
class _Rules:
    rules: tuple[_Compiled, ...]
    checks: Mapping[str, _Compiled]
    fields: Mapping[str, int | None]  # steps up or down; None is silence
    because: Mapping[str, str]
    always: frozenset[str]
    names: spans.Names
    speech: spans.Speech


# Compiled once for a beat; a desk has one, tests have some.
_kept: dict[int, tuple[Beat, _Rules]] = {}
# YAML reads a bare `off` as false.
_STEP = {"as_written": 0, "raise_one": 1, "lower_one": -1, "off": None, False: None}


def _compiled(beat: Beat) -> _Rules:
    known = _kept.get(id(beat))
    if known is None:
        if len(_kept) >= 8:
            _kept.clear()
        known = _kept[id(beat)] = (beat, _compile(beat))
    return known[1]


def _compile(beat: Beat) -> _Rules:
    scope: Mapping[str, Any] = beat.wording.get("scope", {})
    always = frozenset(scope.get("never_lowered", ()))
    in_names = frozenset(scope.get("in_names_too", ()))
    effects = _effects(beat)
    fields: dict[str, int | None] = {}
    because: dict[str, str] = {}
    for place, given in scope.get("fields", {}).items():
        if scope.get(place) not in _STEP:
            raise BeatError(
                f"The scope {place!r} says no step",
                at="language.yaml, scope",
                hint="as_written, raise_one, lower_one or off.",
            )
        for name in given:
            fields[name] = _STEP[scope[place]]
            because[name] = {1: "in the subject line", -1: "in a headline as printed"}.get(
                fields[name] or 0, ""
            )
    rules = tuple(
        one
        for rule in beat.rules
        if (one := _rule(rule, beat, effects.get(rule.id), always, in_names)) is not None
    )
    checks = {
        given["check"]: _Compiled(
            given["id"],
            Severity(given["sev"]),
            _NOTHING,
            given["why"],
            _choices(given["use"]),
            always=given["id"] in always,
        )
        for given in beat.wording.get("checks", ())
    }
    official = beat.wording.get("official_names", {})
    return _Rules(
        rules,
        checks,
        fields,
        because,
        always,
        spans.Names.of(
            [*official.get("names", ()), *(r.title for r in beat.resources)],
            official.get("kinds", ()),
        ),
        spans.Speech.of(beat.wording.get("quotations", {})),
    )


_NOTHING = re.compile(r"(?!)")


def _effects(beat: Beat) -> dict[str, dict[str, Any]]:
    """What the desk's choices at the switches do to each rule: `silent`, `silent_if`, `use`, `in_names`."""
    made: dict[str, dict[str, Any]] = {}
    for name, switch in beat.wording.get("switches", {}).items():
        chosen = (switch.get("effects") or {}).get(beat.switches.get(name)) or {}
        for rule, effect in chosen.items():
            made.setdefault(rule, {}).update(effect)
    return made


def _rule(
    rule: Rule,
    beat: Beat,
    effect: Mapping[str, Any] | None,
    always: frozenset[str],
    in_names: frozenset[str],
) -> _Compiled | None:
    effect = effect or {}
    if effect.get("silent") or (
        rule.when and beat.switches.get(rule.switch or "") not in rule.when
    ):
        return None
    unless = "|".join(f"(?:{p})" for p in (rule.unless, effect.get("silent_if")) if p)
    return _Compiled(
        rule.id,
        Severity(rule.severity),
        re.compile(rule.pattern, 0 if rule.case_sensitive else re.IGNORECASE),
        rule.why,
        _choices(effect.get("use", rule.use)),
        _maybe(rule.needs),
        _maybe(unless),
        _maybe(rule.ok_if),
        _maybe(rule.raise_if),
        "children stand in the same text" if rule.raise_if else "",
        rule.id in always,
        bool(effect.get("in_names")) or rule.id in in_names or rule.id in always,
    )


def _maybe(pattern: str | None) -> re.Pattern[str] | None:
    return spans.compiled(pattern) if pattern else None


def _choices(use: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in use.split(";") if part.strip())
