"""Dates that are only as exact as what was said.

A `When` keeps the raw words, an ISO value cut to its precision, the UTC offset where one was
stated, and what the date rests on. Nothing here knows today's date; nothing is guessed.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime


class Precision(enum.StrEnum):
    """How exact a date is; one enum everywhere."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    MINUTE = "minute"


_LENGTH = {Precision.YEAR: 4, Precision.MONTH: 7, Precision.DAY: 10, Precision.MINUTE: 16}


@dataclass(frozen=True, slots=True)
class When:
    """A date as exact as it was stated.

    value   ISO 8601 cut to the precision: "2019", "2019-02", "2019-06-21", "2019-06-21T10:30"
    offset  "+08:00" or "+00:00" where stated, else None: then the local time of the outlet is meant
    basis   what it rests on: json_ld, meta, time_element, url, feed, text, typed, dateline ...
    raw     the words as they stood
    """

    value: str
    precision: Precision
    offset: str | None = None
    basis: str = ""
    raw: str = ""

    def __post_init__(self) -> None:
        first_day(self.value)  # raises ValueError where the value is no date
        if len(self.value) != _LENGTH[self.precision]:
            raise ValueError(f"{self.value!r} is not cut to a {self.precision}")
        if self.offset is not None and not re.fullmatch(r"[+-]\d\d:\d\d", self.offset):
            raise ValueError(f"{self.offset!r} is not an offset like +08:00")
        if self.offset is not None and (int(self.offset[1:3]) > 23 or int(self.offset[4:]) > 59):
            raise ValueError(f"{self.offset!r} is not within a day")

    @property
    def day(self) -> date | None:
        """The day as stated, in the outlet's own time; None where only month or year are known."""
        return first_day(self.value) if len(self.value) >= 10 else None

    def moment(self, zone: tzinfo = UTC) -> datetime | None:
        """The instant, aware; a day or less exact gives None. `zone` is used where no offset is stated."""
        if self.precision is not Precision.MINUTE:
            return None
        naive = datetime.fromisoformat(self.value)
        return naive.replace(tzinfo=_zone(self.offset) if self.offset else zone)

    def sort_key(self) -> str:
        """An order for lists: by the first instant it can mean, in UTC where an offset is known."""
        moment = self.moment() if self.offset else None
        if moment is not None and 1 < moment.year < 9999:  # the ends of the calendar have no UTC
            return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M").rjust(16, "0")
        return (
            (self.value + "-01-01T00:00"[len(self.value) - 4 :])[:16]
            if len(self.value) < 16
            else self.value
        )

    def month(self, zone: tzinfo = UTC) -> str | None:
        """The month "2019-06" in a desk's time zone; None where only the year is known."""
        moment = self.moment(zone) if self.offset else None
        if moment is not None and 1 < moment.year < 9999:
            return moment.astimezone(zone).strftime("%Y-%m")
        return self.value[:7] if len(self.value) >= 7 else None


def first_day(value: str) -> date:
    """The first day of an ISO value of any precision. Raises ValueError where it is no date."""
    if not re.fullmatch(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d)?)?)?", value):
        raise ValueError(f"{value!r} is not a date")
    if len(value) == 16:
        return datetime.fromisoformat(value).date()
    return date.fromisoformat((value + "-01-01"[len(value) - 4 :])[:10])


def _zone(offset: str) -> timezone:
    sign = -1 if offset[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6])))


def of(moment: datetime | date, *, basis: str = "", raw: str = "") -> When:
    """The `When` of a datetime (to the minute, offset kept where aware) or of a date."""
    if not isinstance(moment, datetime):
        return When(moment.isoformat(), Precision.DAY, basis=basis, raw=raw)
    offset = moment.strftime("%z")
    return When(
        moment.strftime("%Y-%m-%dT%H:%M").rjust(16, "0"),
        Precision.MINUTE,
        f"{offset[:3]}:{offset[3:5]}" if offset else None,
        basis,
        raw,
    )


_ISO = re.compile(
    r"^\s*(\d{4})(?:-?(\d\d)(?:-?(\d\d)(?:[T\s]+(\d\d):?(\d\d)(?::?(\d\d)(?:[.,]\d+)?)?\s*"
    r"(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?)?)?\s*$",
    re.IGNORECASE,
)


