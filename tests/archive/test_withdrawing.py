"""Taking back: what was withdrawn is nowhere any more, and does not come back."""

from __future__ import annotations

import gzip
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.issues import compose, handover, linkwatch, withdrawing
from broadsheet.issues.models import Edition, Filed, Held, Issue, Kept, Mark, Pick, Withdrawal
from broadsheet.issues.withdrawing import What, WithdrawError, ledger, read
from broadsheet.issues.withdrawing.seeking import INSTEAD, Seeker
from broadsheet.jobs import queue
from broadsheet.news import finding, snapshots
from broadsheet.news.models import Article, Revision, Snapshot
from broadsheet.people import log
from broadsheet.press import pdf
from broadsheet.wire.collect.fetcher import Fetched
from broadsheet.wire.edition import Edition as Frozen
from tests import make
from tests.archive.filed import edition, item

NOW = datetime(2019, 7, 1, 9, tzinfo=UTC)
PLANTED = "Xanthippe Quillfeather"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path


def seeker(*lines: str) -> Seeker:
    return withdrawing._seeker_of(lines)


# --- words ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Said XANTHIPPE  Quillfeather, 30.", f"Said {INSTEAD}, 30."),
        ("xanthippe-quillfeather's", f"{INSTEAD}'s"),
        ("See https://a.example/xanthippe-quillfeather-freed?x=1 now", "See # now"),
        ("https://a.example/Xanthippe%20Quillfeather", ""),
        ("[told](https://a.example/xanthippe_x/xanthippe-quillfeather)", "[told](#)"),
        ("Quillfeather Xanthippe", "Quillfeather Xanthippe"),
        ("Xanthippe Quillfeathers", "Xanthippe Quillfeathers"),
    ],
)
def test_words_go_however_they_are_written_and_no_others(text: str, left: str) -> None:
    assert seeker(PLANTED).without(text) == left


def test_chinese_words_go_from_within_a_run() -> None:
    assert seeker("陳小美").without("倖存者陳小美說") == f"倖存者{INSTEAD}說"


@given(st.text(), st.text())
def test_a_text_that_was_cleaned_holds_nothing_more(before: str, after: str) -> None:
    ours = seeker(PLANTED)
    assert not ours.holds(ours.without(f"{before} {PLANTED} {after}"))


# --- everywhere ----------------------------------------------------------------------------------


def planted() -> tuple[Issue, Pick, Article]:
    """A published issue whose first item tells of the name, and all that a desk kept on the way there."""
    issue: Issue = make.issue()
    editor = make.editor(role="administrator")
    story = make.story(headline=f"Court hears how {PLANTED} was held in Kowloon", articles=2)
    story.summary["text"] = f"{PLANTED} told the court."
    story.save()
    lead = story.articles.get(role="lead")
    Article.objects.filter(pk=lead.pk).update(
        text=f"{PLANTED} was held.", url="https://a.example/xanthippe-quillfeather"
    )
    lead.refresh_from_db()
    finding.put([lead])
    Revision.objects.create(article=lead, headline=f"Of {PLANTED}", text=PLANTED, replaced=NOW)
    snapshots.keep(lead, Fetched(
        url=lead.url, final_url=lead.url, status=200, headers={"content-type": "text/html"}, fetched=NOW,
        body=f"<p>Xanthippe <b>Quillfeather</b> spoke. {PLANTED}</p>".encode()))  # fmt: skip
    pick = compose.pick(story, issue.sections.last(), editor, NOW)
    pick = compose.edit(
        pick, pick.turn, editor, NOW, summary=f"{PLANTED} told the court.", note=f"By {PLANTED}"
    )
    compose.pick(
        make.story(headline="Bank opens accounts for survivors"), issue.sections.last(), editor, NOW
    )
    other = Pick.objects.exclude(pk=pick.pk).get()
    compose.edit(other, other.turn, editor, NOW, summary=f"As {PLANTED} had asked.")
    Held.objects.create(editor=editor, issue=issue, form="/x/", words={"summary": PLANTED}, at=NOW)
    compose.publish(issue, editor, NOW)
    log.note(editor, "edited", f"Court hears how {PLANTED} was held", NOW)
    queue.put_off(
        queue.enqueue("links", "1", NOW),
        f"https://a.example/xanthippe-quillfeather: {PLANTED}",
        NOW,
    )
    return issue, pick, lead


def grep(home: Path, database: Path) -> list[str]:
    """Where the name stands in any file: as it is, folded, in compressed parts, and in pieces of an index."""
    needles = [b"quillfeather", PLANTED.encode().lower()]
    found = []
    files = [path for path in home.rglob("*") if path.is_file()]
    files += [path for path in database.parent.glob(f"{database.name}*") if path.is_file()]
    for path in files:
        body = path.read_bytes()
        if body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        if any(needle in body.lower() for needle in needles):
            found.append(path.name)
    return found


