"""Groups of people in a sentence, and what the sentence says was done to them.

A sentence is read in two steps. First each group of people ("nine Polish men") becomes one
character, so that the sentence is short and its verbs stand beside its groups; then the beat's
patterns (facts-words.yaml, `roles`) say which group was arrested, sold or found. A group that no
pattern fits is left out: nothing is guessed from what people are.
"""

# ruff: noqa: E501 -- patterns read worse in pieces
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from broadsheet.wire import places
from broadsheet.wire.facts import numbers
from broadsheet.wire.facts.numbers import Count

FIRST = 0xE000  # private use: one character for each group of a sentence
OF_WHOM = "of whom"  # the noun of "12 of whom"
_GROUP = "[\ue000-\uf8ff]"
# "N" of a pattern: groups that are joined, with what is set in commas behind them.
_LIST = (
    rf"(?P<n>{_GROUP}(?:(?:,| and|, and| or) {_GROUP})*)"
    r"(?:, (?:who|whom|whose|all|most|some|both|aged|mostly|many|each|from|including|among)\b[^,;]{1,90},)?"
)
_GAP = r"(?:[\w'\u2019%/$-]+ ){0,8}?"
_BE = (
    r"(?:was|were|is|are|am|be|been|being|got|has been|have been|had been|will be|to be)(?: \w+ly)?"
)
# Words that end a noun phrase when they stand between a number and a noun.
_STOP = (
    r"(?!(?:of|to|in|on|at|by|for|with|from|and|or|the|a|an|was|were|is|are|had|has|have|who|that|which|"
    r"after|before|when|while|into|as|but|than|said|say|says|told|years?|months?|days?|weeks?|hours?|"
    r"per|percent|cent|million|billion|dollars?|yuan|pounds?|euros?|not|be|been|against|over|under|"
    r"about|between|during|other's|its|it|they|them|he|she|his|her|their|if|because|where|there)\b)"
)
_MODIFIER = rf"(?:{_STOP}[A-Za-z\u00c0-\u017f][\w'\u2019-]*\s)"
_AGES = (
    rf"(?:,? (?:both |all |now |then |who (?:is|are|were|was) (?:now )?)?aged (?:between )?(?P<a>\d{{1,2}}|{numbers.WORDS})"
    rf"(?: ?(?:and|to|-|\u2013|or) ?(?P<b>\d{{1,2}}|{numbers.WORDS}))?(?:,(?= ))?"
    rf"|,? (?:between |from )?the ages of (?P<c>\d{{1,2}}) (?:and|to) (?P<d>\d{{1,2}}),?"
    r"|, (?P<e>\d{2})(?: and (?P<f>\d{2}))?,(?= ))"
)


@dataclass(slots=True)
class Group:
    """People that a sentence speaks of together. Spans are code points in the sentence."""

    start: int
    end: int
    count: Count
    noun: str
    sex: str = "not_stated"
    age_group: str = "not_stated"
    nationality: tuple[str, ...] = ()
    ages: tuple[int, int] | None = None
    side: str | None = None
    stage: str | None = None
    status: str | None = None
    status_by: str | None = None
    afterwards: str | None = None
    role: str | None = None
    rule: str = ""
    parts: list[Group] = field(default_factory=list)
    part_of: Group | None = None
    superseded_by: Group | None = None

    @property
    def number(self) -> int | None:
        return self.count.exact


@dataclass(frozen=True)
class Rule:
    """A pattern for a role, ready to be searched for."""

    id: str
    side: str
    patterns: tuple[re.Pattern[str], ...]
    given: Mapping[str, Any]


@dataclass(frozen=True)
class Words:
    """The beat's words for people, compiled."""

    phrase: re.Pattern[str]
    nouns: Mapping[str, Mapping[str, Any]]
    modifiers: Mapping[str, Mapping[str, Any]]
    sides: Mapping[str, str]
    rules: tuple[Rule, ...]
    needs: Mapping[str, re.Pattern[str]]


