"""Withdrawn words out of every table: whatever a model keeps as text or JSON, also models made later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction

from broadsheet.issues.models import Edition, Filed, Mark, Subject, Tally, Withdrawal
from broadsheet.issues.withdrawing.seeking import Seeker

_AT_ONCE = 500
# What says that something was withdrawn, and what is made anew from the editions.
_NOT = (Mark, Withdrawal, Filed, Subject, Tally)


@dataclass(frozen=True, slots=True)
class Held:
    """A row that holds withdrawn words: its table in words, its key, and its fields."""

    model: type[models.Model]
    pk: Any
    fields: tuple[str, ...]

    @property
    def table(self) -> str:
        return str(self.model._meta.verbose_name_plural)


def _models() -> list[type[models.Model]]:
    ours = [one for one in apps.get_models() if one.__module__.startswith("broadsheet.")]
    return [one for one in ours if one not in _NOT and one._meta.managed]


def _fields(model: type[models.Model]) -> list[str]:
    """Its fields that people or pages filled: not keys, not choices, not hashes."""
    kinds = (models.CharField, models.TextField, models.JSONField)
    return [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, kinds)
        and not field.primary_key
        and not field.choices
        and not field.name.endswith(("hash", "sha256"))
    ]


def rows(seeker: Seeker) -> Iterator[tuple[Held, dict[str, Any]]]:
    """Every row that holds withdrawn words, with what it would say instead. Writes nothing."""
    for model in _models():
        names = _fields(model)
        if not names:
            continue
        for pk, *values in (
            model._default_manager.order_by("pk").values_list("pk", *names).iterator(_AT_ONCE)
        ):
            new = {}
            for name, value in zip(names, values, strict=True):
                less = cleaned(value, seeker)
                if less != value:
                    new[name] = less
            if new:
                yield Held(model, pk, tuple(new)), new


def cleaned(value: Any, seeker: Seeker) -> Any:
    """A kept value without the words; in JSON an address that held them is null."""
    if isinstance(value, str):
        return seeker.without(value) if value else value
    if isinstance(value, list):
        return [cleaned(one, seeker) for one in value]
    if isinstance(value, dict):
        out = {}
        for key, one in value.items():
            less = cleaned(one, seeker)
            gone = less == "" and one != "" and key in ("url", "source_url", "image")
            out[seeker.without(key)] = None if gone else less
        return out
    return value


def rewrite(seeker: Seeker) -> list[Held]:
    """Take the words out of every row. In the caller's transaction."""
    changed = []
    for held, new in list(rows(seeker)):
        changed.append(held)
        if "url" in new and any(f.name == "url_hash" for f in held.model._meta.concrete_fields):
            # Known by the hash of an address that must not be known: made anew where it is needed.
            held.model._default_manager.filter(pk=held.pk).delete()
            continue
        _update(held, new)
    return changed


def _update(held: Held, new: dict[str, Any]) -> None:
    row = held.model._default_manager.filter(pk=held.pk)
    for name, value in new.items():
        most = getattr(held.model._meta.get_field(name), "max_length", None)
        if isinstance(value, str) and most and len(value) > most:
            new[name] = value[:most]
    try:
        with transaction.atomic():
            row.update(**new)
    except IntegrityError:  # two rows that say the same now: the key tells them apart
        row.update(
            **{
                name: f"{value} {held.pk}" if isinstance(value, str) else value
                for name, value in new.items()
            }
        )


def editions_of(changed: list[Held]) -> list[int]:
    """The editions among changed rows."""
    return [held.pk for held in changed if held.model is Edition]
