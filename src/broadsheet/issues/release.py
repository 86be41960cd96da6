"""From a draft to an edition: the check, the signature, the second pair of eyes, and out.

Each of them speaks of the issue as it stands, known by its fingerprint: whatever is changed
afterwards asks for them again.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from broadsheet.issues import checking, compose, overruling
from broadsheet.issues.checking import Report
from broadsheet.issues.models import Edition, Issue, Newsletter, Review, ReviewLink, Signature
from broadsheet.issues.overruling import Weighed
from broadsheet.people import doors
from broadsheet.people.models import Editor
from broadsheet.wire.beat import Beat

LINK_DAYS = 7  # how long a director's link is good, unless another time is asked for
MOST_DAYS = 60
MOST_WORDS = 5000  # characters of what a reviewer says


def fingerprint(issue: Issue) -> str:
    """The SHA-256 of all that would be printed; the same until a word, link or picture changes."""
    content = compose.preview(issue).to_json()
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


# --- signing -------------------------------------------------------------------------------------


@transaction.atomic
def sign(
    issue: Issue, print_: str, ticked: Sequence[str], editor: Editor, now: datetime
) -> Signature:
    """Put an editor's name to what no machine can see. ComposeError where the issue has changed
    since the page with the fingerprint `print_` was shown."""
    if print_ != fingerprint(issue):
        raise compose.ComposeError(
            _("Somebody has changed the issue since you opened this page. Read it again.")
        )
    made = Signature.objects.create(
        issue=issue, print=print_, ticked=list(ticked), editor=editor, at=now
    )
    doors.note(editor, "signed", str(issue), now, "; ".join(ticked))
    return made


def signature(issue: Issue, print_: str) -> Signature | None:
    """The last signature that still speaks of the issue as it stands. One query."""
    found = issue.signatures.filter(print=print_).select_related("editor")
    return found.order_by("-pk").first()


# --- the second pair of eyes ---------------------------------------------------------------------


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(issue: Issue, name: str, editor: Editor, now: datetime, days: int = LINK_DAYS) -> str:
    """A token for a link by which somebody without an account may read and judge the issue.

    It is good for `days`, 1 to 60, or until the issue is out; only its hash is kept.
    """
    name = " ".join(name.split())
    if not name:
        raise compose.ComposeError(
            _("Say whom the link is for: their name is kept with what they say.")
        )
    token = secrets.token_urlsafe(24)
    good_for = timedelta(days=min(max(days, 1), MOST_DAYS))
    ReviewLink.objects.create(
        issue=issue, name=name[:80], token_hash=_hash(token), made_by=editor, made=now,
        expires=now + good_for,
    )  # fmt: skip
    doors.note(editor, "made a review link", f"{issue} for {name}", now)
    return token


def link(token: str, now: datetime) -> ReviewLink | None:
    """The link of a token; None where it is unknown, ended or expired, or the issue is out."""
    found = ReviewLink.objects.filter(
        Q(issue__state=Issue.State.DRAFT) | Q(issue__correcting__isnull=False),
        token_hash=_hash(token), ended=None, expires__gt=now,
    )  # fmt: skip
    return found.select_related("issue__newsletter", "made_by").first()


@transaction.atomic
def end_link(given: ReviewLink, editor: Editor, now: datetime) -> None:
    """Take a link back before its time."""
    if ReviewLink.objects.filter(pk=given.pk, ended=None).update(ended=now):
        doors.note(editor, "ended a review link", str(given), now)


@transaction.atomic
def review(
    issue: Issue,
    print_: str,
    verdict: str,
    words: str,
    now: datetime,
    *,
    editor: Editor | None = None,
    by_link: ReviewLink | None = None,
) -> Review:
    """Approve the issue that has this fingerprint, or ask for changes in words.

    ComposeError where it was changed since the reader opened it: nobody approves what they have
    not read.
    """
    if verdict not in Review.Verdict.values:
        raise compose.ComposeError(_("Approve the issue, or ask for changes."))
    words = words.strip()[:MOST_WORDS]
    if verdict == Review.Verdict.CHANGES and not words:
        raise compose.ComposeError(_("Say in words what should change."))
    if not issue.is_open:
        raise compose.ComposeError(_("The issue is out already."))
    if print_ != fingerprint(issue):
        raise compose.ComposeError(
            _(
                "The issue was changed since you opened this page, so nothing was recorded. Read it again."
            )
        )
    made = Review.objects.create(
        issue=issue, print=print_, verdict=verdict, words=words, editor=editor, link=by_link, at=now
    )
    about = f"{issue}, {made.by}" if by_link else str(issue)
    doors.note(editor, f"reviewed: {verdict}"[:40], about, now, words)
    return made


@transaction.atomic
def ask_review(newsletter: Newsletter, wanted: bool, editor: Editor, now: datetime) -> None:
    """Let issues go out only after a second pair of eyes, or without."""
    if newsletter.needs_review != wanted:
        Newsletter.objects.filter(pk=newsletter.pk).update(needs_review=wanted)
        doors.note(
            editor,
            "asked for reviews" if wanted else "no longer asks for reviews",
            str(newsletter),
            now,
        )


def approval(reviews: Sequence[Review], print_: str, publisher: Editor | None) -> Review | None:
    """The approval that holds: of this very issue, by somebody else than who publishes it, and not
    followed by a wish for changes."""
    for one in reviews:  # newest first
        if one.print != print_:
            continue
        if one.verdict == Review.Verdict.CHANGES:
            return None
        if publisher is None or one.editor_id != publisher.pk:
            return one
    return None


# --- out -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an issue stands on its way out.

    blocking   findings that must be mended or overruled
    reasons    why it cannot go out yet, in words; empty where it can
    """

    report: Report
    findings: tuple[Weighed, ...]
    print: str
    signature: Signature | None
    approval: Review | None
    reviews: tuple[Review, ...]
    reasons: tuple[str, ...]

    @property
    def blocking(self) -> tuple[Weighed, ...]:
        return tuple(one for one in self.findings if one.blocks)


