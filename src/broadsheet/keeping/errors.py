"""What goes wrong in keeping a desk."""

from broadsheet.wire.errors import WireError


class KeepingError(WireError):
    """A backup, a restore or an upgrade cannot go on. `str()` says what, where, and what to do."""
