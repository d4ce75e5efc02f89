"""Ranks the candidates of a page for what a tester called a control.

    ranking = rank(read_target("Delete in the row of Ada"), "click", page)
    -> [Ranked(mark 7, 0.97, _NAMED), …]

A score lies between 0 and 1. Every word that says something must be accounted for: by the control itself or, where that
has matched at all, by what surrounds it.
"""

import re
from dataclasses import dataclass
from functools import cache

from magenta_qa.model.language.deeds import lead_of
from magenta_qa.model.language.lexicon import lexicon, stem, words_of
from magenta_qa.model.language.quantity import is_plural
from magenta_qa.model.language.target import Target, without_sort
from magenta_qa.model.language.wording import Field, Word, contains, likeness, read_field, read_words, weighty
from magenta_qa.model.ranking.contradiction import doubt
from magenta_qa.model.ranking.fitness import (
    fits_action,
    fits_kinds,
    is_checkable,
    is_editable,
    is_header,
    is_search_field,
    is_selector,
)
from magenta_qa.model.ranking.items import is_picture_of, main_controls, results_of
from magenta_qa.model.ranking.page import OUTER, PAGE, Page
from magenta_qa.model.ranking.promoted import promoted
from magenta_qa.model.ranking.relations import relation_strength
from magenta_qa.model.schema import Candidate

