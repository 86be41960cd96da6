"""Keeps the data of the present version, so that every later one is tested to open them.

    python -m tests.keeping.keep_version

Run it once for each version that is released, before its tag, and commit the file it names. The rows are
invented; its key stands in conftest.py and protects nothing.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from broadsheet import __version__
from tests.keeping.conftest import filled

KEPT = Path(__file__).parent / "kept"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = filled(Path(folder) / "desk")
        desk.run("backup", "--to", folder)
        (made,) = Path(folder).glob("broadsheet-*.tar.age")
        target = KEPT / f"{__version__}.tar.age"
        target.write_bytes(made.read_bytes())
    sys.stdout.write(f"{target} ({target.stat().st_size:,} bytes)\n")


if __name__ == "__main__":
    main()
