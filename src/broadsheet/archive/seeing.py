"""For machines that watch over the desk: whether it answers, and figures of how it runs."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from broadsheet.keeping import health, metrics

_HERE = ("127.0.0.1", "::1")
# What proxies add; whoever comes through one is not on this machine, though the proxy is.
_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 where the desk can work, else 503 with one word for what keeps it. Nothing else is told."""
    ill = health.answers()
    return JsonResponse({"status": ill or "ok"}, status=503 if ill else 200)


@never_cache
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus: for this machine alone, or with the token. Others are told nothing."""
    if not _may_see(request):
        raise Http404
    return HttpResponse(metrics.text(timezone.now()), content_type=metrics.TYPE)


def _may_see(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    here = request.META.get("REMOTE_ADDR") in _HERE
    return here and not any(name in request.META for name in _FORWARDED)
