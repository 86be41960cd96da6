"""What a desk covers, as data: a folder of YAML and CSV files, loaded once into frozen values.

No code knows the subject of a beat. `docs/beat.md` describes the files; a mistake in one is a
BeatError that names file, line and field.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from broadsheet.wire import dates
from broadsheet.wire.errors import BeatError
from broadsheet.wire.marked import Marked

SHIPPED = "human_trafficking"


@dataclass(frozen=True, slots=True)
class Wordlist:
    """The phrases of a class in one language, in the notation of docs/beat.md."""

    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    not_: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """A class of the taxonomy. `same_as` names the class whose finds are its own."""

    code: str
    axis: str
    label: str
    definition: str
    parent: str | None = None
    words: Mapping[str, Wordlist] = field(default_factory=dict)  # by language
    include_if: tuple[str, ...] = ()
    same_as: str | None = None
    maps: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Anchors:
    """What makes an article a candidate at all, in one language.

    core, not_   phrases in our notation; a core phrase that touches a `not_` span does not count
    patterns     regular expressions, case-sensitive
    """

    core: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    not_: tuple[str, ...] = ()
    abbreviations: tuple[str, ...] = ()  # count only beside a core phrase


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The coding frame: anchors by language, classes by axis, near misses apart."""

    anchors: Mapping[str, Anchors]
    axes: Mapping[str, tuple[Code, ...]]
    near_miss: tuple[Code, ...]

    def codes(self) -> Iterator[Code]:
        for classes in self.axes.values():
            yield from classes
        yield from self.near_miss

    def code(self, name: str) -> Code | None:
        return next((code for code in self.codes() if code.code == name), None)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of safe language. `hit` must fire it, `miss` must not.

    needs, unless   patterns that must, or must not, stand in the same sentence
    ok_if, raise_if   patterns that silence it, or make it louder by one, anywhere in the text
    when   the choices of its switch under which it speaks; at all of them where this is empty
    """

    id: str
    pattern: str
    why: str
    use: str
    severity: str  # error, warn or hint
    hit: str
    miss: str
    needs: str | None = None
    ok_if: str | None = None
    switch: str | None = None
    case_sensitive: bool = False
    sources: tuple[str, ...] = ()
    unless: str | None = None
    raise_if: str | None = None
    when: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BeatSource:
    """A source as the beat knows it on the first day; from then on the database wins."""

    name: str
    kind: str
    region: str
    language: str
    url: str
    type: str  # rss, atom, json, sitemap, page or none
    enabled: bool
    feed_guess: str | None = None
    yields: str = "general"
    note: str = ""
    expected_per_week: tuple[int, int] | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A handbook, report or page for a sector's pick."""

    title: str
    publisher: str
    kind: str
    description: str
    sectors: tuple[str, ...]
    date: dates.When | None = None
    url: str | None = None
    url_status: str = "unknown"
    language: str = "en"
    audience: str = ""  # in words: cabin crew, buyers ...
    cost: str = ""  # free, paid, or empty where it is not known


@dataclass(frozen=True, slots=True)
class Tier:
    """A country's tier in one edition of the US TIP Report."""

    iso3: str
    country: str
    year: int
    tier: str  # 1, 2, 2WL, 3 or SC
    status: str
    source: str


@dataclass(frozen=True, slots=True)
class Home:
    """The desk's home place in the ways that articles write it."""

    name: str
    iso2: str
    variants: tuple[str, ...]
    zone: str = "UTC"  # an IANA name: a month is a month there


@dataclass(frozen=True, slots=True)
class Part:
    """A section that a drafted issue begins with; `takes` says what goes there.

    takes  highlights, home, region, world or resources
    """

    heading: str
    takes: str


TAKES = ("highlights", "home", "region", "world", "resources")


@dataclass(frozen=True, slots=True)
class Beat:
    """All that a desk's beat says. `folder` is where further files of the beat lie."""

    name: str
    slug: str
    folder: Path
    languages: tuple[str, ...]  # what it has words for; the first is that of its main files
    home: Home
    region: tuple[str, ...]  # ISO 3166-1 alpha-2
    parts: tuple[Part, ...]
    taxonomy: Taxonomy
    official: tuple[
        str, ...
    ] = ()  # codes of events that stand for more than one case: laws, reports
    switches: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    # Scope, image ethics, notes ... as they stand.
    wording: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    tagging: Mapping[str, Any] = field(default_factory=dict)  # rules of `tag`, as they stand
    fact_rules: Mapping[str, Any] = field(default_factory=dict)  # words and rules of `facts`
    sources: tuple[BeatSource, ...] = ()
    resources: tuple[Resource, ...] = ()
    tiers: tuple[Tier, ...] = ()
    version: str = ""  # as its authors count; "" where they do not


