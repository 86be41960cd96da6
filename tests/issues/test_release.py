"""From a draft to an edition: overruling, signing, reviewing, and what ends each of them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from broadsheet.issues import checking, compose, history, overruling, release, remarks
from broadsheet.issues.models import Issue, Kept, Overrule, Pick, Review, ReviewLink
from broadsheet.people.models import Deed
from broadsheet.wire import beat as beats
from tests import make

pytestmark = pytest.mark.django_db
NOW = datetime(2019, 7, 1, 9, 0, tzinfo=UTC)
TODAY = date(2019, 7, 1)
BEAT = beats.load()


@pytest.fixture
def pick(db: None) -> Pick:
    """An item of our own whose words an error of the check speaks of."""
    issue = make.issue(subject="June", preview="What June brought.")
    made = compose.write(issue.sections.first(), None, NOW, headline="Our news")
    return compose.edit(made, 0, None, NOW, summary="Five traffickers were arrested.")


def words(pick: Pick, summary: str) -> Pick:
    fresh = Pick.objects.get(pk=pick.pk)
    return compose.edit(fresh, fresh.turn, None, NOW, summary=summary)


def blocking(issue: Issue) -> list[overruling.Weighed]:
    return [w for w in overruling.weigh(issue, checking.check(issue, BEAT, TODAY)) if w.blocks]


def test_an_error_keeps_an_issue_from_going_out_until_it_is_mended(pick: Pick) -> None:
    with pytest.raises(compose.ComposeError, match="1 finding of the check must be mended"):
        release.publish(pick.issue, make.editor(), NOW, BEAT, TODAY)
    words(pick, "Five people suspected of trafficking were arrested.")
    assert release.publish(pick.issue, make.editor(), NOW, BEAT, TODAY).version == 1


def test_an_overrule_is_kept_with_its_reason_and_ends_when_the_text_changes(pick: Pick) -> None:
    who = make.editor(name="Ada")
    (one,) = blocking(pick.issue)
    report = checking.check(pick.issue, BEAT, TODAY)
    overruling.overrule(pick.issue, report, one.mark, "Convicted in May.", who, NOW)
    assert blocking(pick.issue) == []
    row = Overrule.objects.get()
    assert (row.reason, row.editor, row.at) == ("Convicted in May.", who, NOW)
    assert Deed.objects.get(verb="overruled a finding").reason == "Convicted in May."
    words(pick, "Five traffickers were arrested in Exampleton.")
    assert len(blocking(pick.issue)) == 1
    words(pick, "Five traffickers were arrested.")  # the text that it spoke of
    assert blocking(pick.issue) == []
    overruling.take_back(pick.issue, one.mark, who, NOW)
    assert len(blocking(pick.issue)) == 1


def test_no_overrule_without_a_reason_or_of_a_text_that_was_not_read(pick: Pick) -> None:
    (one,) = blocking(pick.issue)
    report = checking.check(pick.issue, BEAT, TODAY)
    with pytest.raises(compose.ComposeError, match="Say why"):
        overruling.overrule(pick.issue, report, one.mark, "  ", make.editor(), NOW)
    words(pick, "All five slavers were arrested.")
    report = checking.check(pick.issue, BEAT, TODAY)
    with pytest.raises(compose.ComposeError, match="has changed since"):
        overruling.overrule(pick.issue, report, one.mark, "Because.", make.editor(), NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Overrule.objects.create(
            issue=pick.issue, mark="x", rule="G01", about="x", reason="", editor=make.editor(), at=NOW
        )  # fmt: skip


def test_a_signature_stands_for_the_issue_as_it_was_read(pick: Pick) -> None:
    mark = release.fingerprint(pick.issue)
    made = release.sign(pick.issue, mark, ["who can be recognised"], make.editor(), NOW)
    assert release.signature(pick.issue, mark) == made
    words(pick, "Other words.")
    assert release.signature(pick.issue, release.fingerprint(pick.issue)) is None
    with pytest.raises(compose.ComposeError, match="changed the issue since"):
        release.sign(pick.issue, mark, [], make.editor(), NOW)


def test_what_changes_nothing_printed_voids_nothing(pick: Pick) -> None:
    mark = release.fingerprint(pick.issue)
    remarks.comment(pick.issue, pick.uid, "Is it so?", make.editor(), NOW)
    words(pick, "Five traffickers were arrested.")  # kept again as it was
    assert release.fingerprint(pick.issue) == mark
    compose.add_section(pick.issue, "Empty, so not printed")
    assert release.fingerprint(pick.issue) == mark


def test_a_newsletter_may_ask_for_a_second_pair_of_eyes(pick: Pick) -> None:
    words(pick, "A law was passed.")
    ada, bo = make.editor(name="Ada"), make.editor(name="Bo")
    release.ask_review(pick.issue.newsletter, True, ada, NOW)
    with pytest.raises(compose.ComposeError, match="second pair of eyes"):
        release.publish(pick.issue, ada, NOW, BEAT, TODAY)
    mark = release.fingerprint(pick.issue)
    release.review(pick.issue, mark, "approved", "", NOW, editor=ada)
    with pytest.raises(compose.ComposeError, match="second pair of eyes"):
        release.publish(pick.issue, ada, NOW, BEAT, TODAY)  # her own eyes
    release.review(pick.issue, mark, "approved", "", NOW, editor=bo)
    assert release.publish(pick.issue, ada, NOW, BEAT, TODAY).published_by == ada


def test_a_wish_for_changes_undoes_an_approval(pick: Pick) -> None:
    mark = release.fingerprint(pick.issue)
    release.review(pick.issue, mark, "approved", "", NOW, editor=make.editor())
    with pytest.raises(compose.ComposeError, match="in words"):
        release.review(pick.issue, mark, "changes", " ", NOW, editor=make.editor())
    release.review(pick.issue, mark, "changes", "The date.", NOW, editor=make.editor())
    assert release.approval(list(pick.issue.reviews.all()), mark, None) is None


def test_any_later_edit_voids_an_approval(pick: Pick) -> None:
    mark = release.fingerprint(pick.issue)
    release.review(pick.issue, mark, "approved", "", NOW, editor=make.editor())
    words(pick, "Other words.")
    now = release.fingerprint(pick.issue)
    assert release.approval(list(pick.issue.reviews.all()), now, None) is None
    with pytest.raises(compose.ComposeError, match="was changed since"):
        release.review(pick.issue, mark, "approved", "", NOW, editor=make.editor())


def test_a_director_judges_by_a_link_that_ends(pick: Pick) -> None:
    token = release.invite(pick.issue, "  Dr. Director ", make.editor(), NOW, days=2)
    assert token not in str(ReviewLink.objects.values())
    link = release.link(token, NOW)
    assert link is not None
    made = release.review(
        pick.issue, release.fingerprint(pick.issue), "approved", "", NOW, by_link=link
    )
    assert made.by == "Dr. Director"
    assert Deed.objects.filter(about__contains="Dr. Director", verb="reviewed: approved").exists()
    assert release.link(token, NOW + timedelta(days=3)) is None
    assert release.link("another", NOW) is None
    release.end_link(link, make.editor(), NOW)
    assert release.link(token, NOW) is None


def test_the_database_knows_who_reviewed_and_why(pick: Pick) -> None:
    for wrong in (
        {"verdict": "approved"},
        {"verdict": "changes", "editor": make.editor(), "words": ""},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.create(**{"issue": pick.issue, "print": "x", "at": NOW} | wrong)


def test_what_was_kept_once_can_be_read_compared_and_restored(pick: Pick) -> None:
    words(pick, "Six people were arrested.")
    now, before, began = history.of(Pick.objects.get(pk=pick.pk))
    assert [row.deed for row in (now, before, began)] == ["edited", "edited", "began"]
    (change,) = history.changes(before.words, now.words)
    assert change.field == "summary"
    assert "".join(p.words for p in change.pieces if p.kind != "new") == before.words["summary"]
    assert "".join(p.words for p in change.pieces if p.kind != "gone") == now.words["summary"]
    compose.restore(before, make.editor(), NOW)
    assert Pick.objects.get(pk=pick.pk).summary == "Five traffickers were arrested."
    assert Kept.objects.filter(part=pick.uid).latest("pk").deed == "restored"


def test_a_removed_item_comes_back_the_same_where_it_stood(pick: Pick) -> None:
    section = pick.section
    after = compose.write(section, None, NOW, headline="After")
    remarks.comment(pick.issue, pick.uid, "Keep this.", make.editor(), NOW)
    compose.remove(Pick.objects.get(pk=pick.pk), None, NOW)
    removed = Kept.objects.get(deed="removed")
    back = compose.put_back(removed, None, NOW)
    assert (back.uid, back.summary) == (pick.uid, "Five traffickers were arrested.")
    assert list(section.picks.order_by("position")) == [back, after]
    assert [c.words for c in remarks.of(back)] == ["Keep this."]
    with pytest.raises(compose.ComposeError, match="again already"):
        compose.put_back(removed, None, NOW)


def test_of_two_at_the_front_or_at_a_section_the_second_is_told(pick: Pick) -> None:
    issue, section = pick.issue, pick.section
    compose.edit_issue(issue, issue.front_turn, None, NOW, title="June", subject="Mine")
    with pytest.raises(compose.ConflictError, match="changed by somebody else"):
        compose.edit_issue(issue, issue.front_turn, None, NOW, title="June", subject="Theirs")
    compose.edit_section(section, section.turn, None, NOW, heading="Ours", intro="One")
    with pytest.raises(compose.ConflictError, match="changed by somebody else"):
        compose.edit_section(section, section.turn, None, NOW, heading="Ours", intro="Two")


def test_our_heading_only_keeps_the_outlets_headline_out_of_the_edition() -> None:
    issue = make.issue()
    made = compose.pick(
        make.story(headline="Lina Example, 15, tells of escape"), issue.sections.last(), None, NOW
    )
    with pytest.raises(compose.ComposeError, match="write our heading"):
        compose.edit(made, made.turn, None, NOW, heading_only=True)
    assert any(f.where.field == "headline" for f in checking.check(issue, BEAT, TODAY).findings)
    compose.edit(made, made.turn, None, NOW, heading_only=True, our_heading="A girl tells")
    assert "Lina" not in str(compose.preview(issue).to_json())
    assert not any(f.where.field == "headline" for f in checking.check(issue, BEAT, TODAY).findings)
    with pytest.raises(IntegrityError), transaction.atomic():
        Pick.objects.filter(pk=made.pk).update(our_heading="")


def test_a_call_to_act_is_printed_after_the_summary(pick: Pick) -> None:
    fresh = Pick.objects.get(pk=pick.pk)
    compose.edit(fresh, fresh.turn, None, NOW, call="[Sign](https://act.example/) by Friday.")
    (item,) = compose.preview(pick.issue).items()
    assert item.summary.endswith("\n\n[Sign](https://act.example/) by Friday.")


def test_an_item_is_put_at_any_place_of_any_section(pick: Pick) -> None:
    first, last = pick.issue.sections.order_by("position")
    others = [compose.write(last, None, NOW, headline=name) for name in "ab"]
    compose.place(pick, last, 1)
    assert list(last.picks.order_by("position")) == [others[0], pick, others[1]]
    compose.drop_section(first)
    with pytest.raises(compose.ComposeError, match="still has items"):
        compose.drop_section(last)


def test_words_that_are_typed_are_held_for_their_editor_alone(pick: Pick) -> None:
    ada, bo = make.editor(), make.editor()
    remarks.hold(ada, pick.issue, "/desk/picks/1/", [["summary", "Half"]], NOW)
    remarks.hold(ada, pick.issue, "/desk/picks/1/", [["summary", "Half a line"]], NOW)
    held = remarks.held(ada, "/desk/picks/1/", NOW)
    assert held is not None
    assert held.words == [["summary", "Half a line"]]
    assert remarks.held(bo, "/desk/picks/1/", NOW) is None
    assert remarks.held(ada, "/desk/picks/1/", NOW + timedelta(days=31)) is None
    remarks.let_go(ada, "/desk/picks/1/")
    assert remarks.held(ada, "/desk/picks/1/", NOW) is None
