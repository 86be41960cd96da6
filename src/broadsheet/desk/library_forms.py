"""What editors type about the library and the TIP Report, checked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from broadsheet.desk import shown
from broadsheet.desk.forms import DeskForm
from broadsheet.library.entering import FIRST
from broadsheet.library.models import Resource
from broadsheet.wire import dates
from broadsheet.wire.dates import When
from broadsheet.wire.model import row

_LARGEST = 1_000_000  # bytes of a file of tiers: an edition has some 5,000


class ResourceForm(DeskForm):
    """One resource of the shelf."""

    title = forms.CharField(label=_("Title"), max_length=500)
    publisher = forms.CharField(label=_("Publisher"), max_length=200)
    kind = forms.CharField(
        label=_("Kind"), max_length=20, help_text=_("report, handbook, training, page, toolkit ...")
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One or two sentences, in our own words."),
    )
    sectors = forms.MultipleChoiceField(
        label=_("Sectors"), widget=forms.SelectMultiple(attrs={"size": 8})
    )
    date = forms.CharField(
        label=_("Date"),
        required=False,
        max_length=60,
        help_text=_("As exact as it is known: 21 June 2019, June 2019 or 2019."),
    )
    url = forms.URLField(label=_("Address"), required=False, assume_scheme="https", max_length=2000)
    language = forms.RegexField(
        r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z",
        label=_("Language"),
        initial="en",
        max_length=16,
        help_text=_("As a tag: en, zh-Hant, fr."),
    )
    audience = forms.CharField(
        label=_("For whom"), required=False, max_length=120, help_text=_("Such as: cabin crew")
    )
    cost = forms.ChoiceField(
        label=_("Cost"),
        required=False,
        choices=[("", _("not known")), ("free", _("free of charge")), ("paid", _("costs money"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = shown.beat().taxonomy.axes.get("sector", ())
        self.fields["sectors"].choices = [(one.code, one.label) for one in codes]  # type: ignore[attr-defined]

    @classmethod
    def of(cls, resource: Resource) -> ResourceForm:
        words = {name: getattr(resource, name) for name in cls.base_fields}
        return cls(initial=words | {"date": shown.typed(resource.date)})

    def clean_date(self) -> dict[str, Any] | None:
        return _when(self.cleaned_data["date"])


class EditionForm(DeskForm):
    """A new edition of the TIP Report, as a file or as pasted lines."""

    year = forms.IntegerField(label=_("Edition of"), min_value=FIRST, max_value=2200)
    source = forms.CharField(
        label=_("Where it was read"), max_length=300, help_text=_("The address, and the day.")
    )
    file = forms.FileField(label=_("CSV file"), required=False)
    lines = forms.CharField(
        label=_("Or paste its lines"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("One place a line: country or three letters, and tier. “Hong Kong, 2WL”."),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        file = given.get("file")
        if file:
            if file.size > _LARGEST:
                raise forms.ValidationError(_("The file is larger than 1 MB: an edition is not."))
            try:
                given["lines"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise forms.ValidationError(
                    _("The file is no text in UTF-8. Save it as “CSV UTF-8”.")
                ) from error
        if not self.errors and not str(given.get("lines", "")).strip():
            raise forms.ValidationError(_("Choose a file or paste lines."))
        return given


class HighlightForm(DeskForm):
    """What a highlight says besides the tier."""

    released = forms.CharField(
        label=_("Released on"), required=False, max_length=60, help_text=_("Such as: 20 June 2019")
    )
    url = forms.URLField(
        label=_("Address of the report"), required=False, assume_scheme="https", max_length=2000
    )

    def clean_released(self) -> When | None:
        typed = self.cleaned_data["released"].strip()
        found = dates.typed(typed) if typed else None
        if typed and found is None:
            raise forms.ValidationError(_NO_DATE)
        return found


_NO_DATE = _("This date cannot be read. Write 21 June 2019, June 2019 or 2019.")


def _when(typed: str) -> dict[str, Any] | None:
    if not typed.strip():
        return None
    found = dates.typed(typed.strip())
    if found is None:
        raise forms.ValidationError(_NO_DATE)
    kept: dict[str, Any] = row(found)
    return kept
