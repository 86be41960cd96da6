"""Editors, the one-time links that sign them in, and who did what."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone


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
    """Somebody who works at the desk."""

    class Role(models.TextChoices):
        """What somebody may do; each role may all that the ones below it may."""

        ADMINISTRATOR = "administrator"
        EDITOR = "editor"
        CONTRIBUTOR = "contributor"  # may take, leave and edit; may not publish
        READER = "reader"  # may read drafts

    name = models.CharField(max_length=80, unique=True)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=13, choices=Role, default=Role.EDITOR)
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
        )

    def __str__(self) -> str:
        return self.name

    @property
    def may_edit(self) -> bool:
        return self.role != self.Role.READER

    @property
    def may_publish(self) -> bool:
        return self.role in (self.Role.ADMINISTRATOR, self.Role.EDITOR)


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


class Deed(models.Model):
    """Who did what to which thing, and why. Only added to, never changed."""

    editor = models.ForeignKey(Editor, on_delete=models.PROTECT, null=True, related_name="deeds")
    verb = models.CharField(max_length=40)
    about = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.editor or 'the desk'}: {self.verb} {self.about}"
