"""What private text looks like: the same patterns for Python and for the script inside the page.

    find_private("Write to ada@example.com")        -> [(9, 24)]
    mask_text("Card 4111 1111 1111 1111, thanks")   -> "Card •••, thanks"
    mask_text("https://shop/reset?token=a81b")      -> "https://shop/reset?token=•••"

A pattern keeps to what Python's `re` and JavaScript's `RegExp` read alike: ASCII classes, lookbehinds of one length.
"""

import re
from dataclasses import asdict, dataclass
from functools import cache
from html import unescape
from typing import Literal

MASK = "•••"
MAX_MATCHES = 2000
"""In one text; a text with more is masked as a whole."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One kind of private text."""

    kind: str
    source: str
    needs: str
    """Another pattern, without which this one finds nothing."""
    check: Literal["", "luhn", "phone", "iban"] = ""
    """A test of what was found, which no pattern can express."""
    group: int = 0
    """Which group is private; 0: all of it."""


_SECRET_PARAMETERS = (
    "access[_-]?token|id[_-]?token|refresh[_-]?token|auth[_-]?token|csrf[_-]?token|[a-z_-]{0,20}token|api[_-]?key|apikey|"
    "auth|authorization|bearer|client[_-]?secret|secret|password|passwd|pwd|otp|pin|sig|signature|x-amz-signature|"
    "x-amz-credential|x-goog-signature|session|session[_-]?id|sid|phpsessid|jsessionid|sso|saml(?:request|response)|"
    "ticket|jwt|invite|invitation|magic|nonce|csrf|xsrf|credential|assertion|code_verifier"
)
_CODE_NAMES = (
    "(?:verification|security|confirmation|one[ -]time|log[ -]?in|sign[ -]?in|access|authentication|authenticator|sms|"
    "2fa|two[ -]factor|backup|recovery|your)(?: (?:code|passcode|pass code|pin|password))"
)
_CODE = r"\d{4,8}|\d{3}[ -]\d{3}|[A-Z]-\d{5,7}"
_GAP = r"[ \u00a0\u2009\u202f]"
"""What stands between groups of digits."""
_IBAN_LENGTHS = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH CR HR LI LV",
    22: "BG BH DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG YE",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
"""Letters and digits of a bank account's number in each country that has such.

Source: https://www.iso.org/standard/81090.html (ISO 13616-1) and its registry.
"""
_IBANS = "|".join(
    rf"(?:{countries.replace(' ', '|')})\d{{2}}(?:{_GAP}?[A-Z\d]){{{length - 4}}}"
    for length, countries in _IBAN_LENGTHS.items()
)
PATTERNS = (
    Pattern(
        "email",
        # In two blocks side by side it is in two lines of the text; and some write "ada [at] example.com".
        r"""[^\s@<>()\[\]{}"'`,;:/\\?&=|%]{1,64}"""
        r"""(?:(?:\n ?){0,2}[@\uff20](?:\n ?){0,2}|%40|&#64;| ?[\[({] ?at ?[\])}] ?)"""
        r"""(?:[A-Za-z0-9\u00a1-\uffff](?:[A-Za-z0-9\u00a1-\uffff-]{0,61}[A-Za-z0-9\u00a1-\uffff])?\.){1,8}[A-Za-z\u00a1-\uffff]{2,24}""",
        r"[@\uff20]|%40|&#64;|[\[({] ?at ?[\])}]",
    ),
    # Digits in groups, as on the card; what is no card number fails Luhn's test in nine of ten cases.
    Pattern("card", rf"(?<![\w.,-])\d(?:{_GAP}?-?{_GAP}?\d){{12,18}}(?!\w|[.,-]?\d)", r"\d{3}", "luhn"),
    Pattern("iban", rf"\b(?:{_IBANS})(?![A-Z\d])", r"[A-Z]{2}\d{2}", "iban"),
    # A social security number, as it is written in the United States.
    Pattern("ssn", r"(?<![\w.,/-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w]|[.,/-]?\d)", r"\d-\d\d-\d"),
    Pattern(
        "phone",
        r"(?<![\w.,/+-])(?:\+|00)[1-9]\d{0,2}(?:[ \u00a0./-]{0,2}\(?\d{1,5}\)?){2,7}(?![\w]|[.,-]?\d)",
        r"\+|00",
        "phone",
    ),
    Pattern(
        "phone",
        r"(?<![\w.,/+-])(?:\(\d{2,5}\)[ \u00a0-]{0,2}\d{2,5}(?:[ \u00a0.-]?\d{2,5}){1,3}"
        r"|(?:1[-. \u00a0])?[2-9]\d{2}([-. \u00a0])\d{3}\1\d{4}|0[1-9]\d{1,4}[ \u00a0/-]\d{3,4}[ \u00a0-]?\d{2,8}"
        r"|0\d(?:[ \u00a0.-]\d{2}){4}|0[1-9]\d{8,9})(?![\w]|[.,-]?\d)",
        r"[(0]\d|\d{3}[-. \u00a0]\d{3}",
        "phone",
    ),
    Pattern("phone", r"\b(?:tel|sms):(\+?[\d().\u00a0 -]{5,20})", "tel:|sms:", group=1),
    # A number of seven digits may be anything, unless the words before it say what it is.
    Pattern(
        "phone",
        r"\b(?:tel|telephone|phone|mobile|cell|fax|whatsapp|hotline)\b[^\d\n+(]{0,12}"
        r"(?!\d{4}-\d\d-\d\d)(\+?\(?\d(?:[ \u00a0()./-]{0,2}\d){6,14})(?![\w]|[.,-]?\d)",
        r"tel\b|phone|mobile|cell|fax|whatsapp|hotline",
        "phone",
        group=1,
    ),
    Pattern("token", r"(?:[?&#;]|&amp;)(?:" + _SECRET_PARAMETERS + r""")=([^&#;\s"'<>]{2,})""", "=", group=1),
    # The same in JSON, in headers and in settings that a page shows.
    Pattern(
        "token",
        r"""\b(?:(?:access|refresh|id|auth|api|secret|client|session|csrf|xsrf|private|bearer)[ _-]?"""
        r"""(?:token|key|secret|id)|token|apikey|secret)["']?[ ]?[:=][ ]?["']?"""
        r"""(?=[^\s"'<>,;]{0,200}\d)([^\s"'<>,;]{12,})""",
        "token|key|secret|id[\"' ]?[:=]",
        group=1,
    ),
    Pattern(
        "token", r"\b(?:bearer|authorization: ?basic) (?=[^\s]{0,200}\d)([\w.~+/-]{12,}=*)", "bearer|basic", group=1
    ),
    # Names that mean anything, with a value that looks like nothing but a secret.
    Pattern(
        "token",
        r"""(?:[?&#;]|&amp;)(?:code|key|state|hash|h|t|s|k|id_hint|login_hint)=(?=[^&#;\s"'<>]{0,200}\d)([^&#;\s"'<>]{20,})""",
        "=",
        group=1,
    ),
    Pattern("token", r"""://([^/\s:@"'<>]{1,200}:[^/\s@"'<>]{1,200})@""", "@", group=1),
    Pattern(
        "token",
        r"""/(?:reset|password|verify|verification|confirm|confirmation|activate|activation|invite|invitation|magic|"""
        r"""token|unsubscribe|share|s)(?:/[a-z0-9_-]{1,12}){0,2}/((?=[^/?#\s"'<>]{0,200}\d)[^/?#\s"'<>]{16,})""",
        "/",
        group=1,
    ),
    Pattern("token", r"\b(eyJ[\w-]{8,}\.[\w-]{6,}(?:\.[\w-]*)?)", "eyJ", group=1),
    Pattern(
        "token",
        r"\b((?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|sk-|sk_live_|pk_live_|rk_live_|hf_|npm_|pypi-)[\w-]{16,}"
        r"|AKIA[0-9A-Z]{16}|AIza[\w-]{30,}|ya29\.[\w-]{20,})",
        "[_-]|AKIA|AIza|ya29",
        group=1,
    ),
    Pattern(
        "code",
        r"\b(?:" + _CODE_NAMES + r"|otp|passcode|pin|tan)\b[^\d\n]{0,24}?\b(" + _CODE + r")\b",
        r"\d{3}",
        group=1,
    ),
    # Under its heading, and as messages have it.
    Pattern("code", r"\b(?:" + _CODE_NAMES + r")\b[^\d\n]{0,24}?\n\s{0,4}(" + _CODE + r")\b", r"\d{3}", group=1),
    Pattern("code", r"\b(" + _CODE + r") is (?:your|the) (?:[\w'-]+ ){0,3}?(?:code|passcode|pin)\b", " is ", group=1),
)
"""Case does not count."""
_ANY = re.compile("|".join(p.needs for p in PATTERNS), re.ASCII | re.IGNORECASE)


