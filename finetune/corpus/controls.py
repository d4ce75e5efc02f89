"""Draws controls: the element itself, its icon, its label, and whatever names it in the HTML, or nothing that does.

    drawer = ControlDrawer(style, Random("page 4"))
    element = drawer.draw(button("Removes the Blue backpack from the cart", "Remove", "trash", show="icon"))
    drawer.forms[id(control)]        -> Form(shown="icon", named="", icon="tabler:trash")

A fixed share of the controls that show an icon alone has no name anywhere: no label, title, icon name, class or key.
"""

from base64 import b64encode
from dataclasses import dataclass, field, replace
from random import Random
from typing import Literal

from magenta_qa.finetune.corpus.element import Element, Raw
from magenta_qa.finetune.corpus.fields import FIELD_ROLES, FieldDrawer, Form, slug_of
from magenta_qa.finetune.corpus.icons import CONCEPTS, Icon
from magenta_qa.finetune.corpus.page import Control, Meaning, Picture
from magenta_qa.finetune.corpus.pictures import data_uri
from magenta_qa.finetune.corpus.styles import Style, hash_of

NAMELESS = 0.5
"""Share of the controls with an icon alone that are named nowhere in the HTML."""
_NAMELESS_FORMS = ("bare", "mask", "image", "bare", "sprite")


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
        self._fields = FieldDrawer(self.style, r)

    def css(self) -> str:
        """Rules of icons that are drawn by class."""
        return "".join(self._rules.values())

    def draw(self, control: Control) -> Element:
        """Its element, or the element that holds it and its label."""
        self._count += 1
        if control.role in FIELD_ROLES:
            made, form = self._fields.draw(control, self._count)
            self.forms[id(control)] = form
            return made
        return self._swatch(control) if control.role == "swatch" else self._button(control)

    def _swatch(self, control: Control) -> Element:
        """A round or square of a colour; most have no name."""
        named = self.r.choice(["", "", "title", "aria"])
        look = f"width:24px;height:24px;border-radius:{self.style.seed % 13}px;border:1px solid rgba(128,128,128,.5);padding:0"
        made = Element(
            "button", {"type": "button", "style": f"background:{control.value};{look};cursor:pointer"}, [], control
        )
        self._name(made, control, named)
        self.forms[id(control)] = Form("icon", named)
        return made

    # Buttons, links and tabs.

    def _button(self, control: Control) -> Element:
        icon = self.style.icons.find(control.icon) if control.icon in CONCEPTS else None
        if control.icon.startswith("photo:"):
            return self._picture(control)
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

    def _picture(self, control: Control) -> Element:
        """A link or button that shows nothing but a picture of what it leads to."""
        photo = Picture("photo", control.icon.removeprefix("photo:"), 200, 120)
        named = "alt" if self.r.random() < 0.5 else ""
        image = Element("img", {"src": data_uri(photo, self.style.colors, self.r), "width": "200", "height": "120"})
        image.attributes |= {"alt": photo.name if named else "", "style": "max-width:100%;display:block"}
        made = Element(self._link_tag, {"style": "cursor:pointer;display:block"}, [image], control)
        if made.tag == "a":
            made.attributes["href"] = self._address(control, named)
        self.forms[id(control)] = Form("icon", named)
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
        if control.role in ("cell", "option"):
            return "div"
        if control.role == "tab":
            return self._tab_tag
        return self._button_tag

    def _address(self, control: Control, named: str) -> str:
        if control.href not in ("", "#"):
            return control.href if named else f"/r/{hash_of(control.href + str(self.style.seed)) % 10**6}"
        return self.r.choice(["#", "#", "javascript:void(0)"])

    def _dress(self, made: Element, control: Control, shown: str) -> None:
        part = {"tab": "tab", "cell": "", "option": "menuitem"}.get(control.role, f"button.{control.look}")
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
            if control.role == "option" and made.attributes.pop("role", ""):
                made.attributes |= {"role": "option", "aria-selected": str(control.on).lower()}
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
            made.add_class(self.r.choice(["js-{}", "btn-{}", "{}-action", "action-{}"]).format(slug_of(name)))
        if named and self._keys and self.r.random() < 0.6:
            made.attributes[self._keys] = self.r.choice(["btn-{}", "{}", "actions.{}", "ui.{}.label"]).format(
                slug_of(name)
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
        if form == "image" and control.look == "ghost" and not control.on and not self.style.framework.classless:
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


def _about_symbol(meaning: Meaning, icon: Icon) -> Meaning:
    """The meaning with the icon's own words where it speaks of a symbol."""
    words = " ".join(word for word in icon.name.split("-") if word not in _VARIANTS and not word.isdigit())
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


def _icon_address(icon: Icon, color: str) -> str:
    left, top, width, height = icon.view_box.split()
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left} {top} {width} {height}" width="{width}" height="{height}" fill="currentColor" color="{color}">{icon.body}</svg>'
    return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()