def shipped() -> Path:
    """The folder of the beat that comes with Broadsheet."""
    return Path(str(resources.files("broadsheet.beats") / SHIPPED))


@functools.lru_cache(maxsize=8)
def load(folder: Path | None = None, *, extended: bool = True) -> Beat:
    """Load a beat's folder, once per process. Raises BeatError at the first mistake.

    `beat.yaml` and `taxonomy.yaml` must be there; `language.yaml`, `facts.yaml`, `sources.yaml`,
    `resources.yaml`, `tip_tiers.csv`, `tag.yaml`, `facts-words.yaml`, `taxonomy.LANGUAGE.yaml` and
    `taxonomy.more.yaml` may be. The last one adds phrases to the classes of `taxonomy.yaml`, so that
    a frame which others share stays as it is; `extended=False` leaves it out, to measure what it
    is worth.

    A `beat.yaml` that says `extends` is another beat at another place: a few lines suffice.
    """
    folder = folder or shipped()
    if not folder.is_dir():
        raise BeatError(
            "There is no such folder",
            at=str(folder),
            hint="A beat is a folder with beat.yaml and taxonomy.yaml: see docs/beat.md.",
        )
    whole = Marked.load(folder / "beat.yaml")
    if "extends" in whole:
        return _extending(whole, extended)
    main = whole.only(
        "version", "name", "slug", "languages", "home", "region", "sections", "official", "switches"
    )
    languages = main.strings("languages") or ("en",)
    taxonomy = _taxonomy(folder, languages, extended)
    home = main["home"].only("name", "iso2", "variants", "zone")
    rules, wording, switches = _rules(folder)
    for name, node in main["switches"].items() if "switches" in main else ():
        if name not in switches:
            raise node.wrong(f"There is no switch {name!r} in language.yaml")
        switches[name] = node.text()
    return Beat(
        name=main.string("name"),
        slug=main.string("slug"),
        folder=folder,
        languages=languages,
        home=_home(home),
        region=main.strings("region"),
        parts=tuple(_part(node) for node in main["sections"]),
        taxonomy=taxonomy,
        official=_official(main, taxonomy),
        switches=MappingProxyType(switches),
        rules=rules,
        wording=MappingProxyType(wording),
        facts=_plain(folder / "facts.yaml"),
        tagging=_plain(folder / "tag.yaml"),
        fact_rules=_plain(folder / "facts-words.yaml"),
        version=str(told.plain()) if (told := main.get("version")) is not None else "",
        sources=_sources(folder / "sources.yaml"),
        resources=resources_in(folder / "resources.yaml", taxonomy),
        tiers=_tiers(folder / "tip_tiers.csv"),
    )


def _extending(main: Marked, extended: bool) -> Beat:
    """Another beat at another place: its words, rules, sources and model, with a home of its own."""
    main.only("extends", "home", "region", "sections")
    named = main.string("extends")
    base = shipped() if named == SHIPPED else Path(named)
    if not (base / "beat.yaml").exists():
        raise main["extends"].wrong(
            f"There is no beat {named!r}", f"Write {SHIPPED}, or the whole path of a beat's folder."
        )
    under = load(base, extended=extended)
    return replace(
        under,
        home=_home(main["home"].only("name", "iso2", "variants", "zone"))
        if "home" in main
        else under.home,
        region=main.strings("region") if "region" in main else under.region,
        parts=tuple(_part(node) for node in main["sections"])
        if "sections" in main
        else under.parts,
    )


def _home(node: Marked) -> Home:
    return Home(node.string("name"), node.string("iso2"), node.strings("variants"), _zone(node))


def _zone(node: Marked) -> str:
    zone = node.string("zone", "UTC")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise node["zone"].wrong(
            f"There is no time zone {zone!r}", "Write it like Asia/Hong_Kong."
        ) from error
    return zone


def _official(main: Marked, taxonomy: Taxonomy) -> tuple[str, ...]:
    for node in main.get("official") or ():
        if taxonomy.code(node.text()) is None:
            raise node.wrong(f"There is no code {node.text()} in taxonomy.yaml")
    return main.strings("official")


def _plain(path: Path) -> Mapping[str, Any]:
    """A file of the beat as it stands; empty where there is none."""
    return MappingProxyType(Marked.load(path).plain() if path.exists() else {})


def _part(node: Marked) -> Part:
    node.only("heading", "takes")
    takes = node.string("takes")
    if takes not in TAKES:
        raise node["takes"].wrong(f"A section cannot take {takes!r}", f"One of {', '.join(TAKES)}.")
    return Part(node.string("heading"), takes)


