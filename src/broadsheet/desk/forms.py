"""What editors type, checked and turned into what the services take."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.translation import gettext_lazy as _

from broadsheet.desk import shown
from broadsheet.issues import compose
from broadsheet.issues.models import Issue, Pick, Section
from broadsheet.news import leading
from broadsheet.wire import dates
from broadsheet.wire.model import row


class DeskRenderer(DjangoTemplates):
    """Fields as the desk prints them: label, help, the mistake in words, then the field."""

    field_template_name = "desk/field.html"


# HTML lets only what is typed be completed.
_NOT_TYPED = (
    forms.HiddenInput, forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple, forms.FileInput,
)  # fmt: skip


class DeskForm(forms.Form):
    default_renderer = DeskRenderer
    required_css_class = "required"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The browser's own autocomplete offers last month's words: never wanted here.
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if not isinstance(field.widget, _NOT_TYPED):
                field.widget.attrs.setdefault("autocomplete", "off")


def _text(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows})


def _rich(rows: int) -> forms.Textarea:
    """Restricted Markdown; the desk's script puts its small toolbar above it."""
    return forms.Textarea(attrs={"rows": rows, "data-rich": ""})


_MARKDOWN = _("Paragraphs, [words](address), *emphasis*, **strong**, lists with a dash.")


class PickForm(DeskForm):
    """One item of an issue. A picked story's headline is its outlet's and not here to change."""

    turn = forms.IntegerField(widget=forms.HiddenInput)
    headline = forms.CharField(
        label=_("Headline"),
        max_length=500,
        error_messages={"required": _("An item needs a headline.")},
    )
    our_heading = forms.CharField(
        label=_("Our heading"),
        required=False,
        max_length=500,
        help_text=_("Printed above the outlet’s headline. Leave it empty to print theirs alone."),
    )
    heading_only = forms.BooleanField(
        label=_("Our heading only"),
        required=False,
        help_text=_(
            "Where the outlet’s headline names somebody who was harmed: it then stands in no mail, page, "
            "address, card or feed."
        ),
    )
    date = forms.CharField(
        label=_("Date"),
        required=False,
        max_length=60,
        help_text=_("As exact as it is known: 21 June 2019, June 2019 or 2019."),
    )
    source = forms.CharField(label=_("Source"), required=False, max_length=200)
    summary = forms.CharField(
        label=_("Summary"), required=False, widget=_rich(8), help_text=_MARKDOWN, strip=True
    )
    call = forms.CharField(
        label=_("Call to act"),
        required=False,
        widget=_rich(2),
        help_text=_("What the reader can do, printed as the summary’s last paragraph."),
    )
    note = forms.CharField(
        label=_("Editor’s note"),
        required=False,
        widget=_text(3),
        help_text=_("What you want to add. It is printed as yours, apart from the summary."),
    )
    content_note = forms.CharField(
        label=_("Content note"),
        required=False,
        widget=_text(2),
        help_text=_("A warning before the item, such as “Describes violence against children”."),
    )
    footnotes = forms.CharField(
        label=_("Footnotes"),
        required=False,
        widget=_text(2),
        help_text=_("One a line, such as “* Not her real name.”"),
    )
    image_alt = forms.CharField(
        label=_("What the picture shows"),
        required=False,
        max_length=500,
        help_text=_("Read aloud to those who do not see it."),
    )
    image_caption = forms.CharField(label=_("Caption"), required=False, max_length=500)
    image_credit = forms.CharField(
        label=_("Credit"), required=False, max_length=200, help_text=_("Such as “AFP, via SCMP”.")
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
            del self.fields["our_heading"], self.fields["heading_only"]
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
                "headline", "our_heading", "heading_only", "date", "source", "summary", "note",
                "content_note", "call", "footnotes",
            )
            if name in self.fields
        }  # fmt: skip
        for name, value in given.items():
            if isinstance(value, str):  # browsers send two characters for the end of a line
                given[name] = value.replace("\r\n", "\n")
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
        "headline": "" if compose.unwritten(pick) else pick.headline,
        "our_heading": pick.our_heading,
        "heading_only": pick.heading_only,
        "date": shown.typed(pick.date),
        "source": pick.source,
        "summary": pick.summary,
        "note": pick.note,
        "content_note": pick.content_note,
        "call": pick.call,
        "footnotes": "\n".join(pick.footnotes),
        **{f"image_{name}": image.get(name) or "" for name in ("alt", "caption", "credit")},
    }


