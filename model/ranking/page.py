"""One observation as the ranking sees it: every candidate with its words read, read once.

page = Page(observation, descriptions)
page.own(candidate)               -> [(Field of the name, 1.0), (Field of the hints, 0.7)]
page.context_strength(word, c)    -> 0.95 where the candidate's own row has the word
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import cached_property
from urllib.parse import urlsplit

from magenta_qa.model.accessible import MAX_CONTEXT
from magenta_qa.model.language.dates import MONTHS, parse_month
from magenta_qa.model.language.lexicon import stem, vocabulary, words_of
from magenta_qa.model.language.wording import Field, Word, contains, likeness, read_field
from magenta_qa.model.prompt import one_line
from magenta_qa.model.ranking.fitness import is_checkable, is_editable, is_select, told_by
from magenta_qa.model.schema import Candidate, Context, Description, Observation

NAME, TITLE, MODEL, BESIDE, HINTS = 1.0, 0.94, 0.9, 0.86, 0.74
_CONTROLS = frozenset(
    {"button", "link", "tab", "menuitem", "menuitemcheckbox", "menuitemradio", "checkbox", "radio", "switch", "option"}
    | {"treeitem", "combobox", "textbox", "searchbox", "spinbutton", "slider"}
)
_LISTS = frozenset({"list", "menu", "listbox"})
_ROWS = frozenset({"row", "listitem"})
_HANGING_PX = 10.0
_STACKED = frozenset({"button", "link", "menuitem", "menuitemcheckbox", "menuitemradio"})
_LETTERS = re.compile(r"[A-Z]{1,2}")
_TABULAR = frozenset({"row", "column", "header"})
_LABELLED = frozenset({"button", "link", "tab", "menuitem"})
_LABEL_LENGTH = 60
_PROMPT = re.compile(r"(?:please\s+)?(?:select|choose|pick|enter|type|input|add)\b|[^a-z]*$|e\.?g\b", re.IGNORECASE)
"""What an empty field shows that says what to do and not what it is for: "Select date"."""
_TELLS_TO = re.compile(r"(?:please\s+)?(?:type|enter|write|insert)(?: in)?\s+(?=(?:the|your|an?)\s+\w)", re.IGNORECASE)
"""What a field's name says to do with it: "Type the text for this page" is the text for this page."""
_ICON = re.compile(r"\(([^()]+) icon\)")
_EMPTY = re.compile(r"(?:clicks|activates|presses|taps|uses)\b", re.IGNORECASE)
"""Sentences that say how a control is used, not what comes of it."""
ITEM_KINDS = frozenset({"row", "listitem", "card", "cell"})
_SAID_HINTS = 0.55  # beside a description: names that programmers gave may be about looks
_SURELY = 0.8  # of a model's sentence: what it is less certain of may as well be something else
_LANDMARKS = frozenset({"navigation", "banner", "main", "contentinfo", "complementary"})
"""Names of regions that have no name of their own."""
_UNIT = re.compile(r"\s*\([^()]*\)$")
_ABOUT = re.compile(r"\babout\b")  # in a sentence it is no name of a page
_SHORTCUT = re.compile(
    r"(?<=\S)\s+\(?(?:(?:(?:ctrl|control|cmd|command|alt|option|shift|meta)[-+]|ctrl |[⌘⌥⇧⌃] ?[-+]?){1,4}"
    r"(?:[^\s()]|f\d\d?|del|delete|enter|return|esc|space|tab|up|down|left|right|home|end)(?: \w)?)\)?$",
    re.IGNORECASE,
)
"""The keys that an entry of a menu ends with, which nobody calls it by: "Search flows ctrl-f"."""
_DAY = re.compile(r"[1-9]|[12]\d|3[01]")
_LOGO, _START = "logo", "home page, start page, logo"
_HOMES = frozenset({"home", "home page", "homepage", "start", "start page"})
_ACCOUNT = "user menu, account, profile"
_PERSON = frozenset({"account", "user", "avatar", "profile"})
_EDGES = frozenset({"sidebar", "header", "footer", "navbar", "nav", "topbar", "toolbar", "appbar"})
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_TOP = 0.15  # of the window's height
_CROWD = 8  # controls of one card
_ADVICE_WORDS = 3  # a sentence of more words is advice, not a name
_NEAR, OUTER, PAGE = 0.95, 0.7, 0.66
_OUT_OF_VIEW, _DISABLED, _BEHIND = 0.98, 0.88, 0.5