def _taxonomy(folder: Path, languages: tuple[str, ...], extended: bool = True) -> Taxonomy:
    root = Marked.load(folder / "taxonomy.yaml")
    first = languages[0]
    axes: dict[str, list[Code]] = {}
    for axis in root["axes"].keys():  # noqa: SIM118 -- Marked is no dict
        if axis != "near_miss":
            axes[axis] = [_code(node, axis, first) for node in root[axis]]
    near = [_code(node, "near_miss", first) for node in root["near_miss"]["classes"]]
    anchors = {first: _anchors(root["anchors"])}
    everything = {code.code: code for codes in (*axes.values(), near) for code in codes}
    if len(everything) != sum(map(len, axes.values())) + len(near):
        seen: set[str] = set()
        for axis in (*axes, "near_miss"):
            for node in root[axis]["classes"] if axis == "near_miss" else root[axis]:
                name = node.string("code")
                if name in seen:
                    raise node["code"].wrong(f"The code {name} stands twice")
                seen.add(name)
    for axis in axes:
        for node in root[axis]:
            if "same_as" in node and node.string("same_as") not in everything:
                raise node["same_as"].wrong(f"There is no code {node.string('same_as')}")
    if extended and (folder / "taxonomy.more.yaml").exists():
        extra = Marked.load(folder / "taxonomy.more.yaml").only("version", "anchors", "classes")
        if "anchors" in extra:
            anchors[first] = _joined_anchors(anchors[first], _anchors(extra["anchors"]))
        for name, node in extra["classes"].items():
            if name not in everything or everything[name].same_as:
                raise node.wrong(f"There is no code {name} with phrases in taxonomy.yaml")
            node.only("strong", "weak", "not")
            words, added = everything[name].words, _words(node)
            assert isinstance(words, dict)
            words[first] = Wordlist(
                words[first].strong + added.strong,
                words[first].weak + added.weak,
                words[first].not_ + added.not_,
            )
    for language in languages[1:]:
        more = Marked.load(folder / f"taxonomy.{language}.yaml").only(
            "version", "anchors", "classes"
        )
        anchors[language] = _anchors(more["anchors"])
        for name, node in more["classes"].items():
            if name not in everything:
                raise node.wrong(f"There is no code {name} in taxonomy.yaml")
            words = everything[name].words
            assert isinstance(words, dict)
            words[language] = _words(node)
    return Taxonomy(
        MappingProxyType(anchors),
        MappingProxyType({axis: tuple(codes) for axis, codes in axes.items()}),
        tuple(near),
    )


def _anchors(node: Marked) -> Anchors:
    for pattern in node.get("core_patterns") or ():
        _compiles(pattern)
    return Anchors(
        core=node.strings("core") + node.strings("core_more"),
        patterns=node.strings("core_patterns"),
        not_=node.strings("not"),
        abbreviations=node.strings("abbreviations_need_core_nearby"),
    )


def _joined_anchors(one: Anchors, other: Anchors) -> Anchors:
    return Anchors(
        one.core + other.core,
        one.patterns + other.patterns,
        one.not_ + other.not_,
        one.abbreviations + other.abbreviations,
    )


def _words(node: Marked) -> Wordlist:
    # A "not" phrase may carry a remark in brackets, for people: "Bill (name)".
    not_ = tuple(re.sub(r"\s*\(.*?\)", "", phrase) for phrase in node.strings("not"))
    return Wordlist(node.strings("strong"), node.strings("weak"), tuple(p for p in not_ if p))


def _code(node: Marked, axis: str, language: str) -> Code:
    code = node.string("code")
    if "same_as" in node:
        return Code(code, axis, code, "", same_as=node.string("same_as"))
    if not node.strings("strong"):
        raise node.wrong(f"{code} has no strong phrases, so nothing could ever find it")
    return Code(
        code=code,
        axis=axis,
        label=node.string("label"),
        definition=node.string("def"),
        parent=node.string("parent") if node.get("parent") and node["parent"].plain() else None,
        words={language: _words(node)},
        include_if=node.strings("include_if"),
        maps=node["maps"].plain() if "maps" in node else {},
    )


