"""The encrypted stream: what is opened is what was locked, or it is refused in words."""

from __future__ import annotations

import io
import os
import pty
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.keeping import sealed
from broadsheet.keeping.errors import KeepingError

KEY = "one-two-three"
FAST = 4  # 2 ** 4 rounds: tests lock hundreds of times


def locked(data: bytes, *, piece: int = 10_000, key: str = KEY) -> bytes:
    out = io.BytesIO()
    writer = sealed.Writer(out, key, work=FAST)
    for at in range(0, len(data), piece):
        writer.write(data[at : at + piece])
    writer.close()
    return out.getvalue()


def opened(data: bytes, key: str = KEY) -> bytes:
    return sealed.Reader(io.BytesIO(data), key, at="a.tar.age").read()


@given(st.integers(0, 3 * sealed.CHUNK + 2), st.integers(700, 100_000))
def test_what_is_locked_is_opened_whatever_its_length_and_pieces(length: int, piece: int) -> None:
    data = os.urandom(length)
    assert opened(locked(data, piece=piece)) == data


@pytest.mark.parametrize(
    "length", [sealed.CHUNK - 1, sealed.CHUNK, sealed.CHUNK + 1, 2 * sealed.CHUNK]
)
def test_the_edges_of_chunks_are_kept(length: int) -> None:
    assert opened(locked(b"x" * length)) == b"x" * length


_WHOLE = locked(os.urandom(2 * sealed.CHUNK + 100))


@given(st.integers(0, len(_WHOLE) - 1))
def test_a_file_cut_anywhere_is_refused(length: int) -> None:
    with pytest.raises(KeepingError, match=r"not whole|not a backup"):
        opened(_WHOLE[:length])


@given(st.integers(0, len(_WHOLE) - 1), st.integers(1, 255))
def test_a_file_changed_in_any_byte_is_refused(at: int, by: int) -> None:
    changed = bytearray(_WHOLE)
    changed[at] ^= by
    with pytest.raises(KeepingError):
        opened(bytes(changed))


def test_chunks_that_change_places_or_come_after_the_end_are_refused() -> None:
    head = len(locked(b"")) - 16
    step = sealed.CHUNK + 16
    first, second = _WHOLE[head : head + step], _WHOLE[head + step : head + 2 * step]
    with pytest.raises(KeepingError, match="damaged"):
        opened(_WHOLE[:head] + second + first + _WHOLE[head + 2 * step :])
    with pytest.raises(KeepingError):
        opened(_WHOLE + b"more")


def test_a_wrong_key_is_refused_with_words() -> None:
    with pytest.raises(KeepingError, match="cannot be opened with this key") as refused:
        opened(_WHOLE, "another")
    assert "mistyped" in str(refused.value)


def test_a_key_that_we_make_can_be_typed_and_is_never_the_same() -> None:
    keys = {sealed.new_key() for _ in range(200)}
    assert len(keys) == 200
    assert all(len(key) == 29 and not set(key) & set("01lo") for key in keys)


@pytest.mark.skipif(shutil.which("age") is None, reason="age is not installed")
def test_the_age_of_the_machine_opens_what_we_lock(tmp_path: Path) -> None:
    data = os.urandom(sealed.CHUNK + 5)
    (tmp_path / "a.age").write_bytes(locked(data))
    run_age(["age", "-d", "-o", str(tmp_path / "out"), str(tmp_path / "a.age")], KEY)
    assert (tmp_path / "out").read_bytes() == data


@pytest.mark.skipif(shutil.which("age") is None, reason="age is not installed")
def test_we_open_what_the_age_of_the_machine_locks(tmp_path: Path) -> None:
    data = os.urandom(2 * sealed.CHUNK)
    (tmp_path / "in").write_bytes(data)
    run_age(["age", "-p", "-o", str(tmp_path / "a.age"), str(tmp_path / "in")], KEY, KEY)
    assert opened((tmp_path / "a.age").read_bytes()) == data


def run_age(command: list[str], *answers: str) -> None:
    """age reads a passphrase from a terminal alone, so it gets one."""
    ours, its = pty.openpty()
    # `setsid --ctty` makes the terminal the run's own.
    with subprocess.Popen(["setsid", "--ctty", "--wait", *command], stdin=its, stdout=its, stderr=its) as run:  # fmt: skip
        os.close(its)
        for answer in answers:
            told = b""
            while b"passphrase" not in told:
                told += os.read(ours, 1000)
            os.write(ours, answer.encode() + b"\n")
        while run.poll() is None:
            try:
                os.read(ours, 1000)
            except OSError:
                break
        assert run.wait(30) == 0
    os.close(ours)
