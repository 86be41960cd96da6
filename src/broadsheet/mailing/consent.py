"""What somebody agreed to: the words, when and how. No address of a machine, no browser."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.utils.translation import gettext as _

from broadsheet.issues.models import Newsletter
from broadsheet.mailing.models import Consent, SignUpForm, Subscriber, Words


def kept(text: str) -> Words:
    """The row of these words; made where nobody agreed to them before."""
    text = text.strip()
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Words.objects.get_or_create(digest=digest, defaults={"text": text})[0]


def form_of(newsletter: Newsletter) -> SignUpForm:
    """The newsletter's sign-up form; a closed one, not kept, where nobody set it up yet."""
    return SignUpForm.objects.filter(newsletter=newsletter).first() or SignUpForm(
        newsletter=newsletter
    )


def words_for(form: SignUpForm) -> str:
    """What a reader of the sign-up form agrees to, in the language of the moment unless set by hand."""
    who = form.newsletter.organisation or form.newsletter.name
    return form.words or _(
        "I want to get %(newsletter)s by mail from %(who)s. I can stop at any time, "
        "with the link in every mail. My address is used for this alone and given to nobody."
    ) % {"newsletter": form.newsletter.name, "who": who}


def record(
    subscriber: Subscriber, basis: Subscriber.Basis, words: Words, at: datetime, how: str
) -> Consent:
    """Write down that they agreed."""
    return Consent.objects.create(
        subscriber=subscriber, basis=basis, words=words, at=at, how=how[:200]
    )


def filed(name: str) -> str:
    """How somebody agreed who came with a file of this name."""
    return (_("elsewhere; from the file %(name)s") % {"name": name})[:200]
