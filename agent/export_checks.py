"""Compiled expectations as lines of a plain Playwright test: web-first assertions, which retry until they hold.

lines_of_check(TextCheck("Thank you"), literal)  ->  ['expect(shown(page, "Thank you")).to_be_visible()']
lines_of_check(ErrorShownCheck(), literal)       ->  None: there is no honest counterpart
"""

import json
import re
from collections.abc import Callable

from magenta_qa.agent.checks.kinds import (
    PAGE,
    AllChecks,
    Check,
    CountCheck,
    EventCheck,
    OrderCheck,
    Place,
    SequenceCheck,
    StateCheck,
    StatusCheck,
    TextCheck,
    TitleCheck,
    UrlCheck,
    ValueCheck,
)

Spell = Callable[[str], str]
"""Makes a Python expression of a text; secrets come from the environment."""
HELPERS = {
    "shown": '''
def shown(page: Page, text: str) -> Locator:
    """What shows a text, in the page or in a frame of it; there it is waited for."""
    for _ in range(20 if len(page.frames) > 1 else 0):
        for frame in page.frames:
            found = frame.get_by_text(text).filter(visible=True).first
            if found.is_visible():
                return found
        page.wait_for_timeout(250)
    return page.get_by_text(text).filter(visible=True).first
''',
    "expect_value": '''
def expect_value(field: Locator, value: str) -> None:
    """A field holds a value, or a drop-down shows the option that was chosen."""
    tag = field.evaluate("each => each.localName")
    if tag in ("input", "textarea"):
        expect(field).to_have_value(value)
    else:
        expect(field.locator("option:checked") if tag == "select" else field).to_have_text(value)
''',
    "item": '''
def item(where: Page | Locator, text: str) -> Locator:
    """The innermost row, list item or card with a text in it."""
    found = where.get_by_role("row").or_(where.get_by_role("listitem")).or_(where.get_by_role("article"))
    return found.filter(has_text=text).filter(visible=True).last
''',
    "region": '''
def region(page: Page, name: str) -> Locator:
    """A part of the page by its accessible name, else by the words in its id, class or test id."""
    found = page.get_by_role("region", name=name)
    for role in ("complementary", "navigation", "form", "group", "article", "tabpanel", "table", "list", "dialog"):
        found = found.or_(page.get_by_role(role, name=name))
    called = re.sub(r"^\\S+ (of )?", "", name)  # "story of Rain" is the article "Rain"
    found = found.or_(page.get_by_role("article", name=called)).or_(page.get_by_role("listitem", name=called))
    words = name.split()
    marks = [f':is([id*="{word}" i], [class*="{word}" i], [data-testid*="{word}" i])' for word in words]
    found = found.or_(page.locator("".join(marks)))
    if len(words) > 1:
        named = page.get_by_role("link", name=" ".join(words[:-1]))
        found = found.or_(named.locator(marks[-1]))
    return found.filter(visible=True).first
''',
    "sorted_by": '''
def sorted_by(texts: list[str], *, descending: bool) -> bool:
    """Whether texts are in order: by their numbers where all have one, else by the alphabet."""
    numbers = [re.search(r"-?\\\\d[\\\\d.,]*", text) for text in texts]
    keys = [float(n[0].replace(",", "")) for n in numbers if n] if all(numbers) else [t.casefold() for t in texts]
    return bool(keys) and keys == sorted(keys, reverse=descending)
'''.replace("\\\\\\\\", "\\\\"),
}
"""Name → what an exported test defines for itself when it calls it."""
_STATES = {
    "visible": ("to_be_visible", "to_be_hidden"),
    "checked": ("to_be_checked", "not_to_be_checked"),
    "disabled": ("to_be_disabled", "to_be_enabled"),
    "focused": ("to_be_focused", "not_to_be_focused"),
}
_ARIA_STATES = frozenset({"selected", "expanded", "pressed", "required", "readonly", "invalid"})
_ROLES = {"drop-down": "combobox", "dropdown": "combobox", "field": "textbox", "box": "checkbox", "popup": "dialog"}
_KNOWN_ROLES = frozenset(
    ["button", "link", "checkbox", "radio", "switch", "tab", "combobox", "textbox", "dialog", "heading", "option"]
)


def lines_of_check(check: Check, literal: Spell) -> list[str] | None:
    """The assertions; None where something of it cannot be said."""
    if isinstance(check, AllChecks):
        parts = [lines_of_check(each, literal) for each in check.checks]
        return None if None in parts else [line for part in parts if part for line in part]
    for kind, write in _WRITERS.items():
        if isinstance(check, kind):
            lines: list[str] | None = write(check, literal)
            return lines
    return None


def _text(check: TextCheck, literal: Spell) -> list[str] | None:
    where = _place(check.place, literal)
    if where is None or check.op != "contains":
        return None
    text = literal(check.text)
    if check.place == PAGE:
        return [f"expect(shown(page, {text})).to_be_{'hidden' if check.negated else 'visible'}()"]
    if re.fullmatch(r"\d+", check.text) and check.place.kind == "region":
        text = f're.compile(r"(?<!\\d){check.text}(?!\\d)")'
    verb = "not_to_contain_text" if check.negated else "to_contain_text"
    return [f"expect({where}).{verb}({text})"]