def iso(raw: str, *, basis: str = "") -> When | None:
    """An ISO 8601 / RFC 3339 date, whole or cut short; None where it is none or is impossible.

    Midnight to the second without an offset is taken as a day: templates write it where they know
    no time.
    """
    match = _ISO.match(raw)
    if not match:
        return None
    year, month, day, hour, minute, second, zone = match.groups()
    try:
        if hour is not None:
            if (hour, minute, second or "00", zone) == ("00", "00", "00", None):
                return When(f"{year}-{month}-{day}", Precision.DAY, None, basis, raw)
            return When(
                f"{year}-{month}-{day}T{hour}:{minute}", Precision.MINUTE, _offset(zone), basis, raw
            )
        if day is not None:
            return When(f"{year}-{month}-{day}", Precision.DAY, None, basis, raw)
        if month is not None:
            if "-" not in raw:
                return None  # 201906 may be anything
            return When(f"{year}-{month}", Precision.MONTH, None, basis, raw)
        return When(year, Precision.YEAR, None, basis, raw)
    except ValueError:
        return None


def _offset(zone: str | None) -> str | None:
    if zone is None:
        return None
    if zone.upper() in ("Z", "UTC", "GMT"):
        return "+00:00"
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}"


def rfc822(raw: str, *, basis: str = "") -> When | None:
    """A date as in mail and RSS 2.0 (RFC 5322); None where it cannot be parsed."""
    try:
        moment = parsedate_to_datetime(raw)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if not 1900 <= moment.year <= 9999:
        return None
    # RFC 5322 3.3: "-0000" says that the zone is unknown; email.utils then gives a naive datetime
    return of(moment, basis=basis, raw=raw)