def words(data: Mapping[str, Any]) -> Words:
    """Compile the beat's `people`, `modifiers`, `nouns` and `roles`."""
    nouns: dict[str, Mapping[str, Any]] = {}
    for entry in data["people"]:
        for word in entry["words"]:
            nouns.setdefault(word, entry)
    heads = "|".join(
        re.escape(word).replace(r"\ ", r"\s") for word in sorted(nouns, key=len, reverse=True)
    )
    nations = "|".join(
        re.escape(name).replace(r"\ ", r"\s")
        for name in places.people()
        if name.endswith(("s", "ese"))
    )
    phrase = re.compile(
        rf"(?<![\w$\u00a3\u20ac.,-])(?:(?P<age>(?:an?\s)?\d{{1,2}}-year-old\s)|(?P<family>a\sfamily\sof\s(?P<family_of>{numbers.NUMBER}))|"
        rf"(?P<count>{numbers.COUNT})\s(?:of\s(?:the|them|those|their)\s)?|(?P<the>(?:the|a|an|another|his|her|their|its|one)\s)|(?P<bare>))"
        rf"(?(family)|(?P<mods>(?:{_MODIFIER}){{0,5}}?)(?P<head>(?:{heads})(?:\s(?:victims|survivors|workers|suspects))?|(?:{nations})(?!\s(?:{heads})\b))(?![\w-]|'s\b|\u2019s\b))",
        re.IGNORECASE,
    )
    return Words(
        phrase,
        nouns,
        data.get("modifiers") or {},
        {word: side for side, given in (data.get("nouns") or {}).items() for word in given},
        tuple(
            Rule(
                rule["id"],
                rule["side"],
                tuple(re.compile(_expand(p), re.IGNORECASE) for p in rule["patterns"]),
                {k: v for k, v in rule.items() if k not in ("id", "side", "patterns")},
            )
            for rule in data["roles"]
        ),
        {name: re.compile(p, re.IGNORECASE) for name, p in (data.get("needs") or {}).items()},
    )


def _expand(pattern: str) -> str:
    pattern = re.sub(r"(?<![A-Za-z\\])N(?![A-Za-z])", lambda _: "\x01", pattern)
    pattern = re.sub(r"(?<![A-Za-z\\])M(?![A-Za-z])", lambda _: _GROUP, pattern)
    pattern = re.sub(r"\bwas\b", lambda _: _BE, pattern).replace("~", _GAP)
    first, *rest = pattern.split("\x01")
    # Python's re wants a group's name once; further Ns of a pattern are any groups.
    made = first + _LIST if rest else first
    if rest:
        made += _GROUP.join(rest)
    return made if made.startswith("(?<") else rf"(?<![\w-]){made}"


def groups(sentence: str, lexicon: Words) -> list[Group]:
    """The groups of people in a sentence, in order, without overlaps."""
    found: list[Group] = []
    at = 0
    while True:
        match = lexicon.phrase.search(sentence, at)
        if match is None:
            break
        match = _innermost(sentence, match, lexicon)
        group = _group(sentence, match, lexicon)
        if group is None:
            at = match.start() + 1
            # Go on behind the word, not inside it.
            while at < len(sentence) and sentence[at - 1].isalnum() and sentence[at].isalnum():
                at += 1
            continue
        found.append(group)
        at = group.end
    found += _bare(sentence, found)
    found.sort(key=lambda group: group.start)
    return found


def _innermost(sentence: str, match: re.Match[str], lexicon: Words) -> re.Match[str]:
    """Of "A jury found two brothers" the part that is one group: "two brothers"."""
    while not match["family"] and match.start("mods") < match.start("head"):
        at = match.start("mods")
        inner = lexicon.phrase.search(sentence, at, match.end())
        while inner is not None and (
            inner.end() != match.end() or not (inner["count"] or inner["the"] or inner["age"])
        ):
            at = inner.start() + 1
            inner = lexicon.phrase.search(sentence, at, match.end())
        if inner is None:
            return match
        match = inner
    return match


