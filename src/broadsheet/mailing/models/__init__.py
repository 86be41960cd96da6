"""The tables of the mailing: subscribers on one side, dispatches on the other."""

from broadsheet.mailing.models.dispatches import (
    Delivery,
    Dispatch,
    MailDomain,
    MailService,
)
from broadsheet.mailing.models.reads import WebReads
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
    Trace,
    Words,
)

__all__ = (
    "Attempt",
    "Consent",
    "Delivery",
    "Dispatch",
    "Happening",
    "Import",
    "MailDomain",
    "MailService",
    "Proof",
    "SignUpForm",
    "Subscriber",
    "Suppression",
    "Topic",
    "Trace",
    "WebReads",
    "Words",
)
