"""Draws controls: the element itself, its icon, its label, and whatever names it in the HTML, or nothing that does.

    drawer = ControlDrawer(style, Random("page 4"))
    element = drawer.draw(button("Removes the Blue backpack from the cart", "Remove", "trash", show="icon"))
    drawer.forms[id(control)]        -> Form(shown="icon", named="", icon="tabler:trash")

A fixed share of the controls that show an icon alone has no name anywhere: no label, title, icon name, class or key.
"""

import re
from base64 import b64encode
from dataclasses import dataclass, field, replace
from random import Random
from typing import Literal

from magenta_qa.finetune.corpus.element import Element, Raw
from magenta_qa.finetune.corpus.icons import CONCEPTS, Icon
from magenta_qa.finetune.corpus.page import Control, Meaning
from magenta_qa.finetune.corpus.styles import Style, hash_of

NAMELESS = 0.5
"""Share of the controls with an icon alone that are named nowhere in the HTML."""
_NAMELESS_FORMS = ("bare", "mask", "image", "bare", "sprite")


@dataclass(frozen=True, slots=True)
class Form:
    """How a control was drawn."""

    shown: Literal["text", "icon", "both", "field"]
    named: str
    """What names it in the HTML: text | label | aria | title | hidden | class | empty: nothing."""
    icon: str = ""
    """Set and name of its icon."""


