"""YAML read with its places, so that a mistake in a beat is told by file, line and field."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from broadsheet.wire.errors import BeatError

# libyaml where it is built in: 10 times faster.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Marked:
    """A node of a YAML file that knows where it stands.

    Every getter raises BeatError ("... : taxonomy.yaml, line 12, form[3].strong") where the node is
    missing or of another kind, so that callers check nothing.
    """

    def __init__(self, node: Any, file: str, path: str = "") -> None:
        self._node = node
        self._file = file
        self.path = path

    @classmethod
    def load(cls, file: Path) -> Marked:
        """The root of a file, which must be a mapping."""
        try:
            node = yaml.compose(file.read_text(encoding="utf-8"), Loader=_Loader)
        except FileNotFoundError as error:
            raise BeatError(
                "The beat lacks a file",
                at=str(file),
                hint="See docs/beat.md for what a beat holds.",
            ) from error
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise BeatError("The file is not YAML in UTF-8", at=str(file)) from error
        if not isinstance(node, yaml.MappingNode):
            raise BeatError("The file must hold keys and values", at=str(file))
        return cls(node, file.name)

    @property
    def where(self) -> str:
        return f"{self._file}, line {self._node.start_mark.line + 1}" + (
            f", {self.path}" if self.path else ""
        )

    def wrong(self, what: str, hint: str = "") -> BeatError:
        """The error to raise about this node."""
        return BeatError(what, at=self.where, hint=hint)

    def keys(self) -> list[str]:
        self._must(yaml.MappingNode, "a mapping")
        return [str(key.value) for key, _ in self._node.value]

    def only(self, *allowed: str) -> Marked:
        """Refuse keys that nobody reads: they are slips of the pen."""
        for key, _ in self._pairs():
            if key.value not in allowed:
                raise Marked(key, self._file, self.path).wrong(
                    f"Unknown key {key.value!r}", f"Known here: {', '.join(allowed)}."
                )
        return self

    def __contains__(self, key: str) -> bool:
        return any(name.value == key for name, _ in self._pairs())

    def __getitem__(self, key: str) -> Marked:
        for name, value in self._pairs():
            if name.value == key:
                return Marked(value, self._file, f"{self.path}.{key}" if self.path else key)
        raise self.wrong(f"`{key}` is missing")

    def get(self, key: str) -> Marked | None:
        return self[key] if key in self else None

    def __iter__(self) -> Iterator[Marked]:
        self._must(yaml.SequenceNode, "a list")
        for index, value in enumerate(self._node.value):
            yield Marked(value, self._file, f"{self.path}[{index}]")

    def items(self) -> Iterator[tuple[str, Marked]]:
        for name, value in self._pairs():
            yield name.value, Marked(value, self._file, f"{self.path}.{name.value}".lstrip("."))

    def string(self, key: str, default: str | None = None) -> str:
        node = self.get(key) if default is not None else self[key]
        return node.text() if node is not None else (default or "")

    def strings(self, key: str) -> tuple[str, ...]:
        """A list of strings; empty where the key is missing."""
        node = self.get(key)
        return tuple(item.text() for item in node) if node is not None else ()

    def flag(self, key: str, default: bool) -> bool:
        node = self.get(key)
        value = default if node is None else node.plain()
        if not isinstance(value, bool):
            raise self[key].wrong(f"`{key}` must be true or false")
        return value

    def text(self) -> str:
        value = self.plain()
        if not isinstance(value, str):
            raise self.wrong(f"A string is wanted, not {value!r}", "Put it in quotation marks.")
        return value

    def plain(self) -> Any:
        """The node as plain Python values."""
        loader = yaml.SafeLoader("")
        try:
            return loader.construct_document(self._node)
        except yaml.YAMLError as error:
            raise self.wrong("The value cannot be read") from error
        finally:
            loader.dispose()

    def _pairs(self) -> list[tuple[Any, Any]]:
        self._must(yaml.MappingNode, "a mapping")
        pairs: list[tuple[Any, Any]] = self._node.value
        return pairs

    def _must(self, kind: type, name: str) -> None:
        if not isinstance(self._node, kind):
            raise self.wrong(f"{name.capitalize()} is wanted here")
