"""What editors type, checked and turned into what the services take."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates

from broadsheet.desk import shown
from broadsheet.issues.models import Issue, Pick, Section
from broadsheet.wire import dates
from broadsheet.wire.model import row


class DeskRenderer(DjangoTemplates):
    """Fields as the desk prints them: label, help, the mistake in words, then the field."""

    field_template_name = "desk/field.html"


class DeskForm(forms.Form):
    default_renderer = DeskRenderer
    required_css_class = "required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The browser's own autocomplete offers last month's words: never wanted here.
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, (forms.HiddenInput, forms.CheckboxInput)):
                field.widget.attrs.setdefault("autocomplete", "off")


def _text(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


_MARKDOWN = "Paragraphs, [words](address), *emphasis*, **strong**, lists with a dash."


class PickForm(DeskForm):
    """One item of an issue. A picked story's headline is its outlet's and not here to change."""

    turn = forms.IntegerField(widget=forms.HiddenInput)
    headline = forms.CharField(
        label="Headline", max_length=500, error_messages={"required": "An item needs a headline."}
    )
    our_heading = forms.CharField(
        label="Our heading",
        required=False,
        max_length=500,
        help_text="Printed instead of the outlet’s headline. Leave it empty to print theirs.",
    )
    date = forms.CharField(
        label="Date",
        required=False,
        max_length=60,
        help_text="As exact as it is known: 21 June 2019, June 2019 or 2019.",
    )
    source = forms.CharField(label="Source", required=False, max_length=200)
    summary = forms.CharField(
        label="Summary", required=False, widget=_text(8), help_text=_MARKDOWN, strip=True
    )
    note = forms.CharField(
        label="Editor’s note",
        required=False,
        widget=_text(3),
        help_text="What you want to add. It is printed as yours, apart from the summary.",
    )
    content_note = forms.CharField(
        label="Content note",
        required=False,
        widget=_text(2),
        help_text="A warning before the item, such as “Describes violence against children”.",
    )
    footnotes = forms.CharField(
        label="Footnotes",
        required=False,
        widget=_text(2),
        help_text="One a line, such as “* Not her real name.”",
    )
    image_alt = forms.CharField(
        label="What the picture shows",
        required=False,
        max_length=500,
        help_text="Read aloud to those who do not see it.",
    )
    image_caption = forms.CharField(label="Caption", required=False, max_length=500)
    image_credit = forms.CharField(
        label="Credit", required=False, max_length=200, help_text="Such as “AFP, via SCMP”."
    )

    def __init__(self, *args: Any, pick: Pick, **kwargs: Any) -> None:
        self.pick = pick
        kwargs.setdefault("initial", initial(pick))
        super().__init__(*args, **kwargs)
        if pick.kind in (Pick.Kind.ARTICLE, Pick.Kind.RESOURCE) and (
            pick.story_id or pick.resource_id
        ):
            del self.fields["headline"]
        else:
            del self.fields["our_heading"]
        if not pick.images:
            for name in ("image_alt", "image_caption", "image_credit"):
                del self.fields[name]

    def clean_date(self) -> dict[str, Any] | None:
        raw = self.cleaned_data["date"]
        if not raw:
            return None
        if raw == shown.typed(self.pick.date):
            return self.pick.date  # untouched: keeps its minute, offset and what it rests on
        when = dates.typed(raw)
        if when is None:
            raise forms.ValidationError(
                f"“{raw}” cannot be read as one date. Write 21 June 2019, June 2019 or 2019; "
                "figures such as 3/4/2019 may be two dates."
            )
        kept: dict[str, Any] = row(when)
        return kept

    def clean_footnotes(self) -> list[str]:
        return [
            line.strip() for line in self.cleaned_data["footnotes"].splitlines() if line.strip()
        ]

    def words(self) -> dict[str, Any]:
        """What `compose.edit` takes, without the links, which are a form set of their own."""
        given: dict[str, Any] = {
            name: self.cleaned_data[name]
            for name in (
                "headline", "our_heading", "date", "source", "summary", "note", "content_note",
                "footnotes",
            )
            if name in self.fields
        }  # fmt: skip
        if "image_alt" in self.fields:
            first, *rest = [dict(image) for image in self.pick.images]
            for name in ("alt", "caption", "credit"):
                first[name] = self.cleaned_data[f"image_{name}"] or None
            given["images"] = [first, *rest]
        return given


def initial(pick: Pick) -> dict[str, Any]:
    image = pick.images[0] if pick.images else {}
    return {
        "turn": pick.turn,
        "headline": pick.headline,
        "our_heading": pick.our_heading,
        "date": shown.typed(pick.date),
        "source": pick.source,
        "summary": pick.summary,
        "note": pick.note,
        "content_note": pick.content_note,
        "footnotes": "\n".join(pick.footnotes),
        **{f"image_{name}": image.get(name) or "" for name in ("alt", "caption", "credit")},
    }


class LinkForm(DeskForm):
    """A labelled link. The address may be unknown, as in many a printed newsletter."""

    text = forms.CharField(label="Link words", required=False, max_length=300)
    url = forms.URLField(
        label="Address",
        required=False,
        max_length=2000,
        assume_scheme="https",
        error_messages={"invalid": "This is no web address. Begin it with https://"},
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("url") and not given.get("text"):
            self.add_error("text", "Say in words where the link leads.")
        return given


LinkForms = forms.formset_factory(LinkForm, extra=2, max_num=30)


def kept_links(links: Any) -> list[dict[str, str | None]]:
    """The links of a valid `LinkForms`, as an item keeps them; a form without words is no link."""
    return [
        {"text": form.cleaned_data["text"], "url": form.cleaned_data.get("url") or None}
        for form in links.forms
        if form.cleaned_data.get("text")
    ]


def links(pick: Pick) -> list[dict[str, str]]:
    """The links of an item as `LinkForms` begins with them."""
    return [
        {"text": str(link.get("text") or ""), "url": str(link.get("url") or "")}
        for link in pick.links
    ]


class PermitForm(DeskForm):
    """Why a picture may be printed, and until when."""

    turn = forms.IntegerField(widget=forms.HiddenInput)
    basis = forms.CharField(
        label="Permission rests on",
        max_length=300,
        help_text="Such as “our own picture”, “CC BY 4.0”, “mail from the agency, 3 June 2019”.",
        error_messages={"required": "Say on what the permission rests."},
    )
    until = forms.DateField(
        label="Good until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Leave it empty where it has no end.",
    )


class SectionForm(DeskForm):
    heading = forms.CharField(label="Heading", required=False, max_length=200)
    intro = forms.CharField(
        label="Introduction", required=False, widget=_text(3), help_text=_MARKDOWN
    )

    @classmethod
    def of(cls, section: Section) -> SectionForm:
        return cls(
            initial={"heading": section.heading, "intro": section.intro},
            auto_id=f"id_section{section.pk}_%s",
        )


class IssueForm(DeskForm):
    title = forms.CharField(
        label="Title",
        max_length=200,
        error_messages={"required": "An issue needs a title, such as “June 2019”."},
    )
    subject = forms.CharField(
        label="Subject of the mail",
        required=False,
        max_length=200,
        help_text="Leave it empty to use the newsletter’s name and the title.",
    )
    preview = forms.CharField(
        label="Preview line",
        required=False,
        max_length=300,
        help_text="What inboxes show after the subject.",
    )

    @classmethod
    def of(cls, issue: Issue) -> IssueForm:
        return cls(
            initial={"title": issue.title, "subject": issue.subject, "preview": issue.preview}
        )


class PasteForm(DeskForm):
    """Lines from a chat or a mail, each with a link."""

    lines = forms.CharField(
        label="Links, with or without words beside them",
        widget=_text(10),
        max_length=200_000,
        help_text="Paste as it is: chat messages, alerts, doubles. Each link is read and kept once.",
        error_messages={"required": "Paste at least one link."},
    )
    issue = forms.ModelChoiceField(
        label="Put them into",
        queryset=Issue.objects.filter(state=Issue.State.DRAFT).order_by("-month"),
        required=False,
        empty_label="the inbox only",
    )


class ByHandForm(DeskForm):
    """One article as an editor types it."""

    headline = forms.CharField(
        label="Headline, as printed",
        max_length=500,
        error_messages={"required": "An article needs a headline."},
    )
    url = forms.URLField(
        label="Address",
        required=False,
        max_length=2000,
        assume_scheme="https",
        error_messages={"invalid": "This is no web address. Begin it with https://"},
    )
    source = forms.CharField(label="Source", required=False, max_length=200)
    published = forms.CharField(
        label="Date",
        required=False,
        max_length=60,
        help_text="As exact as it is known: 21 June 2019, June 2019 or 2019.",
    )
    text = forms.CharField(
        label="Text, or the part that matters", required=False, widget=_text(6), max_length=200_000
    )


def line(given: str, most: int = 300) -> str:
    """One field that has no form of its own, without NUL, which PostgreSQL refuses."""
    return given.replace("\0", "").strip()[:most]


class DraftForm(DeskForm):
    month = forms.RegexField(
        label="Month",
        regex=r"^\d{4}-(0[1-9]|1[0-2])$",
        error_messages={
            "invalid": "Write the month like 2019-06.",
            "required": "Say which month, like 2019-06.",
        },
    )


class PublishForm(DeskForm):
    turn = forms.IntegerField(widget=forms.HiddenInput)
    read = forms.BooleanField(
        label="I have read the whole issue as it will go out.",
        error_messages={"required": "Read the issue first, then tick this box."},
    )


class FindForm(DeskForm):
    """The address of a site, a page or a feed."""

    url = forms.URLField(
        label="Address of the site or of its feed",
        max_length=2000,
        assume_scheme="https",
        error_messages={
            "required": "Write the address of the site.",
            "invalid": "This is no web address. Begin it with https://",
        },
    )


class SourceForm(DeskForm):
    """What was found, or a page to be watched, to be kept as a source."""

    name = forms.CharField(
        label="Name of the outlet, as readers see it",
        max_length=200,
        error_messages={"required": "A source needs its name."},
    )
    home = forms.CharField(required=False, max_length=1000, widget=forms.HiddenInput)
    selector = forms.CharField(
        label="Where its links stand (CSS selector)",
        required=False,
        max_length=300,
        help_text="Only for a page without a feed. Such as “h2 a”: the links in its headings.",
    )


class MailForm(DeskForm):
    """A mailbox with newsletters and alerts, or a folder of saved mails on this machine."""

    name = forms.CharField(
        label="Name",
        max_length=200,
        help_text="Such as “Alerts”. Each article keeps the name of its own outlet.",
        error_messages={"required": "Give it a name."},
    )
    folder = forms.CharField(
        label="Folder on this machine",
        required=False,
        max_length=1000,
        help_text="Of saved mails (.eml). Fill in either this or the mailbox.",
    )
    host = forms.CharField(
        label="Mail server (IMAP)",
        required=False,
        max_length=200,
        help_text="It is spoken to over TLS.",
    )
    user = forms.CharField(label="User name", required=False, max_length=200)
    password = forms.CharField(
        label="Password",
        required=False,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput,
        help_text="Kept in the desk’s database: use a mailbox made for this alone.",
    )
    box = forms.CharField(label="Mail folder", required=False, max_length=200, initial="INBOX")
    senders = forms.CharField(
        label="Only mail from",
        required=False,
        max_length=1000,
        help_text="Addresses with commas; empty takes all. Mails are read, never moved or deleted.",
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        mailbox = given.get("host") and given.get("user") and given.get("password")
        if bool(given.get("folder")) == bool(mailbox):
            raise forms.ValidationError(
                "Fill in a folder, or a mail server with its user name and password."
            )
        return given


class ListForm(DeskForm):
    """A list of feeds from another reader."""

    list = forms.FileField(
        label="List of feeds (OPML)",
        max_length=200,
        help_text="Other readers call it “export subscriptions”.",
        error_messages={
            "required": "Choose a file.",
            "empty": "The file is empty.",
        },
    )
