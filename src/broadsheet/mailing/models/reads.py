"""How often the public pages of an issue are shown: a number for each day, and nothing else."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from broadsheet.issues.models import Issue


class WebReads(models.Model):
    """How many times an issue's page, or its items' pages, were shown on a day. Nobody stands in it."""

    class Kind(models.TextChoices):
        ISSUE = "issue"  # the issue's own page, as a page or as plain text
        ITEM = "item"  # the pages of its items, together

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="web_reads")
    day = models.DateField(help_text="By the desk's clock.")
    kind = models.CharField(max_length=5, choices=Kind)
    many = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("issue", "day", "kind"), name="web_reads_once_a_day"),
            models.CheckConstraint(
                name="web_reads_kind_known", condition=Q(kind__in=["issue", "item"])
            ),
        )
        indexes = (models.Index(fields=("day",), name="web_reads_day"),)

    def __str__(self) -> str:
        return f"{self.issue}, {self.day}: {self.many}"