def _rules(folder: Path) -> tuple[tuple[Rule, ...], dict[str, Any], dict[str, str]]:
    path = folder / "language.yaml"
    if not path.exists():
        return (), {}, {}
    root = Marked.load(path)
    rules = []
    for node in root["rules"]:
        for key in ("re", "needs", "ok_if", "unless", "raise_if"):
            if key in node:
                _compiles(node[key])
        if node.string("sev") not in ("error", "warn", "hint"):
            raise node["sev"].wrong("A severity is error, warn or hint")
        rules.append(
            Rule(
                id=node.string("id"),
                pattern=node.string("re"),
                why=node.string("why"),
                use=node.string("use"),
                severity=node.string("sev"),
                hit=node.string("hit"),
                miss=node.string("miss"),
                needs=node.string("needs") if "needs" in node else None,
                ok_if=node.string("ok_if") if "ok_if" in node else None,
                switch=node.string("switch") if "switch" in node else None,
                case_sensitive="flags" in node and node.string("flags") == "case_sensitive",
                sources=node.strings("src"),
                unless=node.string("unless") if "unless" in node else None,
                raise_if=node.string("raise_if") if "raise_if" in node else None,
                when=node.strings("when"),
            )
        )
    switches = {name: node.string("default") for name, node in root["switches"].items()}
    rest = {name: node.plain() for name, node in root.items() if name not in ("rules", "switches")}
    rest["switches"] = root["switches"].plain()
    return tuple(rules), rest, switches


def _sources(path: Path) -> tuple[BeatSource, ...]:
    if not path.exists():
        return ()
    return tuple(
        BeatSource(
            name=node.string("name"),
            kind=node.string("kind"),
            region=node.string("region"),
            language=node.string("lang"),
            url=node.string("url"),
            type=node.string("type"),
            # Only addresses that somebody has seen are switched on: sources.yaml, `url_status`.
            enabled=node.flag("enabled", False) and node.string("url_status") == "seen",
            feed_guess=node.string("feed_guess") if "feed_guess" in node else None,
            yields=node.string("yield", "general"),
            note=node.string("note", ""),
            expected_per_week=_pair(node["articles_per_week"])
            if "articles_per_week" in node
            else None,
            zone=_zone(node) if "zone" in node else None,
        )
        for node in Marked.load(path)["sources"]
    )


def _pair(node: Marked) -> tuple[int, int]:
    value = node.plain()
    if not (isinstance(value, list) and len(value) == 2 and all(isinstance(n, int) for n in value)):
        raise node.wrong("Two whole numbers are wanted, such as [5, 80]")
    return value[0], value[1]


def resources_in(path: Path, taxonomy: Taxonomy) -> tuple[Resource, ...]:
    """The resources of a file in the shape of `resources.yaml`; none where there is no file."""
    if not path.exists():
        return ()
    found = []
    for node in Marked.load(path)["resources"]:
        node.only(
            "title",
            "publisher",
            "kind",
            "description",
            "sectors",
            "date",
            "url",
            "url_status",
            "language",
            "audience",
            "cost",
        )
        when = None
        if node.get("date") is not None:
            when = dates.typed(str(node["date"].plain()), basis="beat")
            if when is None:
                raise node["date"].wrong(
                    "The date cannot be read", 'Write "2019", "2019-02" or "2019-02-21".'
                )
        for sector in node["sectors"]:
            if taxonomy.code(sector.text()) is None:
                raise sector.wrong(f"There is no code {sector.text()} in taxonomy.yaml")
        found.append(
            Resource(
                title=node.string("title"),
                publisher=node.string("publisher"),
                kind=node.string("kind"),
                description=node.string("description"),
                sectors=node.strings("sectors"),
                date=when,
                url=node.string("url") if "url" in node else None,
                url_status=node.string("url_status", "unknown"),
                language=node.string("language", "en"),
                audience=node.string("audience", ""),
                cost=_cost(node),
            )
        )
    return tuple(found)


def _cost(node: Marked) -> str:
    cost = node.string("cost", "")
    if cost not in ("", "free", "paid"):
        raise node["cost"].wrong(f"{cost!r} is no cost", "Write free or paid, or leave it out.")
    return cost


def _tiers(path: Path) -> tuple[Tier, ...]:
    if not path.exists():
        return ()
    tiers = []
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            at = f"{path.name}, line {line}"
            if row.get("tier") not in ("1", "2", "2WL", "3", "SC"):
                raise BeatError(
                    f"{row.get('tier')!r} is not a tier", at=at, hint="1, 2, 2WL, 3 or SC."
                )
            try:
                tiers.append(
                    Tier(
                        row["iso3"],
                        row["country"],
                        int(row["year"]),
                        row["tier"],
                        row["status"],
                        row["source"],
                    )
                )
            except (KeyError, ValueError) as error:
                raise BeatError("The row lacks a column or its year is no number", at=at) from error
    return tuple(tiers)


def _compiles(node: Marked) -> None:
    try:
        re.compile(node.text())
    except re.error as error:
        raise node.wrong(f"The regular expression does not compile: {error}") from error
