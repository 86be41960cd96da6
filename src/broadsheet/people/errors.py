"""What can be wrong about getting in or about who works here, in words for the person who tries."""


class DoorError(Exception):
    """Not let in, or not done: its text says why and what to do."""


class WaitError(DoorError):
    """Not looked at: there were too many tries, and its text says how long to wait."""
