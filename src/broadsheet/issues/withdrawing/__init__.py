"""Withdrawing: an item, a picture or words out of everything that this desk keeps and shows, for good.

A survivor may take consent back. So this is the one way to change what was published. It goes through the
editions (and with them every print, feed and export, which are made from them), the picks and their
history, what the desk collected of it, kept pages and pictures, the indexes, and every other table's
text. What stays is a keyed hash of each thing, by which a restored backup loses it again.
"""

from __future__ import annotations

import secrets
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from broadsheet.issues import filing, pictures, withdrawn
from broadsheet.issues.models import (
    Comment,
    Edition,
    Filed,
    Held,
    Issue,
    Kept,
    Mark,
    Pick,
    Withdrawal,
)
from broadsheet.issues.withdrawing import ledger, tables
from broadsheet.issues.withdrawing.seeking import MOST_WORDS, Seeker, joined, tokens
from broadsheet.news import erasing, finding, intake, snapshots
from broadsheet.news.models import Article, Snapshot, Story
from broadsheet.people import log
from broadsheet.people.models import Editor
from broadsheet.wire import beat as beats

# Who asked and why are kept for as long as questions come back; readers' programs ask for feeds within days.
KEPT = timedelta(days=30)
# A shorter line is found in the headlines of others; a headline this long is nobody else's.
_OWN_WORDS = 4
_SHORTEST = 3  # characters of words that may be withdrawn


class WithdrawError(Exception):
    """It cannot be withdrawn so; `str()` is a sentence for who asked."""


@dataclass(frozen=True, slots=True)
class What:
    """What is to go: items by their uids, a picture by its address or file, words; or several.

    whole_items   items that hold the words go as a whole, not only the words
    """

    items: tuple[str, ...] = ()
    picture: str = ""
    words: str = ""
    whole_items: bool = False


@dataclass(slots=True)
class Preview:
    """What will go: counted, and named as far as an administrator must see it to decide."""

    items: list[Filed] = field(default_factory=list)
    tables: Counter[str] = field(default_factory=Counter)
    articles: int = 0
    pages: int = 0
    pictures: int = 0
    files: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return not (
            self.items or self.tables or self.articles or self.pages or self.pictures or self.files
        )

    def said(self) -> list[str]:
        """The same in lines."""
        lines = [_("The item “{heading}”").format(heading=filed.heading) for filed in self.items]
        for count, words in (
            (self.articles, _("{n} articles that the desk collected of it")),
            (self.pages, _("{n} kept pages")),
            (self.pictures, _("{n} pictures")),
        ):
            if count:
                lines.append(words.format(n=count))
        lines += [
            _("The words in {n} rows of {table}").format(n=n, table=table)
            for table, n in sorted(self.tables.items())
        ]
        lines += [
            _("Not taken out, since we did not make it: the file {name}").format(name=name)
            for name in self.files
        ]
        return lines or [_("Nothing of it is here.")]


def read(item: str = "", picture: str = "", words: str = "", *, whole_items: bool = False) -> What:
    """What somebody typed. WithdrawError where it names nothing, or too much."""
    uid = item.strip().rstrip("/").rpartition("/")[2].partition("#")[0]
    if "#" in item:
        uid = item.strip().rpartition("#")[2]
    if uid and not Filed.objects.filter(uid=uid).exclude(kind=filing.ISSUE).exists():
        raise WithdrawError(
            _("No item has the address “{item}”. Copy it from the item’s page.").format(item=item)
        )
    count = len(tokens(words))
    if words.strip() and (not count or len(words.strip()) < _SHORTEST):
        raise WithdrawError(
            _("“{words}” is too short: it would be taken out of other words as well.").format(
                words=words
            )
        )
    if count > MOST_WORDS:
        raise WithdrawError(
            _(
                "Withdraw at most {most} words; of a longer text a part that is its own is enough."
            ).format(most=MOST_WORDS)
        )
    name = picture.strip()
    if not (uid or name or count):
        raise WithdrawError(_("Say what is to go: an item, a picture or words."))
    return What((uid,) if uid else (), name, words.strip(), whole_items)


# --- before --------------------------------------------------------------------------------------


