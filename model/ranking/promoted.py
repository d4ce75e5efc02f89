"""Pages and lists that are called by what they are about.

promoted(read_target("the page about shipping"))   -> Target("shipping")
promoted(read_target("the list of books"))         -> Target("books")
"""

import re

from magenta_qa.model.language.lexicon import stem, words_of
from magenta_qa.model.language.target import Target

_ABOUT = frozenset(
    stem(w) for w in ("page", "details", "profile", "information", "link", "entry", "section", "view", "screen")
)
_LIST = r"(?:list|listing|table|overview|index|page|section|area|screen|view|directory|collection)"
_LISTING = re.compile(
    rf"(?:(?:full|whole|complete|entire) )?{_LIST} of (?:all )?(?:the |our |my )?(?P<of>\S.*)|(?P<before>\S.*) {_LIST}",
    re.IGNORECASE,
)


def promoted(target: Target) -> Target | None:
    """ "The page about shipping", "the list of books": what the page is about is what its link is called."""
    if target.verb or target.quoted:
        return None
    if listing := _LISTING.fullmatch(target.full):
        what = listing["of"] or listing["before"]
        return Target(what, what)
    if len(target.relations) != 1 or not target.phrase:
        return None
    about = target.relations[0]
    if not {stem(w) for w in words_of(target.phrase)} <= _ABOUT or about.container or about.ordinal or about.extreme:
        return None
    return Target(about.phrase, about.phrase, target.kinds)
