"""Amounts of money with their currency; a sign that many countries share is said to be ambiguous."""

# ruff: noqa: E501 -- patterns read worse in pieces
from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from broadsheet.wire.facts import numbers

# Signs and names that mean one currency (ISO 4217).
_ONE = {
    "us$": "USD", "us dollars": "USD", "us dollar": "USD", "u.s. dollars": "USD", "usd": "USD", "american dollars": "USD",
    "hk$": "HKD", "hong kong dollars": "HKD", "hkd": "HKD", "a$": "AUD", "au$": "AUD", "australian dollars": "AUD", "aud": "AUD",
    "c$": "CAD", "ca$": "CAD", "canadian dollars": "CAD", "cad": "CAD", "s$": "SGD", "singapore dollars": "SGD", "sgd": "SGD",
    "nt$": "TWD", "taiwan dollars": "TWD", "nz$": "NZD", "new zealand dollars": "NZD",
    "\u20ac": "EUR", "euros": "EUR", "euro": "EUR", "eur": "EUR", "\u00a3": "GBP", "sterling": "GBP", "gbp": "GBP", "british pounds": "GBP", "egyptian pounds": "EGP",
    "\u20b9": "INR", "indian rupees": "INR", "inr": "INR", "pakistani rupees": "PKR", "nepali rupees": "NPR", "nepalese rupees": "NPR", "sri lankan rupees": "LKR",
    "rm": "MYR", "ringgit": "MYR", "baht": "THB", "\u0e3f": "THB", "yuan": "CNY", "renminbi": "CNY", "rmb": "CNY", "cny": "CNY",
    "yen": "JPY", "jpy": "JPY", "won": "KRW", "\u20a9": "KRW", "\u20b1": "PHP", "philippine pesos": "PHP", "mexican pesos": "MXN",
    "dong": "VND", "vnd": "VND", "rupiah": "IDR", "idr": "IDR", "taka": "BDT", "kyat": "MMK", "riel": "KHR", "kip": "LAK",
    "naira": "NGN", "\u20a6": "NGN", "rand": "ZAR", "kenyan shillings": "KES", "ugandan shillings": "UGX", "tanzanian shillings": "TZS", "cedis": "GHS",
    "swiss francs": "CHF", "zloty": "PLN", "lei": "RON", "leva": "BGN", "forints": "HUF", "forint": "HUF", "hryvnia": "UAH", "roubles": "RUB", "rubles": "RUB",
    "reais": "BRL", "lira": "TRY", "swedish kronor": "SEK", "norwegian kroner": "NOK", "danish kroner": "DKK", "birr": "ETB", "kwacha": "ZMW", "dirhams": "AED",
}  # fmt: skip
# Signs and names that several countries share: country -> currency.
_SHARED: dict[str, dict[str, str]] = {
    "dollars": {"US": "USD", "HK": "HKD", "AU": "AUD", "CA": "CAD", "SG": "SGD", "NZ": "NZD", "TW": "TWD", "EC": "USD", "SV": "USD", "KH": "USD", "ZW": "USD"},
    "shillings": {"KE": "KES", "UG": "UGX", "TZ": "TZS", "SO": "SOS"},
    "pounds": {"GB": "GBP", "EG": "EGP", "LB": "LBP", "SD": "SDG", "SS": "SSP", "SY": "SYP"},
    "rupees": {"IN": "INR", "PK": "PKR", "NP": "NPR", "LK": "LKR", "MU": "MUR"},
    "pesos": {"PH": "PHP", "MX": "MXN", "AR": "ARS", "CO": "COP", "CL": "CLP", "DO": "DOP", "CU": "CUP"},
    "francs": {"CH": "CHF", "SN": "XOF", "CI": "XOF", "ML": "XOF", "BF": "XOF", "CM": "XAF", "RW": "RWF", "BI": "BIF", "CD": "CDF"},
    "crowns": {"SE": "SEK", "NO": "NOK", "DK": "DKK", "CZ": "CZK", "IS": "ISK"},
    "yens": {"JP": "JPY", "CN": "CNY"},
    "riyals": {"SA": "SAR", "QA": "QAR", "OM": "OMR", "YE": "YER"},
    "dinars": {"KW": "KWD", "BH": "BHD", "JO": "JOD", "IQ": "IQD", "LY": "LYD", "TN": "TND", "DZ": "DZD", "RS": "RSD"},
}  # fmt: skip
_NAMES = {
    "$": "dollars", "dollars": "dollars", "dollar": "dollars", "shillings": "shillings", "sh": "shillings", "shs": "shillings",
    "pounds": "pounds", "rupees": "rupees", "rs": "rupees", "rs.": "rupees", "pesos": "pesos", "peso": "pesos", "francs": "francs",
    "crowns": "crowns", "kronor": "crowns", "kroner": "crowns", "\u00a5": "yens", "riyals": "riyals", "rials": "riyals", "dinars": "dinars",
}  # fmt: skip
_IN_FRONT = sorted(
    (
        k
        for k in (*_ONE, *_NAMES)
        if not k.isalpha() or k in ("rm", "rs", "usd", "hkd", "rmb", "sh", "shs", "gbp", "eur")
    ),
    key=len,
    reverse=True,
)
_BEHIND = sorted(
    (k for k in (*_ONE, *_NAMES) if k[0].isalpha() and not k.endswith("$")), key=len, reverse=True
)
_N = rf"(?:{numbers.FIGURES}){numbers.SCALE}?"
_LONG = rf"(?:{_N}|(?<!\w){numbers.WORDS})"
_QUALIFIER = r"(?:(?P<q>more than|over|at least|up to|as much as|as little as|around|about|some|nearly|almost|approximately|roughly|an estimated|less than|under)\s)?"
_AMOUNT = re.compile(
    rf"{_QUALIFIER}(?:between\s)?(?<![\w$])(?P<sign>{'|'.join(map(re.escape, _IN_FRONT))})\s?(?P<a>{_N})"
    rf"(?:(?:\sto\s|\sand\s|\s?[-\u2013]\s?)(?:{'|'.join(map(re.escape, _IN_FRONT))})?\s?(?P<b>{_N}))?(?![\w%])"
    rf"|{_QUALIFIER.replace('?P<q>', '?P<q2>')}(?:between\s)?(?<![\w$,.])(?P<c>{_LONG})(?:(?:\sto\s|\sand\s|\s?[-\u2013]\s?)(?P<d>{_LONG}))?\s"
    rf"(?P<name>{'|'.join(map(re.escape, _BEHIND))})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Amount:
    """Money in a sentence; `currency` is an ISO 4217 code or "ambiguous"."""

    start: int
    end: int
    min: float | None
    max: float | None
    currency: str
    note: str = ""


def find(sentence: str, countries: Iterable[str]) -> list[Amount]:
    """The amounts of a sentence. `countries` are those that the story names: they resolve a sign only
    where just one of them uses it."""
    here = set(countries)
    found = []
    for match in _AMOUNT.finditer(sentence):
        sign = (match["sign"] or match["name"]).lower()
        low = numbers.value(match["a"] or match["c"])
        high = numbers.value(match["b"] or match["d"]) if (match["b"] or match["d"]) else None
        if low is None:
            continue
        if match["name"] and not match["c"][:1].isdigit() and sign in ("won", "lei", "kip", "rand"):
            continue  # "two won": a verb
        if high is not None and high < low and (match["b"] or match["d"]):
            # "80 to 120 thousand": the scale of the second is the scale of both.
            continue
        qualifier = (match["q"] or match["q2"] or "").lower()
        least: float | None = low
        most: float | None = high if high is not None else low
        if qualifier in ("up to", "as much as"):
            least, most = None, low
        elif qualifier in ("more than", "over", "at least"):
            most = None
        elif qualifier in ("less than", "under"):
            least, most = None, low
        currency, note = _currency(sign, here)
        found.append(Amount(*match.span(), least, most, currency, note))
    return found


def _currency(sign: str, countries: set[str]) -> tuple[str, str]:
    if sign in _ONE:
        return _ONE[sign], ""
    shared: Mapping[str, str] = _SHARED[_NAMES[sign]]
    fitting = {shared[country] for country in countries & shared.keys()}
    if len(fitting) == 1:
        return fitting.pop(), ""
    options = ", ".join(dict.fromkeys(shared.values()))
    return "ambiguous", f"{options}: needs the country"
