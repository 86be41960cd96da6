"""The tables of the mailing: subscribers on one side, dispatches on the other."""

from broadsheet.mailing.models.subscribers import (
    Attempt,
    Consent,
    Happening,
    Import,
    Proof,
    SignUpForm,
    Subscriber,
    Suppression,
    Topic,
    Words,
)

__all__ = (
    "Attempt",
    "Consent",
    "Happening",
    "Import",
    "Proof",
    "SignUpForm",
    "Subscriber",
    "Suppression",
    "Topic",
    "Words",
)