def page_patterns() -> list[dict[str, object]]:
    """The patterns for the script inside the page (`agent/page/private.js`)."""
    return [asdict(pattern) for pattern in PATTERNS]


def find_private(text: str) -> list[tuple[int, int]]:
    """Where private text stands: start and end of each place, in order, overlapping ones merged."""
    if not _ANY.search(text):
        return []
    found: list[tuple[int, int]] = []
    for pattern, needs, source in _compiled():
        if needs.search(text):
            for match in source.finditer(text):
                if _holds(pattern, match[pattern.group]):
                    found.append(match.span(pattern.group))
    return _merged(found)


def mask_text(text: str) -> str:
    """`text` with everything private in it replaced by •••."""
    places = find_private(text)
    if len(places) > MAX_MATCHES:
        return MASK
    for start, end in reversed(places):
        text = text[:start] + MASK + text[end:]
    return text


def mask_html(html: str) -> str:
    """The same for HTML, where a value may also be spelt with character references."""
    masked = mask_text(html)
    plain = unescape(masked)
    # Rare: characters of an address written as references. What it says is then written plainly, escaped anew.
    if "&#" in masked and find_private(plain):
        return mask_text(_without_references(masked))
    return masked


def _without_references(html: str) -> str:
    return re.sub(r"&#(?:x([0-9a-f]{1,6})|(\d{1,7}));", _character, html, flags=re.IGNORECASE)


def _character(match: re.Match[str]) -> str:
    character = unescape(match[0])
    return character if character not in "<>&\"'" else match[0]


def _holds(pattern: Pattern, found: str) -> bool:
    digits = re.sub(r"[^0-9]", "", found)
    if pattern.check == "luhn":
        return luhn(digits)
    if pattern.check == "iban":
        return iban(found)
    return pattern.check != "phone" or 7 <= len(digits.removeprefix("00")) <= 15


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others, and they are not all the same.

    Source: https://www.iso.org/standard/70484.html (ISO/IEC 7812-1, annex B).
    """
    doubled = [int(d) * 2 if i % 2 else int(d) for i, d in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def iban(text: str) -> bool:
    """Whether the check digits of an international bank account number fit the others.

    Source: https://www.iso.org/standard/81090.html (ISO 13616-1, annex A).
    """
    plain = re.sub(r"[^0-9A-Z]", "", text.upper())
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


@cache
def _compiled() -> tuple[tuple[Pattern, re.Pattern[str], re.Pattern[str]], ...]:
    flags = re.ASCII | re.IGNORECASE
    return tuple((p, re.compile(p.needs, flags), re.compile(p.source, flags)) for p in PATTERNS)


def _merged(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged
