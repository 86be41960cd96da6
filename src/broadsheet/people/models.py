"""Editors, how they get in, the sessions they have, the desk's rules, and who did what."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from broadsheet import sealing
from broadsheet.people import roles
from broadsheet.people.roles import May


class EditorManager(BaseUserManager["Editor"]):
    def get_by_natural_key(self, username: str | None) -> Editor:
        return self.get(name=username)

    def create_user(self, name: str, **fields: Any) -> Editor:
        """An editor without a password: a one-time link signs them in."""
        editor = self.model(name=name, **fields)
        editor.set_unusable_password()
        editor.save(using=self._db)
        return editor


class Editor(AbstractBaseUser):
    """Somebody who works at the desk. Who leaves is made inactive: what they did stays theirs."""

    Role = roles.Role

    name = models.CharField(max_length=80, unique=True)
    email = models.EmailField(blank=True)
    role = models.CharField(
        max_length=13, choices=roles.Role.choices, default=roles.Role.EDITOR.value
    )
    # A tag of settings.LANGUAGES; empty goes by what the browser asks for.
    language = models.CharField(max_length=16, blank=True)
    is_active = models.BooleanField(default=True)
    joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[EditorManager] = EditorManager()

    USERNAME_FIELD = "name"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="editor_role_known",
                condition=Q(role__in=["administrator", "editor", "contributor", "reader"]),
            ),
            models.UniqueConstraint(
                Lower("email"), condition=~Q(email=""), name="editor_address_once"
            ),
        )

    def __str__(self) -> str:
        return self.name

    # What templates ask; the table is in `roles`.
    @property
    def may_comment(self) -> bool:
        return roles.may(self.role, May.COMMENT)

    @property
    def may_edit(self) -> bool:
        return roles.may(self.role, May.WRITE)

    @property
    def may_publish(self) -> bool:
        return roles.may(self.role, May.PUBLISH)

    @property
    def may_send(self) -> bool:
        return roles.may(self.role, May.SEND)

    @property
    def may_collect(self) -> bool:
        return roles.may(self.role, May.COLLECT)

    @property
    def may_administer(self) -> bool:
        return roles.may(self.role, May.ADMINISTER)


class SignInLink(models.Model):
    """A link that signs one editor in, once, until it expires. Only its hash is kept."""

    editor = models.ForeignKey(Editor, on_delete=models.CASCADE, related_name="sign_in_links")
    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256, hexadecimal
    made = models.DateTimeField()
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="link_expires_after_made", condition=Q(expires__gt=models.F("made"))
            ),
        )

    def __str__(self) -> str:
        return f"a link for {self.editor}"


class Invitation(models.Model):
    """A link by which somebody becomes an editor, once, until it expires. Only its hash is kept."""

    email = models.EmailField()
    role = models.CharField(max_length=13, choices=roles.Role.choices)
    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256, hexadecimal
    made = models.DateTimeField()
    expires = models.DateTimeField()
    invited_by = models.ForeignKey(Editor, on_delete=models.PROTECT, related_name="invitations")
    used = models.DateTimeField(null=True, blank=True)
    came = models.ForeignKey(
        Editor, on_delete=models.PROTECT, null=True, blank=True, related_name="came_by"
    )
    taken_back = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="invitation_expires_after_made", condition=Q(expires__gt=models.F("made"))
            ),
            models.CheckConstraint(
                name="invitation_used_by_somebody",
                condition=Q(used=None, came=None) | Q(used__isnull=False, came__isnull=False),
            ),
            models.CheckConstraint(
                name="invitation_role_known",
                condition=Q(role__in=["administrator", "editor", "contributor", "reader"]),
            ),
        )

    def __str__(self) -> str:
        return f"an invitation for {self.email}"


class App(TOTPDevice):  # type: ignore[misc]  # it has no types
    """The app on somebody's phone that makes codes: django-otp's device, with its secret sealed at rest.

    Whoever copies the database alone cannot make codes. `key` holds what `sealing.seal_bytes` made.
    """

    class Meta:
        proxy = True

    @property
    def bin_key(self) -> bytes:
        """The secret. SealError where the desk's secret key was changed."""
        return sealing.opened_bytes(self.key)


class RecoveryCode(models.Model):
    """What lets an editor in whose second factor is lost, once. Only its hash is kept."""

    editor = models.ForeignKey(Editor, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64)  # SHA-256, hexadecimal, of 80 random bits
    used = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("editor", "code_hash"), name="recovery_code_once"),
        )

    def __str__(self) -> str:
        return f"a recovery code of {self.editor}"


class Session(AbstractBaseSession):
    """A browser in which somebody is signed in, so that they can see it and end it."""

    editor = models.ForeignKey(
        Editor, on_delete=models.CASCADE, null=True, blank=True, related_name="sessions"
    )
    device = models.CharField(max_length=80, blank=True, help_text="In words: Firefox on Windows.")
    began = models.DateTimeField()
    last_used = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.editor or 'nobody'} in {self.device or 'a browser'}"


class Attempt(models.Model):
    """A try to get in, counted against an account and an address. Neither stands here in clear."""

    kind = models.CharField(max_length=16)
    key_hash = models.CharField(max_length=64)  # HMAC-SHA-256 with the desk's secret key
    at = models.DateTimeField()

    class Meta:
        indexes = (
            # allowed(): the attempts on one account or from one address in the last minutes
            models.Index(fields=("kind", "key_hash", "at"), name="attempt_lately"),
        )

    def __str__(self) -> str:
        return f"{self.kind}, {self.at:%H:%M}"


class Rules(models.Model):
    """What this desk has laid down for itself. One row; without it the defaults here hold."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    keep_log_months = models.PositiveSmallIntegerField(
        null=True, blank=True, default=24, help_text="None keeps the log for good."
    )
    second_factor = models.BooleanField(
        default=False, help_text="Everybody must have one from their next signing in."
    )
    setting_up = models.BooleanField(
        default=False, help_text="The first run is not finished: nothing is collected yet."
    )
    settled = models.DateTimeField(
        null=True, blank=True, help_text="When the three questions of the first run were answered."
    )

    class Meta:
        constraints = (
            models.CheckConstraint(name="rules_one_row", condition=Q(id=1)),
            models.CheckConstraint(
                name="rules_keep_log_some_months",
                condition=Q(keep_log_months=None) | Q(keep_log_months__gte=1),
            ),
        )

    def __str__(self) -> str:
        return "the desk's rules"


class Deed(models.Model):
    """Who did what to which thing, and why. Only added to, never changed."""

    editor = models.ForeignKey(Editor, on_delete=models.PROTECT, null=True, related_name="deeds")
    verb = models.CharField(max_length=40)
    about = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.editor or 'the desk'}: {self.verb} {self.about}"
