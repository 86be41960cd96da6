"""The database is in memory before the first reader asks, where there is room for it."""

from __future__ import annotations

from pathlib import Path

from broadsheet.keeping import warming


def test_a_file_is_read_ahead_where_it_fits_and_left_where_it_would_push_out_the_rest(
    tmp_path: Path,
) -> None:
    path = tmp_path / "desk.sqlite3"
    path.write_bytes(b"x" * 3_000_000)
    assert warming._read_ahead(path, free=6_000_000) == 3_000_000
    assert warming._read_ahead(path, free=5_999_999) == 0
    assert warming._read_ahead(tmp_path / "none", free=6_000_000) == 0
    assert path.read_bytes() == b"x" * 3_000_000
