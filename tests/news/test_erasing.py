"""What shows abuse is taken out for good, does not come back, and the desk says where to report it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from broadsheet.commands.erase import command
from broadsheet.news import erasing, snapshots
from broadsheet.news.models import Article, Snapshot
from broadsheet.wire.collect.fetcher import Fetched
from tests import make

pytestmark = pytest.mark.django_db
URL = "https://paper.example/1"


def test_an_erased_article_leaves_neither_words_nor_picture_nor_kept_page(
    tmp_path: Path, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.HOME = tmp_path
    article = make.article(url=URL, headline="Words", text="Words", image={"url": URL + ".jpg"})
    came = Fetched(URL, URL, 200, {}, b"<p>Words</p>", datetime(2026, 6, 15, tzinfo=UTC))
    file = tmp_path / "snapshots" / snapshots.keep(article, came).file
    with django_capture_on_commit_callbacks(execute=True):
        told = CliRunner().invoke(command, [URL])
    assert told.exit_code == 0, told.output
    assert "inhope.org" in told.output
    kept = Article.objects.get()
    assert "Words" not in f"{kept.headline}{kept.text}{kept.description}"
    assert (kept.url, kept.image) == ("", None)
    assert not file.exists()
    assert not Snapshot.objects.exists()
    assert erasing.is_erased(kept.key)


def test_an_unknown_address_is_told() -> None:
    told = CliRunner().invoke(command, ["https://paper.example/none"])
    assert told.exit_code == 1
    assert "No article has the address" in told.output
