"""Requests to format a text in an editor: "make everything bold", "give the text Hello the style italics".

read_style("everything the style bold", "give")   -> ("everything", "bold")
read_style("the word total bold", "make")         -> ("the word total", "bold")
read_style("the bed", "make")                     -> None
"""

import re

STYLES = ("bold", "italic", "italics", "underline", "underlined", "strikethrough", "struck through", "subscript",
          "superscript")  # fmt: skip
_STYLE = rf"(?P<style>{'|'.join(sorted(STYLES, key=len, reverse=True))})(?:\s+(?:style|font|type|text|letters))?"
_AFTER = re.compile(
    rf"^(?P<what>.+?)\s+(?:(?:in|to|as|into|with)\s+)?(?:be\s+)?(?:the\s+)?(?:(?:font\s+)?style\s+|format(?:ting)?\s+)?"
    rf"{_STYLE}$",
    re.IGNORECASE,
)
_BEFORE = re.compile(
    rf"^(?:the\s+)?(?:style\s+|format(?:ting)?\s+)?{_STYLE}\s+(?:to|on|for)\s+(?P<what>.+)$", re.IGNORECASE
)
_VERBS = frozenset(["give", "make", "set", "format", "style", "turn", "put", "change", "render"])
_APPLYING = frozenset(["apply", "use", "add"])
_EVERYTHING = re.compile(
    r"^(?:everything|all(?: of)?(?: the| this)?(?: text| words| content)?|the text|the contents?|it all|"
    r"(?:the )?(?:whole|entire|full) (?:text|content))(?: in the editor| there)?$",
    re.IGNORECASE,
)
_SELECTED = re.compile(r"^(?:the\s+|my\s+|this\s+)?(?:selection|(?:selected|highlighted|marked)\s+\w+)$", re.IGNORECASE)
_PIECE = re.compile(
    r"^(?:only\s+)?(?:the\s+)?(?:(?:text|words?|phrase|part|sentence|string)\s+)?(?P<piece>\S.*)$", re.IGNORECASE
)


def read_style(text: str, verb: str) -> tuple[str, str] | None:
    """(text to format, style) of a request, the text empty for all of it; None where it asks for no style."""
    match = None
    if verb in _VERBS:
        match = _AFTER.match(text)
    elif verb in _APPLYING:
        match = _BEFORE.match(text)
    if match is None:
        return None
    what = match["what"].strip()
    if _EVERYTHING.match(what):
        return "", match["style"].lower()
    piece = _PIECE.match(what)
    return (piece["piece"], match["style"].lower()) if piece else None


def is_selection(text: str) -> bool:
    """Whether what is to be formatted is what has been selected."""
    return bool(_SELECTED.match(text.strip()))