_WHOLE, _NAMED = "exact full name", "exact name"
EXACT = frozenset({_WHOLE, _NAMED})
ITS_SORT = "its sort"
_NEAR = 0.3  # below that a candidate is not even worth mentioning
_MISSED = 0.45  # of its coverage, for a candidate that leaves a word unexplained
_CHANGED = 0.6
_ON_HEAD = 0.4  # for the head of a column, which sorts, where something else is to be done
_LETTERS = 0.78  # for words, where a picture was named: the pencil is rather an icon than the link "Update profile"
_UNLABELLED = 0.8
_OTHERWISE = 0.68
_UNDERSTOOD = 0.72
_UNSEEN = 0.92  # for a name that only screen readers are told
_LETTERED = frozenset({"button", "link", "tab", "menuitem"})
SPREADS = frozenset({"generic", "row", "listitem", "gridcell", "cell", "article", "option", "treeitem"})
"""Whole rows and cards that are clicked somewhere on what they show."""
_ON_IT = 0.7
_BARE = 0.08
_IMPURE, _VERBOSE = 0.45, 0.25  # weight of words that nobody asked for: in a name, in a sentence
_SEARCHING = 0.7
_CHANGES = 0.7
_OPENING, _SHUTTING = frozenset({"click", "open"}), frozenset({"close"})
_OPEN_ALREADY = 0.6  # for the button of a menu that lies open: what is asked for is in the menu
_CHANGING = frozenset(stem(v) for v in ("add", "create", "remove", "delete", "clear", "discard"))
_WORDS, _INFLECTED = 0.92, 0.89  # at most: "Booking" is not quite "Book"
_OTHERWISE_LABELLED = 0.87
_PART = 0.6  # for what only stands on another control, and says none of the words itself
AS_ITEM = 0.88  # for the control that opens the row or list item that is meant
_SORTED = 0.97
_NUMBERED = 0.87
OF_SELECTED = re.compile(r"(?:selected|marked|ticked|checked|highlighted)\b", re.IGNORECASE)
"""What a button that does something to them need not say."""
_SORTING = frozenset(c for w in read_words("sort order") for c in w.concepts)
_NUMBER = re.compile(r"\d{2,}")
_IDENTIFIER = re.compile(r"#?\d{3,}")
_NEAR_BY, _BY_ANOTHER, _NOT_BY = 0.9, 0.7, 0.3  # where a quoted name stands
_PROMOTED = 0.9  # "Details" in the row of Ada is the details of Ada, before the link "Ada"
_URGING = re.compile(r" (?:now|here|today)$")
"""What buttons add to what they are called: "Book" is "Book now"."""
_UNSAID = frozenset(stem(w) for w in ("filter", "change", "edit", "setting", "selection", "choice", "option", "search"))
"""What a button that does something to all of it need not say: "Apply" applies the filters."""
_URGED = 0.9
_CHIP = 0.95
_CROSS = re.compile(r"[×✕✖⨯✗❌]")
_CHIPS = re.compile(r"[×✕✖⨯✗❌]\s*(?P<after>\S.*)|(?P<before>\S.*?)\s*[×✕✖⨯✗❌]")
_TAKING_AWAY = frozenset({"remove", "close"})
_SORTS_OF_CHIPS = frozenset(stem(w) for w in ("filter", "tag", "chip", "label", "condition", "keyword", "recipient"))
_INFLECTS = 4  # letters; shorter words that change a meaning have one form
_SCATTERED = 0.9  # for words that do not stand one after the other


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate and how well it fits."""

    candidate: Candidate
    score: float
    why: str = ""

    @property
    def label(self) -> str:
        """What to call it in a report."""
        c = self.candidate
        return f'{c.element_type} "{c.name or c.text or c.description or c.hints}"'


def rank(target: Target, action: str, page: Page) -> list[Ranked]:
    """The candidates that come near to what was named, best first."""
    found: list[Ranked] = []
    wishes = [_Wish.read(target)]
    if target.relations and target.phrase and not target.quoted and not target.verb:
        wishes.append(
            _Wish.read(Target(target.full, target.full, target.kinds), target.phrase)
        )  # "Terms of service" is one name
    about = _Wish.read(led_to, target.phrase) if (led_to := promoted(target)) is not None else None
    # "Open the images" is the link "Images" rather than any picture.
    called_so = None if target.phrase or target.verb else _Wish.read(Target(target.full, target.full))
    is_item = target.is_item and not target.verb and not (action == "open" and _is_section(target))
    mains = main_controls(action, page) if is_item else {}
    results = results_of(target, mains, page) if is_item else None
    mains = mains if results is None else results
    pictured = "icon" in target.kinds or any(lexicon().pictures & w.known for w in wishes[0].words)
    opens = action in _OPENING and not lead_of(words_of(target.verb)) & _SHUTTING
    for candidate in page.candidates:
        fit = fits_action(action, candidate)
        if (
            fit <= 0
            or (results is not None and candidate.mark not in results)
            or (target.spelt and not target.spelt.fits(candidate.name or candidate.text))
        ):
            continue
        score, why = max(
            _score(w, candidate, page) for w in wishes[: 2 if _bears_head(wishes[0], candidate, page) else 1]
        )
        if target.spelt and (not target.phrase or target.is_item):
            score, why = max((score, why), related(AS_ITEM, "spelt so", target, candidate, page))
        if candidate.mark in mains:
            score, why = max((score, why), related(AS_ITEM, "its item", target, candidate, page))
        score *= fits_kinds(target.kinds, candidate)
        score *= _LETTERS if pictured and _shows_other_words(candidate, wishes[0]) else 1.0
        score, why = (_SORTED, _NAMED) if is_picture_of(target, candidate, page) else (score, why)
        if called_so is not None and (named := _score(called_so, candidate, page))[1] in EXACT:
            score, why = max((score, why), named)
        if about is not None:
            # "The list of books" is no drop-down list, so only sorts that are left count.
            head, said = _score(about, candidate, page)
            head *= fits_kinds(about.target.kinds, candidate)
            score, why = max((score, why), (head * _PROMOTED, said))
        score *= _ON_HEAD if is_header(candidate) and _is_deed_elsewhere(wishes[0], candidate) else 1.0
        if action == "open" and _changes(candidate, wishes[0], page):
            score *= _CHANGES
        if action in {"fill", "type"} and _only_searches(candidate, wishes[0], page):
            score *= _SEARCHING
        score *= fit * page.prominence(candidate)
        if score >= _NEAR and why != _WHOLE:
            against = doubt(target, action, candidate, page)
            score, why = score * against.factor, f"{why}, but {against.reason}" if against.reason else why
        score *= 1.0 if not candidate.name or why == ITS_SORT or pictured or _shows_name(candidate) else _UNSEEN
        score *= _OPEN_ALREADY if opens and why not in EXACT and page.lies_open(candidate) else 1.0
        if score >= _NEAR:
            found.append(Ranked(candidate, min(score, 1.0), why))
    return sorted(found, key=lambda r: (-r.score, r.candidate.mark))


def _bears_head(wish: "_Wish", candidate: Candidate, page: Page) -> bool:
    """Whether it has any word of what is meant itself: "Archive in the row of Ada" is not the link "Ada"."""
    placed = all(r.container or r.kind == "in" for r in wish.target.relations)
    return not (placed and wish.words) or any(_own_strength(word, candidate, page) for word in wish.words)


def _shows_other_words(candidate: Candidate, wish: "_Wish") -> bool:
    """Whether it shows words, and none that was said of it; what it is called may be its picture's meaning only."""
    field = read_field(candidate.text)
    called = any(likeness(w, f) == 1.0 for w in wish.words for f in (field, read_field(candidate.hints)))
    return bool(field.phrase) and not is_editable(candidate) and not called


