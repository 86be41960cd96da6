"""Addresses: which are the same, and what in them is only tracking."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit, urlunsplit

# Parameters that name a campaign or a click, never a page. A query is not cut whole: on many
# sites `?id=` *is* the page (notes on Taranis AI's clean_url). Sources: the documentation of Google
# Analytics (utm_*), Google Ads, Meta, Microsoft, Mailchimp, HubSpot, Matomo, Adobe, Piano, Yandex.
_TRACKERS = re.compile(
    r"(?i)^(?:utm_\w+|at_(?:medium|campaign|custom\d|link_\w+|ptr_name|format|bbc_team|creation|"
    r"campaign_type)|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|twclid|ttclid|yclid|igshid|igsh|"
    r"mc_cid|mc_eid|_hsenc|_hsmi|__hs\w+|hsctatracking|mkt_tok|oly_(?:anon|enc)_id|vero_id|"
    r"pk_(?:campaign|kwd|source|medium)|mtm_\w+|piwik_\w+|s_cid|ncid|cmpid|cmp|ocid|ns_\w+|"
    r"smid|smtyp|partner_id|guccounter|guce_\w+|ref_src|ref_url|wt\.\w+|xtor|_ga|_gl|trk|spm|"
    r"share_?source|sharetype|sr_share|taid|outputtype)$"
)
_DEFAULT_PORT = {"http": ":80", "https": ":443"}


def absolute(href: str, base: str) -> str | None:
    """An address as a page gives it, made whole; None where it is not an http(s) address."""
    href = re.sub(r"[\t\n\r\x00]", "", href).strip()
    if not href or href.startswith("#"):
        return None
    try:
        whole = urljoin(base, href)
        parts = urlsplit(whole)
        _ = parts.port  # a port that is no number raises only when asked for
    except ValueError:
        return None
    return whole if parts.scheme.lower() in _DEFAULT_PORT and parts.hostname else None


def canonical(url: str) -> str:
    """The address under which an article is kept: trackers, fragment and default port cut.

    Lower-cases scheme and host, puts a host into its ASCII form (IDNA), cuts known trackers, and
    keeps the rest of the query in its order. Paths keep their case and their final slash: sites
    differ. An address that cannot be parsed comes back as it was, stripped.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return url
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORT or not host:
        return url
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return url
    if ":" in host:
        host = f"[{host}]"
    if port is not None and f":{port}" != _DEFAULT_PORT[scheme]:
        host = f"{host}:{port}"
    query = "&".join(
        pair
        for pair in parts.query.split("&")
        if pair and not _TRACKERS.match(pair.partition("=")[0])
    )
    return urlunsplit((scheme, host, parts.path or "/", query, ""))


def key(url: str) -> str:
    """What two addresses of one page share: `canonical` without scheme, `www.`, `amp.` and final slash.

    Only for telling whether two are the same; never for fetching or printing.
    """
    whole = canonical(url)
    bare = re.sub(r"^https?://(?:www\.|m\.|amp\.|mobile\.)?", "", whole)
    path, mark, query = bare.partition("?")
    path = re.sub(r"(?:/amp)?/*$", "", path)
    return re.sub(r"^([^/]+)/amp(?=/)", r"\1", path) + mark + query


def host(url: str) -> str:
    """The host of an address without `www.`, in lower case; empty where there is none."""
    try:
        name = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return name.removeprefix("www.")


def trackers(url: str) -> tuple[str, ...]:
    """The names of the tracking parameters that an address carries, as written."""
    try:
        query = urlsplit(url).query
    except ValueError:
        return ()
    names = (pair.partition("=")[0] for pair in query.split("&") if pair)
    return tuple(name for name in names if _TRACKERS.match(name))
