"""Draws a page in a site's style: nodes become elements, tidy or as messy as the style says.

    drawn = render(page, shell_nodes, style, Random("page 4"))
    drawn.html                       # the whole document
    drawn.controls                   # [(17, control, Form(...)), …]: place among all elements, what it means, how it is named

No attribute says what a control means unless real pages would say it too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import escape
from random import Random

from magenta_qa.finetune.corpus.behaviour import Parts, script
from magenta_qa.finetune.corpus.controls import ControlDrawer
from magenta_qa.finetune.corpus.element import Element, Raw, number, tags
from magenta_qa.finetune.corpus.fields import Form
from magenta_qa.finetune.corpus.page import Control, Group, Node, Page, Picture, Text
from magenta_qa.finetune.corpus.pictures import data_uri, size_of
from magenta_qa.finetune.corpus.styles import Style

_TAGS = {
    "nav": "nav",
    "sidenav": "nav",
    "breadcrumb": "nav",
    "pagination": "nav",
    "header": "header",
    "side": "aside",
    "aside": "aside",
    "content": "main",
    "page": "main",
    "main": "section",
    "list": "ul",
    "item": "li",
    "form": "form",
    "footer": "footer",
}
_PARTS = {
    "card": "card",
    "lane": "card",
    "list": "list",
    "item": "item",
    "form": "form",
    "menu": "menu",
    "alert": "alert",
}
"""Layout -> the framework's part that it is."""
_POPUP_ROLES = {"menu": "menu", "options": "listbox", "panel": "dialog", "calendar": "dialog", "toast": "status"}
_HOMES = frozenset({"card", "aside", "form", "list", "toolbar", "table", "menu"})
APART = 0.15
"""Share of the pages of which a part lies in a shadow root or an inline frame."""
_WRAPPED = frozenset({"content", "page", "main", "card", "form", "aside", "column", "dialog", "center"})
_TEXT_TAGS = {
    "body": "p",
    "heading": "h1",
    "subheading": "h2",
    "muted": "span",
    "strong": "strong",
    "badge": "span",
    "code": "code",
    "price": "b",
    "label": "span",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a control stands in the page."""

    index: int
    """Among all elements of the body, in document order."""
    control: Control
    form: Form


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page as HTML, and beside it what its elements mean."""

    html: str
    places: tuple[Place, ...]
    tags: tuple[str, ...]
    """Of all elements of the body, in document order."""
    title: str
    path: str


@dataclass
class Renderer:
    """Draws the nodes of one page."""

    style: Style
    r: Random
    parts: Parts = field(default_factory=Parts)
    controls: ControlDrawer = field(init=False)

    def __post_init__(self) -> None:
        self.controls = ControlDrawer(self.style, self.r)
        self._waiting: list[Control] = []
        self._movable: list[Element] = []
        self.parts.on_class, self.parts.brand = self.style.part("on") or "active", self.style.colors["brand"]
        self._div_tables = self.style.mess > 0.5 and self.r.random() < 0.35
        self._div_lists = self.style.mess > 0.3 and self.r.random() < 0.5
        self._semantic = self.r.random() < 1.1 - self.style.mess

    def node(self, node: Node) -> Element:
        """Any node."""
        if isinstance(node, Control):
            made = self.controls.draw(node)
            if node.popup:
                self._waiting.append(node)
            return made
        if isinstance(node, Text):
            return self._text(node)
        return self._picture(node) if isinstance(node, Picture) else self._group(node)

    def _text(self, node: Text) -> Element:
        tag = _TEXT_TAGS[node.kind] if self._semantic or node.kind not in ("heading", "subheading") else "div"
        made = Element(tag, {}, [node.text])
        if node.kind == "badge":
            made.add_class(self.style.part("badge"))
            if node.tone and self.style.framework_name == "own":
                color = {"good": "#2e8b57", "bad": "#c93a3a", "warn": "#b7791f"}[node.tone]
                made.attributes["style"] = f"background:{color};color:#fff"
        elif node.kind in ("heading", "subheading"):
            made.add_class(self.style.part("heading"))
            if tag == "div":
                made.attributes["style"] = f"font-size:{'1.6' if node.kind == 'heading' else '1.2'}em;font-weight:700"
        elif node.kind in ("muted", "label"):
            made.add_class("muted")
        return made

    def _picture(self, node: Picture) -> Element:
        width, height = size_of(node)
        attributes: dict[str, str | None] = {
            "src": data_uri(node, self.style.colors, self.r),
            "width": str(width),
            "height": str(height),
            "alt": node.name if self.r.random() > self.style.mess * 0.6 else "",
        }
        attributes |= self.style.names.attributes("media")
        if node.kind == "avatar":
            attributes["style"] = f"border-radius:50%;width:{width}px;height:{height}px"
        elif node.kind in ("photo", "chart", "map", "video"):
            attributes["style"] = f"max-width:100%;height:{height}px;object-fit:cover"
        return Element("img", attributes)

    def _group(self, group: Group) -> Element:
        draw = {"table": self._table, "dialog": self._dialog, "tabs": self._tabs, "tr": self._row}.get(group.layout)
        made = draw(group) if draw else self._plain(group)
        if group.layout in _HOMES and len(group.children) > 2:
            self._movable.append(made)
        if group.id:
            self.parts.groups[group.id] = made
        return made

    def _plain(self, group: Group) -> Element:
        tag = _TAGS.get(group.layout, "div")
        if (tag in ("ul", "li") and self._div_lists) or (tag not in ("ul", "li", "form") and not self._semantic):
            tag = "div"
        attributes: dict[str, str | None] = {**self.style.names.attributes(group.layout)}
        made = Element(tag, attributes)
        if group.layout in _PARTS:
            made.add_class(self.style.part(_PARTS[group.layout]))
        self._colour(group.layout, made)
        if group.title:
            made.children.append(self._text(Text(group.title, "subheading")))
        for child in group.children:
            element = self.node(child)
            if group.layout == "pagination" and element.tag == "a":
                element.add_class(self.style.part("page"))
            made.children.append(self._wrapped(element, group.layout))
        return made

    def move(self) -> None:
        """Now and then put a part of the page into a shadow root or an inline frame of its own."""
        # What a sprite is made of is not to be seen from within another root.
        if self._movable and not self.controls.symbols and self.r.random() < APART:
            self.parts.homes.append((self.r.choice(self._movable), self.r.choice(["root", "frame"])))

    def popups(self) -> Iterator[Element]:
        """What the controls drawn so far open, hidden."""
        for control in self._waiting:
            made = self._popup(control.popup or Group("menu"))
            self.parts.popups.append((control, made))
            yield made

    def _popup(self, group: Group) -> Element:
        if group.layout == "dialog":
            return Element("div", {"style": "display:none"}, [self._dialog(group)])
        kind = {"options": "menu", "calendar": "card", "panel": "card", "toast": "bar"}.get(group.layout, group.layout)
        inner = self._plain(replace(group, layout=kind))
        inner.attributes["style"] = f"{inner.attributes.get('style') or ''};max-height:340px;overflow:auto"
        if self.r.random() > self.style.mess * 0.8 and group.layout in _POPUP_ROLES:
            inner.attributes["role"] = _POPUP_ROLES[group.layout]
        place = "position:fixed;left:24px;bottom:24px" if group.layout == "toast" else "position:absolute"
        look = (
            f"background:{self._surface()};border:1px solid rgba(128,128,128,.4);box-shadow:0 6px 20px rgba(0,0,0,.25)"
        )
        rule = f"display:none;{place};z-index:800;width:max-content;max-width:92vw;border-radius:6px;{look}"
        return Element(
            "div",
            {"class": self.r.choice(["popover", "layer", "overlay-pane", "portal"]) + "-host", "style": rule},
            [inner],
        )

    def _surface(self) -> str:
        if self.style.framework_name == "own":
            return self.style.colors["surface"]
        return "#2a2f3a" if self.style.dark else "#fff"

    def _colour(self, layout: str, made: Element) -> None:
        colors = self.style.colors
        if layout in ("header", "side") and self.style.framework_name == "own":
            rule = f"background:{colors['bar']};color:{colors['on-bar']}"
            made.add_class("on-bar")
        elif layout in ("header", "side") or (layout in ("card", "lane") and not self.style.part("card")):
            side = {"header": "bottom", "side": "right"}.get(layout)
            rule = f"border{'-' + side if side else ''}:1px solid rgba(128,128,128,.3)"
        else:
            return
        old = made.attributes.get("style")
        made.attributes["style"] = f"{old};{rule}" if old else rule

    def _wrapped(self, made: Element, layout: str) -> Element:
        """The element, now and then within wrappers that mean nothing."""
        # Within rows and grids a wrapper would change the layout, which no real page would leave like that.
        if layout not in _WRAPPED or self.r.random() > self.style.mess * 0.3:
            return made
        for _ in range(self.r.choice([1, 1, 2, 3])):
            made = Element(
                "div",
                {
                    "class": self.r.choice(
                        ["wrapper", "inner-wrap", "box-inner", "css-1q2w3e4", "content-wrap", "layout-slot"]
                    )
                },
                [made],
            )
        return made

    def _tabs(self, group: Group) -> Element:
        made = self._plain(Group("tabs", []))
        made.add_class(self.style.part("tabs"))
        if self.r.random() > self.style.mess * 0.8:
            made.attributes["role"] = "tablist"
        made.children += [self.node(child) for child in group.children]
        return made

    def _table(self, group: Group) -> Element:
        if self._div_tables:
            return self._div_table(group)
        head = Element("tr", {}, [Element("th", {}, [self._header(each)]) for each in group.columns])
        body = Element("tbody", {}, [self.node(child) for child in group.children])
        made = Element("table", {"style": "width:100%"}, [Element("thead", {}, [head]), body])
        made.add_class(self.style.part("table"))
        return made

    def _header(self, column: "str | Control") -> Element | str:
        return column if isinstance(column, str) else self.node(column)

    def _div_table(self, group: Group) -> Element:
        made = Element("div", {"class": "data-grid"})
        head = Element("div", {"class": "grid-row head", "style": self._grid_style(len(group.columns))})
        head.children += [Element("div", {"class": "cell"}, [self._header(each)]) for each in group.columns]
        made.children.append(head)
        for child in group.children:
            made.children.append(self.node(child))
        if self.r.random() > self.style.mess:
            made.attributes["role"] = "table"
            for row in made.children:
                if isinstance(row, Element):
                    row.attributes["role"] = "row"
        return made

    def _grid_style(self, columns: int) -> str:
        line = self.style.colors["line"]
        return f"display:grid;grid-template-columns:repeat({columns},1fr);gap:8px;padding:8px 10px;align-items:center;border-bottom:1px solid {line}"

    def _row(self, group: Group) -> Element:
        if self._div_tables:
            cells = [Element("div", {"class": "cell"}, [self.node(child)]) for child in group.children]
            return Element("div", {"class": "grid-row", "style": self._grid_style(len(cells))}, [*cells])
        return Element("tr", {}, [Element("td", {}, [self.node(child)]) for child in group.children])

    def _dialog(self, group: Group) -> Element:
        made = self._plain(Group("dialog", group.children))
        title = Element("h2" if self._semantic else "div", {"class": "dialog-title"}, [group.title])
        made.children.insert(0, title)
        made.add_class(self.style.part("dialog"))
        rule = f"background:{self._surface()};position:relative;border-radius:6px"
        old = made.attributes.get("style")
        made.attributes["style"] = f"{old};{rule}" if old else rule
        if self.r.random() > self.style.mess * 0.7:
            made.attributes |= {"role": "dialog", "aria-modal": "true", "aria-label": group.title}
        return Element("div", {**self.style.names.attributes("backdrop")}, [made])


def render(page: Page, frame: list[Node], style: Style, r: Random) -> Drawn:
    """The page as a document.

    Args:
        page: What it shows.
        frame: The nodes of the site's frame with the page's body already in it.
        style: The site's.
        r: Source of chance of this page.
    """
    renderer = Renderer(style, r)
    body = Element("body", {}, [renderer.node(node) for node in frame])
    if page.dialog:
        body.children.append(renderer.node(page.dialog))
    renderer.move()
    body.children += renderer.popups()
    if renderer.controls.symbols:
        shapes = "".join(renderer.controls.symbols.values())
        body.children.append(Raw(f'<svg width="0" height="0" style="position:absolute">{shapes}</svg>'))
    places = tuple(Place(index, control, renderer.controls.forms[id(control)]) for index, control in number(body))
    code = script(places, body, renderer.parts)
    css = "\n".join([style.css, style.names.css(), renderer.controls.css()])
    attributes = "".join(f' {name}="{value}"' for name, value in style.html_attributes.items())
    html = (
        f'<!DOCTYPE html><html lang="en"{attributes}><head><meta charset="utf-8"><title>{escape(page.title)}</title>'
        f"<style>{css}</style></head>{body.html().removesuffix('</body>')}<script>{code}</script></body></html>"
    )
    return Drawn(html, places, tuple(tags(body)), page.title, page.path)
