"""Elements of other people's applications, each labelled by hand: `tests/data/hand_labelled/APPLICATION.yaml`.

    application: flask-admin
    version: 2.2.1
    pages:
      - page: books
        path: /admin/book/
        steps: []                          # click: SELECTOR | fill: SELECTOR, with: TEXT | hover: SELECTOR | press: KEY
        elements:
          - id: delete-lantern
            selector: tr:has-text("The Lantern") button[title="Delete record"]
            kinds: [icon-only, repeated]
            descriptions:
              - Removes The Lantern from the library for good, after asking once more.
              - Throws the book The Lantern out of the catalogue.
            instruction: Throw out The Lantern

Everything was written after looking at the page's picture with the element outlined in it; `hand_labelled.py` takes the
same pictures again. The applications are never trained on.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

FOLDER = Path(__file__).parent / "data" / "hand_labelled"
Kind = Literal[
    "icon-only", "repeated", "button", "link", "input", "select", "checkbox", "tab", "menu", "dialog", "header"
]
"""`icon-only`: no text is to be seen on it; `repeated`: told from others like it by its row; the rest: what it is, or
what it stands in (`menu`, `dialog`: opened by a step; `header`: sorts a column)."""
Sentence = Annotated[str, Field(pattern=r"^[A-Z].*\.$")]


class _Read(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Read):
    """One of the plain steps that lead to a state of a page; selectors are Playwright's."""

    click: str = ""
    hover: str = ""
    fill: str = ""
    with_: str = Field("", alias="with")
    press: str = ""

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if sum(map(bool, (self.click, self.hover, self.fill, self.press))) != 1:
            raise ValueError("a step is one of click, hover, fill (and with) and press")
        return self


class Element(_Read):
    """One element, what it does, and how a tester would ask for it."""

    id: str
    selector: str
    """Matches this element alone."""
    kinds: tuple[Kind, ...] = Field(min_length=1)
    descriptions: tuple[Sentence, Sentence]
    instruction: str
    also: tuple[str, ...] = ()
    """Selectors of other elements of the page that do the same; they are not offered beside it."""


class LabelledPage(_Read):
    """One look at one page."""

    page: str
    path: str
    steps: tuple[Step, ...] = ()
    elements: tuple[Element, ...]


class Labels(_Read):
    """One application's."""

    application: str
    version: str
    path: str = ""
    """Where `steps` are taken once, before everything else, such as to log in; empty for nowhere."""
    steps: tuple[Step, ...] = ()
    pages: tuple[LabelledPage, ...]

    def elements(self) -> list[tuple[str, Element]]:
        """(name that is unique in the set, element) of all pages."""
        return [(f"{self.application}/{page.page}/{each.id}", each) for page in self.pages for each in page.elements]


def load_labels(folder: Path = FOLDER) -> list[Labels]:
    """Those of all applications.

    Raises:
        ValueError: A file holds something else; the message says where.
    """
    return [_load(path) for path in sorted(folder.glob("*.yaml"))]


def _load(path: Path) -> Labels:
    try:
        return Labels.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{path.name}: {place}: {first['msg']}, but it is {first['input']!r:.120}") from error
