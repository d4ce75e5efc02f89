"""Text from pages made harmless for people's eyes: one line, no control characters, bounded, inert in Markdown.

    printable("Total:\\n\\x1b[31m €5 \\u202e")   -> "Total: �[31m €5 �"
    markdown("<b>*hi* @ada</b>")               -> "&#60;b&#62;&#42;hi&#42; @\u2060ada&#60;/b&#62;"

HTML needs no more than `printable`: the report's template escapes everything that it is given.
"""

import re

LIMIT = 2_000
"""Characters of one text that are shown; a page may hand us megabytes."""
_BLANK = re.compile(r"\s+")
# C0, C1, lone surrogates, and the characters that turn the direction of what follows them.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_MARKUP = re.compile(r"[`*_\[\]<>&|\\~$]|:(?=//)|(?<=\bwww)\.", re.IGNORECASE)
# GitHub links these even where an entity spells them; a word joiner prevents it and is not seen.
_MENTION = re.compile(r"[@#](?=\w)")


def printable(text: str, limit: int = LIMIT) -> str:
    """`text` on one line, each unseen character shown as �, at most `limit` characters long."""
    folded = _UNSEEN.sub("�", _BLANK.sub(" ", text[: limit * 4])).strip()
    return folded if len(folded) <= limit and len(text) <= limit * 4 else folded[: limit - 1] + "…"


def markdown(text: str, limit: int = 300) -> str:
    """`text` for a cell of a GitHub-flavoured table: no markup, link, mention or HTML in it works."""
    joined = _MENTION.sub(lambda m: m[0] + "\u2060", printable(text, limit))
    return _MARKUP.sub(lambda m: f"&#{ord(m[0])};", joined)
