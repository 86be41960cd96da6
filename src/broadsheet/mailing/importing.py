"""Subscribers from a file: look, show what would happen and why, then take in what may be taken.

    look(made)   reads the file into a table beside the desk's database, one row for each address
                 however often it stands in the file, and counts what would become of each
    take(made)   does it, a thousand at a time; stopped or killed, it goes on where it was

Who left here stays gone whatever the file says; who left there does not come here. Of two rows for
one address the one that says "no" counts. Consent that was given elsewhere is kept as that.
"""

from __future__ import annotations

import csv
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Protocol

from django.db import transaction
from django.utils.translation import gettext as _

from broadsheet.issues.models import Newsletter
from broadsheet.jobs import queue
from broadsheet.mailing import (
    addresses,
    admitting,
    consent,
    exporting,
    fates,
    imported,
    preferences,
)
from broadsheet.mailing.fates import CLEANED, COMPLAINED, LEFT, OUTCOMES, SUBSCRIBED
from broadsheet.mailing.models import Import, Subscriber
from broadsheet.mailing.tables import Table, TableError, tables
from broadsheet.people.models import Editor

# Rows of a transaction: a fifth of a second in which nobody else can write. Each chunk touches most pages of
# the indexes of a long list, so smaller ones write the same pages many times over.
CHUNK = 5000
LEASE = timedelta(minutes=5)  # of a worker that takes in a file; renewed with each chunk
SMALL = 2_000_000  # bytes: a file up to here is looked at while the editor waits

# How the columns are called, in the exports of Mailchimp, listmonk, Keila, Substack, Ghost, phpList,
# CiviCRM and our own, and in lists that people keep by hand.
_ADDRESS = re.compile(
    r"(e-?mail|email[ _]?address|e-mail[ _-]?address|mail|address|adresse e-?mail|correo|courriel|"
    r"emailadresse|e-mail-adresse|電郵|電郵地址|電子郵件|邮箱|电子邮件|อีเมล)",
    re.IGNORECASE,
)
_COLUMNS = {
    "state": re.compile(r"(status|state|subscription[ _]status)", re.IGNORECASE),
    "consented": re.compile(
        r"(confirm_time|consented|double_opt_in_at|confirmed_at|optin_time|opt-in date|"
        r"subscribed_at|created_at|date[ _]subscribed|made)",
        re.IGNORECASE,
    ),
    "left": re.compile(r"(unsub_time|left|unsubscribed_at|clean_time)", re.IGNORECASE),
    "language": re.compile(r"(language|lang|locale|sprache|langue|語言|语言)", re.IGNORECASE),
    "wants": re.compile(r"wants", re.IGNORECASE),
    "discreet": re.compile(r"discreet", re.IGNORECASE),
}
_SAYS = {
    **dict.fromkeys(
        ("", "subscribed", "active", "enabled", "confirmed", "yes", "1", "true", "paused"), SUBSCRIBED
    ),
    **dict.fromkeys(
        ("cleaned", "bounced", "hard bounced", "hard_bounced", "invalid", "unreachable"), CLEANED
    ),
    **dict.fromkeys(
        ("unsubscribed", "opted out", "opted-out", "opt-out", "optout", "removed", "disabled",
         "blocklisted", "blocked", "inactive", "no", "0", "false"), LEFT
    ),
    **dict.fromkeys(("complained", "spam", "abuse", "reported spam", "complaint"), COMPLAINED),
}  # fmt: skip

_TABLE = """CREATE TABLE rows (
    number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, address TEXT NOT NULL,
    domain TEXT NOT NULL, says INTEGER NOT NULL, consented TEXT, left TEXT,
    language TEXT NOT NULL, wants TEXT NOT NULL, discreet INTEGER NOT NULL, paused INTEGER NOT NULL,
    line TEXT NOT NULL)"""
_ROW = ", ".join(fates.Row._fields[1:])
# Of two rows for one address the stronger word counts.
_INSERT = f"""INSERT INTO rows ({_ROW}) VALUES ({", ".join("?" * len(fates.Row._fields[1:]))})
    ON CONFLICT (key) DO UPDATE SET
        says = max(says, excluded.says), left = coalesce(excluded.left, left)
    WHERE excluded.says > says"""  # noqa: S608 -- names of our own columns


def start(
    newsletter: Newsletter, name: str, editor: Editor | None, now: datetime, *, says: str = ""
) -> Import:
    """A new import; the caller writes its file to `imported.upload`. `says` is what all rows are
    where the file does not tell: subscribed, cleaned, left."""
    return Import.objects.create(
        newsletter=newsletter,
        name=name[:200],
        settings={"says": says},
        editor=editor,
        made=now,
    )


# --- looking -------------------------------------------------------------------------------------


def look(made: Import, now: datetime) -> None:
    """Read the file and count what would happen. What is wrong with the file is kept in `problem`."""
    made.refresh_from_db()
    if made.state != Import.State.LOOKING:  # a job may be done twice
        return
    try:
        found = tables(imported.upload(made))
        _read(made, found, now)
    except (TableError, OSError) as error:
        Import.objects.filter(pk=made.pk).update(
            state=Import.State.FAILED, problem=str(error), ended=now
        )
        imported.let_go(made)
    else:
        Import.objects.filter(pk=made.pk, state=Import.State.LOOKING).update(
            state=Import.State.READY, counts=made.counts, settings=made.settings, total=made.total
        )
    made.refresh_from_db()


def _read(made: Import, found: list[Table], now: datetime) -> None:
    imported.rows(made).unlink(missing_ok=True)
    counts: Counter[str] = Counter()
    with (
        closing(sqlite3.connect(imported.rows(made))) as kept,
        imported.refused(made).open("w", encoding="utf-8-sig", newline="") as file,
    ):
        kept.execute("PRAGMA journal_mode = OFF")
        kept.execute("PRAGMA synchronous = OFF")
        kept.execute(_TABLE)
        refused = csv.writer(file)
        refused.writerow([_("line"), _("address"), _("reason")])
        sized = sum(table.size for table in found)
        Import.objects.filter(pk=made.pk).update(total=sized)
        read = 0
        for table in found:
            reader = _Reader(made, table, now)
            batch = []
            for said in reader.rows(refused, counts):
                batch.append(said)
                if len(batch) == 5000:
                    kept.executemany(_INSERT, batch)
                    batch.clear()
                    _show_progress(made, read + min(table.size, reader.line * reader.width))
            kept.executemany(_INSERT, batch)
            read += table.size
        kept.commit()
        (distinct,) = kept.execute("SELECT count(*) FROM rows").fetchone()
        counts["doubles"] = counts["read"] - distinct
        for chunk in fates.chunks(kept, 0, CHUNK):
            for row, outcome, _known in fates.fated(made.newsletter, chunk):
                counts[outcome] += 1
                if outcome in fates.REFUSES:
                    refused.writerow([row.line, _safe(row.address), str(OUTCOMES[outcome])])
    made.counts = dict(counts)
    made.total = distinct
    made.settings["tables"] = [
        {"name": table.part or made.name, "encoding": table.encoding, "header": list(table.header)[:40]}
        for table in found
    ]  # fmt: skip


def _show_progress(made: Import, done: int) -> None:
    Import.objects.filter(pk=made.pk).update(done=done)


def _safe(text: str) -> str:
    return next(exporting.lines([[text]])).strip()


class _Refused(Protocol):
    """Where rows that cannot be taken are written: a csv.writer."""

    def writerow(self, row: Sequence[str], /) -> object: ...


