"""Past newsletters from files: read, mended, kept, taken back; doubles, bad files, zips."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from broadsheet.issues import errands, importing, queries
from broadsheet.issues.compose import ConflictError
from broadsheet.issues.filed import Filed
from broadsheet.issues.importing import ImportingError
from broadsheet.issues.models import Edition, Issue
from broadsheet.issues.past import PastIssue, Pile
from broadsheet.jobs import queue
from broadsheet.news.models import Article
from broadsheet.wire import beat as beats
from tests import make

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LETTER = (
    Path(__file__).parents[1] / "wire" / "issuefile" / "letters" / "may-2021.txt"
).read_bytes()
pytestmark = pytest.mark.django_db


def pile(*files: tuple[str, bytes], **but: Any) -> Pile:
    """A pile, read."""
    made = importing.begin(make.newsletter(), files, make.editor(), NOW, **but)
    for _past in importing.read(made, lambda: NOW):
        pass
    return made


def weekly(day: int, headline: str = "Boats searched off Lowport") -> bytes:
    """A short letter of May 2021."""
    return (
        f"Harbour Weekly, {day} May 2021\n\nOne thing happened\n\n"
        f"{headline} {day}\nDate: {day} May 2021\nSource: The Example\n\nPolice said so.\n\n"
        f"Read more: https://news.example/{day}\n"
    ).encode()


def test_a_kept_issue_is_in_the_archive_under_its_own_month_and_nothing_is_sent() -> None:
    past = pile(("may.txt", LETTER)).issues.get()
    assert past.state == "ready"
    assert past.month == "2021-05"
    issue = importing.keep(past, make.editor(), NOW)
    assert issue.state == "published"
    assert issue.imported == NOW
    edition = queries.edition(issue.uid)
    assert edition is not None
    assert len(edition.content["sections"]) >= 2
    filed = Filed.objects.filter(issue=issue)
    assert filed.count() == past.items + 1


def test_a_month_may_have_several_imported_issues() -> None:
    made = pile(("1.txt", weekly(3)), ("2.txt", weekly(10)))
    assert len([importing.keep(past, None, NOW) for past in made.issues.all()]) == 2
    assert Issue.objects.filter(month="2021-05").count() == 2


def test_the_same_issue_is_a_double_in_another_file_and_another_import() -> None:
    first = pile(("may.txt", LETTER), ("same.txt", LETTER), ("again.txt", LETTER + b"\n"))
    states = list(first.issues.values_list("state", flat=True))
    assert states == ["ready", "double"]
    assert "same.txt" in first.refused[0]
    importing.keep(first.issues.all()[0], None, NOW)
    second = pile(("may.txt", LETTER))
    assert second.issues.get().state == "double"
    assert "kept already" in second.issues.get().words


def test_taking_back_an_import_leaves_nothing_of_it_and_the_issue_waits_again() -> None:
    made = pile(("may.txt", LETTER))
    importing.keep(made.issues.get(), None, NOW)
    assert importing.undo_all(made, None, NOW) == (1, [])
    assert not Issue.objects.exists()
    assert not Edition.objects.exists()
    assert not Filed.objects.exists()
    assert made.issues.get().state == "ready"
    importing.keep(made.issues.get(), None, NOW)
    assert Issue.objects.count() == 1


def test_what_was_corrected_since_is_not_taken_back() -> None:
    made = pile(("may.txt", LETTER))
    issue = importing.keep(made.issues.get(), None, NOW)
    content = issue.editions.get().content
    Edition.objects.create(issue=issue, version=2, content=content, published=NOW)
    done, troubles = importing.undo_all(made, None, NOW)
    assert done == 0
    assert "corrected since" in troubles[0]
    assert issue.editions.count() == 2


def test_what_an_editor_mends_is_sure_and_what_is_no_item_is_shown_as_unplaced() -> None:
    past = pile(("may.txt", LETTER)).issues.get()
    first, second, *_rest = importing.edition_of(past).items()
    past = importing.mend(
        past,
        past.turn,
        "May at the harbour",
        "2021-04",
        {
            first.uid: {
                "headline": "A better headline",
                "date": "2021-05-02",
                "url": "https://a.example/",
                "caption": "A boat",
                "credit": "J. Orme",
            },
            second.uid: None,
        },
    )
    mended = importing.edition_of(past)
    item = mended.items()[0]
    assert (item.headline, item.date and item.date.value) == ("A better headline", "2021-05-02")
    assert item.links[0].url == "https://a.example/"
    assert item.images[0].credit == "J. Orme"
    assert past.content is not None
    assert past.content["sureness"][first.uid] == 1.0
    assert any(second.headline in words for words in past.content["unplaced"])
    assert (past.title, past.month) == ("May at the harbour", "2021-04")


def test_of_two_editors_the_second_is_told() -> None:
    past = pile(("may.txt", LETTER)).issues.get()
    importing.mend(past, past.turn, "One", "2021-05", {})
    with pytest.raises(ConflictError):
        importing.mend(past, past.turn, "Two", "2021-05", {})


@pytest.mark.parametrize(
    ("field", "words", "said"),
    [("date", "the other day", "is not a date"), ("url", "javascript:alert(1)", "not an address")],
)
def test_a_mend_that_cannot_be_read_names_what_to_write(field: str, words: str, said: str) -> None:
    past = pile(("may.txt", LETTER)).issues.get()
    uid = importing.edition_of(past).items()[0].uid
    with pytest.raises(ImportingError, match=said):
        importing.mend(past, past.turn, "", "", {uid: {field: words}})


def test_an_issue_without_a_month_is_not_kept_before_one_is_written_in() -> None:
    text = b"Harbour notes\n\nBoats searched\nSource: The Example\n\nPolice said so.\n"
    past = pile(("notes.txt", text)).issues.get()
    with pytest.raises(ImportingError, match="month"):
        importing.keep(past, None, NOW)
    past = importing.mend(past, past.turn, "", "2014-03", {})
    assert importing.keep(past, None, NOW).month == "2014-03"


def test_files_that_cannot_be_read_are_named_and_stop_nothing() -> None:
    made = pile(("a.pdf", b"%PDF-1.4 x"), ("b.txt", b"\x00\x01\x02" * 90), ("may.txt", LETTER))
    assert [p.state for p in made.issues.all()] == ["refused", "refused", "ready"]
    assert "PDF" in made.issues.all()[0].words
    assert all(past.data is None for past in made.issues.all())


def test_a_zip_is_taken_apart_and_a_broken_one_is_named() -> None:
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as archive:
        archive.writestr("2021/may.txt", LETTER)
        archive.writestr("__MACOSX/._may.txt", b"x")
        archive.writestr("2021/week.txt", weekly(3))
    made = pile(("all.zip", box.getvalue()), ("bad.zip", b"PK\x03\x04nothing"))
    assert [p.name for p in made.issues.all()] == ["may.txt", "week.txt"]
    assert "bad.zip" in made.refused[0]


def test_a_zip_that_unpacks_to_more_than_it_says_is_not_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("broadsheet.wire.issuefile.LIMIT", 10_000)
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", b" " * 5_000_000)
        archive.writestr("may.txt", LETTER[:9000])
    made = pile(("bomb.zip", box.getvalue()))
    assert [p.name for p in made.issues.all()] == ["may.txt"]
    assert "bomb.txt" in made.refused[0]


def test_nothing_to_import_is_said() -> None:
    with pytest.raises(ImportingError, match="no newsletter in what you chose"):
        importing.begin(make.newsletter(), [], None, NOW)


def test_a_worker_reads_a_pile_and_another_goes_on_where_it_was_stopped() -> None:
    made = importing.begin(
        make.newsletter(), [("may.txt", LETTER), ("w.txt", weekly(3))], make.editor(), NOW
    )
    next(importing.read(made, lambda: NOW))
    assert made.issues.filter(state="waiting").count() == 1
    job = queue.claim("other", NOW, kinds=errands.KINDS)
    assert job is not None
    assert errands.run(job, lambda: NOW) == "1 past issue read."
    assert not PastIssue.objects.filter(state="waiting").exists()


def test_a_colleagues_letter_goes_to_the_inbox_and_never_into_our_archive() -> None:
    past = pile(("w.txt", weekly(3, "Forced labour on boats")), from_others="Harbour").issues.get()
    with pytest.raises(ImportingError, match="inbox"):
        importing.keep(past, None, NOW)
    beat = beats.load(make.BEAT)
    assert importing.to_inbox(past, beat, None, NOW) == 1
    article = Article.objects.get()
    assert article.url == "https://news.example/3"
    assert article.source is not None
    assert article.source.name == "The Example"
    assert article.story is not None
    importing.to_inbox(past, beat, None, NOW)
    assert Article.objects.count() == 1


def test_sure_issues_are_kept_together_and_the_rest_waits() -> None:
    made = pile(("may.txt", LETTER), ("w.txt", weekly(3)))
    made.issues.filter(name="w.txt").update(sure=0.4)
    assert [p.name for p in importing.keep_sure(made, None, NOW)] == ["may.txt"]


def test_what_was_kept_long_ago_keeps_no_text_beside_it() -> None:
    made = pile(("may.txt", LETTER))
    importing.keep(made.issues.get(), None, NOW)
    assert importing.tidy(NOW) == 0
    assert importing.tidy(NOW + importing.KEEP_TEXT * 2) == 1
    assert made.issues.get().text == ""