def _is_deed_elsewhere(wish: "_Wish", candidate: Candidate) -> bool:
    """Whether a deed is asked for of which a column's head has another word: "Updated" sorts, and saves nothing."""
    sorts = any(w.concepts & _SORTING for w in read_words(wish.target.said))
    heads = read_field(candidate.name or candidate.text)
    deeds = [w for w in (*wish.verb, *wish.words) if any(s in lexicon().acts for s in w.stems)]
    return not sorts and any(likeness(w, heads) < 1.0 for w in deeds)


def _is_section(target: Target) -> bool:
    """Whether all of a sort are meant at once, as a part of the application: "the releases", no single one of them."""
    placed = (
        target.ordinal or target.count is not None or any(r.phrase or r.ordinal or r.extreme for r in target.relations)
    )
    return is_plural(target.phrase) and not placed


def _changes(candidate: Candidate, wish: "_Wish", page: Page) -> bool:
    """Whether it adds or removes what is only to be looked at: "Add to basket" does not go to the basket."""
    words = page.name(candidate).words
    return len(words) > 1 and bool(set(words[0].stems) & _CHANGING) and not _is_asked(words[0], wish)


def _only_searches(candidate: Candidate, wish: "_Wish", page: Page) -> bool:
    """Whether a field only looks things up, which nobody asked for: "Search experiments" takes no new name."""
    name = page.name(candidate)
    lookup = [w for w in _lookup() if likeness(w, name) == 1.0]
    return (
        bool(lookup)
        and len(name.words) > 1
        and not any(w.concepts & e.concepts for w in lookup for e in wish.everything)
    )


@cache
def _lookup() -> tuple[Word, ...]:
    return read_words("search filter")


@dataclass(frozen=True, slots=True)
class _Wish:
    """A target with its words read."""

    target: Target
    verb: tuple[Word, ...]
    words: tuple[Word, ...]
    """What must be accounted for, without the verb."""
    phrases: frozenset[str]
    """Names that would be an exact match."""
    everything: tuple[Word, ...]
    """Every word of the request, relations included."""
    tail: str
    """The name alone, where a noun says what it is the name of: "tide-table" of "the package tide-table"."""
    called: str
    """The name without where it stands."""

    @staticmethod
    def read(target: Target, called: str = "") -> "_Wish":
        verb = read_words(target.verb)
        words = read_words(target.phrase)
        texts = (
            {target.phrase, target.full}
            if not target.verb
            else {f"{target.verb} {target.phrase}", f"{target.verb} {target.full}"}
        )
        needed = weighty(words)
        if verb and (OF_SELECTED.match(target.phrase) or all(w.is_stop or w.is_optional for w in words)):
            needed = ()
            texts = {*texts, target.verb}
        phrases = frozenset(read_field(t).phrase for t in texts if t)
        related = tuple(w for r in target.relations for w in read_words(r.phrase))
        full = read_words(f"{target.verb} {target.full}")
        tail = "" if target.verb or target.quoted else without_sort(target.phrase)
        name, everything = read_field(called or target.phrase).phrase, (*verb, *words, *related, *full)
        return _Wish(target, verb, needed, phrases - {""}, everything, read_field(tail).phrase, name)


def _score(wish: _Wish, candidate: Candidate, page: Page) -> tuple[float, str]:
    if wish.target.quoted:
        head, why = _quoted(wish, candidate, page)
    elif not wish.verb and not wish.words:
        head, why = (_unlabelled(candidate), ITS_SORT) if wish.target.kinds else (0.0, "")
    else:
        head, why = _worded(wish, candidate, page)
    if head <= 0:
        return 0.0, ""
    if why == _WHOLE:
        return head, why
    return related(head, why, wish.target, candidate, page)


