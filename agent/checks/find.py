"""Finds what an expectation names on a page: regions, rows, fields, labelled values, controls.

    Finder(view).places(Place("region", "cart"))     -> Found([Spot("region cart", (node,))], …)
    Finder(view).controls(Target("Save", "button"))  -> Found([Spot('button "Save"', (node,))], near=['button "Save "
        "as"'])

Everything that fits equally well is returned: whoever asks compares the readings, and where these disagree the
expectation is ambiguous. What fits less well is listed in `near`, for the reason that a person reads.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from magenta_qa.agent.checks.compare import contains, equals, squeeze
from magenta_qa.agent.checks.kinds import ONLY, PAGE, Place
from magenta_qa.agent.checks.names import (
    EXACT,
    FILLED,
    FIRM,
    PART,
    fit_name,
    fit_token,
    fit_words,
    shared_prefix,
    words_of,
)
from magenta_qa.agent.checks.page import Node, View, fold_lines
from magenta_qa.agent.checks.phrases import singular
from magenta_qa.agent.checks.spots import MAX_SPOTS, Found, Spot, best, outermost
from magenta_qa.agent.checks.tables import CELL_ROLES, cell_at, cell_span, cells_of, is_header_row, is_layout_list

_LANDMARKS = {
    "header": "banner", "page header": "banner", "site header": "banner",
    "footer": "contentinfo", "page footer": "contentinfo",
    "navigation": "navigation", "nav": "navigation", "navigation bar": "navigation", "navbar": "navigation",
    "nav bar": "navigation", "navigation menu": "navigation", "main navigation": "navigation",
    "sidebar": "complementary", "side bar": "complementary",
    "main content": "main", "content": "main", "main area": "main", "search": "search",
}  # fmt: skip
_CONTAINER_ROLES = frozenset({
    "region", "group", "form", "dialog", "alertdialog", "list", "table", "grid", "navigation", "main",
    "banner", "contentinfo", "complementary", "search", "article", "tabpanel", "listbox", "tree", "menu",
    "toolbar", "tablist", "status", "alert", "log", "feed", "figure", "radiogroup", "treegrid", "menubar",
})  # fmt: skip
_SIDE = 0.35  # of the page's width
_FIELD_TAGS = frozenset({"input", "select", "textarea"})
_DIALOG_WORDS = re.compile(
    r"\b(?:modal|dialog|popup|lightbox)(?: (?:root|window|box|content|container|wrap|wrapper|body|inner|panel|paper|"
    r"surface|card|overlay|mask|backdrop|open|opened|show|shown|visible|active|in|\d+))*$"
)
"""The last words of a class of a dialog; "has popup icon" is none."""
_MESSAGE_WORDS = re.compile(
    r"\b(?:toast|alert|message|notification|flash|snackbar|banner|notice|error|success|warning|invalid|feedback|"
    r"danger)s?\b"
)


class Finder:
    """Finds named things in one view.

    Args:
        view: What is visible.
        fold_name: Turns a name of the expectation into what to compare with (puts in secret values).
    """

    def __init__(self, view: View, fold_name: Callable[[str], str] = str) -> None:
        self.view = view
        self.resolve = fold_name

    # --- places ------------------------------------------------------------------------------------------------------

    def places(self, place: Place, roots: list[Node] | None = None) -> Found:
        """The parts of the page (or of `roots`) that a place can mean; the whole page is always one."""
        roots = self.view.roots if roots is None else roots
        if place.within is not None:
            outer = self.places(place.within, roots)
            if len(outer.spots) != 1:
                return Found([], [f"{place.within}: " + (", ".join(s.label for s in outer.spots) or "not there")])
            roots = list(outer.spots[0].nodes)
        if place == PAGE or place.kind == "page":
            return Found([Spot("the page", tuple(roots))])
        finders: dict[str, Callable[[Place, list[Node]], Found]] = {
            "row": self._rows,
            "dialog": self._dialogs,
            "table": self._tables,
            "list": self._tables,
            "heading": self._headings,
            "any heading": self._all_headings,
            "message": self._messages,
            "column": self._columns,
            "region": self._regions,
        }
        return finders[place.kind](place, roots)

    def _regions(self, place: Place, roots: list[Node]) -> Found:
        wanted = self.resolve(place.name)
        spots = list(self._landmarks(wanted, roots))
        for node in self.view.under(roots):
            if node.tag in {"html", "body"} or not self._has_area(node):
                continue
            score = max(self._container_fit(wanted, node), self.token_fit(wanted, node))
            if score:
                spots.append(Spot(self.describe(node), (node,), score))
            if node.role == "heading" and (heading := fit_name(wanted, self.view.name(node))):
                label = f'section "{fold_lines(self.view.text([node]))[:40]}"'
                spots.append(
                    Spot(label, tuple(self._section(node)), min(heading, EXACT - 2 if heading == EXACT else heading))
                )
        found = best(spots)
        if found.spots and found.spots[0].score >= FIRM:
            return found
        return (
            self._at_side(wanted, roots)
            or self._entry_of(wanted, roots)
            or self._control_called(wanted, roots)
            or found
        )

    def _at_side(self, wanted: str, roots: list[Node]) -> Found | None:
        """A sidebar that is marked up as navigation: a column at the left or right, of which there is only one."""
        if _LANDMARKS.get(squeeze(wanted).lower()) != "complementary":
            return None
        width = max(root.x + root.width for root in self.view.roots)
        columns = [n for n in self.view.under(roots) if n.role == "navigation" and 0 < n.width < n.height]
        aside = [n for n in columns if n.x + n.width <= _SIDE * width or n.x >= (1 - _SIDE) * width]
        return Found([Spot(self.describe(aside[0]), (aside[0],), FIRM)]) if len(aside) == 1 else None

    def _columns(self, place: Place, roots: list[Node]) -> Found:
        """The cells under a header, in all tables that have it."""
        wanted, spots, known = self.resolve(place.name), [], []
        for table in (n for n in self.view.under(roots) if n.role in {"table", "grid", "treegrid"}):
            rows = [n for n in self.view.under([table]) if n.role == "row" and not is_header_row(n)]
            for header, at in self.headers(table):
                known.append(f'column "{header}"')
                cells = tuple(cell for row in rows if (cell := cell_at(row, at)) is not None)
                if cells and (score := fit_name(wanted, header)) >= FILLED:
                    spots.append(Spot(f'column "{header}"', cells, score))
        return best(spots) if spots else Found([], known[:MAX_SPOTS])

    def _control_called(self, wanted: str, roots: list[Node]) -> Found | None:
        """ "Cart link": the link of that name, with what else it shows."""
        match = re.fullmatch(r"(.+) (link|button|tab)", wanted)
        nodes = [n for n in self.view.under(roots) if match and n.role == match[2] and self._has_area(n)]
        spots = [Spot(self.describe(n), (n,), score) for n in nodes if match and (score := self._called(match[1], n))]
        return best(spots) if spots else None

    def _called(self, name: str, node: Node) -> int:
        score = fit_name(name, self.view.name(node))
        return score if score >= FILLED else 0

    def _entry_of(self, wanted: str, roots: list[Node]) -> Found | None:
        """ "review of Priya N.": the entry that is called a review and has this name."""
        match = re.fullmatch(r"(\w+) (?:of|by|for|from) (.+)", wanted)
        rows = self._rows(Place("row", match[2]), roots).spots if match else []
        entries = [
            Spot(s.label, s.nodes, max(s.score, FIRM)) for s in rows if match and self._is_called(match[1], s.nodes[0])
        ]
        return Found(entries) if entries else None

    def _is_called(self, noun: str, row: Node) -> bool:
        holders = [row, *row.ancestors()][:3]
        words = {singular(w) for node in holders for _, token in node.tokens() for w in token.split()}
        headings = [node.name for node in holders[1:]] + (self.preceding_heading(holders[1]) if holders[1:] else [])
        return singular(noun.lower()) in words or any(fit_name(noun, h) >= FILLED for h in headings)

    def _landmarks(self, wanted: str, roots: list[Node]) -> Iterator[Spot]:
        role = _LANDMARKS.get(squeeze(wanted).lower())
        for node in self.view.under(roots) if role else ():
            if role == "banner" and not self.view.text([node]):
                continue  # a logo alone is not all that people call the header
            if node.role == role and not any(
                a.tag in {"article", "section", "main"} for a in node.ancestors() if role in {"banner", "contentinfo"}
            ):
                yield Spot(self.describe(node), (node,), EXACT)

    def _container_fit(self, wanted: str, node: Node) -> int:
        if node.role not in _CONTAINER_ROLES and not node.attributes.get("aria-label"):
            return 0
        score = fit_name(wanted, node.name or self.caption(node))
        return score - 25 if node.role in {"link", "button"} or node.tag in {"a", "button"} else score

    def caption(self, node: Node) -> str:
        """The caption or legend of a table or group, empty for anything else."""
        return self.view.name(node) if node.tag in {"table", "fieldset", "figure", "details"} else ""

    def token_fit(self, wanted: str, node: Node) -> int:
        """How well id, classes and test ids of an element are what is `wanted`."""
        penalty = 15 if node.tag in {"a", "button", "input", "select"} else 0
        tokens = [(5 if kind == "class" else 0, words) for kind, words in node.tokens()]
        scores = [fit_token(wanted, words, self._prefix) - less for less, words in tokens]
        best = max(scores, default=0)
        return max(best - penalty if best > 0 else 0, self._words_fit(wanted, node))

    @cached_property
    def _prefix(self) -> str:
        return shared_prefix(words for node in self.view.elements for kind, words in node.tokens() if kind != "testid")

    def _words_fit(self, wanted: str, node: Node) -> int:
        own = [word for _, words in node.tokens() for word in words.split()]
        if not own or node.role in _CONTAINER_ROLES or node.role in {"link", "button"}:
            return 0
        around = next((n for n in [*node.ancestors()][:3] if n.role in {"link", "button"}), None)
        return fit_words(wanted, [*own, *words_of(self.view.name(around))] if around else own)

    def _has_area(self, node: Node) -> bool:
        return not node.hidden or node.end > node.index + 1

    def _section(self, heading: Node) -> list[Node]:
        """The heading's section: its largest container without another heading of its rank, or what follows it."""
        level = _level(heading)
        inner, outer = heading, heading.parent
        while outer is not None and outer.tag not in {"body", "html"} and not self._has_rival(outer, heading, level):
            if any(n.role in {"navigation", "banner", "contentinfo"} for n in outer.children if n is not inner):
                break
            inner, outer = outer, outer.parent
        if outer is None or (inner is not heading and inner.role in _CONTAINER_ROLES):
            return [inner]
        following = [inner]
        siblings = outer.children[outer.children.index(inner) + 1 :]
        for sibling in siblings:
            if self._has_rival(sibling, heading, level) or sibling.role in {"contentinfo", "navigation"}:
                return [*following, *self._before_rival(sibling, heading, level)]
            following.append(sibling)
        return following

    def _before_rival(self, node: Node, heading: Node, level: int) -> list[Node]:
        """What stands in an element before the next heading of that rank in it."""
        found: list[Node] = []
        for child in node.children if self._has_rival(node, heading, level) else ():
            if self._has_rival(child, heading, level):
                return [*found, *self._before_rival(child, heading, level)]
            found.append(child)
        return found

    def _has_rival(self, node: Node, heading: Node, level: int) -> bool:
        return any(n is not heading and n.role == "heading" and _level(n) <= level for n in self.view.under([node]))

    # --- dialogs, messages, headings ---------------------------------------------------------------------------------

    def _dialogs(self, place: Place, roots: list[Node]) -> Found:
        nodes = list(outermost([n for n in self.view.under(roots) if self._is_dialog(n)]))
        if not place.name:  # the one in front, where one was opened from another
            said = [n for n in nodes if self.view.text([n])] or nodes
            nodes = [n for n in said if not n.behind] or said
        return self._named(place.name, nodes)

    def _is_dialog(self, node: Node) -> bool:
        if node.role in {"dialog", "alertdialog"} or node.attributes.get("aria-modal") == "true":
            return self.is_visible(node)
        words = any(_DIALOG_WORDS.search(w) for kind, w in node.tokens() if kind != "testid")
        return words and node.tag in {"div", "section", "aside"} and self.is_visible(node)

    def is_visible(self, node: Node) -> bool:
        """Whether it shows text or has a visible box."""
        return bool(self.view.text([node])) or (not node.hidden and node.width > 1 and node.height > 1)

    def _messages(self, place: Place, roots: list[Node]) -> Found:
        nodes = [n for n in self.view.under(roots) if self._is_message(n, place.name)]
        return Found([Spot(self.describe(n), (n,)) for n in outermost(nodes)][:MAX_SPOTS])

    def _is_message(self, node: Node, kind: str) -> bool:
        words = " ".join(w for _, w in node.tokens())
        role = node.role in {"alert", "status", "alertdialog", "log"} or "aria-live" in node.attributes
        if not (role or (_MESSAGE_WORDS.search(words) and node.tag not in {"body", "html", "form", "main", "input"})):
            return False
        if kind == "error" and not (
            node.role in {"alert", "alertdialog"} or re.search(r"\b(?:error|invalid|danger|failure)s?\b", words)
        ):
            return False
        if kind in {"success", "warning", "info"} and not re.search(rf"\b{kind}\b", words):
            return False
        return bool(self.view.text([node]))

    def _headings(self, place: Place, roots: list[Node]) -> Found:
        nodes = [n for n in self.view.under(roots) if n.role == "heading" and self.view.text([n])]
        if place.name:
            return self._named(place.name, nodes)
        top = min((_level(n) for n in nodes), default=0)
        first = [n for n in nodes if _level(n) == top]
        own = [n for n in first if not any(a.role == "banner" for a in n.ancestors())]  # the site's name is no page's
        return Found([Spot(self.describe(n), (n,)) for n in own or first][:MAX_SPOTS])

    def _all_headings(self, _: Place, roots: list[Node]) -> Found:
        """The page's own and those of its sections, all of them, as what is in none of them must not be overlooked."""
        nodes = [n for n in self.view.under(roots) if n.role == "heading" and self.view.text([n])]
        return Found([Spot(self.describe(n), (n,)) for n in nodes])

    def _named(self, name: str, nodes: list[Node]) -> Found:
        """Those of `nodes` that go by a name: accessible name, heading, id words, or text."""
        if not name:
            return Found([Spot(self.describe(n), (n,)) for n in nodes][:MAX_SPOTS])
        wanted = self.resolve(name)
        spots = []
        for node in nodes:
            headings = [self.view.name(h) for h in self.view.under([node]) if h.role == "heading"][:3]
            names = [self.view.name(node), *headings, *self.preceding_heading(node)]
            score = max([fit_name(wanted, each) for each in names] + [self.token_fit(wanted, node)])
            if score:
                spots.append(Spot(self.describe(node), (node,), score))
        return best(spots) if spots else Found([], [self.describe(n) for n in nodes][:MAX_SPOTS])

    def preceding_heading(self, node: Node) -> list[str]:
        """The heading of the section that a table or list stands in, if it is the section's only one of its kind."""
        if node.role not in {"table", "list", "grid"}:
            return []
        for outer in node.ancestors():
            if outer.tag in {"body", "html"}:
                break
            headings = [h for h in self.view.under([outer]) if h.role == "heading" and h.index < node.index]
            if headings:
                between = [
                    n
                    for n in self.view.under([outer])
                    if n.role == node.role and headings[-1].index < n.index < node.index
                ]
                return [] if between else [self.view.name(headings[-1])]
        before = [h for h in self.view.elements if h.role == "heading" and h.index < node.index]
        between = [
            n for n in self.view.elements if before and n.role == node.role and before[-1].index < n.index < node.index
        ]
        return [self.view.name(before[-1])] if before and not between else []

    # --- tables, lists, rows -----------------------------------------------------------------------------------------

    def _tables(self, place: Place, roots: list[Node]) -> Found:
        roles = {"table", "grid", "treegrid"} if place.kind == "table" else {"list", "listbox", "feed", "tree"}
        nodes = [n for n in self.view.under(roots) if n.role in roles and not is_layout_list(n)]
        nodes = [n for n in nodes if self.view.text([n])] or nodes  # an empty one is nobody's table
        if place.kind == "table" and not place.name:
            nodes = self._of_data(nodes)
        found = self._named(place.name, outermost(nodes))
        if place.kind == "list" and place.name and not any(s.score >= FIRM for s in found.spots):
            found = self._titled(f"{place.name} list", roots) or found
        if found.spots or place.kind == "table":
            return found
        groups = [
            Spot(self.describe(g[0].parent), (g[0].parent,)) for g in self.groups(roots) if g[0].parent is not None
        ]
        if place.name:
            regions = self._regions(Place("region", place.name), roots)
            return regions if regions.spots else Found([], found.near)
        return found if nodes else Found(groups[:MAX_SPOTS])

    def _titled(self, title: str, roots: list[Node]) -> Found | None:
        """The section under a heading of just these words, whatever it is put together from: "User list"."""
        headings = [n for n in self.view.under(roots) if n.role == "heading"]
        found = [n for n in headings if fit_name(self.resolve(title), self.view.name(n)) >= FILLED]
        return self._regions(Place("region", title), roots) if found else None

    def _of_data(self, tables: list[Node]) -> list[Node]:
        """Without tables that only put a form in order, where all others have column headers."""
        rows = {t.index: [n for n in self.view.under([t]) if n.role == "row"] for t in tables}
        data = [t for t in tables if not rows[t.index] or not self._lays_out_fields(rows[t.index])]
        return data if data and all(self.headers(t) for t in data) else tables

    def headers(self, table: Node) -> list[tuple[str, int]]:
        """(text, first column) of each column header of a table."""
        row = next((n for n in self.view.under([table]) if n.role == "row" and is_header_row(n)), None)
        if row is None or (row.parent is not None and row.parent.tag == "tfoot"):
            return []
        positions, at = [], 0
        for cell in cells_of(row):
            text = re.sub(r"[\s▲▼△▽↑↓⇅⇵]+$", "", fold_lines(self.view.text([cell])))
            positions.append((cell.attributes.get("aria-label") or text, at))
            at += cell_span(cell)
        return positions

    def groups(self, roots: Iterable[Node]) -> list[list[Node]]:
        """Repeated structures, as they are seen: table rows, list items, and siblings of the same tag and classes."""
        found = []
        for node in self.view.under(roots):
            members: dict[tuple[str, str], list[Node]] = {}
            for child in node.children:
                if child.tag and child.role not in CELL_ROLES and self._visible_entry(child):
                    kind = (
                        "row"
                        if child.tag == "tr"
                        else "li"
                        if child.tag == "li"
                        else child.role
                        if child.role in {"listitem", "option", "row", "article", "treeitem"}
                        else ""
                    )
                    signature = (kind or child.tag, "" if kind else child.attributes.get("class", ""))
                    members.setdefault(signature, []).append(child)
            for (kind, classes), group in members.items():
                listed = kind in {"row", "li", "listitem", "option", "article", "treeitem"}
                rows = [n for n in group if not is_header_row(n)] if kind == "row" else group
                if rows and (listed or (len(rows) > 1 and kind in {"div", "section", "a", "figure"} and classes)):
                    found.append(_as_seen(rows))
        return found

    def _visible_entry(self, node: Node) -> bool:
        return not node.hidden or bool(self.view.text([node]))

    def rows(self, roots: list[Node]) -> list[Node]:
        """All entries of all repeated structures, in document order."""
        return sorted((node for group in self.groups(roots) for node in group), key=lambda n: n.index)

    def _rows(self, place: Place, roots: list[Node]) -> Found:
        if place.ordinal is not None:
            return self._ordinal_row(place.ordinal, place.name, roots)
        wanted = self.resolve(place.name)
        spots = []
        for row in self.rows(roots):
            if score := self._row_fit(wanted, row):
                spots.append(Spot(self.describe(row), (row,), score))
        spots = [
            s
            for s in spots
            if not any(
                o is not s and o.score >= s.score and o.nodes[0] is not s.nodes[0] and o.nodes[0].is_inside(s.nodes[0])
                for o in spots
            )
        ]
        found = best(spots)
        if not found.spots:
            found.near = [self.describe(row) for row in self.rows(roots)][:MAX_SPOTS]
        return found

    def _row_fit(self, wanted: str, row: Node) -> int:
        text = self.view.text([row])
        if not contains(text, wanted, ignore_case=True):
            return 0
        parts = re.split(r"[\t\n]", text)
        if any(equals(part, wanted, ignore_case=True) for part in parts):
            return EXACT
        heads = [
            n for n in self.view.under([row]) if n.role in {"heading", "rowheader"} or n.tag in {"a", "strong", "th"}
        ]
        return FILLED if any(equals(self.view.text([n]), wanted, ignore_case=True) for n in heads) else PART

    def _ordinal_row(self, ordinal: int, noun: str, roots: list[Node]) -> Found:
        groups = [g for g in self.groups(roots) if not (g[0].parent and is_layout_list(g[0].parent))]
        tops = [g for g in groups if not any(o is not g and g[0].is_inside(e) for o in groups for e in o)]
        rows = [g for g in groups if g[0].role == noun == "row"]
        called = rows or [g for g in groups if noun and self._is_called(noun, g[0])]
        tops = [g for g in called if not any(o is not g and g[0].is_inside(e) for o in called for e in o)] or tops
        data = [g for g in tops if not self._lays_out_fields(g)]
        tops = data if data and all(self._has_headers(g) for g in data) else tops
        if ordinal == ONLY and (len(tops) != 1 or len(tops[0]) != 1):
            return Found([], [f"{sum(map(len, tops))} rows"])
        index = ordinal - 1 if ordinal > 0 else -1
        spots = [Spot(self.describe(g[index]), (g[index],)) for g in tops if len(g) > index]
        return Found(spots[:MAX_SPOTS], [] if spots else [f"{len(tops)} lists or tables, none with an entry {ordinal}"])

    def _lays_out_fields(self, group: list[Node]) -> bool:
        """Whether table rows only put a form in order: no column has a header, and each row has fields."""
        if group[0].tag != "tr" or self._has_headers(group):
            return False
        return all(any(n.tag in _FIELD_TAGS for n in self.view.under([row])) for row in group)

    def _has_headers(self, group: list[Node]) -> bool:
        table = next((a for a in group[0].ancestors() if a.role in {"table", "grid", "treegrid"}), None)
        return table is not None and bool(self.headers(table))

    def describe(self, node: Node | None) -> str:
        """What to call an element in a reason: role and name, else tag and id or class, else its text."""
        if node is None:
            return "the page"
        name = self.view.name(node) if node.role not in {"row", "listitem"} else ""
        kind = node.role or node.tag
        if name:
            return f'{kind} "{name[:40]}"'
        token = (
            node.attributes.get("id")
            or node.attributes.get("data-testid")
            or node.attributes.get("class", "").split(" ")[0]
        )
        text = fold_lines(self.view.text([node]))[:40]
        return f'{kind} "{text}"' if node.role in {"row", "listitem"} or not token else f"{kind} {token}"


def _as_seen(entries: list[Node]) -> list[Node]:
    """Entries that stand one below the other, from the top: a grid may place them otherwise than its document does."""
    in_column = all(abs(entry.x - entries[0].x) <= 1 and entry.height > 0 for entry in entries)
    return sorted(entries, key=lambda entry: entry.y) if in_column else entries


def _level(heading: Node) -> int:
    return int(heading.attributes.get("aria-level", "0") or 0) or (
        int(heading.tag[1]) if re.fullmatch(r"h[1-6]", heading.tag) else 2
    )


def heading_lines(heading: Node) -> list[Node]:
    """Headings that head nothing of their own: right before this one, or in one `hgroup` with it."""
    siblings = [n for n in heading.parent.children if n.tag or n.text.strip()] if heading.parent else [heading]
    if heading.parent is not None and heading.parent.tag == "hgroup":
        return [n for n in siblings if n.tag and n is not heading]
    lines: list[Node] = []
    for node in reversed(siblings[: siblings.index(heading)]):
        if node.role != "heading" or node.hidden:
            break
        lines.append(node)
    return lines
