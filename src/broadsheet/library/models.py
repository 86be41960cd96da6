"""Resources by sector, and the tiers of the US Trafficking in Persons Report by country and year."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Resource(models.Model):
    """A handbook, report or page that can stand in a sector's pick."""

    title = models.TextField()
    publisher = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, help_text="report, handbook, training, page ...")
    description = models.TextField(blank=True)
    sectors = models.JSONField(default=list, blank=True, help_text="Codes of the taxonomy.")
    date = models.JSONField(
        null=True, blank=True, help_text="A When: often only a year or a month."
    )
    url = models.TextField(blank=True)
    url_status = models.CharField(max_length=12, default="unknown")
    checked = models.DateField(null=True, blank=True, help_text="When somebody last opened it.")
    language = models.CharField(max_length=16, default="en")
    audience = models.CharField(max_length=120, blank=True, help_text="In words: cabin crew ...")
    cost = models.CharField(max_length=10, blank=True, help_text="free, paid or empty: not known")
    from_beat = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("title", "publisher"), name="resource_once"),
            models.CheckConstraint(
                name="resource_cost_known", condition=Q(cost__in=["", "free", "paid"])
            ),
        )
        ordering = ("title",)

    def __str__(self) -> str:
        return f"{self.title} ({self.publisher})"


class Tier(models.Model):
    """How one edition of the TIP Report ranks a country. A year without a row is a gap, not a tier."""

    iso3 = models.CharField(max_length=3)
    country = models.CharField(max_length=80)
    year = models.PositiveSmallIntegerField()
    tier = models.CharField(max_length=3)
    status = models.CharField(max_length=20)
    source = models.TextField()
    entered = models.DateTimeField(null=True, blank=True, help_text="At this desk, from a file.")
    before = models.JSONField(null=True, blank=True, help_text="What the entry replaced.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("iso3", "year"), name="tier_once"),
            models.CheckConstraint(
                name="tier_known", condition=Q(tier__in=["1", "2", "2WL", "3", "SC"])
            ),
            # The Watch List began with the edition of 2004 (22 USC 7107).
            models.CheckConstraint(
                name="watch_list_since_2004", condition=~Q(tier="2WL") | Q(year__gte=2004)
            ),
        )
        ordering = ("country", "year")

    def __str__(self) -> str:
        return f"{self.country} {self.year}: {self.tier}"