def related(head: float, why: str, target: Target, candidate: Candidate, page: Page) -> tuple[float, str]:
    """The score once it is known whether the control stands where the tester said."""
    for relation in target.relations:
        strength = relation_strength(relation, candidate, page)
        if strength <= 0:
            return min(head, 1.0) * 0.4, f"{why}, but not {relation.kind} {relation.phrase or relation.container}"
        head *= 0.7 + 0.3 * strength
    return head, why


def _unlabelled(candidate: Candidate) -> float:
    """For "the checkbox in the row of Ada": one that selects the row rather than one with a meaning of its own."""
    otherwise = is_checkable(candidate) and not is_selector(candidate)
    return _OTHERWISE if otherwise else _UNLABELLED


def _quoted(wish: _Wish, candidate: Candidate, page: Page) -> tuple[float, str]:
    """A quoted name must be there word for word; a verb with a quoted object looks for it around the control too."""
    wanted = read_field(wish.target.phrase)
    if wish.verb:
        verb = _own_strength(wish.verb[0], candidate, page)
        near = _quoted_by(wanted.phrase, candidate, page)
        whole = page.name(candidate).phrase == f"{wish.target.verb} {wanted.phrase}".strip()
        return (1.0 if whole else near * verb), "verb and quoted name"
    texts = [candidate.name, candidate.text if not is_editable(candidate) else "", candidate.description]
    if wanted.phrase == "" and wish.target.phrase.strip():
        same = any(wish.target.phrase.strip() == t.strip() for t in texts)
        return (1.0, _NAMED) if same else (0.0, "")
    for weight, text in zip((1.0, 1.0, 0.95), texts, strict=True):
        field = read_field(text)
        if field.phrase and field.phrase == wanted.phrase:
            return weight, _NAMED
    name = page.name(candidate)
    if wanted.phrase and _URGING.sub("", name.phrase) == wanted.phrase:
        return _URGED, "exact name but for an urging word"
    if wanted.phrase in page.days(candidate):
        return 0.95, _NAMED
    if wanted.phrase == f"{name.phrase} logo" or (wanted.phrase == "logo" and page.leads_to_start(candidate)):
        return 0.9, "the start page's logo"
    rest = name.phrase.removeprefix(wanted.phrase).split()
    if name.phrase.startswith(f"{wanted.phrase} ") and rest and all(w.isdigit() or len(w) == 1 for w in rest):
        return 0.88, "exact name and figures"
    if name.phrase and wanted.phrase == f"{name.phrase} selected" and page.item(candidate) is None:
        return 0.87, "exact name, for what is selected"
    if _IDENTIFIER.fullmatch(wish.target.phrase.strip()) and name.phrase.startswith(f"{wanted.phrase} "):
        return 0.87, "the number that its name begins with"
    if _explained(candidate, wish.target.phrase):
        return 0.87, "exact name and an explanation"
    if name.phrase.startswith(f"{wanted.phrase} ") and _says_where(" ".join(rest), wish.target):
        return 0.88, "exact name and what it is for"
    if wanted.phrase == "x" and likeness(wanted.words[0], name):
        return 0.85, "the sign for closing"
    if not (candidate.name or candidate.text) and wanted.phrase and f" {wanted.phrase} " in f" {candidate.hints} ":
        return 0.78, "no name, but hints that say so"
    if candidate.role in SPREADS and len(wanted.words) > 1 and contains(read_field(candidate.text), wanted.phrase):
        return _ON_IT, "the quoted text stands on it"
    covered = all(likeness(w, name) == 1.0 for w in weighty(wanted.words))
    return (0.45, "contains the quoted name") if covered else (0.0, "")


def _quoted_by(phrase: str, candidate: Candidate, page: Page) -> float:
    """How near a quoted name stands: on the control or around it, around its item as well, or nowhere."""
    outer = page.outer_items(phrase)
    if any(contains(field, phrase) for field, _ in page.own(candidate)):
        return _NEAR_BY
    holding = [context for context in candidate.context if contains(read_field(context.text), phrase)]
    if not holding:
        return _NOT_BY
    return _BY_ANOTHER if all(context.id in outer for context in holding) else _NEAR_BY


def _says_where(rest: str, target: Target) -> bool:
    """Whether the rest of a name is what the tester said it stands by: "Block @ada" for "Block" of the user @ada."""
    return any(rest and rest == read_field(r.phrase).phrase for r in target.relations)


def _shows_name(candidate: Candidate) -> bool:
    """Whether a person can read the name on the control, or beside it."""
    return bool(candidate.text) or is_editable(candidate) or is_checkable(candidate) or candidate.role not in _LETTERED


