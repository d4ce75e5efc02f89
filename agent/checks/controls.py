"""Finds the controls that an expectation names: fields, buttons, tabs; also error messages and loading indicators.

fields(finder, "Email", roots)                 -> Found([Spot('textbox "Email"', …)])
controls(finder, Target("Save", "button"))     -> Found([], near=['button "Save as draft"'])
"""

import re

from magenta_qa.agent.checks.find import Finder
from magenta_qa.agent.checks.kinds import BOXES, Place, Target
from magenta_qa.agent.checks.names import EXACT, FILLED, FIRM, PART, begins, fit_name, fit_token
from magenta_qa.agent.checks.page import Node, fold_lines
from magenta_qa.agent.checks.spots import MAX_SPOTS, Found, Spot, best, outermost

_TEXT_FIELDS = frozenset({"textbox", "searchbox", "combobox", "spinbutton", "slider", "listbox"})
FIELD_ROLES = _TEXT_FIELDS | {"checkbox", "radio", "switch"}
_ROLES_OF = {
    "button": {"button", "menuitem"},
    "link": {"link"},
    "checkbox": {"checkbox", "switch", "menuitemcheckbox"},
    "switch": {"switch", "checkbox", "button"},
    "radio": {"radio", "menuitemradio"},
    "tab": {"tab"},
    "field": _TEXT_FIELDS,
    "combobox": {"combobox", "listbox"},
    "option": {"option", "menuitem", "radio", "treeitem"},
    "image": {"image", "img", "figure"},
    "heading": {"heading"},
    "menuitem": {"menuitem", "menuitemcheckbox", "menuitemradio", "link", "button"},
    "menu": {"menu", "menubar", "listbox"},
    "slider": {"slider"},
    "progressbar": {"progressbar", "status"},
    "tooltip": {"tooltip"},
}
_BUTTON_WORDS = re.compile(r"^(?:btn|button)\b|\b(?:btn|button)$")
_LOADING = re.compile(
    r"(?:loading|please wait|one moment)(?: please)?[.!…]*|"
    r"(?:loading|saving|fetching|please wait)\b[^.…]{0,30}(?:\.{3}|…)",
    re.IGNORECASE,
)
_ERROR_WORDS = re.compile(r"\b(?:error|invalid feedback|danger|validation|errormessage|problem)s?\b")
_NO_ERROR_WORDS = re.compile(r"\b(?:success|successful|info|confirmation)\b")
_TELLS_ERROR = re.compile(
    r"\b(?:errors?|invalid|failed|failure|wrong|required|must|cannot|can't|could not|incorrect|denied|already|missing|"
    r"not (?:valid|found|allowed)|do(?:es)? not|did not|do(?:es)?n't|unable|sorry|please)\b",
    re.IGNORECASE,
)
_WRAPPED = 60  # characters; a spinner says less
_SPINNER_WORDS = re.compile(r"\b(?:spinner|loader|loading|skeleton)\b")


def fields(finder: Finder, name: str, roots: list[Node]) -> Found:
    """Form fields by label, name, placeholder, title, id."""
    wanted = finder.resolve(name)
    spots, all_fields = [], []
    for node in finder.view.under(roots):
        if node.role not in _TEXT_FIELDS or (node.hidden and not finder.view.text([node])):
            continue
        all_fields.append(finder.describe(node))
        score = _field_fit(finder, wanted, node)
        if score:
            spots.append(Spot(finder.describe(node), (node,), score))
    found = best(spots)
    if len(found.spots) > 1 and found.spots[0].score == PART:
        found.spots = [s for s in found.spots if begins(wanted, s.nodes[0].name)] or found.spots
    return found if found.spots else Found([], all_fields[:MAX_SPOTS])


def _field_fit(finder: Finder, wanted: str, node: Node) -> int:
    attributes = node.attributes
    tokens = [words for kind, words in node.tokens() if kind != "class"]
    tokens += [" ".join(re.findall(r"[a-z]+|\d+", attributes.get("name", "").lower()))]
    names = [node.name, attributes.get("placeholder", ""), attributes.get("title", ""), _text_before(finder, node)]
    names.append(node.first_line)
    scores = [fit_name(wanted, names[0]), *(min(fit_name(wanted, n), FILLED - 2) for n in names[1:])]
    return max([*scores, *(fit_token(wanted, t) for t in tokens)])


def _text_before(finder: Finder, node: Node) -> str:
    """Text right before a field without a label, in the same container."""
    if node.name or node.parent is None:
        return ""
    siblings = node.parent.children
    for sibling in reversed(siblings[: siblings.index(node)]):
        text = fold_lines(finder.view.text([sibling])) if sibling.tag else sibling.text.strip()
        if text:
            return text if len(text) < 60 else ""
    if node.parent.tag == "td":
        cells = node.parent.parent.children if node.parent.parent else []
        before = [c for c in cells[: cells.index(node.parent)] if c.tag]
        return fold_lines(finder.view.text([before[-1]])) if before else ""
    return ""


