"""Surrounding HTML made small enough for a prompt: the same function for serving and for data preparation.

In: raw HTML, the element that is asked about marked with `data-magenta-target`. Out: at most `budget` characters of
well-formed HTML without what says nothing about meaning. One real example, budget 1000:

    <tr data-gtm="r1" style="color:red"><td class="css-1x2y3z">Ada</td><td><button data-magenta-target onclick="rm(7)">
      <svg viewBox="0 0 9 9"><path d="M1 2…"/><use href="#trash"/></svg></button></td></tr>
    -> <tr><td>Ada</td><td><button><svg><use href="#trash"></use></svg></button></td></tr>

Pages are hostile: nothing here recurses, and no more than `MAX_RAW` characters are ever parsed.
"""

import re
import warnings
from functools import lru_cache
from html import escape, unescape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PreformattedString
from bs4.exceptions import ParserRejectedMarkup

from magenta_qa.model.trim import Node, tidy, trim

TARGET = "data-magenta-target"
MAX_RAW = 100_000
"""Characters that are parsed at most: a window around the target, or the beginning."""
MAX_UNCLOSED = 50
"""Tags without an end that are left to the parser."""
MAX_VALUE = 100
"""Characters of one attribute value."""

_DROPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "link",
        "meta",
        "base",
        "head",
        "object",
        "embed",
        "param",
        "source",
        "track",
        "br",
        "hr",
        "wbr",
        "area",
        "map",
    ]
)
_SHAPES = re.compile(
    "g|path|rect|circle|ellipse|line|polyline|polygon|defs|symbol|marker|pattern|mask|filter|clippath|stop|tspan|metadata"
    "|.*gradient|fe[a-z]+|animate.*|set|foreignobject"
)
"""Parts of an SVG that draw; what they contain is kept, such as a `use` in a `g`."""
_KEPT_ATTRIBUTES = frozenset(
    [
        "id",
        "class",
        "name",
        "type",
        "value",
        "href",
        "xlink:href",
        "src",
        "alt",
        "title",
        "placeholder",
        "role",
        "for",
        "action",
        "method",
        "checked",
        "disabled",
        "selected",
        "readonly",
        "required",
        "open",
        "contenteditable",
        "draggable",
        "label",
        "autocomplete",
        "accept",
        "min",
        "max",
        "multiple",
        "icon",
        "slot",
        "summary",
    ]
)
_FLAGS = frozenset(["checked", "disabled", "selected", "readonly", "required", "open", "multiple"])
_TRACKING = re.compile(
    r"data-(?:.*(?:analytic|track|gtm|impression|telemetr|sentry|segment|mixpanel|amplitude|pendo|datadog|beacon|hash|nonce|csrf).*"
    r"|ga|ga-.*|ved|hveid|react(?:id|root|-.*)|v-.*|ng-.*|emotion.*|styled.*|server-rendered|heap.*|hj-.*|dd-.*|fs-.*|log|log-.*|uid|uuid|guid|jsl.*)$"
)
_TRACKING_PARAMETER = re.compile(
    r"(?i)(utm_.*|gclid|fbclid|msclkid|mc_[ce]id|_ga|_gl|ref|ved|ei|sid|session.*|token|csrf.*|nonce|sig)$"
)
_GENERATED = re.compile(
    r"(?i)^(?:css|sc|jss|jsx|svelte|emotion|styled|makestyles|ng-tns|ember|yui)[-_]?[a-z]*[-_]?\d[\w-]*$|^ng-|^sc-\w+$"
)
_HASH = re.compile(
    r"^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9_+/=:-]{20,}$|^[0-9a-f]{12,}$|^[0-9a-f]{8}-[0-9a-f-]{27}$|^:\w+:$"
)
_HIDDEN_STYLE = re.compile(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden")


@lru_cache(maxsize=2048)
def clean_html(raw: str, budget: int = 1000) -> str:
    """`raw` without noise, trimmed around its target to at most `budget` characters; well-formed and idempotent.

    Args:
        raw: Any HTML. The element with the attribute `data-magenta-target`, if there is one, is kept whole as far as
            the budget allows, with its ancestors and the row, item, form, dialog or heading that gives it meaning.
        budget: Characters at most.
    """
    window = _window(raw)
    if "<" not in window:
        return trim(tidy(_text_only(window)), None, budget)
    root, target = _build(_parse(window))
    return trim(tidy(root), target, budget)


def _window(raw: str) -> str:
    if len(raw) > MAX_RAW:
        start = max(0, raw.find(TARGET) - MAX_RAW // 2)
        raw = raw[start : start + MAX_RAW]
    if raw.count("<") > raw.count(">") + MAX_UNCLOSED or raw.count("<!--") > raw.count("-->") + MAX_UNCLOSED:
        # The parser looks for the end of every tag and takes quadratic time where there is none.
        raw = re.sub(r"<(?![^<>]*>)", "&lt;", raw)
    return raw


def _text_only(text: str) -> Node:
    root = Node("")
    root.write(unescape(text))
    return root


def _parse(raw: str) -> BeautifulSoup:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return BeautifulSoup(raw, "html.parser")
        except (ParserRejectedMarkup, AssertionError, ValueError):
            # Declarations such as "<![foo" are refused by the parser; without their "<!" they are text.
            return BeautifulSoup(raw.replace("<!", "&lt;!").replace("<?", "&lt;?"), "html.parser")


def _build(soup: BeautifulSoup) -> tuple[Node, Node | None]:
    """The page as light nodes, noise left out, and the target among them."""
    marked = soup.find(True, attrs={TARGET: True})
    target_path = {id(marked), *map(id, marked.parents)} if isinstance(marked, Tag) else set()
    root, target = Node(""), None
    todo: list[tuple[Tag, Node, bool]] = [(soup, root, False)]
    while todo:
        tag, node, in_svg = todo.pop()
        for child in tag.children:
            if isinstance(child, Tag):
                if id(child) not in target_path and _is_noise(child):
                    node.write(" ")
                    continue
                made = node.add(Node(child.name, _attributes(child)) if _is_shown(child, in_svg) else Node(""))
                if child is marked:
                    made.target, target = True, made
                todo.append((child, made, in_svg or child.name == "svg"))
            elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
                node.write(str(child))
    return root, target


def _is_noise(tag: Tag) -> bool:
    if tag.name in _DROPPED or tag.has_attr("hidden") or _HIDDEN_STYLE.search(_text_of(tag, "style")):
        return True
    return tag.name == "input" and _text_of(tag, "type").lower() == "hidden"


def _is_shown(tag: Tag, in_svg: bool) -> bool:
    if tag.name in ("html", "body"):
        return False
    named = any(tag.has_attr(name) for name in (TARGET, "aria-label", "role"))
    return named or not in_svg or not _SHAPES.fullmatch(tag.name)


def _attributes(tag: Tag) -> str:
    """The attributes worth keeping, as they stand in the start tag, each with a blank before it."""
    secret = _text_of(tag, "type").lower() == "password"
    kept = []
    for name in tag.attrs:
        value = None if secret and name == "value" else _value(name.lower(), _text_of(tag, name))
        if value is not None:
            kept.append(f' {name}="{escape(value)}"' if value else f" {name}")
    return "".join(kept)


def _text_of(tag: Tag, name: str) -> str:
    value = tag.attrs.get(name, "")
    return " ".join(value) if isinstance(value, list) else str(value or "")


def _value(name: str, value: str) -> str | None:
    """An attribute's value as it is kept; None when the attribute says nothing about meaning."""
    if name == TARGET or not _is_kept(name):
        return None
    if name in _FLAGS:
        return ""
    value = " ".join(value.split())
    if name == "class":
        value = " ".join(word for word in value.split() if not _GENERATED.search(word) and not _HASH.search(word))
    elif name in ("href", "xlink:href", "src", "action"):
        value = _address(value)
    elif _HASH.search(value):
        return None
    return value[:MAX_VALUE].strip() or (None if name != "contenteditable" else "")


def _is_kept(name: str) -> bool:
    if not re.fullmatch(r"[a-z][\w:.-]{0,40}", name):
        return False
    if name.startswith("data-"):
        return not _TRACKING.match(name)
    return name in _KEPT_ATTRIBUTES or name.startswith("aria-")


def _address(url: str) -> str:
    """The address without inlined data, scripts and tracking parameters."""
    if re.match(r"(?i)\s*(data|blob|javascript|vbscript):", url):
        return ""
    try:
        parts = urlsplit(url)
        query = [
            (k, v) for k, v in parse_qsl(parts.query, True) if not _TRACKING_PARAMETER.match(k) and not _HASH.search(v)
        ]
        return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(query), parts.fragment))
    except ValueError:
        return url