def preview(what: What) -> Preview:
    """What withdrawing this would take out. Writes nothing."""
    seeker = _seeker_of([what.words])
    out = Preview(items=_items(what, seeker))
    uids = {filed.uid for filed in out.items}
    for pick in Pick.objects.filter(uid__in=uids).select_related("story"):
        if pick.story:
            out.articles += pick.story.articles.count()
            out.pages += Snapshot.objects.filter(article__story=pick.story).count()
    out.pictures = len(_files_of(out.items, what.picture))
    if what.words:
        for held, _new in tables.rows(seeker):
            out.tables[held.table] += 1
        out.pages += len(_pages_with(seeker))
    out.files = [str(one.relative_to(_home())) for one in _other_files(seeker)]
    return out


def _items(what: What, seeker: Seeker) -> list[Filed]:
    wanted = list(Filed.objects.filter(uid__in=what.items).select_related("issue"))
    if what.words and what.whole_items:
        known = {filed.pk for filed in wanted}
        every = Filed.objects.exclude(kind=filing.ISSUE).select_related("issue")
        wanted += [
            filed
            for filed in every.iterator(500)
            if filed.pk not in known and tables.cleaned(filed.item, seeker) != filed.item
        ]
    return wanted


def _seeker_of(lines: Iterable[str]) -> Seeker:
    marks: dict[int, set[str]] = {}
    plain = []
    key = withdrawn.keys()[0]
    for line in lines:
        some = tokens(line)
        if some:
            plain.append(joined(some))
            mark = withdrawn.mark(Mark.Kind.WORDS, plain[-1], key)
            marks.setdefault(len(some), set()).add(mark)
    return Seeker(marks, plain)


# --- the deed ------------------------------------------------------------------------------------


def withdraw(
    what: What, editor: Editor | None, now: datetime, asked: str = "", reason: str = ""
) -> Withdrawal:
    """Take it out of everything. Cannot be undone.

    In one transaction for the tables; then the files, and the database file without what was in it.
    """
    with transaction.atomic():
        _secure()
        items = _items(what, _seeker_of([what.words]))
        picks = list(Pick.objects.filter(uid__in=[filed.uid for filed in items]))
        lines = [what.words, *_lines_of(items, picks)]
        made = Withdrawal.objects.create(
            uid=secrets.token_hex(16), at=now, asked=asked[:200], reason=reason,
            told=[filed.uid for filed in items], applied=True,
        )  # fmt: skip
        files = _files_of(items, what.picture)
        keys = _articles_of(picks)
        _mark(made, Mark.Kind.ITEM, [filed.uid for filed in items])
        _mark(made, Mark.Kind.ARTICLE, keys)
        _mark(made, Mark.Kind.PICTURE, [*files, *([what.picture] if what.picture else [])])
        for line in lines:
            some = tokens(line)
            if some:
                _mark(made, Mark.Kind.WORDS, [joined(some)], len(some))
        log.note(editor, "withdrew", _said(what, items), now)
        _apply(_Sought.of(made, _seeker_of(lines)), now)
        ledger.write(made)
    compact()
    return made


def _said(what: What, items: list[Filed]) -> str:
    """For the log: that it was done, and nothing of what it was."""
    parts = [
        _("{n} items").format(n=len(items)) if items else "",
        _("a picture") if what.picture else "",
        _("words") if what.words else "",
    ]
    return ", ".join(part for part in parts if part)


def _lines_of(items: list[Filed], picks: list[Pick]) -> list[str]:
    """The headlines of items, which lists, logs and other outlets' rows repeat."""
    lines = [filed.heading for filed in items]
    lines += [str(filed.item.get("headline") or "") for filed in items]
    lines += [line for pick in picks for line in (pick.headline, pick.our_heading)]
    for pick in picks:
        if pick.story_id:
            lines += Article.objects.filter(story=pick.story_id).values_list("headline", flat=True)
    return [line for line in dict.fromkeys(lines) if _OWN_WORDS <= len(tokens(line)) <= MOST_WORDS]


def _articles_of(picks: list[Pick]) -> list[str]:
    stories = [pick.story_id for pick in picks if pick.story_id]
    return list(Article.objects.filter(story__in=stories).values_list("key", flat=True))


def _files_of(items: list[Filed], picture: str) -> list[str]:
    """The kept pictures of items, and the one that was named."""
    urls = [
        str(image.get("url") or "") for filed in items for image in filed.item.get("images") or ()
    ]
    names = [url.rpartition("/")[2] for url in (*urls, picture)]
    return list(dict.fromkeys(name for name in names if pictures.NAME.fullmatch(name)))


