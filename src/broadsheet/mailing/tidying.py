"""Once a day: forget what need not be kept any longer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from broadsheet.mailing import imported, reads
from broadsheet.mailing.models import Attempt, Proof, Subscriber
from broadsheet.mailing.signup import UNANSWERED_FOR
from broadsheet.mailing.subscribing import State


def tidy(now: datetime) -> str:
    """Forget who never confirmed, used links, counts against abuse, files of imports and old numbers."""
    Attempt.objects.filter(at__lt=now - timedelta(days=1)).delete()
    Proof.objects.filter(expires__lt=now - UNANSWERED_FOR).delete()
    # Who has been sent mail before (bounced, say) is not pending any more, so nothing hangs on these.
    pending = Subscriber.objects.filter(state=State.PENDING, made__lt=now - UNANSWERED_FOR)
    fresh = Proof.objects.filter(subscriber=OuterRef("pk"), made__gte=now - UNANSWERED_FOR)
    _n, by_table = pending.filter(~Exists(fresh)).delete()
    imported.tidy(now)
    reads.tidy(now)
    gone = by_table.get("mailing.Subscriber", 0)
    return f"{gone:,} who never confirmed forgotten"
