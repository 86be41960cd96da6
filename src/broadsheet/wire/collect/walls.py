"""Pages that stand in the way of a page: bot challenges and refusals dressed as an answer.

A wall is its own state, "blocked": not empty, and never read as an article. We do not try to get
round it; the desk offers the feed's own text, a mailbox, the bookmarklet or hand entry instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# What the challenge pages of the large providers hold, as they answer a plain request (2024-26).
# Only marks that stand on the challenge itself: the providers' ordinary scripts are on every page.
_MARKS = re.compile(
    rb"<title>\s*(?:Just a moment|Attention Required! \| Cloudflare|Access Denied|Pardon Our Interruption"
    rb"|Human Verification|DDoS-Guard|One moment, please|Bot Verification|Robot Challenge Screen"
    rb"|Are you a robot\?|You have been blocked|Client Challenge|Please wait\.\.\. \| Cloudflare)"
    rb"|_cf_chl_opt|cf-browser-verification|cf-error-details"  # Cloudflare
    rb"|Request unsuccessful\. Incapsula incident|_Incapsula_Resource\?SWUDNSAI"  # Imperva
    rb"|geo\.captcha-delivery\.com|'host':'geo\.captcha"  # DataDome
    rb"|id=\"px-captcha\"|window\._pxAppId"  # HUMAN
    rb"|/_sec/cp_challenge|bm-verify="  # Akamai
    rb"|AwsWafIntegration|gokuProps"  # AWS
    rb"|id=\"sg-?captcha|/\.well-known/sgcaptcha"  # SiteGround
    rb"|anubis_challenge|Making sure you(?:&#39;|')re not a bot"  # Anubis
    rb"|Sucuri WebSite Firewall - Access Denied",
    re.IGNORECASE,
)
_LONGEST = 150_000  # bytes: a page longer than that holds more than a challenge


def wall(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether an answer is a bot wall, whatever its status says (they come with 200, 202, 403, 503)."""
    if headers.get("cf-mitigated", "").lower() == "challenge":
        return True
    if headers.get("x-amzn-waf-action", "").lower() in ("challenge", "captcha"):
        return True
    return len(body) <= _LONGEST and _MARKS.search(body[:60_000]) is not None
