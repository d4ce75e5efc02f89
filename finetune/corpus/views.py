"""The views of one page: as it is, with what its controls open, with some of them switched, and further down.

    for shot in views(studio, made, Random("page 4"), seen):
        ...        # rows of what is new in it go into `seen` before the next one is taken

A view costs a fifth of loading a page, and shows what a page hides at first: menus, lists, calendars, dialogs, notices.
"""

from collections.abc import Iterator
from random import Random

from magenta_qa.finetune.corpus.photograph import Shot, Studio
from magenta_qa.finetune.corpus.render import Place
from magenta_qa.finetune.corpus.rows import Seen, is_wanted
from magenta_qa.finetune.corpus.site import Made
from magenta_qa.model.schema import Candidate

MAX_SCROLLS = 2
MAX_OPENED = 3
"""Things that are opened on one page."""
FLIPPED = 4
"""Controls that are switched before the page is scrolled."""


def views(studio: Studio, made: Made, r: Random, seen: Seen) -> Iterator[Shot]:
    """The page from its top, then what can be opened in it, then the same one screen further down.

    Args:
        studio: The browser.
        made: The page.
        r: Source of chance.
        seen: What there are rows of already; HTML is taken only of what is not in it.
    """

    def wanted(candidate: Candidate, place: Place) -> bool:
        return is_wanted(candidate, place, made.viewport, seen)

    openers = [place for place in made.drawn.places if place.control.popup]
    left = r.sample(openers, len(openers))
    opened = 0
    shot = studio.photograph(made.drawn, made.site, made.viewport, made.zoom, wanted)
    for scroll in range(MAX_SCROLLS + 1):
        yield shot
        for place in list(left):
            if opened < MAX_OPENED and studio.open(place, made.viewport):
                opened += 1
                left.remove(place)
                yield studio.photograph_again(made.drawn, made.viewport, wanted)
                studio.close(made.viewport)
        studio.flip(_switchable(shot, r), made.viewport)
        if scroll == MAX_SCROLLS or not studio.scroll(made.viewport):
            return
        shot = studio.photograph_again(made.drawn, made.viewport, wanted)


def _switchable(shot: Shot, r: Random) -> list[Place]:
    """Controls in view that mean something else once they are switched."""
    found = [
        known.place
        for known in shot.known.values()
        if known.place.control.meaning.undo
        and not known.place.control.disabled
        and (known.place.control.role == "checkbox" or known.place.control.does == "toggle")
    ]
    return r.sample(found, min(FLIPPED, len(found)))