@dataclass
class ControlDrawer:
    """Draws the controls of one page."""

    style: Style
    r: Random
    forms: dict[int, Form] = field(default_factory=dict)
    symbols: dict[str, str] = field(default_factory=dict)
    _rules: dict[str, str] = field(default_factory=dict)
    _count: int = 0

    def __post_init__(self) -> None:
        r = self.r
        self._button_tag = r.choice(["a", "div", "span"]) if r.random() < self.style.mess * 0.6 else "button"
        self._link_tag = "span" if r.random() < self.style.mess * 0.2 else "a"
        self._tab_tag = r.choice(["a", "button", "button"] if self.style.mess < 0.8 else ["a", "button", "div"])
        if self.style.framework.classless:
            self._button_tag, self._link_tag, self._tab_tag = "button", "a", "button"
        self._scope = r.choice(
            [
                "",
                "",
                f"data-v-{hash_of(str(self.style.seed)) % 16**8:08x}",
                f"_ngcontent-ng-c{self.style.seed % 10**9}",
                "data-reactid",
            ]
        )
        self._keys = (
            r.choice(["data-testid", "data-i18n", "data-qa", "id"]) if r.random() < 0.15 + self.style.mess * 0.3 else ""
        )
        self._icon_habit = r.random()
        self._is_materialize = self.style.framework_name == "materialize"

    def css(self) -> str:
        """Rules of icons that are drawn by class."""
        return "".join(self._rules.values())

    def draw(self, control: Control) -> Element:
        """Its element, or the element that holds it and its label."""
        self._count += 1
        draw = {
            "field": self._field,
            "area": self._field,
            "select": self._field,
            "slider": self._field,
            "checkbox": self._check,
            "radio": self._check,
            "switch": self._check,
        }
        return draw.get(control.role, self._button)(control)

    # Buttons, links and tabs.

    def _button(self, control: Control) -> Element:
        icon = self.style.icons.find(control.icon) if control.icon in CONCEPTS else None
        if control.icon.startswith("any:"):
            icon = self.style.icons.any(Random(hash_of(control.icon)))
            control.meaning = _about_symbol(control.meaning, icon)
        shown = self._shown(control, icon)
        named = self._named(control) if shown == "icon" else "text"
        made = Element(self._tag(control), {}, control=control)
        if made.tag == "button":
            made.attributes["type"] = "button"
        elif made.tag == "a":
            made.attributes["href"] = self._address(control, named)
        self._dress(made, control, shown)
        if icon and shown != "text":
            made.children.append(self._icon(icon, named, control))
        if shown == "both" and self.r.random() < 0.8:
            made.children.append(" ")
        if shown != "icon":
            made.children.append(
                control.label if not icon or self.r.random() < 0.4 else Element("span", {}, [control.label])
            )
        self._name(made, control, named)
        if self._scope and self.r.random() < 0.8:
            made.attributes[self._scope] = None if self._scope != "data-reactid" else str(self._count)
        self.forms[id(control)] = Form(
            shown, named, f"{self.style.icons.name}:{icon.name}" if icon and shown != "text" else ""
        )
        return made

    def _shown(self, control: Control, icon: Icon | None) -> Literal["text", "icon", "both"]:
        if icon is None:
            return "text"
        if control.show in ("icon", "text", "both"):
            return control.show
        if not control.label:
            return "icon"
        # What a form's main button does cannot be told from an icon alone, and real ones always say it.
        if control.look in ("primary", "danger"):
            return self.r.choice(["text", "both"])
        if self.r.random() < 0.75:
            return "icon" if self._icon_habit < 0.3 else "both" if self._icon_habit < 0.75 else "text"
        return self.r.choice(["both", "text", "icon"])

    def _named(self, control: Control) -> str:
        if self.r.random() < NAMELESS:
            return ""
        return self.r.choice(["aria", "aria", "title", "hidden", "tooltip", "class"])

    def _tag(self, control: Control) -> str:
        if control.role == "link":
            return self._link_tag
        if control.role == "cell":
            return "div"
        if control.role == "tab":
            return self._tab_tag
        return self._button_tag

    def _address(self, control: Control, named: str) -> str:
        if control.href not in ("", "#"):
            return control.href if named else f"/r/{hash_of(control.href + str(self.style.seed)) % 10**6}"
        return self.r.choice(["#", "#", "javascript:void(0)"])

    def _dress(self, made: Element, control: Control, shown: str) -> None:
        part = {"tab": "tab", "cell": ""}.get(control.role, f"button.{control.look}")
        if control.role == "link":
            part = {"plain": "", "ghost": "navlink", "primary": "button.primary", "danger": "button.danger"}[
                control.look
            ]
        made.add_class(self.style.part(part) if part else "")
        if shown == "icon" or (control.role == "button" and self.style.compact):
            made.add_class(self.style.part("small"))
        if control.on:
            made.add_class(self.style.part("on") or "active")
            if self.r.random() > self.style.mess:
                made.attributes["aria-pressed" if control.role == "button" else "aria-current"] = "true"
        if control.disabled:
            made.attributes["disabled" if made.tag == "button" else "aria-disabled"] = (
                None if made.tag == "button" else "true"
            )
        if made.tag in ("div", "span"):
            if self.r.random() > self.style.mess * 0.8:
                made.attributes |= {
                    "role": "tab" if control.role == "tab" else "link" if control.role == "link" else "button",
                    "tabindex": "0",
                }
            bare = self.style.framework_name != "own" and not made.attributes.get("class")
            made.attributes["style"] = "cursor:pointer" + (";padding:4px 8px" if bare else "")
        elif control.role == "tab" and self.r.random() > self.style.mess:
            made.attributes["role"] = "tab"
        if control.role == "cell":
            made.attributes["style"] = (
                "cursor:pointer;padding:4px;min-height:26px;border:1px solid rgba(128,128,128,.25)"
            )

    def _name(self, made: Element, control: Control, named: str) -> None:
        name = control.meaning.name or control.label
        if named == "aria":
            made.attributes["aria-label"] = name
        elif named == "title":
            made.attributes["title"] = name
        elif named == "tooltip":
            made.attributes[self.r.choice(["data-tooltip", "data-original-title", "data-tip", "mattooltip"])] = name
        elif named == "hidden":
            hidden = "position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0)"
            made.children.append(
                Element("span", {"class": self.r.choice(["sr-only", "visually-hidden"]), "style": hidden}, [name])
            )
        elif named == "class":
            made.add_class(self.r.choice(["js-{}", "btn-{}", "{}-action", "action-{}"]).format(_slug(name)))
        if named and self._keys and self.r.random() < 0.6:
            made.attributes[self._keys] = self.r.choice(["btn-{}", "{}", "actions.{}", "ui.{}.label"]).format(
                _slug(name)
            ) + (str(self._count) if self._keys == "id" else "")

    def _icon(self, icon: Icon, named: str, control: Control) -> Element:
        form = self.style.icon_form if named else _NAMELESS_FORMS[self.style.seed % len(_NAMELESS_FORMS)]
        size = f"{self.style.icon_px}"
        if form in ("svg", "bare"):
            attributes: dict[str, str | None] = {
                "viewBox": icon.view_box,
                "width": size,
                "height": size,
                "fill": "currentColor",
            }
            if form == "svg":
                attributes["class"] = f"icon {self.style.icons.name}-{icon.name}"
            if self.r.random() < 0.5:
                attributes["aria-hidden"] = "true"
            return Element("svg", attributes, [Raw(icon.body)])
        if form == "sprite":
            key = f"icon-{icon.name}" if named else f"i{hash_of(icon.name + str(self.style.seed)) % 997}"
            self.symbols[key] = f'<symbol id="{key}" viewBox="{icon.view_box}">{icon.body}</symbol>'
            return Element(
                "svg", {"width": size, "height": size, "fill": "currentColor"}, [Raw(f'<use href="#{key}"></use>')]
            )
        address = _icon_address(icon, self.style.colors["muted"])
        # A picture has a colour of its own, which does not show on filled buttons.
        if form == "image" and control.look == "ghost" and not self.style.framework.classless:
            return Element("img", {"src": address, "width": size, "height": size, "alt": ""})
        key = (
            f"{self.style.icons.name}-{icon.name}"
            if form == "font"
            else f"i-{hash_of(icon.name + str(self.style.seed)) % 9973}"
        )
        self._rules[key] = (
            f".{key}{{-webkit-mask:url('{address}') center/contain no-repeat;mask:url('{address}') center/contain no-repeat;width:{size}px;height:{size}px}}"
        )
        return Element(self.r.choice(["i", "span"]), {"class": f"ico {key}"})

    # Fields.

    def _field(self, control: Control) -> Element:
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
            f"f{self._count}" if self.r.random() < self.style.mess else _slug(control.meaning.name),
        )
        if self.r.random() > self.style.mess * 0.6 and control.role != "slider":
            made.attributes["name"] = key
        if control.placeholder or (way == "placeholder" and made.tag != "select"):
            made.attributes["placeholder"] = control.placeholder or name
        if way == "aria" or (way == "placeholder" and made.tag == "select"):
            made.attributes["aria-label"] = name
        self.forms[id(control)] = Form("field", "" if way == "none" and not control.placeholder else "label")
        if not control.label:
            return made
        return self._labelled(made, control, way, f"{key}-{self._count}")

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

    def _check(self, control: Control) -> Element:
        kind = "radio" if control.role == "radio" else "checkbox"
        made = Element("input", {"type": kind}, control=control)
        if control.on:
            made.attributes["checked"] = None
        if kind == "radio":
            made.attributes["name"] = control.meaning.row or "choice"
        made.add_class(self.style.part("check"))
        self.forms[id(control)] = Form("field", "label" if control.label else "")
        if not control.label:
            if self.r.random() < 0.5:
                made.attributes["aria-label"] = f"{control.meaning.name} {control.meaning.row}".strip()
                self.forms[id(control)] = Form("field", "aria")
            # Materialize hides the box itself and draws one on the span behind it.
            return Element("label", {}, [made, Element("span")]) if self._is_materialize else made
        if self._is_materialize or self.r.random() < 0.75:
            wrap = (
                self.style.part("check.wrap")
                if self.style.framework_name not in ("bootstrap", "bootswatch", "tabler")
                else ""
            )
            children: list[Element | Raw | str] = [made, Element("span", {}, [f" {control.label}"])]
            if self.style.part("check.icon"):
                children.insert(1, Element("i", {"class": self.style.part("check.icon")}))
            return Element("label", {"class": wrap} if wrap else {}, children)
        key = f"{_slug(control.label)}-{self._count}"
        made.attributes["id"] = key
        return Element("div", {"class": "choice"}, [made, Element("label", {"for": key}, [control.label])])


def _about_symbol(meaning: Meaning, icon: Icon) -> Meaning:
    """The meaning with the icon's own words where it speaks of a symbol."""
    words = " ".join(word for word in icon.name.split("-") if word not in _VARIANTS)
    says, name = (text.replace("{symbol}", words) for text in (meaning.says, meaning.name))
    return replace(meaning, says=says, name=name)


_VARIANTS = frozenset(
    [
        "filled",
        "fill",
        "line",
        "outline",
        "outlined",
        "solid",
        "bold",
        "light",
        "thin",
        "duotone",
        "twotone",
        "linear",
        "broken",
        "regular",
        "sharp",
        "round",
        "rounded",
        "baseline",
        "alt",
        "bxs",
    ]
)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:30]


def _icon_address(icon: Icon, color: str) -> str:
    left, top, width, height = icon.view_box.split()
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {width} {height}" width="{width}" height="{height}" fill="currentColor" color="{color}">{icon.body}</svg>'
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()
