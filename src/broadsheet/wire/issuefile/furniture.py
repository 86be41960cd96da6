"""What belongs to no item: small print, sharing, adverts, contents, greetings and farewells."""

# ruff: noqa: E501 -- long patterns read worse when they are cut

from __future__ import annotations

import re


def _any(*words: str) -> re.Pattern[str]:
    """One of these, wherever it stands."""
    return re.compile("|".join(words), re.IGNORECASE)


def _alone(*words: str) -> re.Pattern[str]:
    """A line of one of these and no more."""
    return re.compile(rf"^\W*(?:{'|'.join(words)})\W*$", re.IGNORECASE)


_SMALL_PRINT = _any(
    r"^\S+ mailing list$|\bregistered (?:charity|office|company)\b|\bcharity (?:no\b|number|reg)|unsubscribe|opt[- ]out|removed? (?:me )?from (?:this|our|the) (?:mailing )?list|view (?:this|the)?\s*(?:email|e-mail|newsletter|message|it|in)[\w\s]*(?:browser|online|web)",
    r"view in (?:your )?browser|view (?:as a )?web ?page|view all your alerts",
    r"read (?:this|the|our)\s[\w\s]{0,20}\b(?:on the web|online|in (?:your |a )?browser)|no longer wish to receive|update (?:your )?(?:subscription |profile|email )?preferences|update (?:your )?profile",
    r"manage (?:your )?(?:subscription|preferences)|you (?:are|were) receiv(?:ing|ed) this|you(?:'|’)re receiving this",
    r"you (?:have )?received this (?:e-?mail|newsletter|message)|all rights reserved|^\W*(?:copyright|©)|©.{0,60}\b(?:19|20)\d\d\b",
    r"know someone who|forwarded (?:this|to you)|pass (?:it|this) on|reply (?:with )?\W?(?:stop|remove|unsubscribe)\b|if you (?:would|no longer|do not|don['’]t).{0,30}(?:receive|hear from us)",
    r"(?:receive|join|subscribe to|sign up (?:for|to)) our (?:newsletter|mailing list|e-?news|updates)",
    r"forward (?:this|to a friend)|subscribe to (?:our|this|the)|sign up (?:for|to) (?:our|this|the) newsletter",
    r"follow us|like us on|find us on|connect with us|share (?:this (?:e-?mail|newsletter|post|issue|article|story)|on (?:facebook|twitter|linkedin|social|whatsapp))|^\W*share (?:this|on)|tweet this|our mailing address",
    r"was sent to|why did i get this|add us to your address book|powered by|sent (?:by|with) mailchimp",
    r"did you (?:like|enjoy) (?:this|it|reading)\b.{0,40}$",
    r"having trouble (?:viewing|reading)|having problems viewing|trouble viewing this|email not displaying",
    r"privacy policy|terms of (?:use|service)|cookie|you can update your preferences|email preferences|receive this alert as",
    r"(?:this|the) (?:newsletter|bulletin|digest|e-?mail) (?:is|was) (?:compiled|produced|sent|written|edited|prepared|published|funded|supported|brought)",
    r"^\W*(?:disclaimer|impressum|imprint|spendenkonto|v\.i\.s\.d\.p)\b|\biban\b",
    # French, Spanish, Portuguese, Italian, German, Dutch, Indonesian and Malay
    r"se désabonner|désabonn|désinscri|dans votre navigateur|version en ligne|darse de baja|cancelar (?:la )?(?:su )?suscripci|desuscrib|en (?:el|su|tu) navegador",
    r"cancelar (?:a )?(?:sua )?(?:inscriç|subscriç|assinatura)|no (?:seu )?navegador|annulla (?:l['’])?iscrizione|disiscri|cancellarsi|nel (?:tuo )?browser",
    r"abbestellen|abmelden|austragen|im browser|datenschutz|afmelden|uitschrijven|in (?:je|uw) browser|berhenti berlangganan|di peramban",
    r"ยกเลิกการรับ|取消訂閱|退訂|取消订阅|退订|訂閱電子報|版權所有|版权所有|在瀏覽器|以瀏覽器|無法(?:正常)?(?:瀏覽|觀看|閱讀)|配信停止",
)
_SMALL_LINKS = re.compile(
    r"\W*(?:(?:facebook|twitter|instagram|linkedin|youtube|tiktok|bluesky|threads|website|e-?mail|share|tweet|forward|print|"
    r"like|comment|restack|pinterest|whatsapp|telegram|x|rss|home|about us?|contact(?: us)?|past issues|archive|read in app|get the app|start writing|upgrade to paid|"
    r"translate|(?:subscribe|donate|give|share)(?: (?:now|today|here|online|monthly))?|make a donation|become a (?:member|supporter|friend|donor|partner)|support (?:us|our work)|"
    r"faire un don|donner|spenden|jetzt spenden|donar|doar|dona(?: ora)?|doneer|donasi|捐款|立即捐款|支持我們|"
    r"previous|next|back to top|skip to content|menu|search|privacy|reply|edit|log in|flag as irrelevant|"
    r"leave a (?:reply|comment)|comments?(?: are closed)?|top|(?:on|via|to a friend|this(?: e-?mail| post| page)?)(?=\W|$))"
    r"(?:\W+|$))+|\W*↑\W*",
    re.IGNORECASE,
)


