"""Makers: each gives a valid thing; a test names only what it is about."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from broadsheet.wire import dates
from broadsheet.wire.model import Article

_n = itertools.count(1)
BEAT = Path(__file__).parent / "beat"


def wire_article(**but: Any) -> Article:
    """An article as a value: its own address, a day in June 2019, one source."""
    n = next(_n)
    given: dict[str, Any] = {
        "headline": f"Headline number {n}",
        "text": f"Text number {n}.",
        "url": f"https://news.example/{n}",
        "published": dates.typed("2019-06-21"),
        "source": "The Example",
        "language": "en",
    }
    return Article(**given | but)


# --- rows: imported when called, since wire tests run without Django ------------------------------


def editor(**but: Any) -> Any:
    from broadsheet.people.models import Editor

    return Editor.objects.create_user(**{"name": f"Editor {next(_n)}"} | but)


def invitation(**but: Any) -> Any:
    """An open invitation, made by an administrator of its own."""
    from django.utils import timezone

    from broadsheet.people import inviting

    given = {"email": f"someone{next(_n)}@charity.example", "role": "editor"} | but
    by = given.pop("by", None) or editor(role="administrator")
    made, token = inviting.invite(**given, by=by, now=timezone.now())
    setattr(made, "token", token)  # noqa: B010 -- only its hash is a field: tests open the door with it
    return made


def source(name: str = "The Example", **but: Any) -> Any:
    from broadsheet.news.models import Source

    return Source.objects.get_or_create(name=name, defaults=but)[0]


def article(**but: Any) -> Any:
    """An article in no story, relevant, of June 2019."""
    from datetime import UTC, datetime

    from broadsheet.news import finding
    from broadsheet.news.models import Article as Row

    n = next(_n)
    given = {
        "key": f"{n:064x}",
        "url": f"https://news.example/{n}",
        "source": but.get("source") or source(),
        "headline": f"Headline number {n}",
        "text": f"Text number {n}.",
        "published": {"value": "2019-06-21", "precision": "day", "basis": "meta", "raw": "21 June 2019",
                      "offset": None},
        "sort_date": "2019-06-21T00:00",
        "month": "2019-06",
        "first_seen": datetime(2019, 6, 22, tzinfo=UTC),
        "band": "relevant",
        "score": 0.9,
    }  # fmt: skip
    made = Row.objects.create(**given | but)
    finding.put([made])
    return made


def story(*, articles: int = 1, **but: Any) -> Any:
    """A new, relevant story of June 2019; its first article leads, the others are reports."""
    from broadsheet.news.models import Story

    n = next(_n)
    made = Story.objects.create(
        **{
            "key": f"story-{n}",
            "month": "2019-06",
            "band": "relevant",
            "score": 1.0,
            "factors": {"band": 0.0},
            "headline": f"Story {n}",
            "summary": {
                "story": f"story-{n}",
                "text": f"What story {n} is about.",
                "sentences": [],
            },
        }
        | but
    )
    for at in range(articles):
        article(
            story=made,
            role="lead" if at == 0 else "report",
            headline=made.headline if at == 0 else f"{made.headline}, told again",
            month=made.month,
            source=source(f"Outlet {at}"),
        )
    return made


def newsletter(**but: Any) -> Any:
    from broadsheet.issues.models import Newsletter

    return Newsletter.objects.get_or_create(name=but.pop("name", "The Letter"), defaults=but)[0]


def issue(month: str = "2019-06", **but: Any) -> Any:
    """An issue with a highlights section and one for the world."""
    from broadsheet.issues.models import Issue, Section

    made = Issue.objects.create(
        **{"newsletter": newsletter(), "month": month, "title": "June 2019"} | but
    )
    for at, (heading, takes) in enumerate((("Highlights", "highlights"), ("World", "world"))):
        Section.objects.create(issue=made, position=at, heading=heading, takes=takes)
    return made


def pile(*files: tuple[str, bytes], **but: Any) -> Any:
    """Past newsletters that were brought and read: the invented letter of May 2021, unless others are named."""
    from django.utils import timezone

    from broadsheet.issues import importing

    letters = Path(__file__).parent / "wire" / "issuefile" / "letters"
    files = files or (
        ("may-2021.txt", (letters / "may-2021.txt").read_bytes()),
        ("scan.pdf", b"%PDF-1.4"),
    )
    made = importing.begin(newsletter(), files, editor(), timezone.now(), **but)
    for _past in importing.read(made, timezone.now):
        pass
    return made


def resource(**but: Any) -> Any:
    from broadsheet.library.models import Resource

    n = next(_n)
    return Resource.objects.create(
        **{"title": f"Handbook {n}", "publisher": "The Publisher", "kind": "handbook",
           "sectors": ["SEC.AVI"], "url": f"https://publisher.example/{n}"} | but
    )  # fmt: skip


def tier(**but: Any) -> Any:
    """Hong Kong on Tier 2 in the edition of 2019."""
    from broadsheet.library.models import Tier

    given = {"iso3": "HKG", "country": "Hong Kong", "year": 2019, "tier": "2", "status": "one_source",
             "source": "a page"}  # fmt: skip
    return Tier.objects.create(**given | but)


def subscriber(address: str = "", *, newsletter: Any = None, **but: Any) -> Any:
    """An active subscriber of The Letter, who confirmed in June 2019."""
    from datetime import UTC, datetime

    from broadsheet.mailing import addresses
    from broadsheet.mailing.models import Subscriber

    read = addresses.parse(address or f"reader{next(_n)}@readers.example")
    agreed = datetime(2019, 6, 1, tzinfo=UTC)
    given = {
        "newsletter": newsletter or globals()["newsletter"](),
        "address": str(read),
        "key": read.key,
        "domain": read.domain,
        "state": "active",
        "basis": "own",
        "consented": agreed,
        "made": agreed,
    }
    return Subscriber.objects.create(**given | but)


def subscriber_import(**but: Any) -> Any:
    """An import of nobody that waits for an editor."""
    from datetime import UTC, datetime

    from broadsheet.mailing.models import Import

    given = {"newsletter": newsletter(), "name": "list.csv", "state": "ready",
             "made": datetime(2019, 6, 1, tzinfo=UTC)}  # fmt: skip
    return Import.objects.create(**given | but)