def _place(place: Place, literal: Spell) -> str | None:
    """The call that finds a part of the page."""
    if place.kind == "page":
        return "page"
    outer = _place(place.within, literal) if place.within else "page"
    if outer is None:
        return None
    name = literal(place.name)
    if place.kind == "row":
        if place.ordinal is None:
            return f"item({outer}, {name})"
        at = "last" if place.ordinal == -1 else f"nth({place.ordinal - 1})"
        rows = place.name in ("", "row")
        return f'{outer}.locator("tbody tr:visible").{at}' if rows else f'{outer}.get_by_role("article").{at}'
    if place.ordinal is not None or not place.name:
        return f'{outer}.get_by_role("dialog")' if place.kind == "dialog" and place.ordinal is None else None
    roles = {"dialog": "dialog", "table": "table", "list": "list", "heading": "heading"}
    if place.kind in roles:
        return f'{outer}.get_by_role("{roles[place.kind]}", name={name})'
    return f"region(page, {name})" if place.kind == "region" else None


def _url(check: UrlCheck, literal: Spell) -> list[str]:
    pattern = re.escape(check.value).replace("/", "/")
    ends = {"equals": f"^(https?://[^/]+)?{pattern}$", "contains": pattern, "starts with": f"^{pattern}"}
    verb = "not_to_have_url" if check.negated else "to_have_url"
    return [f"expect(page).{verb}(re.compile({json.dumps(ends.get(check.op, f'{pattern}$'))}))"]


def _title(check: TitleCheck, literal: Spell) -> list[str] | None:
    if check.op != "equals":
        return None
    return [f"expect(page).{'not_' * check.negated}to_have_title({literal(check.value)})"]


def _value(check: ValueCheck, literal: Spell) -> list[str] | None:
    if check.op != "equals" or check.place != PAGE:
        return None
    name, value, negation = literal(check.subject), literal(check.value), "not_" * check.negated
    field = f'page.get_by_label({name}).or_(page.get_by_role("combobox", name={name})).filter(visible=True).first'
    return [f"expect_value({field}, {value})"] if not negation else None


def _count(check: CountCheck, literal: Spell) -> list[str] | None:
    where = _place(check.place, literal)
    wanted = check.comparison
    selectors = {"table": '"tbody tr:visible"', "list": '":scope > li:visible, [role=listitem]:visible"'}
    if where is None or wanted.op != "=" or check.place.kind not in selectors:
        return None
    if check.noun not in ("row", "item", "entry"):
        return None
    return [f"expect({where}.locator({selectors[check.place.kind]})).to_have_count({wanted.low})"]


def _state(check: StateCheck, literal: Spell) -> list[str] | None:
    target = check.target
    role = _ROLES.get(target.role, target.role)
    if target.place != PAGE or not target.name or (role and role not in _KNOWN_ROLES):
        return None
    name = literal(target.name)
    found = f"page.get_by_role({json.dumps(role)}, name={name})" if role else f"page.get_by_label({name})"
    if check.state in _STATES:
        return [f"expect({found}).{_STATES[check.state][check.negated]}()"]
    if check.state not in _ARIA_STATES:
        return None
    return [f'expect({found}).to_have_attribute("aria-{check.state}", "{str(not check.negated).lower()}")']


def _event(check: EventCheck, literal: Spell) -> list[str] | None:
    if check.negated:
        return None
    text = literal(check.text)
    if check.kind == "tab":
        return [f"assert any({text} in each.url for each in page.context.pages)"]
    if check.kind == "dialog":
        return [f"assert any({text} in message for message in dialogs), dialogs"]
    return [f"assert {text} in [each.suggested_filename for each in downloads]"]


def _status(check: StatusCheck, literal: Spell) -> list[str] | None:
    if check.url or check.negated:
        return None
    documents = (
        "each.request.is_navigation_request() and each.frame == page.main_frame and not 300 <= each.status < 400"
    )
    return [
        'page.wait_for_load_state("networkidle")',
        f"statuses = [each.status for each in responses if {documents}]",
        f"assert {check.low} <= statuses[-1] <= {check.high}, statuses",
    ]


def _sequence(check: SequenceCheck, literal: Spell) -> list[str] | None:
    if check.place != PAGE:
        return None
    parts = [json.dumps(re.escape(text)) for text in (check.first, check.second)]
    return [f'expect(page.locator("body")).to_contain_text(re.compile({parts[0]} + ".*" + {parts[1]}, re.DOTALL))']


def _order(check: OrderCheck, literal: Spell) -> list[str] | None:
    """Of a table by one of its columns, or of cards by a part that is marked with the word."""
    where = _place(check.place, literal)
    if where is None or not check.key or check.negated or check.place.kind not in ("table", "page"):
        return None
    if check.place.kind == "table":
        find = [f'column = {where}.locator("th").all_inner_texts().index({literal(check.key)}) + 1']
        cells = f'{where}.locator(f"tbody tr:visible td:nth-child({{column}})")'
    else:
        find = []
        cells = f"""page.get_by_role("article").locator('[class*="{check.key}" i]').filter(visible=True)"""
    last = f"assert sorted_by(texts, descending={check.descending}), texts"
    return ['page.wait_for_load_state("networkidle")', *find, f"texts = {cells}.all_inner_texts()", last]


_WRITERS: dict[type, Callable[..., list[str] | None]] = {
    TextCheck: _text,
    UrlCheck: _url,
    TitleCheck: _title,
    ValueCheck: _value,
    CountCheck: _count,
    StateCheck: _state,
    EventCheck: _event,
    StatusCheck: _status,
    SequenceCheck: _sequence,
    OrderCheck: _order,
}