def _group(sentence: str, match: re.Match[str], lexicon: Words) -> Group | None:
    start, end = match.span()
    if match["family"]:
        number = numbers.value(match["family_of"])
        if number is None:
            return None
        return Group(start, end, numbers.exactly(int(number)), "family")
    named = _named(match, lexicon)
    if named is None:
        return None
    entry, base, nations = named
    bare = _bare_start(match, lexicon)
    count = _count_of(sentence, match, entry, bool(entry.get("one")), bare)
    if count is None:
        return None
    mods = match["mods"] or ""
    if not (match["count"] or match["the"] or match["age"]):
        start, mods = bare, sentence[bare : match.start("head")]
    sex, age = entry.get("sex", "not_stated"), entry.get("age", "not_stated")
    for modifier in re.findall(r"[\w'-]+", mods):
        known = lexicon.modifiers.get(modifier.lower()) or {}
        sex, age = known.get("sex", sex), known.get("age", age)
    # "her three children", "the 12 women": the small word belongs to the group.
    small = _SMALL_WORD.search(sentence[:start])
    if small:
        start = small.start()
    group = Group(start, end, count, base, sex, age, (*nations, *_nations(mods, nations)))
    if match["age"]:
        years = int(re.search(r"\d+", match["age"])[0])  # type: ignore[index]
        group.ages = (years, years)
        if years < 18 and age == "not_stated":
            group.age_group = "child"
    return group


_SMALL_WORD = re.compile(
    r"\b(?:an?|the|all|his|her|their|its|these|those|another) $", re.IGNORECASE
)


def _named(
    match: re.Match[str], lexicon: Words
) -> tuple[Mapping[str, Any], str, tuple[str, ...]] | None:
    """What the lexicon knows of a group's noun, the noun alone, and the nation that it is; None if no people.

    "The Chinese" may be a people or a tongue: a number must stand in front.
    """
    head = " ".join(match["head"].lower().split())
    entry = lexicon.nouns.get(head)
    if entry is not None:
        return entry, head, ()
    parts = head.split()
    if lexicon.nouns.get(parts[0]) and len(parts) > 1:
        return lexicon.nouns[parts[0]], parts[-1], ()
    nation = places.nationality(head)
    return ({}, head, (nation,)) if nation is not None and match["count"] else None


def _nations(mods: str, known: Sequence[str]) -> tuple[str, ...]:
    """The nations that stand before a group's noun; where two words name one, only such are taken."""
    two = re.findall(r"(?=\b([A-Z]\w+ [A-Z]\w+)\b)", mods)
    found = [nation for nation in map(places.nationality, two) if nation]
    if found or known:
        return tuple(found)
    single = re.findall(r"[\w'-]+", mods)
    nations = (places.nationality(one) for one in single if one[:1].isupper())
    return tuple(dict.fromkeys(nation for nation in nations if nation))


def _bare_start(match: re.Match[str], lexicon: Words) -> int:
    """Where a group without number and article begins: only words that are known to describe people
    belong to it ("freed Nepali workers" begins at "Nepali")."""
    start: int = match.start("head")
    for word in reversed(list(re.finditer(r"[\w'\u2019-]+", match["mods"] or ""))):
        plain = word.group().lower()
        if plain not in lexicon.modifiers and not (
            word.group()[0].isupper() and places.nationality(word.group())
        ):
            break
        start = match.start("mods") + word.start()
    return start


def _count_of(
    sentence: str, match: re.Match[str], entry: Mapping[str, Any], single: bool, bare: int
) -> Count | None:
    if match["count"]:
        words_ = match["count"]
        if re.fullmatch(r"(?:19|20)\d\d", words_) and re.search(
            r"\b(?:in|of|since|from|by|during|until|to|and)\s$",
            sentence[: match.start()],
            re.IGNORECASE,
        ):
            return None  # "in 2021 women ...": a year
        count = numbers.count(words_)
        if count is None or (single and count.exact not in (1, None)):
            return None if not entry.get("number") else numbers.exactly(entry["number"])
        if entry.get("number") and count.exact == 1:
            return numbers.exactly(entry["number"])
        return count
    if entry.get("number"):
        return numbers.exactly(entry["number"])
    if single:
        return (
            numbers.exactly(1)
            if (match["the"] or match["age"])
            # Headlines leave the article out: "Woman jailed".
            else (numbers.exactly(1) if not sentence[:bare].strip() else None)
        )
    if match["the"] and match["the"].strip().lower() in ("a", "an", "one", "another"):
        return None
    return Count(min=2, qualifier="vague")


