"""The form of the house style. Colours are checked pair by pair, so that each mistake stands at its field."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from broadsheet.desk.forms import DeskForm
from broadsheet.issues import pictures
from broadsheet.press.house import CONTRAST, PAIRS, House, contrast

_WORDS: dict[str, str | Promise] = {
    "ink": lazy("Words"),
    "soft": lazy("Dates, sources, credits"),
    "accent": lazy("Links and headings"),
    "paper": lazy("The paper"),
    "ground": lazy("Around the paper"),
    "rule": lazy("Lines"),
    "night_ink": lazy("Words, on dark screens"),
    "night_soft": lazy("Dates, sources, credits, on dark screens"),
    "night_accent": lazy("Links and headings, on dark screens"),
    "night": lazy("The paper, on dark screens"),
    "night_ground": lazy("Around the paper, on dark screens"),
    "night_rule": lazy("Lines, on dark screens"),
}
_COLOUR = RegexValidator(r"^#[0-9a-fA-F]{6}$", lazy("Write a colour as #8f2419."))
LOGO_WIDTH = 160  # CSS pixels, as shown: the press's own default
LOGO_HEIGHT = 240  # more would push the issue off the first screen of a phone


class _Colour(forms.TextInput):
    """The browser's own choice of a colour, which always has one: HTML knows no `required` for it."""

    input_type = "color"

    def use_required_attribute(self, initial: object) -> bool:
        return False


class HouseForm(DeskForm):
    """What an organisation may choose."""

    name = forms.CharField(
        label=lazy("Name of the newsletter"),
        max_length=200,
        help_text=lazy(
            "Stands at the head of every issue from now on; issues that are out keep theirs."
        ),
    )
    organisation = forms.CharField(
        label=lazy("Organisation"),
        max_length=200,
        required=False,
        help_text=lazy("Stands at the end of every print."),
    )
    address = forms.CharField(
        label=lazy("Postal address"),
        max_length=300,
        required=False,
        help_text=lazy("Mail to many people must carry one, by the law of most places."),
    )
    hotline = forms.CharField(
        label=lazy("Hotline box"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "data-rich": ""}),
        help_text=lazy("Whom to call. It is in every print, whatever else is in it."),
    )
    footer = forms.CharField(
        label=lazy("Lines at the end"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=lazy("Plain words, each line a line."),
    )
    file = forms.FileField(
        label=lazy("Logo"),
        required=False,
        max_length=200,
        widget=forms.FileInput(
            attrs={"accept": "image/jpeg,image/png,image/webp,image/avif,image/gif"}
        ),
        help_text=lazy(
            "With a ground of its own, not see-through: some mail programs turn everything dark "
            "around it. It stands above the mail and the web page."
        ),
    )
    logo_alt = forms.CharField(
        label=lazy("What the logo says"),
        max_length=200,
        required=False,
        help_text=lazy("For readers who do not see it. The organisation’s name, if left empty."),
    )
    no_logo = forms.BooleanField(label=lazy("Take the logo out"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, words in _WORDS.items():
            self.fields[name] = forms.CharField(
                label=words,  # type: ignore[arg-type]  # the stubs know no lazy labels
                validators=[_COLOUR],
                widget=_Colour,
            )

    @classmethod
    def of(cls, house: House, name: str = "") -> HouseForm:
        """The form filled with a style, and the newsletter's name."""
        kept = {field.name: getattr(house, field.name) for field in fields(House)}
        return cls(initial=kept | {"name": name, "footer": "\n".join(house.footer)})

    def style(self, before: House) -> dict[str, Any]:
        """The style as `issues.house.lay_down` takes it. Keeps the logo; PictureError where it is none."""
        given = {k: v for k, v in self.cleaned_data.items() if k not in ("name", "file", "no_logo")}
        given["footer"] = [line.strip() for line in given["footer"].splitlines() if line.strip()]
        if self.cleaned_data["no_logo"]:
            return given | {"logo": None, "logo_height": None}
        if not self.cleaned_data["file"]:
            kept = ("logo", "logo_width", "logo_height")
            return given | {name: getattr(before, name) for name in kept}
        made = pictures.uploaded(self.cleaned_data["file"])
        shrink = min(1.0, LOGO_WIDTH / made["width"], LOGO_HEIGHT / made["height"])
        return given | {
            "logo": made["url"],
            "logo_width": max(1, round(made["width"] * shrink)),
            "logo_height": max(1, round(made["height"] * shrink)),
        }

    def light(self) -> list[forms.BoundField]:
        return [self[name] for name in _WORDS if not name.startswith("night")]

    def dark(self) -> list[forms.BoundField]:
        return [self[name] for name in _WORDS if name.startswith("night")]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name, ground in PAIRS:
            if name in given and ground in given:
                ratio = contrast(given[name], given[ground])
                if ratio < CONTRAST:
                    said = _(
                        "On “%(ground)s” it has a contrast of %(ratio).1f to 1. Readers with weak "
                        "sight need %(least)s: take a darker or a lighter one."
                    )
                    words = {"ground": _WORDS[ground], "ratio": ratio, "least": CONTRAST}
                    self.add_error(name, said % words)
        return given
