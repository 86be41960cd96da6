"""How the desk is reached: its address, a path that it may stand at, and the proxies before it.

The path stands in the addresses themselves (`urls.py`), so that whoever makes one has it whole: a page, a
mail that a thread of the worker writes, a command. Django's FORCE_SCRIPT_NAME is kept for each thread of
the web and is not set in a thread of one's own, so links in mails lost it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

# What a proxy says of a request; everybody can write it, so it counts from named proxies only.
SAID_BY_PROXIES = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")


def whole(path: str) -> str:
    """The address under which others open a path, as `reverse` gives it; never of the Host that was sent."""
    parts = urlsplit(settings.ADDRESS)
    return f"{parts.scheme}://{parts.netloc}{path}"


def own(path: str) -> str:
    """A path of ours that is kept without the desk's own, such as a picture's; of others as they are."""
    return f"{settings.PATH}{path}" if path.startswith("/") else path


def at_desk(request: HttpRequest) -> bool:
    """Whether the editors' pages are asked for."""
    return request.path_info.startswith(f"{settings.PATH}/desk/")


class Front:
    """Middleware, the first: puts a request right that came by way of a proxy.

    A proxy that takes the desk's path off, as some do by default, is answered like one that does not; so
    is whoever asks this machine itself, such as a container's check of its health.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.networks = [ipaddress.ip_network(one) for one in settings.PROXY_NETWORKS]

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not self._named(str(request.META.get("REMOTE_ADDR", ""))):
            for name in SAID_BY_PROXIES:
                request.META.pop(name, None)
        path = settings.PATH
        if path and not f"{request.path_info}/".startswith(f"{path}/"):
            request.path_info = request.path = path + request.path_info
        return self.get_response(request)

    def _named(self, peer: str) -> bool:
        """Whether who asks is this machine or a proxy that a setting names. A socket file has no address."""
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return peer == ""
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        return address.is_loopback or any(address in one for one in self.networks)
