"""The shelf: stocked from the beat once, then the desk's own."""

import pytest

from broadsheet.library import queries, shelving
from broadsheet.library.models import Resource, Tier
from broadsheet.wire import beat as beats
from tests import make

pytestmark = pytest.mark.django_db


def test_stocking_again_does_not_undo_what_the_desk_changed():
    beat = beats.load()
    shelving.stock(beat.resources)
    Resource.objects.update(description="ours")
    assert shelving.stock(beat.resources) == 0
    assert not Resource.objects.exclude(description="ours").exists()


def test_the_tiers_are_kept_whole_and_gaps_stay_gaps():
    shelving.tiers(beats.load().tiers)
    shelving.tiers(beats.load().tiers)
    assert Tier.objects.count() == 3049
    assert Tier.objects.get(iso3="HKG", year=2019).tier == "2"


def test_a_sector_shows_its_resources_newest_first():
    old = make.resource(date={"value": "2018"})
    new = make.resource(date={"value": "2019-02"})
    none = make.resource(date=None)
    make.resource(sectors=["SEC.FIN"])
    assert queries.on_shelf("SEC.AVI") == [new, old, none]
