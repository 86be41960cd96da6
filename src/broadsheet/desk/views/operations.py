"""How the desk runs: what stands still and what to do, the last jobs, the disk. For administrators."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from broadsheet.desk import access
from broadsheet.jobs.models import Job
from broadsheet.keeping import disk, health
from broadsheet.people.roles import May

LATEST = 20  # jobs that are shown


@access.allows(May.ADMINISTER, "GET")
def operations(request: HttpRequest) -> HttpResponse:
    """Everything on one page, in words."""
    now = timezone.now()
    signs = health.signs(now)
    room = disk.room()
    context = {
        "here": "operations",
        "signs": signs,
        "bad": sum(one.level is health.Level.BAD for one in signs),
        "warned": sum(one.level is health.Level.WARN for one in signs),
        "waiting": Job.objects.filter(done=None).exclude(kind="collect").order_by("due")[:LATEST],
        "failing": Job.objects.filter(done=None).exclude(trouble="").order_by("-attempts")[:LATEST],
        "done": Job.objects.exclude(done=None)
        .exclude(came="")
        .exclude(kind="told")
        .order_by("-done")[:LATEST],
        "room": room,
        "parts": sorted(room.taken.items(), key=lambda pair: -pair[1]),
    }
    return render(request, "desk/operations.html", context)