def is_small_print(text: str) -> bool:
    """Whether a line belongs to the mail tool or the web site and not to the issue."""
    return bool((len(text) < 400 and _SMALL_PRINT.search(text)) or is_share(text))


def is_share(text: str) -> bool:
    """Whether a line is only ways to pass on, to follow or to give: "Share | Tweet | Forward"."""
    return len(text.split()) <= 5 and bool(_SMALL_LINKS.fullmatch(text)) and not text.endswith(":")


_FOOT = _any(
    r"mailing list$|registered (?:charity|office|company)|unsubscribe|opt[- ]out|removed? from|no longer wish|all rights reserved|©|copyright|mailing address|preferences",
    r"you (?:are|were) receiv|you (?:have )?received this|was sent to|follow us|like us on|find us on|connect with us",
    r"(?:newsletter|bulletin|digest) (?:is|was) (?:compiled|produced|written|edited|prepared)|impressum",
    r"désabonn|désinscri|darse de baja|cancelar|abbestellen|abmelden|annulla|disiscri|afmelden|uitschrijven|berhenti berlangganan",
    r"取消訂閱|退訂|退订|版權所有",
)
_ADVERT = _alone(
    r"advert(?:isement|orial)?|sponsored(?: (?:content|post|by\b.{0,60}))?|a (?:message|word) from our sponsors?",
    r"our sponsors?|promotion|paid (?:post|content)|anzeige|publicité|publicidad|廣告|贊助(?:商|內容)?",
)


def is_advert(text: str) -> bool:
    """Whether a line says that what follows is paid for."""
    return bool(_ADVERT.match(text))


def is_foot(text: str) -> bool:
    """Whether small print is of the kind that stands below the last item."""
    return bool(_FOOT.search(text))


_CONTENTS = _alone(
    r"in this (?:issue|edition|newsletter|bulletin|e-?mail|week'?s issue|month'?s (?:issue|newsletter))|inside(?: this issue)?|(?:table of )?contents",
    r"what'?s inside|at a glance|sommaire|dans ce numéro|sumario|contenidos?|en este número|índice|conteúdo|nesta edição|sommario|indice|in questo numero",
    r"inhalt(?:sverzeichnis)?|in dieser ausgabe|inhoud|in dit nummer|daftar isi|dalam edisi ini|目錄|目录|本期內容|本期目錄|內容",
)


def is_contents(text: str) -> bool:
    """Whether a heading announces a list of what the issue holds."""
    return bool(_CONTENTS.match(text.replace("’", "'")))


_GREETING = re.compile(
    r"^\W*(?:dear\b|hello\b|hi\b|hey\b|greetings|good (?:morning|afternoon|evening|day)|welcome to (?:the|our|this|issue|another)\b|to (?:all )?our (?:friends|supporters|members)|"
    r"ch(?:er|ère)s?\b|bonjour|bonsoir|estimad[oa]s?\b|querid[oa]s?\b|hola\b|prezad[oa]s?\b|olá\b|car[aeio]\b|gentil[ei]|liebe[rs]?\b|sehr geehrte|guten tag|beste\b|geachte|"
    r"yth\b|salam\b|assalam|dear|親愛的|亲爱的|各位|敬愛的|尊敬的|เรียน|สวัสดี|拝啓)",
    re.IGNORECASE,
)


