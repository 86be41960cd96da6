"""What can be known of Windows and macOS on any machine: no module needs what only this system has."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src/broadsheet"
# Modules and names that Windows lacks (docs.python.org, "Availability: Unix").
MODULES = {"fcntl", "grp", "pwd", "pty", "resource", "syslog", "termios"}
NAMES = {
    "os": {"fork", "getuid", "geteuid", "killpg", "mkfifo", "pread", "pwrite", "setsid", "statvfs", "uname"},
    "signal": {"SIGALRM", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGUSR1", "SIGUSR2", "alarm"},
    "socket": {"AF_UNIX"},
}  # fmt: skip


def _unguarded(tree: ast.AST) -> Iterator[str]:
    """What a module takes from the system outside of `if`, `try` and `with suppress(...)`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If | ast.Try | ast.With | ast.IfExp):
            continue
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in MODULES:
            yield str(node.module)
        elif (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.attr in NAMES.get(node.value.id, ())
        ):
            yield f"{node.value.id}.{node.attr}"
        yield from _unguarded(node)


def test_nothing_that_windows_lacks_is_used_without_asking_first() -> None:
    found = [
        f"{path.relative_to(SOURCE)}: {name}"
        for path in sorted(SOURCE.rglob("*.py"))
        for name in _unguarded(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_text_files_are_read_and_written_as_utf_8_whatever_the_system_prefers() -> None:
    """Windows prefers a code page of its own: a Chinese name in a file would not come back."""
    found = [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("read_text", "write_text")
        and not any(word.arg == "encoding" for word in node.keywords)
        and len(node.args) < (1 if node.func.attr == "read_text" else 2)
    ]
    assert found == []