# The months as letters name them, in the order of the languages below: English, French, Spanish,
# Portuguese, Italian, German, Dutch and Scandinavian, Indonesian and Malay, Thai. Shortened forms only
# where they are no everyday word of another of these languages ("set", "out", "ago").
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan janvier janv enero ene janeiro gennaio januar jänner januari มกราคม ม.ค",
            (
                "february feb février fevrier févr febrero fevereiro fev febbraio februar februari pebruari "
                "กุมภาพันธ์ ก.พ"
            ),
            "march mar mars marzo março märz maerz mrz maart mrt maret mac มีนาคม มี.ค",
            "april apr avril avr abril abr aprile เมษายน เม.ย",
            "may mai mayo maio maggio mei maj พฤษภาคม พ.ค",
            "june jun juin junio junho giugno juni มิถุนายน มิ.ย",
            "july jul juillet juil julio julho luglio juli julai กรกฎาคม ก.ค",
            "august aug août aout agosto augustus augusti agustus ogos สิงหาคม ส.ค",
            "september sept sep septembre septiembre setiembre setembro settembre กันยายน ก.ย",
            "october oct octobre octubre outubro ottobre oktober okt ตุลาคม ต.ค",
            "november nov novembre noviembre novembro nopember พฤศจิกายน พ.ย",
            (
                "december dec décembre decembre déc diciembre dic dezembro dicembre dezember dez "
                "desember disember des ธันวาคม ธ.ค"
            ),
        ),
        start=1,
    )
    for name in names.split()
}
MONTH = r"(?:" + "|".join(re.escape(m) for m in sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
WEEKDAY = (
    r"(?:\b(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|lundi|mardi|mercredi|jeudi|"
    r"vendredi|samedi|dimanche|lunes|martes|mi[ée]rcoles|jueves|viernes|s[áa]bado|domingo|"
    r"(?:segunda|ter[çc]a|quarta|quinta|sexta)(?:-feira)?|luned[ìi]|marted[ìi]|mercoled[ìi]|gioved[ìi]|"
    r"venerd[ìi]|sabato|domenica|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|"
    r"(?:maan|dins|woens|donder|vrij|zater|zon)dag|senin|selasa|rabu|kamis|jumat|sabtu|minggu|isnin|khamis|"
    r"jumaat|ahad|วัน[\u0e00-\u0e7f]+)\.?,?\s*(?:(?:le|el|den|op|ที่)\s+)?)?"
)
DAY = r"\d{1,2}(?:st|nd|rd|th|er|º|°|ª)?"
_OF = r"[\s.-]*(?:\b(?:of|de|del|di)\s+|d['\u2019]\s*)?"
YEAR = r"(?:19|20|25)\d\d"
_TYPED = (
    # 21 June 2019, 21st of June, 2019, 22 March 17, 21 de junio de 2019, 18. Juni 2020, 1er mars 2019
    re.compile(
        rf"^{WEEKDAY}(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|°|ª)?{_OF}(?P<m>{MONTH})[\s,.-]*"
        r"(?:(?:de|del|พ\.ศ\.)\s+)?(?P<y>\d{4}|['\u2019]?\d\d)$"
    ),
    # June 21, 2019
    re.compile(
        rf"^{WEEKDAY}(?P<m>{MONTH})\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:,\s*|\s+)(?P<y>\d{{4}})$"
    ),
    # June 2019, Feb. 2019, junio de 2019, June '19
    re.compile(rf"^(?P<m>{MONTH})[\s,/-]*(?:(?:de|del)\s+)?(?P<y>\d{{4}}|['\u2019]\d\d)$"),
    # 2019
    re.compile(r"^(?P<y>\d{4})$"),
)
_CJK_FIGURES = str.maketrans("〇零一二三四五六七八九", "00123456789")
_CJK = re.compile(
    r"^(?:(?P<roc>民[國国])\s*)?(?P<y>\d{2,4})\s*\u5e74"
    r"(?:\s*(?P<m>\d{1,2})\s*\u6708(?:\s*(?P<d>\d{1,2})\s*[\u65e5\u865f\u53f7])?)?$"
)
_NUMBERS = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$")
_YEAR_FIRST = re.compile(r"^(\d{4})[./](\d{1,2})[./](\d{1,2})$")


def typed(raw: str, *, basis: str = "typed") -> When | None:
    """A date as people type it in a newsletter, with the precision it has; None where none is read.

    Reads "21 June 2019", "June 21, 2019", "22 March 17" (two digits mean 2000 to 2099), "February
    2019", "2019", "2019\u5e746\u670821\u65e5", ISO, and day/month/year in figures only where one of the
    two numbers is above 12 or both are alike: 3/4/2019 is two dates, so it is none.
    """
    text = " ".join(raw.replace("\u00a0", " ").split()).strip(" .,;").lower()
    found = iso(text, basis=basis)
    if found:
        return When(found.value, found.precision, found.offset, basis, raw)
    for pattern in _TYPED:
        match = pattern.match(text)
        if match:
            have = match.groupdict()
            year = have["y"].lstrip("'\u2019")
            value = f"{2000 + int(year)}" if len(year) == 2 else _common_era(year)
            if have.get("m"):
                value += f"-{_MONTHS[have['m'].rstrip('.')]:02}"
            if have.get("d"):
                value += f"-{int(have['d']):02}"
            return _cut(value, basis, raw)
    cjk = _CJK.match(_in_figures(text))
    if cjk and (cjk["roc"] or len(cjk["y"]) == 4):
        year = f"{1911 + int(cjk['y'])}" if cjk["roc"] else cjk["y"]
        rest = [part.zfill(2) for part in (cjk["m"], cjk["d"]) if part]
        return _cut("-".join([year, *rest]), basis, raw)
    year_first = _YEAR_FIRST.match(text)
    if year_first:
        return _cut("-".join(part.zfill(2) for part in year_first.groups()), basis, raw)
    numbers = _NUMBERS.match(text)
    if numbers:
        first, second, year = int(numbers[1]), int(numbers[2]), numbers[3]
        if first > 12 >= second or first == second:
            return _cut(f"{year}-{second:02}-{first:02}", basis, raw)
        if second > 12 >= first:
            return _cut(f"{year}-{first:02}-{second:02}", basis, raw)
    return None


def _common_era(year: str) -> str:
    """Thai letters count from the Buddha's death: 2563 is 2020. Years before 2443 are left alone."""
    return f"{int(year) - 543}" if 2443 <= int(year) <= 2643 else year


def _in_figures(text: str) -> str:
    """Chinese numbers of a date as figures: 二零二三年十一月二十一日 -> 2023年11月21日."""
    if "\u5e74" not in text:
        return text
    text = re.sub(r"(?<=[一二三])十(?=[一二三四五六七八九])", "", text)
    text = re.sub(r"(?<=[一二三])十", "0", text)
    text = re.sub(r"十(?=[一二三四五六七八九])", "1", text).replace("十", "10")
    return text.translate(_CJK_FIGURES)


def _cut(value: str, basis: str, raw: str) -> When | None:
    precision = {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}[len(value)]
    try:
        return When(value, precision, None, basis, raw)
    except ValueError:
        return None
