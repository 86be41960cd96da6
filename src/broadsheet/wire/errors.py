"""One shape for everything that goes wrong on the wire."""

from __future__ import annotations


class WireError(Exception):
    """Something on the wire failed. `str()` says what, where, the cause, and what to do next.

    what  the fact, in the past tense or the present: "The page has no text"
    at    the address, file or field it concerns
    hint  what a person can do about it
    """

    def __init__(self, what: str, *, at: str, hint: str = "") -> None:
        super().__init__(what, at, hint)
        self.what = what
        self.at = at
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        # It comes from other processes too, where only positional arguments would be given back.
        return _again, (type(self), self.what, self.at, self.hint), self.__dict__

    def __str__(self) -> str:
        cause = f" ({type(self.__cause__).__name__}: {self.__cause__})" if self.__cause__ else ""
        hint = f" {self.hint}" if self.hint else ""
        at = f": {self.at}" if self.at else ""
        return f"{self.what}{at}{cause}.{hint}"


def _again(kind: type[WireError], what: str, at: str, hint: str) -> WireError:
    return kind(what, at=at, hint=hint)


class CollectError(WireError):
    """An address could not be fetched, or what came is not what was expected there.

    reason   one of the words in `collect.health.REASONS`: "gone", "blocked", "timeout" ...
    wait     seconds that the server asked us to stay away; None where it said nothing
    links    addresses worth trying instead, such as the feeds that a page names
    """

    def __init__(
        self,
        what: str,
        *,
        at: str,
        hint: str = "",
        reason: str = "network",
        wait: float | None = None,
        links: tuple[str, ...] = (),
    ) -> None:
        super().__init__(what, at=at, hint=hint)
        self.reason = reason
        self.wait = wait
        self.links = links


class ReadError(WireError):
    """A page could not be read as an article."""


class BeatError(WireError):
    """A file of a beat has a mistake. `at` names file, line and field."""


class RowError(WireError):
    """A line of JSON Lines, or a part of an issue file, is not what the contract says."""