def _explained(candidate: Candidate, phrase: str) -> bool:
    """Whether the name goes on to explain itself, as labels of switches and of alternatives do: "Express tomorrow"."""
    rest = candidate.name[len(phrase) :].lstrip(" :–—-,(")
    if not candidate.name.casefold().startswith(f"{phrase.casefold()} ") or not rest:
        return False
    if candidate.role in {"radio", "option"}:
        return not lexicon().changing & {*words_of(rest)}
    if rest[0].islower():
        return False
    return is_checkable(candidate) or (candidate.role == "link" and len(rest.split()) > 3)


def _is_chip_of(candidate: Candidate, wish: _Wish, page: Page) -> bool:
    """Whether it takes away what it is called, as chips of filters and tags do: "× Price", or the item it stands in."""
    match = _CHIPS.fullmatch(candidate.name)
    item = page.item(candidate) if _CROSS.fullmatch(candidate.name) else None
    if not (match or item) or not lead_of(words_of(wish.target.verb)) & _TAKING_AWAY:
        return False
    called = set(read_field(match["before"] or match["after"] if match else item.text if item else "").stems)
    asked = {stem(word) for word in words_of(wish.target.phrase)}
    whole = read_field(wish.target.phrase).phrase
    if item and whole and (contains(read_field(item.text), whole) or (wish.target.ordinal and wish.target.is_item)):
        return True
    return bool(called) and called <= asked and asked - called <= _SORTS_OF_CHIPS


def _worded(wish: _Wish, candidate: Candidate, page: Page) -> tuple[float, str]:
    name = page.name(candidate)
    if name.phrase and name.phrase in wish.phrases:
        whole = not wish.target.relations or name.phrase == read_field(f"{wish.target.verb} {wish.target.full}").phrase
        return 1.0, _WHOLE if whole else _NAMED
    if wish.phrases & page.days(candidate):
        return _SORTED, _NAMED
    if candidate.role in _LETTERED and candidate.text and read_field(candidate.text).phrase in wish.phrases:
        return _SORTED, _NAMED  # what people see, where screen readers are told more: "Save" is "Save general settings"
    if wish.tail and name.phrase == wish.tail:
        return _SORTED, "exact name after what sort of thing it is"
    if _NUMBER.fullmatch(wish.tail) and wish.tail in name.phrase.split():
        return _NUMBERED, "the number of what sort of thing it is"
    if _is_chip_of(candidate, wish, page):
        return _CHIP, "the sign for removing, and exact name"
    strengths: list[float] = []
    own = missed = lent = 0
    for word in wish.verb:
        strength = _own_strength(word, candidate, page)
        if not strength:
            return 0.0, ""
        strengths.append(strength)
        own += 1
    for word in wish.words:
        strength = _own_strength(word, candidate, page)
        own += strength > 0
        if not strength:
            strength = page.context_strength(word, candidate)
            if PAGE < strength <= OUTER and not page.name(candidate).words:
                strength = 0.0  # on a page that somewhere says "data" the icon of a folder is not the "data folder"
            lent += 1
            if wish.verb and len(wish.words) == 1 and page.is_about(word):
                strength = min(strength, PAGE)  # "the lamp" tells no lamp from the others on a page of lamps
        unsaid = _is_bare(name, wish) and set(word.stems) <= _UNSAID
        if not strength and (unsaid or _is_understood(word, wish)):
            strength = _UNDERSTOOD
        missed += strength == 0
        strengths.append(strength)
    if not own or not strengths:
        return 0.0, ""
    mean = sum(strengths) / len(strengths)
    if lent and not wish.verb and page.is_of_another(wish.called, candidate):
        missed += lent
    if missed:
        return _MISSED * max(len(strengths) - missed, 0) / len(strengths), f"{missed} word(s) unexplained"
    mean = 0.5 * mean + 0.5 * min(strengths)
    if len(wish.words) > 1 and not page.has_phrase(candidate, read_field(wish.target.phrase).phrase):
        mean *= _SCATTERED
    beside = read_field(page.label_beside(candidate)).words
    if beside and not any(_is_asked(w, wish) for w in beside if not w.is_stop):
        mean *= _OTHERWISE_LABELLED  # "Time:" beside a field for the "release date"
    bare = _BARE if wish.verb and name.phrase == wish.target.verb else 0.0  # "Save" for "Save the contact"
    if all(_own_strength(w, candidate, page) < 1 for w in (*wish.verb, *wish.words)) and page.is_part(candidate):
        mean *= _PART  # "New" on the link "Gateway New" creates nothing
    spelt = {w.raw for w in name.words} >= {w.raw for w in wish.words}
    return min(mean * _purity(wish, candidate, page), _WORDS if spelt else _INFLECTED) + bare, "all words"