def is_greeting(text: str) -> bool:
    """Whether a line only greets its readers: "Dear friends,"."""
    return (
        len(text.split()) <= 9
        and bool(_GREETING.match(text))
        and text.rstrip()[-1:] in ",，:：!！、"
    )


_FAREWELL = _alone(
    r"with (?:every|all|our|many|much|kind|best|warm|love|lots|heartfelt|sincere)\b[\w ]{0,30}[,!](?=$)|(?:with |kind(?:est)? |best |warm(?:est)? |many |our )*(?:regards|wishes|thanks|gratitude)|yours (?:sincerely|truly|faithfully|in .{3,20})",
    r"sincerely(?: yours)?|in (?:solidarity|hope|christ|peace|faith|freedom|gratitude)|(?:with|much|all our|lots of) (?:love|gratitude|hope|thanks|appreciation)(?: and .{3,20})?|love|cheers|warmly|blessings|god bless(?: you)?",
    r"thank you(?: for (?:reading|your support|all you do))?|until (?:next|then).{0,20}|all the best|take care|see you (?:next|soon).{0,15}|happy reading",
    r"(?:mit )?(?:freundlichen?|herzlichen?|besten?|liebe|viele) gr(?:ü|ue)(?:ß|ss)en?|cordialement|bien (?:à vous|cordialement)|amicalement|solidairement|sincères salutations",
    r"(?:un )?(?:cordial(?:es)? )?saludos?(?: cordial(?:es)?)?|atentamente|un abrazo|atenciosamente|abraços|cordiali saluti|un (?:caro )?saluto|met (?:vriendelijke|hartelijke) groet(?:en)?",
    r"hormat kami|salam(?: hangat| hormat)?|terima kasih|prenez soin de vous|bonne lecture|à (?:bientôt|très vite)|bis bald|hasta (?:pronto|la próxima)|até (?:breve|à próxima)|a presto|tot (?:snel|volgende .{3,8})|sampai jumpa|此致|敬上|謹啟|敬祝.{0,6}|主內|祝好|敬具",
)


def is_farewell(text: str) -> bool:
    """Whether a line ends a letter: "Kind regards,"."""
    return len(text) < 60 and bool(_FAREWELL.match(text))


_IMPRINT = _any(
    r"^.{2,60}\b(?:(?:is|was) (?:compiled|edited|produced|published|written|prepared|issued) (?:\w+ )?by|(?:est|sont) (?:édité|publié)e?s? par|wird herausgegeben von|es (?:una )?publicación de|é (?:uma )?publicação d)",
    r"^(?:for|with) (?:any )?(?:comments?|questions?|feedback|more information about (?:us|this))\b.{0,60}\b(?:contact|write|e-?mail)\b",
    r"^(?:(?:please )?(?:send|e-?mail) (?:us )?(?:your )?(?:tips|news|comments|feedback|contributions|suggestions)|that['’]s (?:it|all) (?:for|from))\b",
)


def is_imprint(text: str) -> bool:
    """Whether a line says who made the letter or whom to write to, as the last lines of a letter do."""
    return len(text) < 200 and bool(_IMPRINT.match(text))


_ABOUT = _alone(
    r"about (?:us|the .{3,40}|.{3,40} (?:network|foundation|trust|coalition|alliance|project|newsletter|bulletin))|who we are|our mission",
    r"contact(?: us| details| information)?|get in touch|stay (?:in touch|connected|informed)|keep in touch|connect(?: with us)?|follow(?: us)?.{0,20}|find us",
    r"our (?:sponsors|supporters|funders|partners|donors)|(?:sponsors|partners|supporters|funders)|with (?:the )?support (?:of|from)|funded by",
    r"subscribe.{0,25}|sign up.{0,30}newsletter|disclaimer|editorial (?:team|board)|editors?|past issues|previous (?:issues|newsletters)|back issues|quick links",
    r"à propos.{0,30}|nous (?:contacter|suivre|rejoindre)|qui sommes[- ]nous.{0,3}|contactez[- ]nous|suivez[- ]nous|contacto|cont[áa]ctenos|síg[au]enos.{0,20}|quiénes somos",
    r"quem somos|contato|siga[- ]nos|chi siamo|contatti|seguici|über uns|kontakt|folgen sie uns.{0,20}|over ons|volg ons.{0,20}|tentang kami|hubungi kami|ikuti kami",
    r"關於我們|聯絡我們|追蹤我們",
)


