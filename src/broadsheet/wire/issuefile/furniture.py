"""What belongs to no item: small print, adverts, contents, greetings and farewells."""

# ruff: noqa: E501 -- long patterns read worse when they are cut

from __future__ import annotations

import re

_SMALL_PRINT = re.compile(
    r"^\S+ mailing list$|\bregistered (?:charity|office|company)\b|\bcharity (?:no\b|number|reg)|unsubscribe|opt[- ]out|removed? (?:me )?from (?:this|our|the) (?:mailing )?list|view (?:this|the)?\s*(?:email|e-mail|newsletter|message|it|in)[\w\s]*(?:browser|online|web)|"
    r"view in (?:your )?browser|"
    r"read (?:this|the|our)\s[\w\s]{0,20}\b(?:on the web|online|in (?:your |a )?browser)|no longer wish to receive|update (?:your )?(?:subscription )?preferences|"
    r"manage (?:your )?(?:subscription|preferences)|you (?:are|were) receiv(?:ing|ed) this|"
    r"you received this (?:e-?mail|newsletter|message)|all rights reserved|^\W*(?:copyright|©)|"
    r"(?:receive|join|subscribe to|sign up (?:for|to)) our (?:newsletter|mailing list|e-?news|updates)|"
    r"forward (?:this|to a friend)|subscribe to (?:our|this|the)|sign up (?:for|to) (?:our|this|the) newsletter|"
    r"follow us|like us on|find us on|connect with us|share (?:this|on)|tweet this|our mailing address|"
    r"was sent to|why did i get this|add us to your address book|powered by|sent (?:by|with) mailchimp|"
    r"having trouble (?:viewing|reading)|having problems viewing|trouble viewing this|"
    r"privacy policy|terms of (?:use|service)|cookie|you can update your preferences|email preferences|"
    r"取消訂閱|退訂|訂閱電子報|版權所有|在瀏覽器",
    re.IGNORECASE,
)
_SMALL_LINKS = re.compile(
    r"\W*(?:(?:facebook|twitter|instagram|linkedin|youtube|website|e-?mail|share|tweet|forward|print|"
    r"like|pinterest|whatsapp|telegram|x|rss|home|about us?|contact us?|past issues|"
    r"translate|(?:subscribe|donate|give|share)(?: (?:now|today|here|online))?|previous|next|back to top|skip to content|menu|search|privacy|reply|edit|log in|"
    r"leave a (?:reply|comment)|comments?(?: are closed)?|top|(?:on|via|to a friend|this(?: e-?mail| post| page)?)(?=\W|$))"
    r"(?:\W+|$))+|\W*↑\W*",
    re.IGNORECASE,
)


def is_small_print(text: str) -> bool:
    """Whether a line belongs to the mail tool or the web site and not to the issue."""
    return bool(
        (_SMALL_PRINT.search(text) and len(text) < 400)
        or (len(text.split()) <= 4 and _SMALL_LINKS.fullmatch(text) and not text.endswith(":"))
    )


_FOOT = re.compile(
    r"mailing list$|registered (?:charity|office|company)|unsubscribe|opt[- ]out|removed? from|no longer wish|all rights reserved|©|copyright|mailing address|preferences|"
    r"you (?:are|were) receiv|you received this|was sent to|follow us|like us on|find us on|connect with us|"
    r"取消訂閱|退訂|版權所有",
    re.IGNORECASE,
)


_ADVERT = re.compile(
    r"^\W*(?:advert(?:isement|orial)?|sponsored(?: (?:content|post|by\b.{0,60}))?|a (?:message|word) from our sponsors?|"
    r"our sponsors?|promotion|paid (?:post|content)|廣告|贊助(?:商|內容)?)\W*$",
    re.IGNORECASE,
)


def is_advert(text: str) -> bool:
    """Whether a line says that what follows is paid for."""
    return bool(_ADVERT.match(text))


def is_foot(text: str) -> bool:
    """Whether small print is of the kind that stands below the last item."""
    return bool(_FOOT.search(text))


_CONTENTS = re.compile(
    r"^\W*(?:in this (?:issue|edition|newsletter|month'?s issue)|inside(?: this issue)?|(?:table of )?contents|"
    r"what'?s inside|at a glance|目錄|本期內容|內容)\W*$",
    re.IGNORECASE,
)


def is_contents(text: str) -> bool:
    """Whether a heading announces a list of what the issue holds."""
    return bool(_CONTENTS.match(text))


_FAREWELL = re.compile(
    r"^(?:(?:with |kind(?:est)? |best |warm(?:est)? |many )*(?:regards|wishes|thanks)|yours (?:sincerely|truly|faithfully)|"
    r"sincerely(?: yours)?|in solidarity|cheers|until next (?:month|time))\W*$",
    re.IGNORECASE,
)


def is_farewell(text: str) -> bool:
    """Whether a line ends a letter: "Kind regards,"."""
    return bool(_FAREWELL.match(text))
