"""What editors type about subscribers, checked."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from broadsheet.desk.forms import DeskForm
from broadsheet.mailing import preferences
from broadsheet.mailing.models import SignUpForm, Topic

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class AddForm(DeskForm):
    """One subscriber by hand."""

    address = forms.CharField(label=gettext_lazy("Mail address"), max_length=320)
    way = forms.ChoiceField(
        label=gettext_lazy("How"),
        choices=[
            ("ask", gettext_lazy("Send them a letter with a link to confirm")),
            ("write down", gettext_lazy("They agreed already, by word or on paper")),
        ],
        initial="ask",
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=gettext_lazy("What they agree to"), widget=forms.Textarea(attrs={"rows": 3})
    )
    how = forms.CharField(
        label=gettext_lazy("Where and when they agreed"),
        required=False,
        max_length=150,
        help_text=gettext_lazy("Such as: on the list at our table, Harbour Fair, 3 May."),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("way") == "write down" and not given.get("how"):
            self.add_error("how", _("Say where and when, since it may be asked one day."))
        return given


class SignUpSettings(DeskForm):
    """The sign-up form of a newsletter."""

    open = forms.BooleanField(label=gettext_lazy("Readers can sign up"), required=False)
    intro = forms.CharField(
        label=gettext_lazy("What they will get, and how often"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    words = forms.CharField(
        label=gettext_lazy("What they agree to"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Leave it empty for our words, in the reader’s language."),
    )
    languages = forms.CharField(
        label=gettext_lazy("Other languages to choose from"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("Their tags, with commas: zh-Hant, th, tl."),
    )
    topics = forms.CharField(
        label=gettext_lazy("Topics to choose from, one on each line"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("A topic that is taken out is taken from all who chose it."),
    )

    @classmethod
    def of(cls, kept: SignUpForm) -> SignUpSettings:
        """The form as it is kept."""
        names = [topic.name for topic in kept.newsletter.topics.all()]
        return cls(
            initial={
                "open": kept.open,
                "intro": kept.intro,
                "words": kept.words,
                "languages": ", ".join(kept.languages),
                "topics": "\n".join(names),
            }
        )

    def clean_languages(self) -> list[str]:
        tags = [tag.strip() for tag in self.cleaned_data["languages"].split(",") if tag.strip()]
        for tag in tags:
            if not _TAG.fullmatch(tag) or preferences.language_name(tag) == tag:
                raise forms.ValidationError(
                    _("“%(tag)s” is no language’s tag; en, zh-Hant or th are.") % {"tag": tag}
                )
        return tags

    def keep(self, kept: SignUpForm) -> None:
        """Write the form down. Topics keep their subscribers as long as their names stay."""
        given = self.cleaned_data
        for name in ("open", "intro", "words", "languages"):
            setattr(kept, name, given[name])
        kept.save()
        names = [line.strip()[:100] for line in given["topics"].splitlines() if line.strip()]
        Topic.objects.filter(newsletter=kept.newsletter).exclude(name__in=names).delete()
        for at, name in enumerate(dict.fromkeys(names)):
            Topic.objects.update_or_create(
                newsletter=kept.newsletter, name=name, defaults={"position": at}
            )


class FileForm(DeskForm):
    """A list of subscribers."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV in any encoding, or the zip that Mailchimp’s audience export gives."
        ),
    )
    says = forms.ChoiceField(
        label=gettext_lazy("Where the file does not say it, its addresses are"),
        choices=[
            ("subscribed", gettext_lazy("subscribed")),
            ("left", gettext_lazy("unsubscribed: never write to them")),
            ("cleaned", gettext_lazy("bounced: no mail gets there")),
        ],
    )