def _mark(made: Withdrawal, kind: Mark.Kind, things: Iterable[str], words: int = 0) -> None:
    key = withdrawn.keys()[0]
    Mark.objects.bulk_create(
        [
            Mark(withdrawal=made, kind=kind, mark=withdrawn.mark(kind, thing, key), words=words)
            for thing in dict.fromkeys(things)
        ],
        ignore_conflicts=True,
    )


@dataclass(frozen=True, slots=True)
class _Sought:
    """What must go, by its marks alone: the same for a first withdrawal and for one that is applied again."""

    marks: dict[str, set[str]]
    seeker: Seeker

    @classmethod
    def of(cls, made: Withdrawal, seeker: Seeker | None = None) -> _Sought:
        marks: dict[str, set[str]] = {}
        counts: dict[int, set[str]] = {}
        for kind, mark, count in made.marks.values_list("kind", "mark", "words"):
            marks.setdefault(kind, set()).add(mark)
            if kind == Mark.Kind.WORDS:
                counts.setdefault(count, set()).add(mark)
        return cls(marks, seeker or Seeker(counts))

    def has(self, kind: Mark.Kind, thing: str) -> bool:
        known = self.marks.get(kind, set())
        return any(withdrawn.mark(kind, thing, key) in known for key in self.seeker.keys)

    def picture(self, image: dict[str, Any]) -> bool:
        names = [str(image.get(name) or "") for name in ("url", "source_url")]
        return any(
            self.has(Mark.Kind.PICTURE, one)
            for name in names
            if name
            for one in (name, name.rpartition("/")[2])
        )


def _apply(sought: _Sought, now: datetime) -> None:
    """Take what is sought out of every table, and then the files."""
    touched = _out_of_editions(sought)
    months = _out_of_picks(sought)
    for month in sorted(collected := _out_of_news(sought)):
        intake.regroup(month, beats.load(settings.BEAT))
    months |= collected
    changed = tables.rewrite(sought.seeker)
    touched |= set(tables.editions_of(changed))
    articles = [held.pk for held in changed if held.model is Article]
    finding.put(Article.objects.filter(pk__in=articles))
    issues = Issue.objects.filter(editions__in=touched).distinct()
    for issue in issues:
        newest = issue.editions.select_related("issue__newsletter").order_by("-version").first()
        if newest is not None:
            filing.file(newest)
    names = [path.name for path in _pictures() if sought.has(Mark.Kind.PICTURE, path.name)]
    gone = [pictures.folder() / name for name in names]
    pages = _pages_with(sought.seeker)
    gone += [snapshots.folder() / page.file for page in pages]
    Snapshot.objects.filter(pk__in=[page.pk for page in pages]).delete()
    folders = [
        _home() / "prints" / month for month in {*months, *issues.values_list("month", flat=True)}
    ]
    transaction.on_commit(lambda: _unlink(gone, folders))


def _out_of_editions(sought: _Sought) -> set[int]:
    """Items and pictures out of every version of every edition; the keys of those that changed."""
    touched = set()
    for row in Edition.objects.iterator(50):
        content, changed = row.content, False
        for section in content.get("sections") or ():
            kept = [
                item
                for item in section.get("items") or ()
                if not sought.has(Mark.Kind.ITEM, str(item.get("uid")))
            ]
            changed |= len(kept) != len(section.get("items") or ())
            section["items"] = kept
            for item in kept:
                shown = [one for one in item.get("images") or () if not sought.picture(one)]
                changed |= len(shown) != len(item.get("images") or ())
                item["images"] = shown
        if changed:
            Edition.objects.filter(pk=row.pk).update(content=content)
            touched.add(row.pk)
    return touched


def _out_of_picks(sought: _Sought) -> set[str]:
    """Picks, their history, remarks and unsaved words; the months of their issues."""
    months = set()
    parts = {
        *Pick.objects.values_list("uid", "issue_id"),
        *Kept.objects.exclude(part="").values_list("part", "issue_id").distinct(),
    }
    for uid, issue in parts:
        if not sought.has(Mark.Kind.ITEM, uid):
            continue
        pick = Pick.objects.filter(uid=uid).first()
        if pick is not None:
            months.add(pick.issue.month)
            pick.delete()
            if pick.story_id:
                Story.objects.filter(pk=pick.story_id).update(
                    headline=_("Withdrawn"), summary={}, note="", recalls=[], factors={}
                )
        Kept.objects.filter(issue=issue, part=uid).delete()
        Comment.objects.filter(issue=issue, part=uid).delete()
        Held.objects.filter(issue=issue).delete()
    for pick in Pick.objects.exclude(images=[]):
        shown = [image for image in pick.images if not sought.picture(image)]
        if len(shown) != len(pick.images):
            Pick.objects.filter(pk=pick.pk).update(images=shown)
    return months


