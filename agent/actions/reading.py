"""Reads a value off the page, for steps that use one: "copy the order number into the search field".

    read(Action("read", value="order number"), …)                 -> Effect(value="AB-1042")
    read(Action("read", mark=7), …)                               -> Effect(value="all that the field holds")
    read(Action("read", value="whether page 5 is shown"), …)      -> Effect(value="yes")

Nothing is changed. What a label or a statement means is told by the same readings that judge expectations.
"""

import re
from typing import TYPE_CHECKING

from magenta_qa.agent.actions.field import field_of
from magenta_qa.agent.actions.hand import Hand
from magenta_qa.agent.check import evaluate, read_view
from magenta_qa.agent.checks.find import Finder
from magenta_qa.agent.checks.page import Node, View, fold_lines
from magenta_qa.agent.checks.readings import readings
from magenta_qa.agent.expect import compile_expectation
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.watch import Watch
from magenta_qa.model.errors import ActionError
from magenta_qa.model.schema import Effect

if TYPE_CHECKING:
    from playwright.sync_api import Page

WHETHER = "whether "
_SHOWN = (
    """(field) => "value" in field && field.localName !== "li" ? String(field.value) : field.innerText ?? """ + '""'
)
_NO_PROSE = frozenset({"button", "link", "heading", "tab", "menuitem", "option", "columnheader", "navigation", "label"})
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


def read_element(hand: Hand, secrets: Secrets) -> Effect:
    """What a field holds, or the text of another element, in full.

    Raises:
        ActionError: It is a secret.
    """
    if hand.candidate.state.secret:
        raise hand.refuse("what it holds is a secret")
    held = hand.watch.run(lambda: field_of(hand).element.evaluate(_SHOWN), hand.timeout_ms / 1000 + 5)
    return _value(str(held or ""), secrets)


def read_page(what: str, page: "Page", watch: Watch, secrets: Secrets) -> Effect:
    """What the page states for a label, or whether a statement holds.

    Raises:
        ActionError: It states nothing of the kind, or several things.
    """
    if what.startswith(WHETHER):
        return _value("yes" if _holds(what.removeprefix(WHETHER), page, watch, secrets) else "no", secrets)
    view = read_view(page, watch)
    if view is None:
        raise ActionError(f'cannot read "{what}": a JavaScript dialog is open; answer it first')
    found = {fold_lines(r.value): r.secret for r in readings(Finder(view, secrets.resolve), what, view.roots)[0]}
    found = {v: secret for v, secret in found.items() if v} or dict.fromkeys(_by_sort(what, view), False)
    if len(found) != 1:
        shown = "; ".join(f'"{v[:40]}"' for v in list(found)[:4])
        raise ActionError(f'cannot read "{what}": the page states {shown or "nothing of that name"}; quote the value')
    value, secret = found.popitem()
    if secret:
        raise ActionError(f'cannot read "{what}": it is a secret')
    return _value(value, secrets)


def _value(text: str, secrets: Secrets) -> Effect:
    if secrets.mask(text) != text:
        raise ActionError("cannot read it: it holds a secret")
    return Effect(value=text)


def _holds(statement: str, page: "Page", watch: Watch, secrets: Secrets) -> bool:
    check = compile_expectation(statement)
    if check is None:
        raise ActionError(f'cannot tell whether "{statement}": it cannot be compiled to a check; quote the text')
    return evaluate(check, page, watch, since=watch.mark(), timeout_ms=0, secrets=secrets).verdict == "passed"


def _by_sort(what: str, view: View) -> list[str]:
    """The texts that are of the sort named: the only number, the only paragraph, the only heading."""
    noun = what.lower().split()[-1] if what.split() else ""
    if noun in {"number", "figure", "digit"}:
        numbers = [fold_lines(n.text) for n in view.nodes if not n.tag and _NUMBER.fullmatch(n.text.strip())]
        return list(dict.fromkeys(t for t in numbers if t))
    if noun in {"heading", "title", "headline"}:
        return [fold_lines(view.text([n])) for n in view.elements if n.role == "heading"]
    if noun in {"text", "paragraph", "passage", "word", "message", "sentence"}:
        return [fold_lines(view.text([n])) for n in view.elements if _is_prose(n)]
    return []


def _is_prose(node: Node) -> bool:
    """Whether it has text of its own that is no control and no heading."""
    own = any(not c.tag and c.text.strip() for c in node.children)
    around = any(a.role in _NO_PROSE or a.tag in {"label", "p"} for a in node.ancestors())
    return own and node.role not in _NO_PROSE and node.tag not in {"label", "legend", "caption"} and not around
