"""The files of imports, in the desk's folder: what was uploaded, what was read of it, what was refused.

They hold addresses, so they are not kept for long: the upload and its reading until the import is
done or dropped, the refused rows for a week, for the editor to mend and bring again.
"""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from broadsheet.mailing.models import Import

REFUSED_FOR = timedelta(days=7)
UNDECIDED_FOR = timedelta(days=7)


def folder(made: Import) -> Path:
    """Where an import's files are; nobody but the desk's own user can read them."""
    path = Path(settings.HOME) / "imports" / made.uid
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def upload(made: Import) -> Path:
    """The file as it came."""
    return folder(made) / "upload"


def rows(made: Import) -> Path:
    """The rows that were read of it: an SQLite file of our own, so that memory stays flat."""
    return folder(made) / "rows.sqlite"


def refused(made: Import) -> Path:
    """Rows that could not be taken, with the reason: CSV."""
    return folder(made) / "refused.csv"


def let_go(made: Import) -> None:
    """The upload and its reading are needed no more."""
    upload(made).unlink(missing_ok=True)
    rows(made).unlink(missing_ok=True)


def forget(key: str) -> None:
    """Take an erased address out of the refused rows that are still kept."""
    for path in (Path(settings.HOME) / "imports").glob("*/refused.csv"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        kept = [line for line in lines if key not in line.casefold()]
        if len(kept) < len(lines):
            fresh = path.with_suffix(".new")
            fresh.write_text("".join(kept), encoding="utf-8")
            os.replace(fresh, path)  # noqa: PTH105 -- one step, so that no half file is ever there


def tidy(now: datetime) -> None:
    """Delete what was kept long enough; an import that nobody decided on is dropped."""
    Import.objects.filter(
        state__in=(Import.State.READY, Import.State.FAILED), made__lt=now - UNDECIDED_FOR
    ).update(state=Import.State.DROPPED, ended=now)
    over = Import.objects.filter(ended__lt=now - REFUSED_FOR) | Import.objects.filter(
        state=Import.State.DROPPED
    )
    for made in over:
        shutil.rmtree(Path(settings.HOME) / "imports" / made.uid, ignore_errors=True)