def _out_of_news(sought: _Sought) -> set[str]:
    """The articles that the desk collected of withdrawn items; bare keys stay, so that none comes back."""
    months: set[str] = set()
    if not sought.marks.get(Mark.Kind.ARTICLE):
        return months
    for article in Article.objects.select_related("snapshot").iterator(200):
        if sought.has(Mark.Kind.ARTICLE, article.key) and not erasing.is_erased(article.key):
            months.add(article.month)
            erasing.erase(article)
            finding.put([article])
    return months


# --- files ---------------------------------------------------------------------------------------


def _home() -> Path:
    return Path(settings.HOME)


def _pictures() -> list[Path]:
    folder = pictures.folder()
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []


def _pages_with(seeker: Seeker) -> list[Snapshot]:
    """The kept pages that hold the words."""
    if not seeker.marks:
        return []
    found = []
    for kept in Snapshot.objects.iterator(200):
        body = snapshots.page(kept)
        if body is not None and seeker.in_page(body):
            found.append(kept)
    return found


# Not looked through: the database and its log, which are cleaned as tables; keys; what is told apart above.
_KNOWN = ("broadsheet.sqlite3", "secret-key", "withdrawn.jsonl")
_FOLDERS = ("snapshots", "pictures", "dkim")
_LARGEST = 50_000_000  # bytes of a file that is looked through


def _other_files(seeker: Seeker) -> list[Path]:
    """Other files in the desk's folder that hold the words, in plain sight: exports, prints, logs."""
    if not seeker.marks or not _home().is_dir():
        return []
    found = []
    for path in _home().rglob("*"):
        inside = path.relative_to(_home()).parts
        if inside[0] in _FOLDERS or inside[0].startswith(_KNOWN) or not path.is_file():
            continue
        if path.stat().st_size <= _LARGEST and seeker.in_page(path.read_bytes()):
            found.append(path)
    return found


def remaining(words: str) -> list[str]:
    """Files in the desk's folder that still hold the words: we did not make them, so a person decides."""
    return [str(path.relative_to(_home())) for path in _other_files(_seeker_of([words]))]


def _unlink(files: list[Path], folders: list[Path]) -> None:
    for path in files:
        path.unlink(missing_ok=True)
    for folder in folders:  # prints are made anew from the edition
        shutil.rmtree(folder, ignore_errors=True)


# --- the database file ---------------------------------------------------------------------------


def _secure() -> None:
    """What is taken out is overwritten with zeros (SQLite's secure_delete), not only marked as free."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")


def compact() -> None:
    """The database file without anything that was taken out of it.

    SQLite: the full-text indexes are rebuilt from their rows, VACUUM copies what is left into a new file (it
    needs as much free disk again, and holds writers up for some seconds a gigabyte), and the write-ahead
    log is emptied. PostgreSQL: VACUUM (FULL) of the tables would lock readers out, so old versions go with
    autovacuum; a backup or a log of the server is the server's own. Outside any transaction.
    """
    filing.WORDS.compact()
    finding.WORDS.compact()
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


# --- again ---------------------------------------------------------------------------------------


def apply_again(now: datetime) -> int:
    """Apply what is known to be withdrawn and still in this database: after a restore, at every start.

    Known by the ledger, or by a row that a restore brought. How many withdrawals were applied; where there
    is nothing to do it costs one look at a file and one query.
    """
    for line in ledger.unknown():
        ledger.read(line)
    waiting = list(Withdrawal.objects.filter(applied=False).order_by("pk"))
    for withdrawal in waiting:
        with transaction.atomic():
            _secure()
            _apply(_Sought.of(withdrawal), now)
            Withdrawal.objects.filter(pk=withdrawal.pk).update(applied=True)
    for withdrawal in ledger.unwritten():
        ledger.write(withdrawal)
    if waiting:
        compact()
    return len(waiting)


def apply_to_all(now: datetime) -> int:
    """Apply every withdrawal anew: rows came from elsewhere, in which what was withdrawn may stand."""
    Withdrawal.objects.update(applied=False)
    return apply_again(now)


def forget(now: datetime) -> int:
    """Let go of who asked and why, and of what feeds had to tell. The marks stay."""
    old = Withdrawal.objects.filter(at__lt=now - KEPT).exclude(asked="", reason="", told=[])
    return old.update(asked="", reason="", told=[])
