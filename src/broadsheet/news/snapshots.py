"""Keeping the page of a picked article, so that one that dies can still be checked.

Only what an editor picked is kept whole; of everything else the desk keeps the extracted text, and
that only for a set time (`forget`), so that a stolen computer tells little. Pictures are not kept.
"""

from __future__ import annotations

import gzip
import hashlib
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from fastwarc.stream_io import GzipReader, GzipWriter
from fastwarc.warc import ArchiveIterator, WarcRecord, response

from broadsheet.news import finding
from broadsheet.news.models import Article, Revision, Snapshot
from broadsheet.wire.collect.fetcher import Fetched

# How long the text of an article that nobody picked is kept. Long enough to look back over a quarter.
KEEP_TEXT = timedelta(days=120)
_AT_ONCE = 500  # articles in one transaction


def folder() -> Path:
    """Where the files lie: snapshots/ in the desk's folder."""
    return Path(settings.HOME) / "snapshots"


def keep(article: Article, came: Fetched) -> Snapshot:
    """Keep a page as a WARC file of one response record (ISO 28500), compressed.

    The file is written aside and renamed, so that a crash leaves none half-written; keeping again
    replaces the page with what came now.
    """
    head = f"HTTP/1.1 {came.status} OK\r\n" + "".join(
        f"{name}: {value}\r\n"
        for name, value in came.headers.items()
        # As the body was decoded; and nothing of a session
        if name.lower()
        not in ("content-encoding", "transfer-encoding", "content-length", "set-cookie")
    )
    record = WarcRecord()
    record.init_headers(response)
    record.headers["WARC-Target-URI"] = came.final_url
    record.headers["WARC-Date"] = came.fetched.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    record.headers["Content-Type"] = "application/http; msgtype=response"
    record.set_bytes_content(head.encode("latin-1", "replace") + b"\r\n" + came.body)
    buffer = io.BytesIO()
    writer = GzipWriter(buffer)
    record.write(writer, checksum_data=True)
    writer.close()
    data = buffer.getvalue()
    name = f"{came.fetched:%Y-%m}/{article.key[:32]}.warc.gz"
    path = folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    aside.write_bytes(data)
    aside.replace(path)
    with transaction.atomic():
        old = Snapshot.objects.filter(article=article).first()
        if old is not None and old.file != name:
            (folder() / old.file).unlink(missing_ok=True)
        kept, _ = Snapshot.objects.update_or_create(
            article=article,
            defaults={
                "file": name,
                "sha256": hashlib.sha256(came.body).hexdigest(),
                "size": len(data),
                "taken": came.fetched,
            },
        )
    return kept


def page(kept: Snapshot) -> bytes | None:
    """The bytes of the page as it came; None where the file is gone or is not what was kept."""
    path = folder() / kept.file
    try:
        with path.open("rb") as file:
            for record in ArchiveIterator(GzipReader(file)):
                record.parse_http()
                body: bytes = record.reader.read()
                return body if hashlib.sha256(body).hexdigest() == kept.sha256 else None
    except (OSError, gzip.BadGzipFile, ValueError):
        return None
    return None


def wanted() -> list[Article]:
    """The lead articles of picked stories whose page is not kept yet, oldest pick first. One query."""
    return list(
        Article.objects.filter(story__picks__isnull=False, role="lead", snapshot=None)
        .exclude(url="")
        .order_by("story__picks__pk")
        .distinct()
    )


def forget(now: datetime, keep_text: timedelta = KEEP_TEXT) -> int:
    """Let go of the texts of articles that nobody picked and that are older than `keep_text`.

    What their outlets changed goes with them. Headline, date, source, address and verdict stay, so
    that the memory over months works on.
    """
    old = list(
        Article.objects.filter(first_seen__lt=now - keep_text, story__picks=None)
        .exclude(text="")
        .exclude(headline="")
        .values_list("pk", flat=True)
    )
    for at in range(0, len(old), _AT_ONCE):
        some = Article.objects.filter(pk__in=old[at : at + _AT_ONCE])
        with transaction.atomic():
            some.update(text="", evidence=[])
            Revision.objects.filter(article__in=some).update(text="")
            finding.put(some)  # what is let go is not found by its words either
    return len(old)
