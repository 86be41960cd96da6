"""Filing: an edition's items and the issue itself into the table and the index that readers search.

The kept editions are the truth. Publishing files one; `rebuild` files all of them anew, after a restore
or where this code changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from broadsheet.issues import figures
from broadsheet.issues.models import Edition as Kept
from broadsheet.issues.models import Filed, Issue, Outlink, Subject, Tally
from broadsheet.press import markdown
from broadsheet.search import Document, Filter, Index
from broadsheet.search import words as tokens
from broadsheet.search.asking import EVERY, Resolve, question
from broadsheet.wire import dates
from broadsheet.wire.edition import Edition, Item

WORDS = Index("issues_filed_words")
ISSUE = "issue"  # the kind of a filed issue; all others are kinds of items
_ROOM = 1 << 20  # keys of one day: no day brings a million items
# An issue dated this long before it went out was printed elsewhere then and taken in later: it is filed
# at its own time.
_TAKEN_IN = timedelta(days=62)
_LONGEST_SLUG = 80


def folded(name: str) -> str:
    """A source's name as it is compared."""
    return " ".join(tokens.folded(name).split())


def day_of(edition: Edition, published: datetime) -> date:
    """The day that an edition is filed under: when it went out, or its own date where that is long past."""
    if edition.date is None:
        return published.date()
    own = dates.first_day(edition.date.value)
    return own if published.date() - own > _TAKEN_IN else published.date()


@transaction.atomic
def file(row: Kept) -> list[Filed]:
    """File the newest version of an edition; what an earlier version had and this has not is taken out."""
    edition = Edition.from_json(row.content, at=str(row))
    before = {filed.uid: filed for filed in Filed.objects.filter(issue=row.issue_id)}
    touched = {subject for filed in before.values() for subject in subjects_of(filed.item)}
    first = row.issue.published or row.published
    rows = _rows(edition, row.issue, first, before)
    now = {filed.uid for filed in rows}
    gone = [filed.pk for uid, filed in before.items() if uid not in now]
    Filed.objects.filter(pk__in=gone).delete()
    WORDS.remove(gone)
    for filed in rows:
        filed.save()
    WORDS.put(map(document, rows))
    touched |= {subject for filed in rows for subject in subjects_of(filed.item)}
    _count(touched, {folded(str(f.source)): f.source for f in rows if f.source})
    _watch(rows, row.published)
    figures.keep(row.issue.month)
    return rows


@transaction.atomic
def unfile(issue: Issue) -> None:
    """Take an issue and its items out of the archive's table and index; its editions stay as they are."""
    rows = list(Filed.objects.filter(issue=issue))
    WORDS.remove([filed.pk for filed in rows])
    Filed.objects.filter(pk__in=[filed.pk for filed in rows]).delete()
    _count({subject for filed in rows for subject in subjects_of(filed.item)}, {})
    figures.keep(issue.month)


def rebuild() -> Iterator[Filed]:
    """File every edition anew, newest last. Yields what it files, so that a command can count."""
    with transaction.atomic():
        Filed.objects.all().delete()
        Subject.objects.all().delete()
        Tally.objects.all().delete()
        WORDS.emptied()
    newest: dict[int, int] = dict(
        Kept.objects.values("issue").annotate(newest=Max("version")).values_list("issue", "newest")
    )
    for issue, version in newest.items():
        row = Kept.objects.select_related("issue__newsletter").get(issue=issue, version=version)
        yield from file(row)


def _rows(
    edition: Edition, issue: Issue, published: datetime, before: dict[str, Filed]
) -> list[Filed]:
    day = day_of(edition, published)
    base = day.toordinal() * _ROOM
    used = set(Filed.objects.filter(pk__gte=base, pk__lt=base + _ROOM).values_list("pk", flat=True))
    free = iter(range(max((pk for pk in used), default=base - 1) + 1, base + _ROOM))

    def key(uid: str) -> int:
        held = before.get(uid)
        return held.pk if held is not None and held.pk in used else next(free)

    common: dict[str, Any] = {
        "issue": issue,
        "language": edition.language,
        "published": published,
    }
    # The last item first: walking the keys backwards then reads an issue from its top.
    rows = [
        Filed(
            id=key(item.uid),
            uid=item.uid,
            kind=item.kind.value,
            heading=item.heading,
            source=(item.source or "")[:200],
            day=item.date.value[:10] if item.date else "",
            body=_body(item),
            item=msgspec.to_builtins(item),
            **common,
        )
        for item in reversed(edition.items())
    ]
    whole = Filed(
        id=key(issue.uid),
        uid=issue.uid,
        kind=ISSUE,
        heading=edition.title,
        day=edition.date.value[:10] if edition.date else "",
        body=_told(edition),
        **common,
    )
    return [*rows, whole]


