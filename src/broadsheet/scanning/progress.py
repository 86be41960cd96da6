"""A line on the terminal while archives are scanned: files, pages, bytes, time left."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field

from broadsheet.scanning.files import Part
from broadsheet.wire.scan import Funnel


@dataclass
class Progress:
    """Counts what is done. `total` is of packed bytes, 0 where that is not known.

    `before_files` and `before_bytes` were scanned by an earlier run: they say nothing of the speed.
    """

    total: int
    files: int
    begun: float = field(default_factory=time.monotonic)
    done_files: int = 0
    done_bytes: int = 0
    before_files: int = 0
    before_bytes: int = 0
    pages: int = 0
    shown: bool = field(default_factory=sys.stderr.isatty)

    def begin(self) -> None:
        """Show the line before the first file is done, which may take minutes."""
        self._show(0, 0)

    def done(self, part: Part, size: int) -> None:
        """A file is done."""
        self.done_files += 1
        self.done_bytes += size
        if part.before:
            self.before_files += 1
            self.before_bytes += size
        self.pages += part.funnel.steps["records"].out
        self._show(self.pages, self.done_bytes)

    def within(self, funnel: Funnel, place: int) -> None:
        """So far within the file that is being scanned."""
        self._show(self.pages + funnel.steps["records"].out, self.done_bytes + place)

    def sampled(self, done: int, of: int) -> None:
        """So many of the sample's pages have been read in full."""
        if self.shown:
            end = "\n" if done == of else ""
            sys.stderr.write(f"\rsample: {done:,} of {of:,} pages read in full\x1b[K{end}")
            sys.stderr.flush()

    def stopped(self) -> str:
        """What is said to somebody who stopped the scan."""
        return (
            f"Stopped. {self.done_files:,} of {self.files:,} archives are done; the same command goes on "
            "with the others."
        )

    def end(self) -> None:
        """Leave the line as it is."""
        if self.shown:
            sys.stderr.write("\n")

    def words(self, pages: int, so_far: int, seconds: float) -> str:
        """The line."""
        said = f"{self.done_files:,} of {self.files:,} archives, {pages:,} pages, {so_far / 1e6:,.0f} MB"
        fresh = so_far - self.before_bytes
        if not self.total or fresh <= 0 or not seconds:
            return said
        left = max(0, self.total - so_far) / fresh * seconds
        return (
            f"{said} of {self.total / 1e6:,.0f} ({fresh / seconds / 1e6:,.1f} a second), "
            f"{int(left) // 3600}:{int(left) // 60 % 60:02}:{int(left) % 60:02} left"
        )

    def _show(self, pages: int, so_far: int) -> None:
        if self.shown:
            line = self.words(pages, so_far, time.monotonic() - self.begun)
            sys.stderr.write(f"\r{line} \x1b[K")
            sys.stderr.flush()