def _is_bare(name: Field, wish: _Wish) -> bool:
    """Whether the name is the verb alone, or one word for the same deed: "Save" for "Store the changes"."""
    if name.phrase == wish.target.verb:
        return True
    return len(name.words) == 1 and bool(wish.verb) and bool(wish.verb[0].concepts & name.words[0].concepts)


def _is_understood(word: Word, wish: _Wish) -> bool:
    """Whether a word need not be found: "mail" in "Archive the mail of Ada", "quantity" in "Increase the quantity"."""
    if not wish.verb:
        return False
    if word.stems in lexicon().containers and word.raw.islower():
        return True
    counted = "quantity" in word.concepts or word.raw == "number"
    return counted and bool({"increase", "decrease"} & wish.verb[0].concepts)


def _own_strength(word: Word, candidate: Candidate, page: Page) -> float:
    return max((weight * likeness(word, field) for field, weight in page.own(candidate)), default=0.0)


def _purity(wish: _Wish, candidate: Candidate, page: Page) -> float:
    """How little the name says besides what was asked for; a word that changes its meaning counts most."""
    if wish.words and is_search_field(candidate) and all("search" in word.concepts for word in wish.words):
        return 1.0  # what it shows while it is empty says what is looked through
    own, *others = page.names(candidate)
    names = [_alternative(own, candidate, wish), *others]
    described = page.described.get(candidate.mark, "").split(maxsplit=1)[1:]  # without its verb
    if described:
        names = [name for name in names if name.words]
        return max([_purity_of(read_field(described[0]), wish, _VERBOSE), *(_purity_of(n, wish) for n in names)])
    return max(_purity_of(name, wish) for name in names)


def _purity_of(name: Field, wish: _Wish, weight: float = _IMPURE) -> float:
    extra = [w for w in name.words if not w.is_stop and not _is_asked(w, wish)]
    changing = [w for w in name.words if _may_change(w)]
    factor = 1.0
    if any(not _is_asked(w, wish) for w in changing) or _has_second_verb(name, wish):
        factor = _CHANGED
    if not extra:
        return factor
    total = sum(1 for w in name.words if not w.is_stop)
    share = len(extra) / max(total, 1)
    first = next((w for w in name.words if not w.is_stop), None)
    if first is not None and first not in extra and not wish.verb:
        share /= 2
    elif len(extra) > 2:
        factor *= 0.9
    return factor * (1 - weight * share)


def _may_change(word: Word) -> bool:
    """Whether it is a word that changes what a name means, inflected or not; "note" has the stem of "not"."""
    inflected = {s for s in word.stems if len(s) >= _INFLECTS}
    return bool(lexicon().changing & {*word.raw.split(), *inflected})


def _alternative(name: Field, candidate: Candidate, wish: _Wish) -> Field:
    """Of a name such as "E-mail or phone" the part that was asked for."""
    parts = [read_field(p) for p in re.split(r"\s+or\s+|\s*/\s*", candidate.name or candidate.text) if p.strip()]
    asked = [p for p in parts if any(_is_asked(w, wish) for w in p.words if not w.is_stop)]
    return asked[0] if len(parts) > 1 and len(asked) == 1 else name


def _is_asked(word: Word, wish: _Wish) -> bool:
    if any(word.concepts & asked.concepts for asked in wish.everything):
        return True
    known = {s for asked in wish.everything for s in asked.stems}
    return all(s in known or s in lexicon().stop for s in word.stems)


def _has_second_verb(name: Field, wish: _Wish) -> bool:
    """Whether the name names a second deed that was not asked for: "Save and close"."""
    phrase = f" {name.phrase} "
    if " and " not in phrase:
        return False
    after = phrase.split(" and ", 1)[1].split()
    words = read_words(after[0]) if after else ()
    return any(w.stems[0] in lexicon().acts and not _is_asked(w, wish) for w in words)
