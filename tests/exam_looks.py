"""Looks at pages that nothing was trained on, with what a tester would ask for there: what grounding is measured by.

    looks = load_looks(folder / "generated")      # as `save_looks` has written them, a file a look
    look.observation                              # as the agent got it, but only what shows
    look.asked[0]   # Asked(mark=7, right=(7,), instruction="Hide the mug", descriptions=("Takes the mug off sale.",), …

`generated_looks` photographs drawn pages of the test split under a seed that no corpus is built with; `labelled_looks`
turns the photographs of `hand_labelled.py` into looks. Both keep every candidate that shows, asked about or not: what
an instruction means must be found among them all.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from random import Random

from hand_labelled import Look as Photographed
from pydantic import BaseModel, ConfigDict

from magenta_qa.finetune.corpus.frameworks import HELD_OUT as HELD_OUT_FRAMEWORKS
from magenta_qa.finetune.corpus.icons import HELD_OUT as HELD_OUT_ICONS
from magenta_qa.finetune.corpus.kinds import HELD_OUT as HELD_OUT_KINDS
from magenta_qa.finetune.corpus.photograph import Shot, open_studio
from magenta_qa.finetune.corpus.rows import is_on, is_shown, kind_of, understanding_rows
from magenta_qa.finetune.corpus.site import Made, make_site
from magenta_qa.finetune.corpus.views import views
from magenta_qa.model.schema import Candidate, Observation, Question

SEED = 50_021
"""Of the generated pages; corpora are built with small ones."""
LOOKS_A_PAGE = 2
"""At most: as it opens, and with something opened in it."""
ASKED_A_LOOK = 8
PAGES_PER_SITE = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """What a tester wants on a page."""

    mark: int
    right: tuple[int, ...]
    """Marks that do the same, the meant one among them."""
    instruction: str
    descriptions: tuple[str, ...]
    """What people, or the generator, say that it does."""
    kinds: tuple[str, ...]
    """`icon-only`, `unnamed` (an icon without text, accessible name or title; of drawn pages nothing else in the HTML
    names it either), `repeated`, `new kind`, …"""


@dataclass(frozen=True, slots=True)
class ExamLook:
    """One look at one page."""

    name: str
    page: str
    """Intervals are over pages."""
    observation: Observation
    html: dict[int, str]
    """By mark, cleaned."""
    asked: tuple[Asked, ...]

    @property
    def questions(self) -> list[Question]:
        """What a back end is asked to describe the page."""
        return [Question(c, c.action_types[0], self.html.get(c.mark, "")) for c in self.observation.candidates]


class _File(BaseModel):
    """A look as it is stored: the picture beside the observation that it belongs to."""

    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
    look: ExamLook
    picture: bytes


def save_looks(looks: Iterable[ExamLook], folder: Path) -> int:
    """Write a file for each; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for count, look in enumerate(looks, 1):
        bare = replace(look, observation=replace(look.observation, screenshot=b""))
        stored = _File(look=bare, picture=look.observation.screenshot).model_dump_json()
        (folder / f"{count:04}.json").write_text(stored, "utf-8")
    (folder / "done").touch()
    return count


def load_looks(folder: Path) -> list[ExamLook]:
    """All of a folder."""
    files = (_File.model_validate_json(path.read_bytes()) for path in sorted(folder.glob("*.json")))
    return [replace(f.look, observation=replace(f.look.observation, screenshot=f.picture)) for f in files]


def labelled_looks(photographs: Iterable[Photographed]) -> Iterator[ExamLook]:
    """What was labelled by hand, as looks."""
    for look in photographs:
        kept = [c for c in look.observation.candidates if c.mark in look.html and c.mark not in look.left_out]
        asked = tuple(
            Asked(
                mark,
                (mark,),
                element.instruction,
                element.descriptions,
                _kinds_by_hand(element.kinds, look.observation.candidate(mark)),
            )
            for mark, element in look.labelled.items()
        )
        page = f"{look.application}/{look.page.page}"
        yield ExamLook(page, page, replace(look.observation, candidates=tuple(kept)), look.html, asked)


def _kinds_by_hand(kinds: tuple[str, ...], candidate: Candidate | None) -> tuple[str, ...]:
    unnamed = "icon-only" in kinds and candidate is not None and not (candidate.name or candidate.description)
    return (*kinds, *(("unnamed",) if unnamed else ()))


def generated_looks(pages: int, modules: Path, seed: int = SEED) -> Iterator[ExamLook]:
    """Drawn pages of the test split.

    Args:
        pages: How many.
        modules: What pages are made of, as `corpus fetch` has fetched it.
        seed: Of everything.
    """
    with open_studio() as studio:
        for made, name in islice(_test_pages(modules, seed), pages):
            shots = islice(views(studio, made, Random(f"{name}/views"), set()), LOOKS_A_PAGE)
            for number, shot in enumerate(shots):
                look = drawn_look(made, shot, f"{name}-{number}", name)
                if look.asked:
                    yield look


def _test_pages(modules: Path, seed: int) -> Iterator[tuple[Made, str]]:
    number = 0
    while True:
        site = make_site(number, seed, modules)
        if site.split == "test":
            for page in range(PAGES_PER_SITE):
                yield site.draw(page), f"{number}-{page}"
        number += 1


def drawn_look(made: Made, shot: Shot, name: str, page: str) -> ExamLook:
    """The candidates that show and whose meaning is known; some of them are asked about."""
    shown = [
        c
        for c in shot.observation.candidates
        if c.mark in shot.known and shot.known[c.mark].html and is_shown(c, made.viewport)
    ]
    rows = list(understanding_rows(made, shot, name, set()))
    chosen = Random(name).sample(rows, min(ASKED_A_LOOK, len(rows)))
    new = tuple(
        kind
        for kind, is_new in (
            ("new kind", made.kind in HELD_OUT_KINDS),
            ("new framework", made.framework in HELD_OUT_FRAMEWORKS),
            ("new icons", made.icons in HELD_OUT_ICONS),
        )
        if is_new
    )
    asked = []
    for row, facts in chosen:
        mark = int(row.external_id.rpartition("-")[2])
        icon = facts.shown == "icon"
        kinds = [("icon-only", icon), ("unnamed", icon and not facts.named), ("repeated", facts.repeated)]
        own = tuple(kind for kind, has in kinds if has)
        asked.append(Asked(mark, _same(mark, shown, shot), row.instruction, (row.summary,), (*own, *new)))
    observation = replace(shot.observation, candidates=tuple(shown), screenshot=shot.webp)
    html = {c.mark: shot.known[c.mark].html for c in shown}
    return ExamLook(name, page, observation, html, tuple(asked))


def _same(mark: int, shown: list[Candidate], shot: Shot) -> tuple[int, ...]:
    """Marks of the candidates that mean the same as this one and take the same action."""

    def meaning(candidate: Candidate) -> tuple[object, ...]:
        place = shot.known[candidate.mark].place
        return place.control.meaning, is_on(candidate, place), kind_of(candidate, place)

    own = next(c for c in shown if c.mark == mark)
    return tuple(c.mark for c in shown if meaning(c) == meaning(own))
