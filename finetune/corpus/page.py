"""A page before it is drawn: a tree of texts, groups and controls whose meaning is known.

    Page("cart", title="Your cart", path="/cart", body=[
        Group("table", [...rows...]),
        button("[Starts|Begins] the checkout", "Check out", look="primary"),
    ])

What a control means is one sentence in a small grammar, third person, without the full stop:
`"[Removes|Takes] the Blue backpack from [the cart|the basket]"`; `wording` makes descriptions and steps of it.
"""

from dataclasses import dataclass, field
from typing import Literal, Union

Role = Literal[
    "button",
    "link",
    "field",
    "area",
    "select",
    "checkbox",
    "radio",
    "switch",
    "tab",
    "slider",
    "cell",
    "option",
    "swatch",
]
Look = Literal["plain", "primary", "danger", "ghost"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a control does on its page."""

    says: str
    """Grammar of the description."""
    name: str
    """What a tester would call the control: its label, or what its icon shows."""
    row: str = ""
    """What tells it apart from controls of the same name: the row or card it stands in."""
    thing: str = ""
    """Of fields and choices: what is entered or switched, such as "email address of the new user"."""
    value: str = ""
    """Of fields and choices: a value that a tester might want."""
    undo: str = ""
    """Grammar of the description once it is on (checked, pressed, playing); empty where it stays the same."""


@dataclass(slots=True, eq=False)
class Control:
    """Something that can be acted on."""

    role: Role
    meaning: Meaning
    label: str
    icon: str = ""
    """Concept, such as "trash"; empty: text alone."""
    show: Literal["text", "icon", "both", ""] = ""
    """Empty: as the site's style has it."""
    look: Look = "plain"
    input_type: str = "text"
    value: str = ""
    placeholder: str = ""
    options: tuple[str, ...] = ()
    on: bool = False
    """Checked, pressed, current."""
    does: str = ""
    """What the page's script does when it is used; see `behaviour`."""
    href: str = ""
    disabled: bool = False
    popup: "Group | None" = None
    """What opens at it when it is used: a menu, a list of options, a calendar, a panel, a dialog, a toast."""


@dataclass(slots=True)
class Text:
    """Something to read."""

    text: str
    kind: Literal["body", "heading", "subheading", "muted", "strong", "badge", "code", "price", "label"] = "body"
    tone: Literal["", "good", "bad", "warn"] = ""


@dataclass(slots=True)
class Picture:
    """A photograph, an avatar or a chart, drawn by the style."""

    kind: Literal["photo", "avatar", "chart", "map", "logo", "video"]
    name: str = ""
    width: int = 0
    height: int = 0


Node = Union["Group", Control, Text, Picture]


@dataclass(slots=True)
class Group:
    """Nodes that belong together.

    Layouts: row | between | column | grid | card | toolbar | nav | tabs | list | item | form | dialog | menu |
    table | tr | pagination | breadcrumb | aside | split | hero | board | lane | field | center | alert | bar | canvas |
    branch | footer.
    Of what a control opens: menu | options | calendar | panel | dialog | toast.
    """

    layout: str
    children: list[Node] = field(default_factory=list)
    title: str = ""
    id: str = ""
    """What a script opens, closes or removes; never written into the page."""
    columns: tuple[str | Control, ...] = ()
    """Of a table: its headers, texts or controls that sort."""


@dataclass(slots=True)
class Page:
    """One page of a site."""

    kind: str
    title: str
    path: str
    body: list[Node]
    shell: Literal["site", "app", "plain", "full"] = "app"
    dialog: Group | None = None
    """Open on top of the page."""
    current: str = ""
    """Name of the navigation entry that it belongs to."""


def button(says: str, label: str, icon: str = "", **more: object) -> Control:
    """A button; `name`, `row`, `undo` go to its meaning, everything else to the control."""
    return _control("button", says, label, icon, more)


def link(says: str, label: str, href: str = "#", icon: str = "", **more: object) -> Control:
    """A link."""
    return _control("link", says, label, icon, {"href": href, **more})


def tab(says: str, label: str, on: bool = False, **more: object) -> Control:
    """A tab or a segment of a switch."""
    return _control("tab", says, label, "", {"on": on, **more})


def text_field(thing: str, label: str, value: str, says: str = "", **more: object) -> Control:
    """A field that takes text.

    Args:
        thing: What is entered, with its place: "email address of the new user"; "the" is put before it.
        label: Its label.
        value: What a tester might enter.
        says: Grammar of the description; by default made of `thing`.
        more: Fields of the meaning and the control; `filled` is the value it has already.
    """
    sentence = says or f"[Enters|Enters|Sets|Fills in|Types in] the {thing}"
    filled = str(more.pop("filled", ""))
    return _control("field", sentence, label, "", {"thing": thing, "wants": value, "value": filled, **more})


def area(thing: str, label: str, value: str, says: str = "", **more: object) -> Control:
    """A field of several lines."""
    made = text_field(thing, label, value, says, **more)
    made.role = "area"
    return made


def select(thing: str, label: str, options: tuple[str, ...], value: str, says: str = "", **more: object) -> Control:
    """A list to choose one of."""
    sentence = says or f"[Chooses|Selects|Sets|Picks|Determines] the {thing}"
    chosen = str(more.pop("chosen", options[0]))
    return _control(
        "select", sentence, label, "", {"thing": thing, "wants": value, "options": options, "value": chosen, **more}
    )


def check(thing: str, label: str, on: bool = False, says: str = "", undo: str = "", **more: object) -> Control:
    """A tick box or switch that turns `thing` on and off."""
    turn_on = says or f"[Turns on|Enables|Switches on|Activates] {thing}"
    turn_off = undo or ("" if says else f"[Turns off|Disables|Switches off|Deactivates] {thing}")
    return _control("checkbox", turn_on, label, "", {"thing": thing, "undo": turn_off, "on": on, **more})


def option(says: str, label: str, on: bool = False, **more: object) -> Control:
    """One entry of a list that is open."""
    return _control("option", says, label, "", {"on": on, "does": f"choose:{label}", **more})


def _control(role: Role, says: str, label: str, icon: str, more: dict[str, object]) -> Control:
    meaning = Meaning(
        says=says,
        name=str(more.pop("name", label)),
        row=str(more.pop("row", "")),
        thing=str(more.pop("thing", "")),
        value=str(more.pop("wants", "")),
        undo=str(more.pop("undo", "")),
    )
    return Control(role=role, meaning=meaning, label=label, icon=icon, **more)  # type: ignore[arg-type]
