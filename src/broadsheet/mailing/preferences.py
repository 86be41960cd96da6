"""What a subscriber wishes: language, topics, the whole issue or a link, a subject that does not tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import to_locale

from broadsheet.issues.models import Newsletter
from broadsheet.mailing import consent
from broadsheet.mailing.models import Subscriber, Topic
from broadsheet.mailing.subscribing import note


@dataclass(frozen=True, slots=True)
class Wishes:
    """As a form says them. `topics` are the numbers of topics; none means all."""

    language: str = ""
    wants: str = "full"
    discreet: bool = False
    topics: tuple[int, ...] = ()

    def kept(self) -> dict[str, Any]:
        """As JSON keeps them."""
        return asdict(self) | {"topics": list(self.topics)}


def languages(newsletter: Newsletter) -> list[tuple[str, str]]:
    """The languages that a reader may choose, each with its own name; the newsletter's first."""
    tags = [newsletter.language, *consent.form_of(newsletter).languages]
    return [(tag, language_name(tag)) for tag in dict.fromkeys(tags)]


def language_name(tag: str) -> str:
    """A language in its own words; the tag itself where nobody knows them."""
    try:
        name = Locale.parse(tag, sep="-").get_display_name()
    except (ValueError, UnknownLocaleError):
        name = None
    return name or tag


def spoken(tag: str) -> str:
    """The language of our own words to a reader of this one: theirs where we are translated, else English.

    A page or letter half in one language and half in another is worse than one in English.
    """
    # Hong Kong, Macau and Taiwan read what we call zh-Hant: Django knows which language stands in for which.
    for one in (tag, *LANG_INFO.get(tag.lower(), {}).get("fallback", ())):
        name = to_locale(one)
        for folder in settings.LOCALE_PATHS:
            for known in (name, name.partition("_")[0]):
                if (Path(folder) / known / "LC_MESSAGES" / "django.mo").exists():
                    return str(one)
    return "en"


def read(newsletter: Newsletter, form: Mapping[str, Any], topics: list[str]) -> Wishes:
    """Wishes out of what a form or a kept one says. What the newsletter does not offer falls away."""
    offered = {tag for tag, _name in languages(newsletter)}
    language = str(form.get("language") or "")
    wants = str(form.get("wants") or "full")
    numbers = [int(one) for one in topics if one.isdecimal() and len(one) < 12]
    known = Topic.objects.filter(newsletter=newsletter, pk__in=numbers)
    return Wishes(
        language=language if language in offered else "",
        wants=wants if wants in Subscriber.Wants.values else "full",
        discreet=bool(form.get("discreet")),
        topics=tuple(sorted(known.values_list("pk", flat=True))) if numbers else (),
    )


def of(subscriber: Subscriber) -> Wishes:
    """What they wish now."""
    return Wishes(
        subscriber.language,
        subscriber.wants,
        subscriber.discreet,
        tuple(sorted(subscriber.topics.values_list("pk", flat=True))),
    )


@transaction.atomic
def choose(subscriber: Subscriber, wishes: Wishes, now: datetime) -> bool:
    """Keep their wishes. False where nothing was new."""
    if wishes == of(subscriber):
        return False
    subscriber.language, subscriber.wants = wishes.language, wishes.wants
    subscriber.discreet = wishes.discreet
    subscriber.save(update_fields=["language", "wants", "discreet"])
    subscriber.topics.set(wishes.topics)
    note(subscriber, "chose", now, words(subscriber, wishes))
    return True


def words(subscriber: Subscriber, wishes: Wishes) -> str:
    """Wishes as a line for the history."""
    said = [
        language_name(wishes.language or subscriber.newsletter.language),
        _("the whole issue") if wishes.wants == "full" else _("a link only"),
    ]
    if wishes.discreet:
        said.append(_("a discreet subject"))
    if wishes.topics:
        said.append(_("%(n)d topics") % {"n": len(wishes.topics)})
    return ", ".join(said)