def standing(issue: Issue, beat: Beat, today: date, publisher: Editor | None) -> Standing:
    """All that decides whether an issue may go out, as it stands now. Writes nothing."""
    report = checking.check(issue, beat, today)
    findings = tuple(overruling.weigh(issue, report))
    print_ = fingerprint(issue)
    reviews = tuple(issue.reviews.select_related("editor", "link"))
    approved = approval(reviews, print_, publisher)
    reasons = []
    blocking = sum(one.blocks for one in findings)
    if blocking:
        reasons.append(
            ngettext(
                "%(n)d finding of the check must be mended, or overruled with a reason.",
                "%(n)d findings of the check must be mended, or overruled with a reason.",
                blocking,
            )
            % {"n": blocking}
        )
    if issue.newsletter.needs_review and approved is None:
        reasons.append(
            _(
                "A second pair of eyes must approve the issue as it stands: another editor, or "
                "somebody with a link."
            )
        )
    return Standing(
        report, findings, print_, signature(issue, print_), approved, reviews, tuple(reasons)
    )


def publish(issue: Issue, editor: Editor | None, now: datetime, beat: Beat, today: date) -> Edition:
    """Publish what has passed the check and, where the newsletter asks for it, a review.

    ComposeError with the reasons where it has not. Checked and frozen in one transaction, so that
    nothing slips in between.
    """
    with transaction.atomic():
        locked = Issue.objects.select_for_update().select_related("newsletter").get(pk=issue.pk)
        if locked.is_open:
            reasons = standing(locked, beat, today, editor).reasons
            if reasons:
                raise compose.ComposeError(" ".join(reasons))
        return compose.publish(locked, editor, now)
