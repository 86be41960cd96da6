"""What the queue does for subscribers: write a reply, look at a file, take a file in, take that back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import datetime

from broadsheet.jobs import queue
from broadsheet.jobs.models import Job
from broadsheet.mailing import importing, outbox, replies, undoing
from broadsheet.mailing.models import Import
from broadsheet.mailing.transports import Transport

KINDS = ("letter", "look", "import", "undo")


def run(
    job: Job, clock: Callable[[], datetime], transport: Callable[[], Transport] = outbox.named
) -> str:
    """Do a job of one of KINDS; what came of it, in words that name nobody."""
    if job.kind == "letter":
        with closing(transport()) as out:
            return replies.write(job, lambda reply: replies.post(reply, out, clock()), clock())
    made = Import.objects.select_related("newsletter", "words").filter(pk=job.key).first()
    if made is None:
        return "gone"
    if job.kind == "look":
        importing.look(made, clock())
        return made.get_state_display()
    does = undoing.take_back if job.kind == "undo" else importing.take
    for _done in does(made, clock()):
        queue.renew(job, clock() + importing.LEASE)
    return made.get_state_display()