_BARE = re.compile(
    rf"(?<![\w$\u00a3\u20ac.,-])(?P<count>{numbers.COUNT})(?:\sothers|\smore|\sof\s(?:whom|them|those)|\sof\sthe\s\w+)?"
    rf"(?=\s(?:{_BE}|have\sbeen|had\sbeen|has\sbeen|arrested|detained|charged|jailed|convicted|sentenced|rescued|freed)\b)"
    rf"|(?<=arrested\s)(?P<after>{numbers.COUNT})(?!\s(?:years?|months?|days?|hours?|weeks?|times?|of\sthe\sclock))(?=[\s,.;]|$)"
    rf"|(?<=rescued\s)(?P<after2>{numbers.COUNT})(?!\s(?:years?|months?|days?|hours?|weeks?))(?=[\s,.;]|$)",
    re.IGNORECASE,
)


def _bare(sentence: str, found: Sequence[Group]) -> list[Group]:
    """Numbers that stand for people without a noun: "35 were handed to ...", "arrested 12"."""
    more = []
    for match in _BARE.finditer(sentence):
        start, end = match.span()
        if any(g.start < end and start < g.end for g in found):
            continue
        words_ = match["count"] or match["after"] or match["after2"]
        count = numbers.count(words_)
        if count is None or re.fullmatch(r"(?:19|20)\d\d", words_) or count.exact == 0:
            continue
        if words_.lower() == "one" and not match["after"]:
            continue  # "one was" is rarely a count
        if re.search(
            r"\b(?:aged?|tier|article|section|at|page|chapter|on|of)\s$",
            sentence[:start],
            re.IGNORECASE,
        ):
            continue
        whom = re.search(r"\bof\s(?:whom|them|those)$", match.group(), re.IGNORECASE)
        named = re.search(r"\bof\sthe\s(\w+)$", match.group(), re.IGNORECASE)
        noun = OF_WHOM if whom else named.group(1).lower() if named else ""
        more.append(Group(start, end, count, noun))
    return more


def read(sentence: str, lexicon: Words, said_by: str = "not_stated") -> list[Group]:
    """The groups of a sentence with their ages, parts and roles; those without a role have no side."""
    found = groups(sentence, lexicon)
    if not found:
        return []
    plain = _abstract(sentence, found)
    plain = _take_ages(plain, found)
    plain = _take_parts(plain, found)
    _take_roles(plain, sentence, found, lexicon, said_by)
    _supersede(plain, found)
    return found


def _abstract(sentence: str, found: Sequence[Group]) -> str:
    made, at = [], 0
    for number, group in enumerate(found):
        made += [sentence[at : group.start], chr(FIRST + number)]
        at = group.end
    made.append(sentence[at:])
    return "".join(made).replace("\u2019", "'").replace("\u00a0", " ").replace("\n", " ")


def _index(character: str) -> int:
    return ord(character) - FIRST


def _take_ages(plain: str, found: Sequence[Group]) -> str:
    def take(match: re.Match[str]) -> str:
        given = [match[n] for n in "abcdef" if match[n]]
        years = [int(v) for v in map(numbers.value, given) if v is not None]
        if years:
            group = found[_index(match["g"])]
            group.ages = (min(years), max(years))
            if max(years) < 18:
                group.age_group = "child"
            elif min(years) >= 18 and group.age_group == "not_stated":
                group.age_group = "adult"
        return match["g"]

    return re.sub(rf"(?P<g>{_GROUP}){_AGES}", take, plain, flags=re.IGNORECASE)


