"""The detector of languages, and a place where its model lies ready.

py3langid unpacks its model into 75 MB of memory of each process's own, of which a text touches little.
Where a folder is named (`keep_in`), the model is unpacked into a file there, once, and mapped: all
processes share what they touch of it, and the system may take it back. It also spares a third of a second.
"""

from __future__ import annotations

import contextlib
import functools
import lzma
import os
import shutil
import tempfile
import zipfile
from importlib import metadata
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

_folder: Path | None = None


def keep_in(folder: Path | None) -> None:
    """From now on the model lies in this folder; None for in memory. Before the first text is looked at."""
    global _folder  # noqa: PLW0603 -- one model serves a process
    _folder = folder


def kept_in() -> Path | None:
    return _folder


@functools.lru_cache(maxsize=1)
def detector() -> Any:
    """The detector; its model is loaded at the first call."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - 0.3 s to load, once

    if _folder is not None:
        with contextlib.suppress(
            OSError
        ):  # a folder that cannot be written, a full disk: from memory
            made = _unpacked(_folder)
            try:
                return _mapped(made)
            except (ValueError, KeyError, zipfile.BadZipFile):  # broken: made anew the next time
                made.unlink(missing_ok=True)
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _unpacked(folder: Path) -> Path:
    """The model as a file of plain arrays, made where it is not there yet."""
    from py3langid.langid import MODEL_DIR, MODEL_FILE  # noqa: PLC0415 - as above

    made = folder / f"languages-{metadata.version('py3langid')}.npz"
    if made.exists():
        return made
    folder.mkdir(exist_ok=True)
    # Not named by the process alone: two containers with one folder may count theirs alike
    number, name = tempfile.mkstemp(dir=folder, prefix=f".{made.name}.")
    part = Path(name)
    try:
        with lzma.open(MODEL_DIR / MODEL_FILE) as packed, os.fdopen(number, "wb") as file:
            shutil.copyfileobj(packed, file, 1 << 20)
            file.flush()
            os.fsync(file.fileno())
        part.replace(made)
    finally:
        part.unlink(missing_ok=True)
    for other in folder.glob("languages-*.npz"):
        if other != made:
            other.unlink(missing_ok=True)
    return made


def _mapped(file: Path) -> Any:
    """The detector over a mapped model: the same numbers, by the same code."""
    from py3langid.langid import LanguageIdentifier  # noqa: PLC0415 - as above

    with zipfile.ZipFile(file) as archive, file.open("rb") as raw:
        at = {name: _array(archive.getinfo(f"{name}.npy"), raw, file) for name in _ARRAYS}
    return LanguageIdentifier(
        at["ptc"],
        at["pc"].copy(),
        at["classes"].tolist(),
        at["nextmove"].data,  # py3langid looks at single numbers: quicker so than in an array
        at["out_feat"].tolist(),
        norm_probs=True,
        tk_row=at["nextmove_row"].tolist(),
    )


_ARRAYS = ("ptc", "pc", "classes", "nextmove", "nextmove_row", "out_feat")


def _array(entry: zipfile.ZipInfo, raw: IO[bytes], file: Path) -> npt.NDArray[Any]:
    """An array of an archive whose entries are not packed, mapped."""
    if entry.compress_type != zipfile.ZIP_STORED:
        raise ValueError("a packed array cannot be mapped")
    raw.seek(
        entry.header_offset + 26
    )  # APPNOTE 4.3.7: the lengths of name and extra field stand there
    lengths = raw.read(4)
    raw.seek(int.from_bytes(lengths[:2], "little") + int.from_bytes(lengths[2:], "little"), 1)
    version = np.lib.format.read_magic(raw)
    read = (
        np.lib.format.read_array_header_1_0
        if version == (1, 0)
        else np.lib.format.read_array_header_2_0
    )
    shape, turned, kind = read(raw)
    if turned:
        raise ValueError("an array in columns")
    return np.asarray(np.memmap(file, kind, "r", raw.tell(), shape))