class _Reader:
    """Reads one table: which column is what, and what each row says."""

    def __init__(self, made: Import, table: Table, now: datetime) -> None:
        self.table, self.now = table, now
        self.line, self.width = 0, 60  # bytes of a row, about: for the progress alone
        self.languages = {tag for tag, _name in preferences.languages(made.newsletter)}
        self.address = _address_column(table)
        self.columns = {
            name: at
            for name, pattern in _COLUMNS.items()
            if (at := _column(table.header, pattern)) is not None and at != self.address
        }
        self.all_say = _says_all(table, made.name, str(made.settings.get("says", "")))

    def rows(self, refused: _Refused, counts: Counter[str]) -> Iterator[tuple[object, ...]]:
        for line, row in self.table.rows():
            self.line = line
            counts["rows"] += 1
            where = f"{self.table.part}:{line}" if self.table.part else str(line)
            cell = row[self.address] if len(row) > self.address else ""
            try:
                address = addresses.parse(cell)
            except addresses.AddressError as error:
                counts["refused"] += 1
                refused.writerow([where, _safe(cell[:400]), str(error)])
                continue
            says = self._says(row)
            if says is None:
                counts["never"] += 1
                refused.writerow([where, _safe(str(address)), str(OUTCOMES["never"])])
                continue
            counts["read"] += 1
            yield (
                address.key,
                str(address),
                address.domain,
                says,
                self._when(row, "consented"),
                self._when(row, "left"),
                self._language(row),
                "link" if self._cell(row, "wants") == "link" else "full",
                int(self._cell(row, "discreet").lower() in ("yes", "1", "true")),
                int(says == SUBSCRIBED and self._cell(row, "state").lower() == "paused"),
                where,
            )

    def _cell(self, row: Sequence[str], name: str) -> str:
        at = self.columns.get(name)
        return row[at].strip() if at is not None and at < len(row) else ""

    def _says(self, row: Sequence[str]) -> int | None:
        if self.all_say is not None and "state" not in self.columns:
            return None if self.all_say < 0 else self.all_say
        told = _SAYS.get(self._cell(row, "state").lower())
        if told is None or not self._cell(row, "state"):
            return None if told is None else max(self.all_say or 0, told)
        return max(told, self.all_say or 0)

    def _when(self, row: Sequence[str], name: str) -> str | None:
        """A moment as ISO, where the cell says one without doubt: 03/04/2019 is nobody's date."""
        found = re.match(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?", self._cell(row, name))
        try:
            moment = datetime.fromisoformat(found[0]).replace(tzinfo=UTC) if found else None
        except ValueError:
            return None
        if moment is None or moment > self.now or moment.year < 1990:
            return None
        return moment.isoformat()

    def _language(self, row: Sequence[str]) -> str:
        told = self._cell(row, "language").replace("_", "-")
        return told if told in self.languages else ""


def _address_column(table: Table) -> int:
    """Which column holds the addresses: by its name, else by what stands in it."""
    named = _column(table.header, _ADDRESS)
    width = max((len(row) for row in table.first), default=0)
    good = [0] * max(width, 1)
    for row in table.first:
        for at, cell in enumerate(row):
            good[at] += "@" in cell or "＠" in cell
    best = max(range(len(good)), key=lambda at: (good[at], -at))
    # A column named so that holds none ("Address", a street) is not it.
    if named is not None and (named >= len(good) or good[named] * 2 >= good[best]):
        return named
    if good[best] == 0:
        raise TableError(
            _(
                "No column holds mail addresses. The first row should name the columns, one of them Email."
            )
        )
    return best


def _column(header: Sequence[str], pattern: re.Pattern[str]) -> int | None:
    found = [at for at, name in enumerate(header) if pattern.fullmatch(name.strip())]
    if pattern is _COLUMNS["consented"] and len(found) > 1:  # the confirmation before the asking
        names = [header[at].strip().lower() for at in found]
        for better in ("confirm_time", "consented", "double_opt_in_at", "confirmed_at"):
            if better in names:
                return found[names.index(better)]
    return found[0] if found else None


def _says_all(table: Table, name: str, told: str) -> int | None:
    """What all rows of a table are, by its name or columns as Mailchimp gives them, or as the editor
    said; -1 for those who never subscribed."""
    columns = {one.strip().upper() for one in table.header}
    called = (table.part or name).rpartition("/")[2].lower()
    if called.startswith("nonsubscribed"):
        return -1
    if called.startswith("unsubscribed") or "UNSUB_TIME" in columns:
        return LEFT
    if called.startswith("cleaned") or "CLEAN_TIME" in columns:
        return CLEANED
    return {"left": LEFT, "cleaned": CLEANED, "subscribed": SUBSCRIBED}.get(told, SUBSCRIBED)


# --- taking --------------------------------------------------------------------------------------


def agree(made: Import, words: str, now: datetime) -> None:
    """The editor saw the preview and says to which words these people agreed elsewhere: take them."""
    text = words.strip()
    if made.counts.get("new") and len(text) < 10:
        raise TableError(
            _("Say where and to what these people agreed. Without that they may not be written to.")
        )
    with transaction.atomic():
        changed = Import.objects.filter(pk=made.pk, state=Import.State.READY).update(
            state=Import.State.TAKING,
            basis=Subscriber.Basis.ELSEWHERE,
            words=consent.kept(text) if text else None,
            done=0,
        )
        if not changed:
            raise TableError(_("This import has been decided on already."))
        queue.enqueue("import", str(made.pk), now)
    made.refresh_from_db()


def drop(made: Import, now: datetime) -> None:
    """Not after all: the file goes. What was taken in before stays, until it is taken back."""
    before = (Import.State.LOOKING, Import.State.READY, Import.State.TAKING, Import.State.FAILED)
    Import.objects.filter(pk=made.pk, state__in=before).update(
        state=Import.State.DROPPED, ended=now
    )
    imported.let_go(made)
    made.refresh_from_db()


def take(made: Import, now: datetime) -> Iterator[int]:
    """Take in what may be taken; yields how many rows are done. Goes on where it was stopped.

    Who is here is asked anew in each transaction, since hours may lie between preview and import.
    """
    made.refresh_from_db()
    if made.state != Import.State.TAKING:  # a job may be done twice
        return
    if not imported.rows(made).exists():
        Import.objects.filter(pk=made.pk).update(
            state=Import.State.FAILED,
            problem=_(
                "The file is gone from this machine. Upload it again: who is in stays as is."
            ),
            ended=now,
        )
        return
    with closing(sqlite3.connect(imported.rows(made))) as kept:
        for chunk in fates.chunks(kept, int(made.settings.get("taken_to", 0)), CHUNK):
            with transaction.atomic():
                made = Import.objects.select_for_update().get(pk=made.pk)
                if made.state != Import.State.TAKING:
                    return
                if chunk[0].number <= made.settings.get("taken_to", 0):  # by another worker
                    continue
                counts = admitting.admit(made, chunk, now)
                counts.update(made.settings.get("taken", {}))
                made.done += len(chunk)
                made.settings |= {"taken_to": chunk[-1].number, "taken": dict(counts)}
                made.save(update_fields=["done", "settings"])
            yield made.done
    Import.objects.filter(pk=made.pk, state=Import.State.TAKING).update(
        state=Import.State.DONE, ended=now
    )
    imported.let_go(made)
