"""One site: its data, its style, its frame; and the pages that are drawn of it.

    site = make_site(17, seed=1, modules)
    made = site.draw(4, split_kinds)      -> Made(drawn, kind="cart", viewport=(1280, 720), zoom=1.0)

Which sites are held out is decided by their number alone, so that it is the same for every size of a build.
"""

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from magenta_qa.finetune.corpus.frame import Frame
from magenta_qa.finetune.corpus.frameworks import HELD_OUT as HELD_OUT_FRAMEWORKS
from magenta_qa.finetune.corpus.hands import Hand
from magenta_qa.finetune.corpus.icons import HELD_OUT as HELD_OUT_ICONS
from magenta_qa.finetune.corpus.kinds import HELD_OUT as HELD_OUT_KINDS
from magenta_qa.finetune.corpus.kinds import KINDS, TRAINED_ALONE
from magenta_qa.finetune.corpus.kinds.panels import with_panels
from magenta_qa.finetune.corpus.labels import relabel
from magenta_qa.finetune.corpus.popups import furnish
from magenta_qa.finetune.corpus.render import Drawn, render
from magenta_qa.finetune.corpus.styles import Style, make_style
from magenta_qa.finetune.corpus.vocabulary import World

Split = Literal["train", "validation", "test"]
PAGES_PER_SITE = 6
VIEWPORTS = (
    (1280, 720),
    (1280, 720),
    (1280, 720),
    (1440, 900),
    (1024, 768),
    (1366, 768),
    (1600, 900),
    (800, 900),
    (412, 840),
)
BARS = 0.1
"""Share of the training pages that are bars of icons."""
OWN_HANDS = 0.4
"""Share of the training sites that redraw their icon set."""
ZOOMS = (1.0, 1.0, 1.0, 1.0, 0.9, 0.8, 1.1, 1.25)


@dataclass(frozen=True, slots=True)
class Made:
    """A page that was drawn, and what it was drawn from."""

    drawn: Drawn
    split: Split
    kind: str
    framework: str
    icons: str
    site: str
    viewport: tuple[int, int]
    zoom: float


@dataclass(slots=True)
class Site:
    """One site."""

    number: int
    split: Split
    world: World
    style: Style
    frame: Frame
    seed: int

    @property
    def name(self) -> str:
        """Its host, different from that of every other site."""
        # One registrable domain: a browser starts a process for each of them.
        return f"{self.world.domain.removesuffix('.test')[:24]}-{self.number}.sites.test"

    def draw(self, page_number: int) -> Made:
        """One of its pages."""
        r = Random(f"{self.seed}/{self.number}/{page_number}")
        kinds = sorted(KINDS.keys() - {TRAINED_ALONE} - (frozenset() if self.split == "test" else HELD_OUT_KINDS))
        # Half of the test pages are of kinds that were never trained on, whatever their share among all kinds.
        if self.split == "test" and r.random() < 0.5:
            kinds = sorted(HELD_OUT_KINDS)
        kind = r.choice(kinds)
        if self.split == "train" and Random(f"{self.seed}/{self.number}/{page_number}/bars").random() < BARS:
            kind = TRAINED_ALONE
        page = KINDS[kind](r, self.world)
        if page.dialog is None:
            page = with_panels(page, r, self.world)
        nodes = self.frame.around(page, r)
        if page.dialog is None:
            furnish(nodes, Random(f"{self.seed}/{self.number}/{page_number}/popups"), self.world)
        relabel([*nodes, *([page.dialog] if page.dialog else [])], Random(f"{self.seed}/{self.number}/labels"))
        drawn = render(page, nodes, self.style, r)
        return Made(
            drawn,
            self.split,
            kind,
            self.style.framework_name,
            self.style.icons.name,
            self.name,
            r.choice(VIEWPORTS),
            r.choice(ZOOMS),
        )


def split_of(number: int) -> Split:
    """Which split a site belongs to: of 20 sites 2 are for tests and one is for validation."""
    return "test" if number % 20 in (7, 15) else "validation" if number % 20 == 11 else "train"


def make_site(number: int, seed: int, modules: Path) -> Site:
    """A site, the same for the same number and seed.

    Args:
        number: Of the site.
        seed: Of the build.
        modules: Where npm has put its packages.
    """
    r = Random(f"{seed}/{number}")
    split = split_of(number)
    world = World(Random(r.random()))
    held_out = r.choice(["framework", "icons", "both", "neither"]) if split == "test" else ""
    style = make_style(
        Random(r.random()),
        modules,
        new_framework=held_out in ("framework", "both"),
        new_icons=held_out in ("icons", "both"),
    )
    own = Random(f"{seed}/{number}/hand")
    if split == "train" and own.random() < OWN_HANDS:
        style.icons.hand = Hand.of(own)
    return Site(number, split, world, style, Frame(world, Random(r.random())), seed)


def is_held_out(made: Made) -> bool:
    """Whether anything of the page must not be trained on."""
    return made.kind in HELD_OUT_KINDS or made.framework in HELD_OUT_FRAMEWORKS or made.icons in HELD_OUT_ICONS
