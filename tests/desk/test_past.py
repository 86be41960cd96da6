"""Past newsletters at the desk: files in, each issue beside its text, mended, kept, taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from broadsheet.issues import errands, importing
from broadsheet.issues.models import Issue, PastIssue
from broadsheet.jobs import queue
from tests import make

LETTER = (
    Path(__file__).parents[1] / "wire" / "issuefile" / "letters" / "may-2021.txt"
).read_bytes()
HOSTILE = (
    b"<html><body><h1>May 2021</h1><script>alert(1)</script><h3 onclick='x()'>Boats &lt;img src=x "
    b"onerror=alert(2)&gt; searched</h3><p>Date: 3 May 2021<br>Source: The Example</p><p>Police said so.</p>"
    b"<a href='javascript:alert(3)'>Read more</a></body></html>"
)
pytestmark = pytest.mark.django_db


def bring(client: Client, *files: tuple[str, bytes], **more: str) -> Any:
    sent = [SimpleUploadedFile(name, data) for name, data in files]
    return client.post(reverse("desk:past"), {"files": sent, "whose": "ours", **more})


def work() -> None:
    """What a worker does."""
    job = queue.claim("test", timezone.now(), kinds=errands.KINDS)
    assert job is not None
    errands.run(job, timezone.now)


def fields(past: PastIssue) -> dict[str, str]:
    """What a browser sends of the form as it stands."""
    out = {"turn": str(past.turn), "title": past.title, "month": past.month}
    for item in importing.edition_of(past).items():
        out[f"{item.uid}-headline"] = item.headline
        out[f"{item.uid}-summary"] = item.summary
    return out


def test_files_are_brought_read_looked_through_and_kept(editor: Client) -> None:
    make.newsletter()
    answer = bring(editor, ("may.txt", LETTER), ("scan.pdf", b"%PDF-1.4"))
    page = editor.get(answer["Location"]).content.decode()
    assert "0 of 2 read" in page
    assert 'hx-trigger="every 1s"' in page
    work()
    page = editor.get(answer["Location"]).content.decode()
    assert "Look at the one that waits" in page
    assert "1 file could not be read" in page
    past = PastIssue.objects.get(state="ready")
    address = reverse("desk:past_issue", args=[past.pk])
    page = editor.get(address).content.decode()
    assert "The letter’s own text" in page
    assert page.count("past-item") == past.items
    answer = editor.post(address, fields(past) | {"do": "keep"}, follow=True)
    assert "is kept in the archive" in answer.content.decode()
    issue = Issue.objects.get(month="2021-05")
    public = Client().get(reverse("archive:edition", args=[issue.uid])).content.decode()
    assert importing.edition_of(past).items()[0].headline in public
    assert "Take it out of the archive again" in editor.get(address).content.decode()
    editor.post(address, {"do": "undo"})
    assert not Issue.objects.filter(month="2021-05").exists()


def test_what_cannot_be_saved_keeps_what_was_typed_and_says_why(editor: Client) -> None:
    past = make.pile().issues.get(state="ready")
    uid = importing.edition_of(past).items()[0].uid
    typed = fields(past) | {f"{uid}-headline": "Mine", f"{uid}-date": "some day", "do": "mend"}
    answer = editor.post(reverse("desk:past_issue", args=[past.pk]), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "is not a date" in page
    assert 'value="Mine"' in page


def test_scripts_of_a_letter_are_shown_as_words_and_never_run(editor: Client) -> None:
    pile = make.pile(("bad.html", HOSTILE))
    past = pile.issues.get()
    page = editor.get(reverse("desk:past_issue", args=[past.pk])).content.decode()
    assert "alert(1)" not in page
    assert "<img src=x" not in page
    assert "javascript:alert" not in page
    issue = importing.keep(past, None, timezone.now())
    public = Client().get(reverse("archive:edition", args=[issue.uid])).content.decode()
    assert "<img src=x" not in public
    assert "javascript:" not in public


def test_a_contributor_may_mend_and_not_publish(contributor: Client) -> None:
    past = make.pile().issues.get(state="ready")
    address = reverse("desk:past_issue", args=[past.pk])
    assert contributor.post(address, fields(past) | {"do": "keep"}).status_code == 403
    answer = contributor.post(address, fields(past) | {"do": "mend", "title": "May, mended"})
    assert answer.status_code == 302
    past.refresh_from_db()
    assert past.title == "May, mended"
    assert not Issue.objects.filter(month="2021-05").exists()


def test_all_that_is_sure_is_kept_in_one_step_and_taken_back_in_one(editor: Client) -> None:
    pile = make.pile()
    editor.post(reverse("desk:keep_sure", args=[pile.pk]))
    assert pile.issues.filter(state="kept").count() == 1
    page = editor.get(reverse("desk:pile", args=[pile.pk])).content.decode()
    assert "Take back the one that is kept" in page
    editor.post(reverse("desk:undo_pile", args=[pile.pk]))
    assert not Issue.objects.filter(month="2021-05").exists()


def test_a_colleagues_letter_is_offered_to_the_inbox_alone(editor: Client) -> None:
    make.newsletter()
    bring(editor, ("may.txt", LETTER), whose="theirs", from_others="Harbour Alliance")
    work()
    past = PastIssue.objects.get()
    address = reverse("desk:past_issue", args=[past.pk])
    page = editor.get(address).content.decode()
    assert "Send its items to the inbox" in page
    assert "Keep in the archive" not in page
    page = editor.post(address, fields(past) | {"do": "inbox"}, follow=True).content.decode()
    assert "items are in the inbox" in page


def test_bringing_nothing_is_said(editor: Client) -> None:
    make.newsletter()
    answer = editor.post(reverse("desk:past"), {"whose": "ours"})
    assert answer.status_code == 422
    assert "Choose at least one file" in answer.content.decode()


def test_a_colleagues_letter_without_a_name_never_passes_for_ours(editor: Client) -> None:
    make.newsletter()
    answer = bring(editor, ("may.txt", LETTER), whose="theirs", from_others=" ")
    assert answer.status_code == 422
    assert "what the colleague’s newsletter is called" in answer.content.decode()
    assert not PastIssue.objects.exists()
