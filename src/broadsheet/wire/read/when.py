"""When an article was published and updated: with offset, precision, basis and the raw words.

Nothing here knows today's date. What several witnesses say of one day is joined: the linked data may
name the day, the meta tag the minute.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement

from broadsheet.wire import dates
from broadsheet.wire.dates import Precision, When
from broadsheet.wire.read.document import Document, Node, words

# The names under which templates give the date, most trusted first. Counted over real pages and the
# lists of htmldate and newspaper4k (both Apache-2.0/MIT; names only).
PUBLISHED = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished",
    "article:published", "published_time", "published-time", "parsely-pub-date", "sailthru.date",
    "publish-date",
    "publish_date", "publishdate", "publication_date", "publicationdate", "publication-date",
    "article.published", "date.published", "datecreated", "pubdate", "published_at", "published_date",
    "published-date", "dc.date.issued", "dcterms.issued", "dc.date.published", "dc.date.created",
    "dcterms.created", "dcterms.date", "dc.date", "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime", "vr:published_time", "iso-8601-publish-date", "bt:pubdate",
    "mediator_published_time", "citation_publication_date",
    "citation_date", "displaydate", "article_date_original", "originalpublicationdate",
    "article:post_date", "og:pubdate",
    "og:release_date", "originalpubdate", "creation_date", "date", "datum", "release_date",
    "rnews:datepublished", "ptime", "last-publication-date",
)  # fmt: skip
UPDATED = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "og:modified_time",
    "datemodified", "article:modified", "modified_time", "lastmod", "last-modified", "utime",
    "dcterms.modified", "dc.date.modified", "dc.modified", "updated_time", "article:updated_time",
    "article.updated",
    "last_updated_date", "date.updated", "updated_at", "revision_date", "modified_date",
)  # fmt: skip
_URL = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?=[/_-]|\b)")
_EPOCH = re.compile(r"^1\d{9}(?:\d{3})?$")
_TIME = re.compile(
    r"(?<!\d)([01]?\d|2[0-3])[:.h]([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?(?!\d)\s*(?:([ap])\.?m\.?\b)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:GMT|UTC)?\s*([+-])(\d\d):?(\d\d)\b|\b(GMT|UTC|Z)\b")
# Only abbreviations that mean one offset (BST, IST, CST and EST mean several).
_ZONES = {"CET": "+01:00", "CEST": "+02:00", "MEZ": "+01:00", "MESZ": "+02:00", "EDT": "-04:00",
          "PDT": "-07:00", "HKT": "+08:00", "JST": "+09:00", "KST": "+09:00", "SGT": "+08:00",
          "WIB": "+07:00"}  # fmt: skip
_ZONE = re.compile(r"\b(" + "|".join(_ZONES) + r")\b")
# Month names that pages of other languages print (CLDR, wide and abbreviated forms, without marks).
_MONTHS = {
    1: (
        "januar january januari janvier enero gennaio janeiro januara styczeń stycznia leden "
        "ledna ocak января січня tammikuuta jänner jan ene"),
    2: (
        "februar february februari février fevrier febrero febbraio fevereiro luty lutego únor "
        "února şubat февраля лютого helmikuuta feb feber"),
    3: (
        "märz march maart mars marzo março marca marec březen března mart марта березня "
        "maaliskuuta mär mrz mar"),
    4: "april avril abril aprile kwiecień kwietnia duben dubna nisan апреля квітня huhtikuuta apr avr abr",
    5: "mai may mei maj mayo maggio maio maja květen května mayıs мая травня toukokuuta mag",
    6: (
        "juni june juin junio giugno junho czerwiec czerwca červen června haziran июня червня "
        "kesäkuuta jun giu"),
    7: (
        "juli july juillet julio luglio julho lipiec lipca červenec července temmuz июля липня "
        "heinäkuuta jul lug"),
    8: (
        "august augustus août aout agosto sierpień sierpnia srpen srpna ağustos августа серпня "
        "elokuuta aug ago augusti"),
    9: (
        "september septembre septiembre settembre setembro wrzesień września září eylül "
        "сентября вересня syyskuuta sep sept set"),
    10: (
        "oktober october octobre octubre ottobre outubro październik października říjen října "
        "ekim октября жовтня lokakuuta oct okt ott out"),
    11: (
        "november novembre noviembre novembro listopad listopada listopadu kasım ноября "
        "листопада marraskuuta nov"),
    12: (
        "dezember december décembre decembre diciembre dicembre dezembro grudzień grudnia "
        "prosinec prosince aralık декабря грудня joulukuuta dec dez dic déc"),
}  # fmt: skip
_MONTH_OF = {name: month for month, names in _MONTHS.items() for name in names.split()}
_WORDED = re.compile(
    r"(?<!\d)(\d{1,2})\.?(?:st|nd|rd|th|er|º)?\s+(?:de\s+)?([^\W\d_]{3,12})\.?,?\s+(?:de\s+|del\s+)?((?:19|20)\d\d)(?!\d)"
)
_WORDED_US = re.compile(
    r"\b([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)(?!\d)"
)
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})\.\s?(\d{1,2})\.\s?((?:19|20)\d\d)(?!\d)")
_YEAR_FIRST = re.compile(
    r"(?<!\d)((?:19|20)\d\d)\s?[./年-]\s?(\d{1,2})\s?[./月-]\s?(\d{1,2})(?!\d)"
)
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-]((?:19|20)\d\d)(?!\d)")


def published(document: Document, article: Node | None) -> When | None:
    """The day, and where stated the minute and offset, that the page says it was published."""
    best = _joined(_stated(document, article))
    return best or from_url(document.canonical) or from_url(document.url)


def updated(document: Document, article: Node | None) -> When | None:
    """When the page says it was last changed."""
    return _joined(_changed(document, article))


def _stated(document: Document, article: Node | None) -> Iterator[When]:
    if article:
        for key in ("datePublished", "dateCreated", "uploadDate"):
            yield from _some(words(article.get(key)), "json_ld")
    for name in PUBLISHED:
        for content in document.metas.get(name, ()):
            yield from _some(content, "meta")
    for node in document.nodes:
        if (
            node is not article
            and "datePublished" in node
            and not {"Comment", "Review"} & {str(node.get("@type"))}
        ):
            yield from _some(words(node["datePublished"]), "json_ld")
            break
    yield from _elements(document.tree)


def _changed(document: Document, article: Node | None) -> Iterator[When]:
    if article:
        yield from _some(words(article.get("dateModified")), "json_ld")
    for name in UPDATED:
        for content in document.metas.get(name, ()):
            yield from _some(content, "meta")
    for element in document.tree.xpath('.//*[@itemprop="dateModified"]'):
        raw = element.get("datetime") or element.get("content") or element.text_content()
        yield from _some(raw, "time_element")


def _elements(tree: HtmlElement) -> Iterator[When]:
    """Time elements: those marked as the date of publishing first, then the first ones of the article."""
    marked: list[HtmlElement] = []
    plain: list[HtmlElement] = []
    for element in tree.iter("time"):
        said = (element.get(key) or "" for key in ("itemprop", "class", "pubdate"))
        name = " ".join(said).lower()
        if "modif" in name or "updat" in name:
            continue
        (marked if "publ" in name or element.get("pubdate") is not None else plain).append(element)
    marked += tree.xpath('.//*[@itemprop="datePublished"][not(self::meta)][not(self::time)]')
    for element in marked + plain[:1]:
        raw = element.get("datetime") or element.get("content") or ""
        found = list(_some(raw, "time_element")) or list(
            _some(element.text_content(), "time_element")
        )
        yield from found


def _some(raw: str | None, basis: str) -> Iterator[When]:
    found = read(raw or "", basis)
    if found:
        yield found


def _joined(witnesses: Iterable[When]) -> When | None:
    """The first witness, with the minute and the offset that later ones add without gainsaying it."""
    best: When | None = None
    for number, one in enumerate(witnesses):
        if best is None or (len(one.value) > len(best.value) and one.value.startswith(best.value)):
            best = one
        elif best.offset is None and one.offset is not None and one.value == best.value:
            best = replace(best, offset=one.offset)
        if number > 12 or (best.precision is Precision.MINUTE and best.offset):
            break
    return best


def read(raw: str, basis: str) -> When | None:
    """A date as pages write it, in the languages of `_MONTHS`; None where none is sure.

    Figures alone with slashes are read only where they can mean one day (3/4/2019 is two).
    """
    text = " ".join(raw.split())
    if not 4 < len(text) < 120:
        return None
    found = dates.iso(text, basis=basis) or dates.iso(text.replace(" +", "+"), basis=basis)
    if found:
        return found if _sane(found) else None
    if _EPOCH.match(text):
        return dates.of(datetime.fromtimestamp(int(text[:10]), UTC), basis=basis, raw=raw)
    found = dates.rfc822(text, basis=basis) if "," in text[:5] or text[:2].isdigit() else None
    if found and found.offset:
        return found
    return _loose(text, basis, raw)


def _loose(text: str, basis: str, raw: str) -> When | None:
    low = text.lower()
    day = ""
    if match := _YEAR_FIRST.search(low):
        day = f"{match[1]}-{int(match[2]):02}-{int(match[3]):02}"
    elif (match := _WORDED.search(low)) and match[2] in _MONTH_OF:
        day = f"{match[3]}-{_MONTH_OF[match[2]]:02}-{int(match[1]):02}"
    elif (match := _WORDED_US.search(low)) and match[1] in _MONTH_OF:
        day = f"{match[3]}-{_MONTH_OF[match[1]]:02}-{int(match[2]):02}"
    elif match := _DOTTED.search(low):
        day = f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}"
    elif match := _SLASHED.search(low):
        one, two = int(match[1]), int(match[2])
        if one > 12 >= two or one == two:
            day = f"{match[3]}-{two:02}-{one:02}"
        elif two > 12 >= one:
            day = f"{match[3]}-{one:02}-{two:02}"
    if not day or not match:
        return None
    rest = text[: match.start()] + " " + text[match.end() :]
    minute = _TIME.search(rest)
    value, precision, offset = day, Precision.DAY, None
    if minute:
        hour = int(minute[1])
        if minute[3] and 1 <= hour <= 12:
            hour = hour % 12 + (12 if minute[3].lower() == "p" else 0)
        value, precision = f"{day}T{hour:02}:{minute[2]}", Precision.MINUTE
        after = rest[minute.end() :]
        zone = _OFFSET.search(after)
        if zone:
            offset = f"{zone[1]}{zone[2]}:{zone[3]}" if zone[1] else "+00:00"
        elif named := _ZONE.search(after):
            offset = _ZONES[named[1]]
    try:
        made = When(value, precision, offset, basis, raw)
    except ValueError:
        return None
    return made if _sane(made) else None


def _sane(when: When) -> bool:
    return "1900" <= when.value[:4] <= "2100" and len(when.value) >= 7


def from_url(url: str | None) -> When | None:
    """The day in an address such as /2019/06/21/; None where it holds no whole day."""
    match = _URL.search(url or "")
    if not match:
        return None
    try:
        return When("-".join(match.groups()), Precision.DAY, None, "url", match[0].strip("/-"))
    except ValueError:
        return None


def future(when: When, fetched: datetime | None) -> bool:
    """Whether a date lies after the page was fetched: by an hour, or where no offset is known by a day."""
    if fetched is None:
        return False
    if when.offset and (moment := when.moment()):
        return moment > fetched + timedelta(hours=1)
    return when.value[:10] > (fetched + timedelta(days=1)).strftime("%Y-%m-%d")[: len(when.value)]


def placed(when: When | None, zone: str | None) -> When | None:
    """A minute without an offset, with the one that its source's zone had then.

    As it is, where the zone had that minute twice or not at all: at the change of the clocks.
    """
    if not when or not zone or when.offset or when.precision is not Precision.MINUTE:
        return when
    naive = datetime.fromisoformat(when.value)
    if not 1 < naive.year < 9999:  # the ends of the calendar have no UTC
        return when
    moments = {naive.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
    if len(moments) > 1:
        return when
    minutes = round((naive.replace(tzinfo=UTC) - moments.pop()).total_seconds() / 60)
    sign, minutes = "-" if minutes < 0 else "+", abs(minutes)
    return replace(when, offset=f"{sign}{minutes // 60:02}:{minutes % 60:02}")


def hidden(document: Document) -> When | None:
    """The date that a page only prints somewhere: htmldate's search, which is slow, to the day."""
    from htmldate import find_date  # noqa: PLC0415 - 70 ms to import, for one page in fifty

    found = find_date(document.tree, url=document.url, original_date=True, extensive_search=False)
    return dates.iso(found, basis="text") if found else None
