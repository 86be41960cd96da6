"""Answers that are no page of their own: a sentence for the desk's script, or a refusal in words."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


def refused(request: HttpRequest, reason: str) -> HttpResponse:
    """403 with a sentence: plain where a script asks, a page otherwise."""
    if htmx(request):
        return said(reason, 403)
    return render(request, "desk/refused.html", {"reason": reason}, status=403)


def said(words: str, status: int) -> HttpResponse:
    """A sentence that the desk's script announces; nothing on the page is replaced."""
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
