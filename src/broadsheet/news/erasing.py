"""Taking an article out for good: pages that show the abuse of a child, or that the law forbids to keep.

The desk does not look for such material and cannot know it. Who meets it by accident takes it out at once;
nothing of the page stays but the bare fact, so that it does not come back with the next visit.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from broadsheet.news import snapshots
from broadsheet.news.models import Article, Failure, Snapshot

MARK = "erased by the desk"
# Hotlines take reports from anybody and pass them to the police (INHOPE's list, and two it links to).
WHERE_TO_REPORT = (
    "Do not keep, copy or send it on, not even as proof. Report the address to the hotline of your country: "
    "https://www.inhope.org lists them all; https://report.iwf.org.uk and https://report.cybertip.org take "
    "reports from anywhere. In an emergency, call the police."
)


def found(address: str) -> list[Article]:
    """The articles of an address, as it was typed or by its key. One query."""
    return list(Article.objects.filter(Q(url=address) | Q(key=address)).select_related("snapshot"))


@transaction.atomic
def erase(article: Article) -> None:
    """Take out words, picture, address, earlier versions and the kept page of an article."""
    kept = Snapshot.objects.filter(article=article).first()
    if kept is not None:
        kept.delete()
    article.revisions.all().delete()
    Failure.objects.filter(url=article.url).exclude(url="").delete()
    for name in ("url", "text", "description"):
        setattr(article, name, "")
    article.headline = "Taken out for good"
    article.image = None
    article.authors, article.evidence, article.notes = [], [], []
    article.band, article.score = "off_beat", 0.0
    article.failures = [MARK]
    article.save()
    if kept is not None:  # last: what failed before leaves both the row and its file
        transaction.on_commit(lambda: (snapshots.folder() / kept.file).unlink(missing_ok=True))


def is_erased(key: str) -> bool:
    """Whether the article of a key was taken out. One query."""
    kept = Article.objects.filter(key=key).values_list("failures", flat=True).first()
    return kept == [MARK]