_INCLUDING = re.compile(
    rf"(?P<whole>{_GROUP})(?P<between>(?: of [\w ]{{1,30}}| in [\w ]{{1,30}})?)(?:,? (?:including|among them|among whom|of them|of whom|comprising|made up of|most of them)|:| \u2014| -)"
    rf" (?P<parts>{_GROUP}(?:(?:,| and|, and) {_GROUP})*)(?P<comma>,?)",
    re.IGNORECASE,
)


def _take_parts(plain: str, found: list[Group]) -> str:
    def take(match: re.Match[str]) -> str:
        whole = found[_index(match["whole"])]
        parts = [found[_index(c)] for c in match["parts"] if FIRST <= ord(c) <= 0xF8FF]
        known = [part for part in parts if part.number is not None]
        if not known or (
            whole.number is not None and any((p.number or 0) > whole.number for p in known)
        ):
            return match.group()
        for part in parts:
            part.part_of = whole
            whole.parts.append(part)
        return match["whole"] + match["between"]

    plain = _INCLUDING.sub(take, plain)
    # "47 women were found, 12 of whom ... while 35 were ..."
    whole: Group | None = None
    for group in found:
        if group.noun not in ("", OF_WHOM):
            whole = group if group.part_of is None else whole
            continue
        if whole is None or group.number is None or (group.noun == "" and not whole.parts):
            continue
        rest = (whole.number or 10**9) - sum(part.number or 0 for part in whole.parts)
        if group.number <= rest:
            group.part_of = whole
            whole.parts.append(group)
    return plain


def _take_roles(
    plain: str, sentence: str, found: Sequence[Group], lexicon: Words, said_by: str
) -> None:
    for rule in lexicon.rules:
        needs = rule.given.get("needs")
        if needs and not lexicon.needs[needs].search(sentence):
            continue
        for pattern in rule.patterns:
            for match in pattern.finditer(plain):
                for character in match["n"]:
                    if not FIRST <= ord(character) <= 0xF8FF:
                        continue
                    group = found[_index(character)]
                    only, by = rule.given.get("only"), rule.given.get("said_by")
                    if by and by != said_by:
                        continue
                    if group.side is None and (not only or group.noun in only):
                        _give(group, rule)
                    elif group.side == rule.side and group.afterwards is None:
                        group.afterwards = rule.given.get("afterwards")
    for group in found:
        # "Victims" without a number speaks of all of them, not of a group at hand.
        # Nor does "the trafficker": what he is, another sentence says.
        if group.count.exact == 1 or (group.count.qualifier == "vague" and group.count.min == 2):
            continue
        if group.side is None and group.part_of is None and group.noun in lexicon.sides:
            group.side = lexicon.sides[group.noun]
            group.rule = "N.noun"
            if group.side == "suspects":
                group.stage = "suspected"
            else:
                group.status = "Possible"
    for group in found:
        for part in group.parts:
            if part.side is None or part.side == group.side:
                part.side = part.side or group.side


def _give(group: Group, rule: Rule) -> None:
    group.side, group.rule = rule.side, rule.id
    group.stage = rule.given.get("stage", group.stage)
    group.status = rule.given.get("status", group.status)
    group.status_by = rule.given.get("status_by", group.status_by)
    group.afterwards = rule.given.get("afterwards", group.afterwards)
    group.role = rule.given.get("role", group.role)


_FIRST_SAID = re.compile(
    rf"\b(?:first|initially|earlier|originally|at first|previously)\b[^\ue000-\uf8ff]{{0,40}}(?P<old>{_GROUP})"
    rf"[^.]{{0,60}}?\b(?:but|now|later|then|since|revised)\b[^\ue000-\uf8ff.]{{0,40}}(?P<new>{_GROUP})",
    re.IGNORECASE,
)


def _supersede(plain: str, found: Sequence[Group]) -> None:
    match = _FIRST_SAID.search(plain)
    if match:
        found[_index(match["old"])].superseded_by = found[_index(match["new"])]
