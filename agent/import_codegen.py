"""Turns what `playwright codegen --target python` or `python-pytest` writes into scenarios in words.

    page.get_by_role("row", name="Ada").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted")).to_be_visible()
    ─▶  - Click the button "Delete" in the row of "Ada"
        - expect: the page shows "Deleted"

The file is parsed, never run. A call without words for it (a CSS selector, a position) is kept as a comment and named.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from magenta_qa.agent.draft import Draft
from magenta_qa.model.errors import ScenarioError

_ACTS = {
    "click": "Click {0}",
    "dblclick": "Double-click {0}",
    "hover": "Hover over {0}",
    "check": "Tick {0}",
    "uncheck": "Untick {0}",
    "clear": "Clear {0}",
}
_VALUED = {
    "fill": 'Fill {0} with "{1}"',
    "type": 'Fill {0} with "{1}"',
    "press_sequentially": 'Fill {0} with "{1}"',
    "select_option": 'Choose "{1}" in {0}',
    "press": "Press {1} in {0}",
    "set_input_files": "Upload {1} as {0}",
}
_STATES = {
    "to_be_checked": "{0} is checked",
    "not_to_be_checked": "{0} is not checked",
    "to_be_disabled": "{0} is disabled",
    "to_be_enabled": "{0} is enabled",
    "to_be_focused": "{0} is focused",
}
_ROLE_NOUNS = {"textbox": "field", "searchbox": "field", "spinbutton": "field", "combobox": "drop-down"}
_SECRET_FIELD = re.compile(r"passw|secret|one.?time|\bpin\b", re.IGNORECASE)
_SETUP = frozenset({"new_context", "new_page", "launch", "close", "run", "set_default_timeout", "wait_for_load_state"})


@dataclass(slots=True)
class _Reading:
    draft: Draft
    lines: list[str]
    dialog: str = ""
    """How the next dialog is answered."""
    seen: set[str] = field(default_factory=set)

    def add(self, kind: str, text: str, node: ast.AST) -> None:
        """One entry and where it comes from."""
        self.draft.entries.append((kind, text, f"line {getattr(node, 'lineno', 0)}"))

    def lose(self, node: ast.AST) -> None:
        """What has no words."""
        self.add("lost", " ".join(ast.unparse(node).split()), node)


def import_codegen(path: Path) -> list[Draft]:
    """A draft for each function that drives a page.

    Raises:
        ScenarioError: It is no Python, or nothing in it drives a page.
    """
    text = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        raise ScenarioError(f"is not valid Python: {error}; give what `playwright codegen` wrote", path) from error
    drafts = []
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        reading = _Reading(Draft(_title(function.name, path)), text.splitlines())
        for statement in function.body:
            _read(reading, statement)
        if reading.draft.entries or reading.draft.url:
            drafts.append(reading.draft)
    if not drafts:
        raise ScenarioError("no function in it drives a page; give what `playwright codegen` wrote", path)
    return drafts


def _title(name: str, path: Path) -> str:
    stem = name.removeprefix("test_") if name.startswith("test_") else path.name.partition(".")[0]
    words = (stem if stem != "example" else path.name.partition(".")[0]).replace("_", " ").strip()
    return words[:1].upper() + words[1:] or "Recorded"


def _read(reading: _Reading, statement: ast.stmt) -> None:
    if isinstance(statement, ast.With):
        for inner in statement.body:
            _read(reading, inner)
        called = ast.unparse(statement.items[0].context_expr)
        if "expect_popup" in called:
            reading.add("do", "Switch to the new tab", statement)
        return
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return  # set-up, or a name for a popup or a download
    call = statement.value
    chain = list(_chain(call))
    if not chain or chain[-1][0] in _SETUP:
        return
    if chain[0][0] == "expect":
        _read_expectation(reading, call, chain)
    elif chain[-1][0] in ("once", "on"):
        reading.dialog = "Dismiss" if "dismiss" in ast.unparse(call) else "Accept"
    else:
        _read_action(reading, call, chain)


Link = tuple[str, list[str], dict[str, str]]
"""Name of a call or attribute, its constant arguments, its constant keywords."""


def _chain(node: ast.expr) -> Iterator[Link]:
    """`page.get_by_role("row").first.click()` → get_by_role, first, click; `expect(…).to_be_visible()` → expect, …"""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Name):
            yield node.func.id, [], {}
            return
        if isinstance(node.func, ast.Attribute):
            yield from _chain(node.func.value)
            keywords = {k.arg: str(_constant(k.value)) for k in node.keywords if k.arg}
            yield node.func.attr, [str(_constant(a)) for a in node.args], keywords
    elif isinstance(node, ast.Attribute):
        yield from _chain(node.value)
        yield node.attr, [], {}


def _constant(node: ast.expr) -> object:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile" and node.args:
        return re.sub(r"[\\^$]", "", str(_constant(node.args[0])))
    return ast.unparse(node)


def _read_action(reading: _Reading, call: ast.Call, chain: list[Link]) -> None:
    name, arguments, _ = chain[-1]
    if name in ("goto", "reload", "go_back"):
        _read_navigation(reading, call, name, arguments)
        return
    control = _control(chain[:-1])
    value = arguments[0] if arguments else ""
    if control is None or (name not in _ACTS and name not in _VALUED) or '"' in value:
        reading.lose(call)
        return
    if name == "fill" and _SECRET_FIELD.search(control):
        reading.draft.data["password"] = "${PASSWORD}"
        reading.add("do", f"Fill {control} with ${{password}}", call)
    else:
        reading.add("do", (_ACTS.get(name) or _VALUED[name]).format(control, value), call)
    if reading.dialog:
        reading.add("do", f"{reading.dialog} the dialog", call)
        reading.dialog = ""


def _read_navigation(reading: _Reading, call: ast.Call, name: str, arguments: list[str]) -> None:
    draft = reading.draft
    if name != "goto":
        reading.add("do", "Reload the page" if name == "reload" else "Go back", call)
    elif not draft.url and not draft.entries:
        draft.url = arguments[0] if arguments else ""
    elif arguments:
        parts = urlsplit(arguments[0])
        same = parts.netloc in ("", urlsplit(draft.url).netloc)
        path = parts._replace(scheme="", netloc="").geturl() or "/"
        reading.add("do", f"Go to {path if same else arguments[0]}", call)


def _read_expectation(reading: _Reading, call: ast.Call, chain: list[Link]) -> None:
    name, arguments, _ = chain[-1]
    subject = _subject(call)
    value = (arguments[0] if arguments else "").replace('"', "”")
    if name in ("to_have_url", "to_have_title"):
        what = "the url is" if name == "to_have_url" else "the page title is"
        reading.add("expect", f'{what} "{value}"', call)
        return
    text = _shown(subject)
    control = _control(subject)
    if name in ("to_be_visible", "to_be_hidden", "not_to_be_visible"):
        verb = "shows" if name == "to_be_visible" else "does not show"
        said = f'the page {verb} "{text}"' if text else ""
    elif name in ("to_have_text", "to_contain_text"):
        said = f'the page shows "{value}"' if value and not value.startswith("[") else ""
    elif name == "to_have_value" and control:
        said = f'{control} has the value "{value}"'
    elif name in _STATES and control:
        said = _STATES[name].format(control)
    else:
        said = ""
    if said:
        reading.add("expect", said, call)
    else:
        reading.lose(call)


def _subject(call: ast.Call) -> list[Link]:
    """What `expect` is about."""
    node: ast.expr = call
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return list(_chain(node.args[0])) if isinstance(node, ast.Call) and node.args else []


def _shown(links: list[Link]) -> str:
    """The text by which a control is found."""
    if not links or any(link[0] in ("locator", "nth") for link in links):
        return ""
    name, arguments, keywords = links[-1]
    text = (
        keywords.get("name") or keywords.get("has_text") or ("" if name == "get_by_role" else next(iter(arguments), ""))
    )
    return text if '"' not in text else ""


def _control(links: list[Link]) -> str | None:
    """What a chain of locators finds, in words: `the button "Delete" in the row of "Ada"`; None where it has none."""
    places: list[str] = []
    found = ""
    for name, arguments, keywords in links:
        first = arguments[0] if arguments else ""
        text = keywords.get("name") or keywords.get("has_text") or ""
        if '"' in first + text or name in ("locator", "nth", "first", "last", "get_by_test_id", "or_", "and_"):
            return None
        if name in ("frame_locator", "content_frame", "page") or name.startswith("page"):
            continue
        if name == "filter":
            places.append(f'in the {_noun(found) or "row"} of "{text}"')
            found = ""
        elif name == "get_by_role":
            if found:
                places.append(_as_place(found))
            noun = _ROLE_NOUNS.get(first, first)
            found = f'the {noun} "{text}"' if text else f"the {noun}"
        elif name.startswith("get_by_"):
            if found:
                places.append(_as_place(found))
            found = f'"{first}"'
        else:
            return None
    return " ".join([found, *places]) if found else None


def _noun(found: str) -> str:
    match = re.match(r"the ([\w-]+)", found)
    return {"listitem": "item", "article": "card"}.get(match[1], match[1]) if match else ""


def _as_place(found: str) -> str:
    match = re.fullmatch(r'the ([\w-]+) "(.*)"', found)
    return f'in the {_noun(found)} of "{match[2]}"' if match else f"in {found}"
