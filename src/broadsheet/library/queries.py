"""Questions to the shelf."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from broadsheet.library.models import Resource


def on_shelf(sector: str) -> list[Resource]:
    """The resources of a sector, newest first, those without a date last. One query."""
    return chosen(Choice(sector=sector))


def sectors() -> Counter[str]:
    """How many resources each sector has. One query."""
    return Counter(code for r in Resource.objects.all() for code in r.sectors)


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody looks for on the shelf; an empty field asks for nothing."""

    words: str = ""
    sector: str = ""
    kind: str = ""
    audience: str = ""
    language: str = ""
    cost: str = ""

    def takes(self, one: Resource) -> bool:
        said = " ".join((one.title, one.publisher, one.description, one.audience)).casefold()
        return (
            (not self.sector or self.sector in one.sectors)
            and self.kind in ("", one.kind)
            and self.audience in ("", one.audience)
            and self.language in ("", one.language)
            and self.cost in ("", one.cost)
            and all(word in said for word in self.words.casefold().split())
        )


def chosen(choice: Choice) -> list[Resource]:
    """The resources that fit, newest first, those without a date last. One query."""
    # JSON `contains` is not on SQLite; the shelf holds hundreds, so it is read whole.
    found = [one for one in Resource.objects.all() if choice.takes(one)]
    return sorted(found, key=lambda r: (r.date or {}).get("value", ""), reverse=True)


def kinds() -> list[str]:
    """The kinds of resources that there are. One query."""
    return sorted(Resource.objects.values_list("kind", flat=True).distinct())


def audiences() -> list[str]:
    """For whom the resources are, as far as it is known. One query."""
    known = Resource.objects.exclude(audience="")
    return sorted(known.values_list("audience", flat=True).distinct(), key=str.casefold)


def languages() -> list[str]:
    """The languages that resources are in. One query."""
    return sorted(Resource.objects.values_list("language", flat=True).distinct())
