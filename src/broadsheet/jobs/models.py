"""Work that is due. A worker claims a row for a while; a lease that runs out is claimed again."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Job(models.Model):
    """A piece of work. At least once: what a job does must be harmless when done twice."""

    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=120, help_text="What it is about: one open job for each.")
    due = models.DateTimeField()
    leased_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=80, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    done = models.DateTimeField(null=True, blank=True)
    trouble = models.TextField(blank=True, help_text="What went wrong the last time, in words.")
    came = models.TextField(blank=True, help_text="What came of it, in words.")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "key"), condition=Q(done=None), name="job_open_once"
            ),
        )
        indexes = (
            # claim(): the open jobs that are due, oldest first
            models.Index(fields=("due",), condition=Q(done=None), name="job_due"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
