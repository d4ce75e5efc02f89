"""Draws fields, lists, boxes and switches with their labels: native ones, and such as applications build of divs.

drawer = FieldDrawer(style, Random("page 4"))
element, form = drawer.draw(check("the newsletter", "Newsletter"), 17)
"""

import re
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from magenta_qa.finetune.corpus.element import Element, Raw
from magenta_qa.finetune.corpus.page import Control, Group, option
from magenta_qa.finetune.corpus.styles import Style

FIELD_ROLES = frozenset({"field", "area", "select", "slider", "checkbox", "radio", "switch"})


@dataclass(frozen=True, slots=True)
class Form:
    """How a control was drawn."""

    shown: Literal["text", "icon", "both", "field"]
    named: str
    """What names it in the HTML: text | label | aria | title | hidden | class | empty: nothing."""
    icon: str = ""
    """Set and name of its icon."""


class FieldDrawer:
    """Draws the fields of one page.

    Args:
        style: The site's.
        r: Source of chance of the page.
    """

    def __init__(self, style: Style, r: Random) -> None:
        self.style, self.r = style, r
        self._count = 0
        self._is_materialize = style.framework_name == "materialize"
        self._switches = r.random() < 0.25 and not style.framework.classless
        self._lists = r.random() < style.mess * 0.4 and not style.framework.classless

    def draw(self, control: Control, count: int) -> tuple[Element, Form]:
        """The field with its label, and how it is named.

        Args:
            control: It.
            count: Different for each control of the page.
        """
        self._count = count
        if control.role in ("checkbox", "radio", "switch"):
            if self._switches and control.role == "checkbox" and control.meaning.undo:
                return self._switch(control)
            return self._check(control)
        if self._lists and control.role == "select" and control.label:
            return self._list(control)
        return self._field(control)

    def _switch(self, control: Control) -> tuple[Element, Form]:
        """A switch built of two spans; the page's script turns it."""
        brand = self.style.colors["brand"]
        back = brand if control.on else "rgba(128,128,128,.5)"
        box = (
            f"display:inline-block;width:34px;height:20px;border-radius:10px;background:{back};cursor:pointer;flex:none"
        )
        knob = f"display:block;width:16px;height:16px;margin:2px;border-radius:8px;background:#fff;float:{'right' if control.on else 'left'}"
        made = Element("span", {"style": box, "tabindex": "0"}, [Element("span", {"style": knob})], control)
        if self.r.random() > self.style.mess * 0.8:
            made.attributes |= {"role": "switch", "aria-checked": str(control.on).lower()}
        control.does = control.does or "toggle"
        if not control.label:
            return made, Form("field", "")
        label = Element("span", {}, [control.label])
        return Element("div", {**self.style.names.attributes("row")}, [made, label]), Form("field", "label")

    def _list(self, control: Control) -> tuple[Element, Form]:
        """A list that looks like a field and opens when it is clicked."""
        thing = control.meaning.thing
        says = f"[Opens|Shows] the [choices|options|list of choices] for the {thing}"
        control.popup = Group(
            "options",
            [
                option(
                    f"[Sets the {thing} to {each}|Chooses {each} as the {thing}|Selects {each} for the {thing}]",
                    each,
                    each == control.value,
                    row=control.meaning.row,
                )
                for each in control.options
            ],
        )
        control.meaning = replace(control.meaning, says=says, value="", thing="")
        line = "display:flex;justify-content:space-between;gap:12px;padding:6px 10px;min-width:120px;cursor:pointer"
        border = "border:1px solid rgba(128,128,128,.5);border-radius:4px"
        made = Element(
            "div", {"style": f"{line};{border}", "tabindex": "0"}, [control.value, Element("span", {}, ["▾"])], control
        )
        made.attributes["class"] = self.r.choice(["select-box", "dropdown-toggle-box", "combo", "choice-field"])
        if self.r.random() > self.style.mess * 0.7:
            made.attributes |= {"role": "combobox", "aria-haspopup": "listbox", "aria-expanded": "false"}
        control.role = "button"
        caption = Element("div", {"class": "caption"}, [control.label])
        return Element("div", {**self.style.names.attributes("field")}, [caption, made]), Form("both", "text")

    def _field(self, control: Control) -> tuple[Element, Form]:
        way = (
            self.style.labels
            if self.r.random() > self.style.mess * 0.3
            else self.r.choice(["above", "placeholder", "aria", "wrap"])
        )
        if not control.label:
            way = self.r.choice(["aria", "placeholder", "none"])
        made = self._input(control)
        name, key = (
            control.meaning.name,
            f"f{self._count}" if self.r.random() < self.style.mess else slug_of(control.meaning.name),
        )
        if self.r.random() > self.style.mess * 0.6 and control.role != "slider":
            made.attributes["name"] = key
        if control.placeholder or (way == "placeholder" and made.tag != "select"):
            made.attributes["placeholder"] = control.placeholder or name
        if way == "aria" or (way == "placeholder" and made.tag == "select"):
            made.attributes["aria-label"] = name
        form = Form("field", "" if way == "none" and not control.placeholder else "label")
        if not control.label:
            return made, form
        return self._labelled(made, control, way, f"{key}-{self._count}"), form

    def _labelled(self, made: Element, control: Control, way: str, key: str) -> Element:
        if way == "placeholder" and made.tag != "select":
            return made
        box = Element("div", {**self.style.names.attributes("field")})
        own = self.style.part("label")
        if way == "for":
            made.attributes["id"] = key
            box.children = [Element("label", {"for": key, **({"class": own} if own else {})}, [control.label]), made]
        elif way == "wrap":
            return Element(
                "label", {**self.style.names.attributes("field")}, [Element("span", {}, [control.label]), made]
            )
        else:
            box.children = [Element("div", {"class": own or "caption"}, [control.label]), made]
        return box

    def _input(self, control: Control) -> Element:
        if control.role == "area":
            made = Element("textarea", {"rows": self.r.choice(["2", "3", "4"])}, [control.value], control)
        elif control.role == "select":
            options = [
                Element("option", {"selected": None} if each == control.value else {}, [each])
                for each in control.options
            ]
            made = Element("select", {}, [*options], control)
        elif control.role == "slider":
            return Element(
                "input", {"type": "range", "value": control.value or "40", "style": "width:140px"}, control=control
            )
        else:
            made = Element("input", {"type": control.input_type}, control=control)
            if control.value:
                made.attributes["value"] = control.value
        made.add_class(self.style.part({"field": "input"}.get(control.role, control.role)))
        if self.style.framework_name in ("element", "antd", "blueprint", "mvp"):
            made.attributes["style"] = "padding:6px 10px;border:1px solid rgba(128,128,128,.5);border-radius:4px"
        if control.disabled:
            made.attributes["disabled"] = None
        return made

    def _check(self, control: Control) -> tuple[Element, Form]:
        kind = "radio" if control.role == "radio" else "checkbox"
        made = Element("input", {"type": kind}, control=control)
        if control.on:
            made.attributes["checked"] = None
        if kind == "radio":
            made.attributes["name"] = control.meaning.row or "choice"
        made.add_class(self.style.part("check"))
        if control.label:
            return self._boxed(made, control), Form("field", "label")
        named = "aria" if self.r.random() < 0.5 else ""
        if named:
            made.attributes["aria-label"] = f"{control.meaning.name} {control.meaning.row}".strip()
        # Materialize hides the box itself and draws one on the span behind it.
        return Element("label", {}, [made, Element("span")]) if self._is_materialize else made, Form("field", named)

    def _boxed(self, made: Element, control: Control) -> Element:
        """The box within or before its label."""
        if not self._is_materialize and self.r.random() < 0.25:
            key = f"{slug_of(control.label)}-{self._count}"
            made.attributes["id"] = key
            return Element("div", {"class": "choice"}, [made, Element("label", {"for": key}, [control.label])])
        is_bootstrap = self.style.framework_name in ("bootstrap", "bootswatch", "tabler")
        wrap = "" if is_bootstrap else self.style.part("check.wrap")
        children: list[Element | Raw | str] = [made, Element("span", {}, [f" {control.label}"])]
        if self.style.part("check.icon"):
            children.insert(1, Element("i", {"class": self.style.part("check.icon")}))
        return Element("label", {"class": wrap} if wrap else {}, children)


def slug_of(name: str) -> str:
    """A name as ids and keys have it."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:30]
