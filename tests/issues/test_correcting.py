"""An issue that is out is corrected: readers keep what went out until the next version stands."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from broadsheet.issues import compose, correcting, queries, release, withdrawing
from broadsheet.issues.models import Edition, Filed, Issue, Pick
from broadsheet.wire.edition import Edition as Value
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2019, 7, 1, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=2)


@pytest.fixture
def out(settings: Any, tmp_path: Any) -> Any:
    """An issue of three items that is out."""
    settings.HOME = tmp_path
    issue = make.issue()
    for n in range(3):
        pick = compose.pick(make.story(headline=f"Story {n}"), issue.sections.last(), None, NOW)
        compose.edit(pick, pick.turn, None, NOW, summary=f"The court of Lowport said {n}.")
    compose.publish(issue, None, NOW)
    issue.refresh_from_db()
    return issue


def says(issue: Any) -> list[tuple[str, str]]:
    """What the issue says now, item by item."""
    fresh = Issue.objects.get(pk=issue.pk)
    return [(item.headline, item.summary) for item in compose.preview(fresh).items()]


def write(pick: Pick, summary: str, now: datetime = LATER) -> Pick:
    pick.refresh_from_db()
    return compose.edit(pick, pick.turn, None, now, summary=summary)


def test_what_is_out_cannot_be_changed_before_a_correction_is_begun(out: Any) -> None:
    with pytest.raises(compose.ComposeError, match="Correct it instead"):
        write(out.picks.first(), "Another.")
    with pytest.raises(compose.ComposeError, match="Say what was wrong"):
        correcting.begin(out, "  ", None, LATER)
    with pytest.raises(compose.ComposeError, match="not out yet"):
        correcting.begin(make.issue("2019-07"), "A slip.", None, LATER)


def test_readers_keep_the_first_version_until_the_second_is_published(
    out: Any, client: Client
) -> None:
    out = correcting.begin(out, "The first item named the wrong court.", None, LATER)
    write(out.picks.order_by("position").first(), "The court of Highport said 0.")
    page = reverse("archive:edition", args=[out.uid])
    assert "Highport" not in client.get(page).content.decode()
    assert "Highport" in says(out)[0][1]

    second = compose.publish(Issue.objects.get(pk=out.pk), None, LATER)
    assert (second.version, second.reason) == (2, "The first item named the wrong court.")
    assert Edition.objects.filter(issue=out).count() == 2
    first = Value.from_json(Edition.objects.get(issue=out, version=1).content)
    assert "Lowport" in first.items()[0].summary  # what was sent is not changed
    told = client.get(page).content.decode()
    assert "Highport" in told
    assert "Corrected: version 2. The first item named the wrong court." in told
    found = queries.edition(out.uid)
    assert found is not None
    assert found.version == 2
    filed = Filed.objects.filter(issue=out).exclude(kind="issue")
    assert {str(row.uid) for row in filed} == {item.uid for item in first.items()}
    issue = Issue.objects.get(pk=out.pk)
    assert (issue.published, issue.correcting, issue.is_open) == (NOW, None, False)
    with pytest.raises(compose.ComposeError, match="out already"):
        compose.publish(issue, None, LATER)


def test_a_signature_and_an_approval_of_the_first_version_do_not_hold_for_the_second(
    out: Any,
) -> None:
    before = release.fingerprint(out)
    out = correcting.begin(out, "A wrong court.", None, LATER)
    assert release.fingerprint(out) != before


def test_a_correction_that_is_given_up_leaves_the_issue_as_it_was(out: Any) -> None:
    before = says(out)
    places = list(out.picks.order_by("section", "position").values_list("uid", "section"))
    out = correcting.begin(out, "A wrong court.", None, LATER)
    first, second, third = out.picks.order_by("position")
    write(first, "Changed.")
    write(first, "Changed twice.")
    compose.remove(second, None, LATER)
    compose.move(third, "up")
    compose.pick(make.story(headline="Another"), out.sections.first(), None, LATER)
    compose.edit_issue(out, out.front_turn, None, LATER, title="Wrong", subject="", preview="")
    assert says(out) != before
    correcting.give_up(out, None, LATER)
    assert says(out) == before
    assert list(out.picks.order_by("section", "position").values_list("uid", "section")) == places
    out.refresh_from_db()
    assert not out.is_open
    assert out.title == "June 2019"
    with pytest.raises(compose.ComposeError):
        correcting.give_up(out, None, LATER)


def test_words_that_are_withdrawn_leave_what_readers_are_told_of_a_correction_too(out: Any) -> None:
    out = correcting.begin(out, "Xanthippe Quillfeather was named.", None, LATER)
    compose.publish(out, None, LATER)
    correcting.begin(out, "Xanthippe Quillfeather was named again.", None, LATER)
    what = withdrawing.read(words="Xanthippe Quillfeather", whole_items=False)
    withdrawing.withdraw(what, make.editor(role="administrator"), LATER, "a reader", "asked")
    out.refresh_from_db()
    assert "was named again" in out.correcting["why"]
    second = Edition.objects.get(issue=out, version=2)
    for words in (str(out.correcting), second.reason, str(second.content)):
        assert "Quillfeather" not in words


def test_it_is_done_on_the_page_of_the_issue(out: Any, client: Client) -> None:
    client.force_login(make.editor(role="editor"))
    page = reverse("desk:issue", args=[out.pk])
    assert "Correct this issue" in client.get(page).content.decode()
    said = client.post(
        reverse("desk:correct", args=[out.pk]), {"why": "A wrong court."}, follow=True
    ).content.decode()
    assert "readers keep version 1 until you publish again" in said
    assert "Readers will be told: A wrong court." in said
    assert reverse("desk:publish", args=[out.pk]) in said
    listed = client.get(reverse("desk:issues")).content.decode()
    assert "being corrected" in listed
    told = {"turn": Issue.objects.get(pk=out.pk).turn, "read": "on"}
    said = client.post(reverse("desk:publish", args=[out.pk]), told, follow=True).content.decode()
    assert "June 2019 is published." in said
    assert Edition.objects.filter(issue=out, version=2, reason="A wrong court.").exists()
    assert out.signatures.get().print == release.fingerprint(Issue.objects.get(pk=out.pk))
    client.post(reverse("desk:correct", args=[out.pk]), {"why": "Another slip."})
    said = client.post(reverse("desk:give_up", args=[out.pk]), follow=True).content.decode()
    assert "The correction is given up." in said