class LinkForm(DeskForm):
    """A labelled link. The address may be unknown, as in many a printed newsletter."""

    text = forms.CharField(label=_("Link words"), required=False, max_length=300)
    url = forms.URLField(
        label=_("Address"),
        required=False,
        max_length=2000,
        assume_scheme="https",
        error_messages={"invalid": _("This is no web address. Begin it with https://")},
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("url") and not given.get("text"):
            self.add_error("text", _("Say in words where the link leads."))
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


_EXCEPTION = _(
    "Only where its description, caption or credit cannot be given: say which, and why. The reason is "
    "kept with the picture."
)


class PermitForm(DeskForm):
    """Why a picture may be printed, and until when."""

    turn = forms.IntegerField(widget=forms.HiddenInput)
    basis = forms.CharField(
        label=_("Permission rests on"),
        max_length=300,
        help_text=_("Such as “our own picture”, “CC BY 4.0”, “mail from the agency, 3 June 2019”."),
        error_messages={"required": _("Say on what the permission rests.")},
    )
    until = forms.DateField(
        label=_("Good until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave it empty where it has no end."),
    )
    exception = forms.CharField(
        label=_("Exception"), required=False, max_length=500, help_text=_EXCEPTION
    )


class UploadForm(DeskForm):
    """A picture for an item: a file or an address, with all that printing it asks for."""

    turn = forms.IntegerField(widget=forms.HiddenInput)
    file = forms.FileField(
        label=_("File"),
        required=False,
        max_length=200,
        widget=forms.FileInput(
            attrs={"accept": "image/jpeg,image/png,image/webp,image/avif,image/gif"}
        ),
        help_text=_(
            "JPEG, PNG, WebP, AVIF or GIF, up to 40 MB. It is made smaller, and what the camera wrote into "
            "it is left behind."
        ),
    )
    url = forms.URLField(
        label=_("Or its address"),
        required=False,
        max_length=2000,
        assume_scheme="https",
        error_messages={"invalid": _("This is no web address. Begin it with https://")},
    )
    alt = forms.CharField(
        label=_("What the picture shows"),
        required=False,
        max_length=500,
        help_text=_("Read aloud to those who do not see it; at most 125 characters."),
    )
    caption = forms.CharField(label=_("Caption"), required=False, max_length=500)
    credit = forms.CharField(
        label=_("Credit"), required=False, max_length=200, help_text=_("Such as “AFP, via SCMP”.")
    )
    basis = forms.CharField(
        label=_("Permission rests on"),
        required=False,
        max_length=300,
        help_text=_(
            "Such as “our own picture”, “CC BY 4.0”. Leave it empty for the address of a picture that you "
            "may not print: then its credit and link stand alone."
        ),
    )
    until = forms.DateField(
        label=_("Good until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave it empty where it has no end."),
    )
    exception = forms.CharField(
        label=_("Exception"), required=False, max_length=500, help_text=_EXCEPTION
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if bool(given.get("file")) == bool(given.get("url")) and not self.errors:
            raise forms.ValidationError(_("Hand over a file, or give an address: one of the two."))
        if given.get("file") and not given.get("basis"):
            self.add_error("basis", _("Say on what the permission to print it rests."))
        wanted = {"alt": _("what it shows"), "caption": _("a caption"), "credit": _("a credit")}
        lacking = [str(words) for name, words in wanted.items() if not given.get(name)]
        if lacking and not given.get("exception"):
            raise forms.ValidationError(
                _("The picture lacks %(what)s. Fill that in, or explain the exception.")
                % {"what": shown.listed(lacking)}
            )
        return given


class InviteForm(DeskForm):
    """For whom a review link is, and for how long."""

    name = forms.CharField(
        label=_("For whom"),
        max_length=80,
        help_text=_("Their name is kept with what they say."),
        error_messages={"required": _("Say whom the link is for.")},
    )
    days = forms.IntegerField(
        label=_("For how many days it is good"), min_value=1, max_value=60, initial=7
    )


class SectionForm(DeskForm):
    turn = forms.IntegerField(widget=forms.HiddenInput)
    heading = forms.CharField(label=_("Heading"), required=False, max_length=200)
    intro = forms.CharField(
        label=_("Introduction"), required=False, widget=_rich(3), help_text=_MARKDOWN
    )

    @classmethod
    def of(cls, section: Section) -> SectionForm:
        return cls(
            initial={"turn": section.turn, "heading": section.heading, "intro": section.intro}
        )


class IssueForm(DeskForm):
    turn = forms.IntegerField(widget=forms.HiddenInput)
    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        error_messages={"required": _("An issue needs a title, such as “June 2019”.")},
    )
    subject = forms.CharField(
        label=_("Subject of the mail"),
        required=False,
        max_length=200,
        help_text=_("Leave it empty to use the newsletter’s name and the title."),
    )
    preview = forms.CharField(
        label=_("Preview line"),
        required=False,
        max_length=300,
        help_text=_("What inboxes show after the subject."),
    )

    @classmethod
    def of(cls, issue: Issue) -> IssueForm:
        words = {name: getattr(issue, name) for name in ("title", "subject", "preview")}
        return cls(initial={"turn": issue.front_turn, **words})


class PasteForm(DeskForm):
    """Lines from a chat or a mail, each with a link."""

    lines = forms.CharField(
        label=_("Links, with or without words beside them"),
        widget=_text(10),
        max_length=200_000,
        help_text=_(
            "Paste as it is: chat messages, alerts, doubles. Each link is read and kept once."
        ),
        error_messages={"required": _("Paste at least one link.")},
    )
    issue = forms.ModelChoiceField(
        label=_("Put them into"),
        queryset=Issue.objects.filter(state=Issue.State.DRAFT).order_by("-month"),
        required=False,
        empty_label=_("the inbox only"),
    )


class ByHandForm(DeskForm):
    """One article as an editor types it."""

    headline = forms.CharField(
        label=_("Headline, as printed"),
        max_length=500,
        error_messages={"required": _("An article needs a headline.")},
    )
    url = forms.URLField(
        label=_("Address"),
        required=False,
        max_length=2000,
        assume_scheme="https",
        error_messages={"invalid": _("This is no web address. Begin it with https://")},
    )
    source = forms.CharField(label=_("Source"), required=False, max_length=200)
    published = forms.CharField(
        label=_("Date"),
        required=False,
        max_length=60,
        help_text=_("As exact as it is known: 21 June 2019, June 2019 or 2019."),
    )
    text = forms.CharField(
        label=_("Text, or the part that matters"),
        required=False,
        widget=_text(6),
        max_length=200_000,
    )


def line(given: str, most: int = 300) -> str:
    """One field that has no form of its own, without NUL, which PostgreSQL refuses."""
    return given.replace("\0", "").strip()[:most]


class DraftForm(DeskForm):
    month = forms.RegexField(
        label=_("Month"),
        regex=r"^\d{4}-(0[1-9]|1[0-2])$",
        error_messages={
            "invalid": _("Write the month like 2019-06."),
            "required": _("Say which month, like 2019-06."),
        },
    )


class PublishForm(DeskForm):
    turn = forms.IntegerField(widget=forms.HiddenInput)
    read = forms.BooleanField(
        label=_("I have read the whole issue as it will go out."),
        error_messages={"required": _("Read the issue first, then tick this box.")},
    )


class FindForm(DeskForm):
    """The address of a site, a page or a feed."""

    url = forms.URLField(
        label=_("Address of the site or of its feed"),
        max_length=2000,
        assume_scheme="https",
        error_messages={
            "required": _("Write the address of the site."),
            "invalid": _("This is no web address. Begin it with https://"),
        },
    )


class SourceForm(DeskForm):
    """What was found, or a page to be watched, to be kept as a source."""

    name = forms.CharField(
        label=_("Name of the outlet, as readers see it"),
        max_length=200,
        error_messages={"required": _("A source needs its name.")},
    )
    home = forms.CharField(required=False, max_length=1000, widget=forms.HiddenInput)
    selector = forms.CharField(
        label=_("Where its links stand (CSS selector)"),
        required=False,
        max_length=300,
        help_text=_("Only for a page without a feed. Such as “h2 a”: the links in its headings."),
    )


class MailForm(DeskForm):
    """A mailbox with newsletters and alerts, or a folder of saved mails on this machine."""

    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("Such as “Alerts”. Each article keeps the name of its own outlet."),
        error_messages={"required": _("Give it a name.")},
    )
    folder = forms.CharField(
        label=_("Folder on this machine"),
        required=False,
        max_length=1000,
        help_text=_("Of saved mails (.eml). Fill in either this or the mailbox."),
    )
    host = forms.CharField(
        label=_("Mail server (IMAP)"),
        required=False,
        max_length=200,
        help_text=_("It is spoken to over TLS."),
    )
    user = forms.CharField(label=_("User name"), required=False, max_length=200)
    password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=200,
        strip=False,
        widget=forms.PasswordInput,
        help_text=_("Kept in the desk’s database: use a mailbox made for this alone."),
    )
    box = forms.CharField(label=_("Mail folder"), required=False, max_length=200, initial="INBOX")
    senders = forms.CharField(
        label=_("Only mail from"),
        required=False,
        max_length=1000,
        help_text=_(
            "Addresses with commas; empty takes all. Mails are read, never moved or deleted."
        ),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        mailbox = given.get("host") and given.get("user") and given.get("password")
        if bool(given.get("folder")) == bool(mailbox):
            raise forms.ValidationError(
                _("Fill in a folder, or a mail server with its user name and password.")
            )
        return given


class ListForm(DeskForm):
    """A list of feeds from another reader."""

    list = forms.FileField(
        label=_("List of feeds (OPML)"),
        max_length=200,
        help_text=_("Other readers call it “export subscriptions”."),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty."),
        },
    )


class LeadingForm(DeskForm):
    """Preferred outlets, one on a line, and the rules after them."""

    outlets = forms.CharField(
        label=_("Preferred outlets"),
        required=False,
        max_length=20_000,
        widget=_text(6),
        help_text=_(
            "One on a line, the most wanted first. They lead wherever they have told the story, "
            "before all other rules. Leave it empty to prefer none."
        ),
    )
    original_first = forms.BooleanField(required=False)
    free_first = forms.BooleanField(required=False)
    near_first = forms.BooleanField(required=False)

    def choice(self) -> leading.Choice:
        given = self.cleaned_data
        names = (" ".join(name.split()) for name in given["outlets"].splitlines())
        return leading.Choice(
            tuple(name for name in names if name),
            given["original_first"],
            given["free_first"],
            given["near_first"],
        )