def is_belied(read: Description, candidate: Candidate | None) -> bool:
    """Whether what programmers call a control tells something, and nothing of what a small model reads on it."""
    if candidate is None or candidate.name or candidate.text or not read.reading:
        return False
    telling = told_by(candidate.hints)
    icon = _ICON.search(read.text)
    return bool(telling) and not telling & read_field(f"{read.reading} {icon[1] if icon else ''}").concepts


class Page:
    """An observation and its descriptions, indexed.

    Args:
        observation: What was seen.
        descriptions: What a model said about the candidates; sentences made by rule repeat what is known and are left
            out.
        lenient: Whether what comes clearly closest may be meant where nothing accounts for all words.
        meant: Mark of the candidate that is meant where nothing bears the words, and how sure that is.
    """

    def __init__(
        self,
        observation: Observation,
        descriptions: Iterable[Description] = (),
        *,
        lenient: bool = False,
        meant: tuple[int, float] | None = None,
    ) -> None:
        self.observation = observation
        self.lenient = lenient
        self.meant = meant
        self.candidates = observation.candidates
        said = [d for d in descriptions if d.source not in {"rule"} and not d.degraded and not _EMPTY.match(d.text)]
        said = [d for d in said if not is_belied(d, observation.candidate(d.mark))]
        self._crowds: Counter[int] | None = None
        self.described = {d.mark: self._without_parts(d) for d in said}
        self.surely = frozenset(d.mark for d in said if d.confidence >= _SURELY)
        self.read = frozenset(d.mark for d in said if d.reading)
        """Controls without a name, named by what a model reads on their pictures."""
        self.told = bool(self.described.keys() - self.read)
        """Whether a model has said in sentences of its own what controls do."""
        self._own: dict[int, list[tuple[Field, float]]] = {}
        self._outer: dict[str, frozenset[int]] = {}
        self._holding: dict[str, list[list[Candidate]]] = {}
        self._surroundings = read_field(f"{observation.heading} {observation.title} {observation.modal}")
        dialogs = any(map(_in_dialog, self.candidates))
        self._modal = bool(observation.modal) and dialogs
        openers = (c.mark for c in self.candidates if c.state.expanded and _in_dialog(c)) if self._modal else ()
        self._opener = min(openers, default=None)

    def _without_parts(self, read: Description) -> str:
        """What is told of a picture, without the text of a part of the page that it only stands in."""
        candidate = self.observation.candidate(read.mark) if read.reading else None
        text = read.text
        for context in candidate.context if candidate else ():
            if self.is_crowded(context):
                text = text.replace(one_line(context.text, MAX_CONTEXT), "")
        return text

    def name(self, candidate: Candidate) -> Field:
        """Its accessible name, else its text, without shortcut; the text of a field is its value and names nothing."""
        if is_editable(candidate) or is_select(candidate):
            return read_field(_TELLS_TO.sub("", _label(candidate.name), count=1))
        return read_field(_SHORTCUT.sub("", candidate.name or candidate.text))

    def names(self, candidate: Candidate) -> list[Field]:
        """What it may be called: its name, the head of a cell's column, the label beside a field, a start page."""
        labelled = is_editable(candidate) or _PROMPT.match(candidate.name)
        beside = (
            _column(candidate)
            or _cell(candidate)
            or (_beside(candidate) if labelled else "")
            or self._stands_for(candidate)
        )
        also = candidate.description.split(", ") if candidate.mark in self.read else []
        if candidate.role in _ROWS and candidate.text:
            also.append(candidate.text)  # whatever their tooltips tell
        return [self.name(candidate), *(read_field(text) for text in (beside, *also) if text)]

    def own(self, candidate: Candidate) -> list[tuple[Field, float]]:
        """The texts of the control itself, each with how much it counts."""
        known = self._own.get(candidate.mark)
        if known is None:
            texts = [
                (candidate.name, NAME),
                (candidate.description, TITLE),
                (_ABOUT.sub(" ", self.described.get(candidate.mark, "")), MODEL),
                (self._stands_for(candidate), TITLE),
            ]
            if not is_editable(candidate) and candidate.text != candidate.name:
                texts.append((candidate.text, NAME))
            holds = candidate.role in _LISTS and not candidate.name  # its hints are those of what it holds
            hints = "" if holds else candidate.hints
            texts.append((hints, HINTS if candidate.mark not in self.described else _SAID_HINTS))
            texts += self._around_field(candidate)
            known = [(read_field(t), weight) for t, weight in texts if t]
            self._own[candidate.mark] = known
        return known

    def days(self, candidate: Candidate) -> frozenset[str]:
        """What a day in a calendar may be called with its month: "26 february", "february 26 2027"."""
        day = (candidate.name or candidate.text).strip()
        months = (parse_month(k.text) for k in candidate.context) if _DAY.fullmatch(day) else ()
        year, month = next((found for found in months if found), (0, 0))
        name = MONTHS[month - 1]
        return frozenset(
            f"{text}{end}" for text in (f"{day} {name}", f"{name} {day}") for end in ("", f" {year}") if month
        )

    def _stands_for(self, candidate: Candidate) -> str:
        """What people call it whose name says less: the start page, the menu of who has logged in."""
        if self.leads_to_start(candidate):
            return _LOGO if self._has_home and self.name(candidate).phrase not in _HOMES else _START
        if is_editable(candidate) or self.item(candidate) is not None:
            return ""
        top = candidate.box.center[1] <= _TOP * self.observation.viewport[1]
        return _ACCOUNT if (top and _EMAIL.fullmatch(candidate.name)) or _is_menu_of_person(candidate) else ""

    @cached_property
    def _has_home(self) -> bool:
        """Whether a link says that it goes to the start page, so that the name of the application need not."""
        return any(c.role == "link" and self.name(c).phrase in _HOMES for c in self.candidates)

    def leads_to_start(self, candidate: Candidate) -> bool:
        """Whether it is a link to the first page of where the page is, whatever it is called."""
        if "#" in candidate.href:  # as links that a script turns into buttons have it
            return False
        there, here = urlsplit(candidate.href), urlsplit(self.observation.url)
        return bool(there.netloc) and there.netloc == here.netloc and not (there.path.strip("/") or there.query)

    def _around_field(self, candidate: Candidate) -> list[tuple[str, float]]:
        """What people call a field or a cell by: the label beside it, the head of its column."""
        if column := _column(candidate):
            return [(column, BESIDE)]
        if cell := _cell(candidate):
            return [(cell, NAME)]
        beside = self.label_beside(candidate) or _beside(candidate)
        return [(beside, BESIDE)] if beside and _takes_label(candidate) else []

    def label_beside(self, candidate: Candidate) -> str:
        """What stands right beside or above a control without a name of its own; empty where there is no such thing."""
        if candidate.name or not _takes_label(candidate):
            return ""
        kinds = {"label", "column", "header"} | (set() if is_checkable(candidate) else {"heading", "group"})
        near = next((k for k in candidate.context if k.kind in kinds), None)
        return near.text if near is not None and len(near.text) <= _LABEL_LENGTH else ""

    def around(self, candidate: Candidate) -> list[Field]:
        """The texts of its containers, nearest first."""
        return [read_field(k.text) for k in candidate.context]

    def has_phrase(self, candidate: Candidate, phrase: str) -> bool:
        """Whether these words stand one after the other on the control or around it."""
        texts = (*(f for f, _ in self.own(candidate)), *self.around(candidate))
        return any(contains(f, phrase) for f in texts)

    def context_strength(self, word: Word, candidate: Candidate) -> float:
        """How well what surrounds the control accounts for a word."""
        inside_item = True
        item_seen = any(k.kind in ITEM_KINDS for k in candidate.context)
        best = 0.0
        for context in candidate.context:
            like = 0.0 if context.text in _LANDMARKS else likeness(word, read_field(context.text))
            near = inside_item or not item_seen or context.kind in {"heading", "label"}
            near = near and not self.is_crowded(context)
            best = max(best, like * (_NEAR if near else OUTER))
            if context.kind in ITEM_KINDS and context.kind != "cell":
                inside_item = False
        return max(best, likeness(word, self._surroundings) * PAGE)

    def is_of_another(self, phrase: str, candidate: Candidate) -> bool:
        """Whether all of a name stands in the item without what the control itself shows: it is another one's there.

        "Edit" is not the "Quick edit" of a row that shows "Edit" and "Quick edit", whether that can be reached or not.
        """
        item = self.item(candidate)
        if item is None or not phrase or contains(self.name(candidate), phrase):
            return False
        shown, own = read_field(item.text).phrase, read_field(candidate.text).phrase
        rest = f" {shown} ".replace(f" {own} ", " | ", 1) if own else f" {shown} "
        return f" {phrase} " in rest

    def is_crowded(self, context: Context) -> bool:
        """Whether a card holds so many controls that it is no item, but a part of the page."""
        if self._crowds is None:
            self._crowds = Counter(k.id for c in self.candidates for k in c.context if k.kind == "card")
        return self._crowds[context.id] > _CROWD

    def is_about(self, word: Word) -> bool:
        """Whether the page's heading has the word itself."""
        return likeness(word, read_field(self.observation.heading)) == 1.0

    def page_likeness(self, word: Word) -> float:
        """How well the page's title, heading or dialog name accounts for a word."""
        return likeness(word, self._surroundings)

    def item(self, candidate: Candidate) -> Context | None:
        """The row, list item or card that it stands in, if any."""
        return next((k for k in candidate.context if k.kind in ITEM_KINDS and k.kind != "cell"), None)

    @cached_property
    def members(self) -> dict[int, list[Candidate]]:
        """What stands in each row, list item and card, and in none inside of it."""
        found: dict[int, list[Candidate]] = defaultdict(list)
        for candidate in self.candidates:
            if (item := self.item(candidate)) is not None:
                found[item.id].append(candidate)
        return dict(found)

    def holding(self, phrase: str) -> list[list[Candidate]]:
        """The members of each item that has these words."""
        known = self._holding.get(phrase)
        if known is None:
            items = ((self.item(members[0]), members) for members in self.members.values())
            known = [members for item, members in items if item and contains(read_field(item.text), phrase)]
            self._holding[phrase] = known
        return known

    def outer_items(self, phrase: str) -> frozenset[int]:
        """Items that have these words only because one inside them has: the list of posts, beside the post by Ada."""
        known = self._outer.get(phrase)
        if known is None:
            found: set[int] = set()
            for candidate in self.candidates:
                items = (k for k in candidate.context if k.kind in ITEM_KINDS and k.kind != "cell")
                found.update([k.id for k in items if contains(read_field(k.text), phrase)][1:])
            known = self._outer[phrase] = frozenset(found)
        return known

    def is_subject(self, item: Context) -> bool:
        """Whether an item is what the page is about: it begins with, or soon has, the page's heading."""
        heading = read_field(self.observation.heading).phrase
        return bool(heading) and contains(read_field(item.text[: 2 * len(heading) + 40]), heading)

    def is_part(self, candidate: Candidate) -> bool:
        """Whether it is no control by its role, and only stands on a link or button that says more: a badge "New"."""
        if candidate.role in _CONTROLS or not candidate.box.width:
            return False
        said = read_field(candidate.text or candidate.name).phrase
        around = (c for c in self.candidates if c.role in _LABELLED and c.box.contains(candidate.box))
        return bool(said) and any(
            contains(read_field(c.text), said) and read_field(c.text).phrase != said for c in around
        )

    def prominence(self, candidate: Candidate) -> float:
        """Less than 1 for what is disabled, out of view or behind an open dialog."""
        factor = _DISABLED if candidate.state.disabled else 1.0
        if not candidate.in_view:
            factor *= _OUT_OF_VIEW
        if self._modal and not self._is_in_front(candidate):
            factor *= _BEHIND
        return factor

    def _is_in_front(self, candidate: Candidate) -> bool:
        """Whether it stands in the open dialog, or in what a control of the dialog has opened further down the page."""
        if _in_dialog(candidate):
            return True
        return self._opener is not None and self._opener < candidate.mark

    def lies_open(self, candidate: Candidate) -> bool:
        """Whether it is a button whose menu is open, as it says or, of one without text, as a list below it shows."""
        if candidate.role not in {"button", "link"} or candidate.state.expanded is not None or candidate.text:
            return candidate.role in {"button", "link"} and candidate.state.expanded is True
        left, lower = candidate.box.x, candidate.box.y + candidate.box.height
        return any(
            c.role in _LISTS
            and abs(c.box.y - lower) <= _HANGING_PX
            and min(abs(c.box.x - left), abs(c.box.x + c.box.width - left - candidate.box.width)) <= _HANGING_PX
            for c in self.candidates
        )

    def is_stacked(self, candidate: Candidate) -> bool:
        """Whether it is one of several links or buttons that stand on each other, as wide as each other: a menu."""
        box = candidate.box
        if candidate.role not in _STACKED or not box.width or any(k.kind in _TABULAR for k in candidate.context):
            return False
        rest = (c.box for c in self.candidates if c.role in _STACKED and c.mark != candidate.mark)
        alike = [b for b in rest if abs(b.x - box.x) <= 1 and abs(b.width - box.width) <= 1]
        return sum(0 < abs(b.y - box.y) <= 2 * (box.height + _HANGING_PX) for b in alike) > 1

    def is_same(self, one: Candidate, other: Candidate) -> bool:
        """Whether two candidates are one control twice: of one name and to one address, or links in one list item."""
        if self.leads_to_start(one) and self.leads_to_start(other):
            return True
        if not one.name or self.name(one).phrase != self.name(other).phrase:
            return False
        if one.href == other.href and _is_address(one.href):
            return True
        if one.role != "link" or other.role != "link":
            return False
        item, other_item = self.item(one), self.item(other)
        if item is None and other_item is None and _is_same_list(one.href, other.href):
            return True
        same_item = item is not None and other_item is not None and item.id == other_item.id
        return same_item and not (one.href and other.href)