# "About Lantern House": a name behind it, not "About 300 people freed" or "About time to act"
_ABOUT_NAME = re.compile(r"^\W*About(?: (?:the|[A-ZÀ-Þ][\w.&’'-]*|of|for|and|&)){1,6}\W*$")


def is_about(text: str) -> bool:
    """Whether a heading stands above what the sender says of itself: "About us", "Our partners"."""
    return len(text.split()) <= 9 and bool(_ABOUT.match(text) or _ABOUT_NAME.match(text))


_CLOSING = _any(
    r"\b(?:thank you for (?:reading|your (?:\w+ )?(?:support|interest))|thanks for reading|see you (?:next|in)\b|until next (?:month|time|week)|if you (?:have|would like|wish|know|want)\b.{0,80}\b(?:newsletter|bulletin|feedback|suggestions?|questions?|contribut\w+|mailing list|e-?mails?)|(?:this|our|the next) (?:newsletter|bulletin|digest|e-?news)\b|(?:write|reply) to (?:us|me)\b|hit reply|that(?:['’]s| is) (?:it|all)\b|(?:prochain numéro|merci (?:de|pour) votre|écrivez[- ]nous|próximo número|gracias por (?:leer|su|tu|vuestr)|escríbenos|escríbanos|obrigad[oa] por|grazie per|danke für|bis zum nächsten|terima kasih (?:atas|telah)))",
)


def is_closing(text: str) -> bool:
    """Whether a paragraph below the last item's text speaks to the reader of the letter itself."""
    return len(text.split()) <= 60 and bool(_CLOSING.search(text))


_POSTAL = _any(
    r"\b(?:unit|flat|room|suite|floor|level|p\.? ?o\.? ?box|postfach|apartado|casilla|boîte postale|bp)\s*#?\d|\b\d{1,3}/F\b",
    r"\b\d+[a-z]?,?\s+(?:[A-ZÀ-Þ][\w’'.-]*\s){1,3}(?:street|st\.?|road|rd\.?|avenue|ave\.?|lane|square|terrace|drive|quay|praya|place|way|boulevard|blvd)\b",
    r"\b(?:rue|avenue|calle|c/|rua|via|jalan|jl\.?|plaza|piazza)\s+.{2,30}\d|\b[A-ZÄÖÜ]\w+(?:straße|strasse|str\.|weg|platz|gasse|straat|laan)\s+\d",
    r"\b(?:tel|phone|telefon|fax|whatsapp|téléphone|teléfono)\b\.?\s*[:：]?\s*[+(]?\d|地址|電話|帳號|郵政信箱|reg(?:istered|\.)? charity",
)


def is_postal(text: str) -> bool:
    """Whether a short line holds where the sender sits or how to call it."""
    sentence = len(text.split()) > 4 and text.rstrip().endswith((".", "!", "?"))
    return len(text) < 160 and not sentence and bool(_POSTAL.search(text))


_GIVE = re.compile(
    r"^\W*(?:please )?(?:donate|give|make a (?:donation|gift)|support (?:us|our work|our cause)|become a (?:donor|friend|monthly giver|supporter)|"
    r"faire un don|je donne|spenden|jetzt spenden|donar|haz (?:una donación|tu donativo)|doar|doe agora|dona(?: ora)?|doneer|donasi|立即捐款|捐款支持)"
    r"(?: (?:now|today|here|online|monthly|once))?\W*$",
    re.IGNORECASE,
)


_APPEAL = _any(
    r"(?:[$£€¥]\s?\d[\d,.]*|\b\d+\s?(?:euros?|dollars?|pounds))\W.{0,40}\b(?:buys?|pays?|gives?|provides?|could|a month|per month|al mes|par mois|im monat)\b",
    r"\b(?:donat(?:e|ion|ions)|your (?:gift|generosity)|gifts? (?:that|of|to)|giv(?:e|ing) monthly|monthly giving|chip in|dona(?:tivo|ción|ciones)|hazte soci[oa]|pagamos|faire un don|votre don|vos dons|spenden?|doação|donazion\w+|donasi)\b|捐款|捐助",
)


def is_appeal(text: str) -> bool:
    """Whether a few words speak of money to give, as boxes below the last item do."""
    return bool(_APPEAL.search(text))


def is_giving(text: str) -> bool:
    """Whether a line asks for money and says no more: "Donate now"."""
    return bool(_GIVE.match(text))
