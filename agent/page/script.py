"""The script that observes a page from the inside, put together from the `*.js` files beside this module.

    context.add_init_script(init_script())
    frame.evaluate(KNOCK, {"token": token(), "name": "collect", "a": None, "b": False})    -> JSON text, or None

It runs in every frame before the page's own scripts and keeps to itself: only who knows the token gets in.
"""

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from magenta_qa.model.private_text import page_patterns

_PARTS = (
    "registry",
    "dom",
    "scene",
    "names",
    "facts",
    "geometry",
    "cover",
    "pseudo",
    "handlers",
    "delegation",
    "candidates",
    "beside",
    "shapes",
    "context",
    "locators",
    "html",
    "layout",
    "memory",
    "private_fields",
    "private_drawn",
    "private",
    "collect",
    "seek",
    "dryrun",
    "main",
)

_ONCE = (
    *("registry", "dom", "scene", "names", "facts", "geometry", "candidates", "context", "locators", "html", "layout"),
    *("pseudo", "memory", "private_fields", "private_drawn", "private", "collect", "once"),
)
"""What is needed to look at one element, which is sent anew each time."""
_COMMENT = re.compile(r"^\s*//[^\n]*\n|^\s+", re.MULTILINE)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")

OPEN = """
  const knocks = [
    () => Function.prototype.toString.call(() => {}, token),
    () => EventTarget.prototype.addEventListener.call(token),
    () => Element.prototype.attachShadow.call(token),
  ];
  let api = null;
  for (let i = 0; i < knocks.length && !api; i++) {
    try {
      const answer = knocks[i]();
      if (answer !== null && typeof answer === "object" && answer.collect) api = answer;
    } catch { /* a native that knows no token */ }
  }
"""
_MAY_BE_THERE = (
    'document.readyState !== "loading" || typeof Function.prototype.toString.call(() => {}, token) === "object"'
)
"""In a new document only what throws nothing is tried: for each error the browser reads the whole script once more."""
KNOCK = "({ token, name, a, b }) => {" + OPEN + "  return api ? api[name](a, b) : null;\n}"


def knock_expression(name: str, a: object, b: object) -> str:
    """The same as one expression for DevTools, which needs none of the page's built-ins to hand it over."""
    facts = json.dumps({"token": token(), "name": name, "a": a, "b": b})
    return f"({KNOCK})({facts})"


@cache
def token() -> str:
    """What opens the door; new in every process."""
    return secrets.token_hex(16)


@cache
def init_script() -> str:
    """JavaScript that installs the observer in a frame, once however often it runs."""
    guard = f'const token = "{token()}";\nif ({_MAY_BE_THERE}) {{{OPEN}if (api) return;}}'
    body = f'const TOKEN = "{token()}";\n{_joined(_PARTS)}'
    return f'(() => {{ "use strict";\n{{{guard}}}\n{compact(body)}\n}})();'


_ONCE_KEY = 'Symbol.for("magenta.once")'
ONCE = f"(target, wish) => window[{_ONCE_KEY}] ? window[{_ONCE_KEY}](target, wish) : null"
"""Looks at an element once (`once.js`); null where `once_script` has not been there."""


@cache
def once_script() -> str:
    """The same as a function that brings what it needs along, and leaves it behind out of the page's sight."""
    body = f'"use strict";\nconst TOKEN = "";\n{compact(_joined(_ONCE))}'
    keep = f"Object.defineProperty(window, {_ONCE_KEY}, {{ value: lookOnce, configurable: true }});"
    known = f"const known = window[{_ONCE_KEY}];\nif (known) return known(target, wish, closed);"
    fresh = f"(() => {{ {body}\n{keep}\nreturn lookOnce(target, wish, closed); }})()"
    return f"(target, wish, closed) => {{ {known}\nreturn {fresh}; }}"


def listening_script(hide: Mapping[str, Sequence[str]]) -> str:
    """JavaScript that tells of what a person does (`listen.js`), for a world of its own in every frame.

    Args:
        hide: What is private (`Privacy.wish`).
    """
    body = f"const RECORD_HIDE = {json.dumps(hide)};\nconst TOKEN = '';\n{_joined((*_ONCE, 'listen'))}"
    return f'(() => {{ "use strict";\nif (globalThis.magentaLook) return;\n{compact(body)} }})();'


def compact(source: str) -> str:
    """The same without indentation and comments of whole lines, in ASCII: one other character doubles what is kept."""
    return _NOT_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], _COMMENT.sub("", source))


def _joined(parts: tuple[str, ...]) -> str:
    folder = files("magenta_qa.agent.page")
    patterns = f"const PRIVATE_PATTERNS = {json.dumps(page_patterns())};\n"
    return patterns + "\n".join(folder.joinpath(f"{part}.js").read_text(encoding="utf-8") for part in parts)