def _body(item: Item) -> str:
    parts = [markdown.plain(item.summary), markdown.plain(item.note or "")]
    parts += [" ".join(filter(None, (image.caption, image.credit))) for image in item.images]
    return "\n".join(part.strip() for part in parts if part.strip())


def _told(edition: Edition) -> str:
    """What an issue says beside its items: its newsletter, its own words, its headings."""
    parts = [edition.newsletter, edition.preview or ""]
    for section in edition.sections:
        parts += [section.heading or "", markdown.plain(section.intro or "")]
    return "\n".join(part.strip() for part in parts if part.strip())


def document(filed: Filed) -> Document:
    """What a filed row is found by."""
    item = filed.item
    head = filed.heading
    theirs = item.get("headline") or ""
    if theirs and theirs != head:
        head = f"{head}\n{theirs}"
    body = f"{filed.body}\n{filed.source}"
    marks = [EVERY, ("kind", filed.kind), ("lang", filed.language)]
    marks += [("code", code) for code in item.get("codes") or ()]
    marks += [("place", iso2) for iso2 in item.get("places") or ()]
    if filed.source:
        marks.append(("source", folded(filed.source)))
    marks += [
        (name, filed.day[:length])
        for name, length in (("y", 4), ("m", 7), ("d", 10))
        if len(filed.day) >= length
    ]
    return Document(filed.pk, head, body, tuple(dict.fromkeys(marks)))


# --- subjects ------------------------------------------------------------------------------------

_FACET = {Subject.Axis.TOPIC: "code", Subject.Axis.PLACE: "place", Subject.Axis.SOURCE: "source"}


def subjects_of(item: dict[str, Any]) -> set[tuple[str, str]]:
    """The subjects of an item, as axis and value."""
    found = {(str(Subject.Axis.TOPIC), code) for code in item.get("codes") or ()}
    found |= {(str(Subject.Axis.PLACE), iso2) for iso2 in item.get("places") or ()}
    source = folded(item.get("source") or "")[:200]
    return found | ({(str(Subject.Axis.SOURCE), source)} if source else set())


def _count(touched: Iterable[tuple[str, str]], names: dict[str, str]) -> None:
    """Count the subjects that a filing touched; one without items has no page any more."""
    vendor = transaction.get_connection().vendor
    for axis, value in sorted(touched):
        count = WORDS.count(question(Filter("subject", value), _resolved(axis), vendor))
        held = Subject.objects.filter(axis=axis, value=value).first()
        if not count:
            if held is not None:
                held.delete()
            continue
        if held is None:
            held = Subject(axis=axis, value=value, slug=_slug(axis, value))
        held.items, held.name = count, names.get(value, held.name)
        held.save()


def _resolved(axis: str) -> Resolve:
    """A filter's value as the facet of an axis."""
    return lambda one: [(_FACET[Subject.Axis(axis)], one.value)]


def _slug(axis: str, value: str) -> str:
    """The address of a subject: its value as addresses are written, made unique where it must be."""
    if axis != Subject.Axis.SOURCE:
        return value
    slug = slugify(value, allow_unicode=True)[:_LONGEST_SLUG].strip("-")
    if slug and not Subject.objects.filter(axis=axis, slug=slug).exists():
        return slug
    return f"{slug}-{hashlib.sha256(value.encode()).hexdigest()[:8]}".strip("-")


# --- links ---------------------------------------------------------------------------------------


def _watch(rows: Sequence[Filed], now: datetime) -> None:
    """Let the links of what was filed be tried from now on; known ones keep their standing."""
    wanted: dict[str, Outlink] = {}
    for filed in rows:
        for url in addresses(filed.item):
            key = hashlib.sha256(url.encode()).hexdigest()
            wanted[key] = Outlink(
                url_hash=key, url=url, uid=filed.uid, day=filed.day or f"{filed.published:%Y-%m-%d}",
                due=now,
            )  # fmt: skip
    Outlink.objects.bulk_create(wanted.values(), ignore_conflicts=True)


def addresses(item: dict[str, Any]) -> list[str]:
    """The web addresses that an item's links lead to."""
    found = [str(link.get("url") or "") for link in item.get("links") or ()]
    return [url for url in found if url.startswith(("http://", "https://"))]