def controls(finder: Finder, target: Target, roots: list[Node]) -> Found:
    """Elements below `roots` by role and name; where none has that role, what else has the name is near."""
    if target.role in {"row", "dialog", "table", "list", "region", "message"}:
        return finder.places(Place(target.role, target.name), roots)  # type: ignore[arg-type]
    if target.role == "progressbar":
        return Found([Spot(finder.describe(n), (n,)) for n in busy(finder, roots)][:MAX_SPOTS])
    wanted = finder.resolve(target.name)
    spots: list[Spot] = []
    others: list[Spot] = []
    same_role: list[str] = []
    for node in finder.view.under(roots):
        if node.hidden and not finder.view.text([node]) and node.tag != "option":
            continue
        fits = _has_role(node, target.role)
        if fits:
            same_role.append(finder.describe(node))
        score = _control_fit(finder, wanted, node) if fits or _is_control(node) else 0
        if score and (fits or score >= FIRM):
            (spots if fits else others).append(Spot(finder.describe(node), (node,), score))
    found = best(spots)
    if not found.spots and wanted and target.role in BOXES:
        found = _boxes_of_row(finder, target, roots)
    if found.spots:
        return found
    return Found([Spot(s.label, s.nodes, PART) for s in best(others).spots] if wanted else [], same_role[:MAX_SPOTS])


def _boxes_of_row(finder: Finder, target: Target, roots: list[Node]) -> Found:
    """Those that stand in the row of that name, which its boxes need not bear themselves."""
    rows = [spot.nodes[0] for spot in finder.places(Place("row", target.name), roots).spots if spot.score >= FIRM]
    boxes = [n for n in finder.view.under(rows) if _has_role(n, target.role) and not n.hidden]
    return Found([Spot(finder.describe(node), (node,)) for node in boxes][:MAX_SPOTS])


def _has_role(node: Node, role: str) -> bool:
    """Whether a person would call it that: a link that is styled as a button is a button."""
    roles = _ROLES_OF.get(role)
    if roles is None:
        return _is_control(node)
    styled = role == "button" and node.role in {"link", ""} and any(_BUTTON_WORDS.search(w) for _, w in node.tokens())
    return node.role in roles or (styled and node.tag in {"a", "div", "span"})


def _is_control(node: Node) -> bool:
    return (
        node.role in FIELD_ROLES
        or node.role in {"button", "link", "tab", "option", "menuitem", "treeitem", "image", "heading"}
        or node.tag in {"details", "summary"}
        or any(f in node.flags for f in "cumsnexpq")
    )


def _control_fit(finder: Finder, wanted: str, node: Node) -> int:
    if node.role in _TEXT_FIELDS:
        return _field_fit(finder, wanted, node) if wanted else EXACT
    if not wanted:
        return EXACT
    names = [finder.view.name(node), fold_lines(finder.view.text([node]))[:200], node.attributes.get("title", "")]
    tokens = [words for _, words in node.tokens()] + [
        node.attributes.get("value", "") if node.role in {"radio", "checkbox", "option"} else ""
    ]
    first_line = min(fit_name(wanted, node.first_line), FILLED - 2)
    return max([first_line, *(fit_name(wanted, n) for n in names), *(fit_token(wanted, t) for t in tokens)])


def busy(finder: Finder, roots: list[Node] | None = None) -> list[Node]:
    """What shows that something is still loading: busy regions, spinners, "Loading…"."""
    nodes = finder.view.under(finder.view.roots if roots is None else roots)
    return [node for node in nodes if not node.hidden and (_is_spinner(finder, node) or _says_loading(finder, node))]


def _is_spinner(finder: Finder, node: Node) -> bool:
    if "b" in node.flags:
        return True
    if node.role == "progressbar":  # one with a value, such as "Profile 60 %", does not say that the page loads
        return "value" not in node.attributes and "aria-valuenow" not in node.attributes
    sized = node.width > 2 and node.height > 2 and node.tag not in {"body", "html", "main"}
    named = [words for _, words in node.tokens() if _SPINNER_WORDS.search(words)] if sized else []
    if not named or any(" " not in words for words in named):  # "loading" by itself says it of whatever is in there
        return bool(named)
    return len(finder.view.text([node])) < _WRAPPED  # else what can be covered by one: "spin-nested-loading"


def _says_loading(finder: Finder, node: Node) -> bool:
    small = 1 < node.end - node.index <= 3 and len(node.children[0].text) < 40
    return small and _LOADING.fullmatch(fold_lines(finder.view.text([node]))) is not None


def errors(finder: Finder, roots: list[Node]) -> list[Node]:
    """Elements that show an error message: by role or class words, with text in them."""
    return outermost([node for node in finder.view.under(roots) if _is_error(finder, node)])


def alerts(finder: Finder, roots: list[Node]) -> list[Node]:
    """Elements of the role alert with text in them, whatever it says, unless their class says that it is no error."""
    found = [node for node in finder.view.under(roots) if node.role == "alert" and finder.view.text([node])]
    return [n for n in found if not any(_NO_ERROR_WORDS.search(words) for _, words in n.tokens())]


def _is_error(finder: Finder, node: Node) -> bool:
    if node.tag in {"button", "a", "input", "form", "body", "html", "main"}:
        return False
    words = " ".join(words for _, words in node.tokens())
    named = _ERROR_WORDS.search(words) is not None and not re.search(r"\bno errors?\b", words)
    text = finder.view.text([node]) if named or node.role == "alert" else ""
    return bool(text) and (named or _TELLS_ERROR.search(text) is not None)