@pytest.mark.skipif(connection.vendor != "sqlite", reason="looks into the file of the database")
@pytest.mark.django_db(transaction=True)
def test_withdrawn_words_are_in_no_table_index_file_feed_print_export_or_restored_copy(
    client: Client, tmp_path: Path
) -> None:
    issue, pick, lead = planted()
    database = Path(str(connection.settings_dict["NAME"]))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    backup = tmp_path.parent / f"{tmp_path.name}-backup.sqlite3"
    shutil.copy(database, backup)
    assert grep(tmp_path, database)
    assert "Xanthippe" in client.get(f"/items/{pick.uid}/").content.decode()

    what = read(words=PLANTED, whole_items=False, item=f"http://x/items/{pick.uid}/")
    seen = withdrawing.preview(what)
    assert [filed.uid for filed in seen.items] == [pick.uid]
    assert seen.tables["editions"] == 1
    assert (seen.articles, seen.pages) == (2, 2)
    withdrawing.withdraw(
        what, make.editor(role="administrator"), NOW, "the survivor", "asked by mail"
    )

    def gone() -> None:
        connection.close()
        assert grep(tmp_path, database) == []
        pages = ["/", f"/editions/{issue.uid}/", f"/editions/{issue.uid}/mail.txt", "/feed.atom", "/search/?q=court",
                 "/search/feed.atom", "/search/feed.rss", "/search/feed.json", "/sitemap-2019-06.xml", "/sources/",
                 "/api/v1/issues/", "/api/v1/items/", f"/api/v1/issues/{issue.uid}/", "/api/v1/search/?q=court"]  # fmt: skip
        for url in pages:
            answer = client.get(url)
            assert answer.status_code == 200, url
            assert b"uillfeather" not in answer.content, url
        answer = client.get(f"/items/{pick.uid}/")
        assert answer.status_code == 410
        assert b"withdrawn" in answer.content
        assert "uillfeather" not in str(list(handover.lines(NOW)))
        kept = Frozen.from_json(Edition.objects.get().content)
        assert "uillfeather" not in str(kept)
        assert [one.heading for one in kept.items()] == ["Bank opens accounts for survivors"]
        assert b"uillfeather" not in pdf.pdf(kept, today=NOW.date())
        assert not Kept.objects.filter(part=pick.uid).exists()
        assert not Snapshot.objects.exists()
        assert Article.objects.get(key=lead.key).headline == "Taken out for good"
        assert Filed.objects.filter(body__contains=INSTEAD).count() == 1

    gone()
    assert f"urn:broadsheet:item:{pick.uid}" in client.get("/search/feed.atom").content.decode()

    # The backup is older than the withdrawal: put back, it holds the name again until it is applied.
    connection.close()
    for path in database.parent.glob(f"{database.name}-*"):
        path.unlink()
    shutil.copy(backup, database)
    assert grep(tmp_path, database)
    assert withdrawing.apply_again(NOW) == 1
    gone()
    assert withdrawing.apply_again(NOW) == 0
    assert sqlite3.connect(database).execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.django_db(transaction=True)
def test_whole_items_go_where_that_is_wished_and_their_pages_say_so(client: Client) -> None:
    one, other = item("Held", summary=f"As {PLANTED} said."), item("Bank")
    edition(one, other)
    withdrawing.withdraw(read(words=PLANTED, whole_items=True), None, NOW)
    assert client.get(f"/items/{one['uid']}/").status_code == 410
    assert client.get(f"/items/{other['uid']}/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_picture_goes_from_its_item_and_from_the_folder(client: Client, tmp_path: Path) -> None:
    name = "a" * 64 + ".jpg"
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / name).write_bytes(b"\xff\xd8\xff")
    one = item(
        "Bank",
        images=[
            {"url": f"/pictures/{name}", "alt": "x", "permission": {"basis": "own", "until": None}}
        ],
    )
    edition(one)
    assert name in client.get(f"/items/{one['uid']}/").content.decode()
    shown = client.get(f"/pictures/{name}")
    assert b"".join(shown) == b"\xff\xd8\xff"  # type: ignore[arg-type]
    withdrawing.withdraw(read(picture=f"/pictures/{name}"), None, NOW)
    assert name not in client.get(f"/items/{one['uid']}/").content.decode()
    assert client.get(f"/pictures/{name}").status_code == 410
    (folder / name).write_bytes(b"\xff\xd8\xff")  # as a restored folder has it
    Withdrawal.objects.all().delete()
    withdrawing.apply_again(NOW)
    assert not (folder / name).exists()


@pytest.mark.django_db(transaction=True)
def test_the_ledger_and_the_marks_tell_nobody_what_was_withdrawn() -> None:
    edition(item("Held", summary=f"As {PLANTED} said."))
    withdrawing.withdraw(read(words=PLANTED), None, NOW, "Somebody", "A reason")
    assert "uillfeather" not in ledger.path().read_text().lower()
    assert "Somebody" not in ledger.path().read_text()
    assert not any("uillfeather" in mark.mark for mark in Mark.objects.all())


@pytest.mark.django_db(transaction=True)
def test_who_asked_and_why_are_let_go_after_a_month_and_the_marks_stay() -> None:
    edition(item("Held", summary=f"As {PLANTED} said."))
    made = withdrawing.withdraw(read(words=PLANTED), None, NOW, "Somebody", "A reason")
    assert withdrawing.forget(NOW + timedelta(days=29)) == 0
    assert withdrawing.forget(NOW + timedelta(days=31)) == 1
    made.refresh_from_db()
    assert (made.asked, made.reason, made.told) == ("", "", [])
    assert made.marks.exists()


@pytest.mark.django_db(transaction=True)
def test_a_line_of_the_ledger_that_a_crash_cut_off_harms_none() -> None:
    edition(item("Held", summary=f"As {PLANTED} said."))
    ledger.path().write_text('{"uid": "cut')
    withdrawing.withdraw(read(words=PLANTED), None, NOW)
    assert len(ledger.lines()) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given", [{}, {"item": "/items/none/"}, {"words": "x"}, {"words": "?!"}, {"words": "a b " * 50}]
)
def test_what_names_nothing_or_too_much_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(WithdrawError):
        read(**given)


@pytest.mark.django_db
def test_a_preview_changes_nothing() -> None:
    edition(item("Held", summary=f"As {PLANTED} said."))
    before = Edition.objects.get().content
    withdrawing.preview(What(words=PLANTED))
    assert Edition.objects.get().content == before
    assert not Withdrawal.objects.exists()
    assert linkwatch.counts()["every"] == 1