def _is_menu_of_person(candidate: Candidate) -> bool:
    """Whether it opens a menu at an edge of the page, programmers call it a user's, and a name is all that it shows."""
    hints, words = {*candidate.hints.split()}, words_of(candidate.name)
    opens = candidate.role == "button" and (candidate.popup == "menu" or candidate.state.expanded is not None)
    known = any(word in vocabulary() or stem(word) in vocabulary() for word in words)
    return opens and bool(words) and not known and bool(hints & _PERSON) and bool(hints & _EDGES)


def _beside(candidate: Candidate) -> str:
    """The label that is only drawn beside it; where there is one, its name is at most what the empty field shows."""
    return next((k.text for k in candidate.context if k.kind == "label"), "")


def _column(candidate: Candidate) -> str:
    """What the column of a grid's cell is called, without its unit: people call the cell by it and by its row."""
    heads = (k.text for k in candidate.context if k.kind == "column") if candidate.role == "gridcell" else ()
    return _UNIT.sub("", next(iter(heads), ""))


def _cell(candidate: Candidate) -> str:
    """What a field in a spreadsheet is called: "cell B7", by the letter of its column and the number of its row."""
    letter = next((k.text for k in candidate.context if k.kind == "column"), "")
    number = next((k.text.split()[0] for k in candidate.context if k.kind == "row" and k.text.strip()), "")
    return f"cell {letter}{number}" if _LETTERS.fullmatch(letter) and number.isdigit() else ""


def _takes_label(candidate: Candidate) -> bool:
    listed = candidate.role in {"combobox", "listbox"}
    return listed or is_editable(candidate) or is_select(candidate) or is_checkable(candidate)


def _in_dialog(candidate: Candidate) -> bool:
    return any(k.kind == "dialog" for k in candidate.context)


def _is_address(href: str) -> bool:
    """Whether a link goes anywhere; one that a script acts on is only written like one."""
    return bool(href) and not href.endswith("#") and not href.lower().startswith("javascript:")


def _is_same_list(one: str, other: str) -> bool:
    """Whether two addresses differ only in that one of them goes back to how a list was filtered and sorted."""
    here, there = urlsplit(one), urlsplit(other)
    return bool(one) and here._replace(query="") == there._replace(query="") and not (here.query and there.query)


def _label(name: str) -> str:
    """What a field's label calls it, without the advice that forms put into labels.

    "Description: You may use Markdown." is the description; "You may use Markdown." alone calls it nothing.
    """
    label, colon, _ = name.partition(": ")
    if colon and label:
        return label
    return "" if name.endswith(".") and len(name.split()) > _ADVICE_WORDS else name
