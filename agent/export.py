"""Writes a scenario as a plain pytest-playwright test, from its file and its lock; nobody who runs it needs us.

    buy.scenario.yaml + buy.scenario.lock.yaml   ─▶   test_buy.py

    def test_buy(page: Page) -> None:
        page.goto("/")
        page.context.on("weberror", lambda each: errors.append(str(each.error)))
        page.get_by_role("searchbox", name="Search", exact=True).fill("mug")
        expect(page.get_by_text("5 products").filter(visible=True).first).to_be_visible()
        assert not errors

No browser is needed: the lock says by which locators each control was found, and each expectation is what it was
compiled to. What plain Playwright cannot say is an error that names the step; a test that checked less would lie.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from magenta_qa.agent.expect import compile_expectation
from magenta_qa.agent.export_checks import HELPERS, lines_of_check
from magenta_qa.agent.lock import load_memory, lock_path
from magenta_qa.agent.memory import Memory, RememberedStep, Target
from magenta_qa.agent.scenario import Entry, Scenario, load_scenario
from magenta_qa.model.errors import ScenarioError

_ROLE = re.compile(r'role=([\w-]+)\[name="((?:[^"\\]|\\.)*)"s\]')
_LABEL = re.compile(r'internal:label="((?:[^"\\]|\\.)*)"s')
_TEXT = re.compile(r'text="((?:[^"\\]|\\.)*)"')
_TEST_ID = re.compile(r'\[data-testid="((?:[^"\\]|\\.)*)"\]')
_ANCHORED = re.compile(r'(?P<css>:is\(.*?\)):has-text\("(?P<text>[^"]*)"\)')
_SECRET = re.compile(r"\$\{(\w+)\}")
_PLAIN_CALLS = {
    "click": "click()",
    "double_click": "dblclick()",
    "right_click": 'click(button="right")',
    "hover": "hover()",
    "clear": "clear()",
}
_VALUE_CALLS = {"fill": "fill", "type": "press_sequentially", "press": "press", "select": "select_option"}
_LOADED = 'page.wait_for_load_state("networkidle")'


class ExportError(ScenarioError):
    """Something of a scenario cannot be said in plain Playwright."""


@dataclass(slots=True)
class _Test:
    """A test being written."""

    scenario: Scenario
    lines: list[str] = field(default_factory=list)
    helpers: set[str] = field(default_factory=set)
    """Functions that it defines for itself."""

    def refuse(self, entry: Entry, reason: str) -> ExportError:
        """The error that names the entry."""
        return ExportError(f'"{entry.text}" cannot be exported: {reason}', entry.path, entry.line)

    def literal(self, text: str) -> str:
        """A Python expression for a text, in which secrets come from the environment."""
        templates = self.scenario.secrets
        if not any(match[1] in templates for match in _SECRET.finditer(text)):
            return quoted(text)
        parts: list[str] = []
        for index, part in enumerate(_SECRET.split(text)):
            if index % 2 == 0:
                parts += [quoted(part)] if part else []
            elif part in templates:
                parts += [self.literal_of_secret(templates[part])]
            else:
                parts += [quoted("${" + part + "}")]
        return " + ".join(parts)

    def literal_of_secret(self, template: str) -> str:
        """The same for a secret's template, such as `${SHOP_PASSWORD}`."""
        parts = _SECRET.split(template)
        found = [quoted(p) if i % 2 == 0 else f"os.environ[{quoted(p)}]" for i, p in enumerate(parts) if p]
        return " + ".join(found)


def export_scenario(path: Path) -> str:
    """The text of the test.

    Args:
        path: The scenario; its lock lies beside it.

    Raises:
        ExportError: It has no lock of a run that passed, or something of it has no counterpart.
        ScenarioError: The file cannot be used.
    """
    scenario = load_scenario(path)
    memory = load_memory(lock_path(path))
    if not memory.steps and any(entry.kind == "do" for entry in scenario.entries):
        raise ExportError(f"it has no lock ({lock_path(path).name}); let it pass once with `magenta run`", path)
    if scenario.after is not None:
        raise ExportError(f"it goes on where {scenario.after.name} ended; give it steps of its own", path, 1)
    test = _Test(scenario)
    _write_entries(test, memory)
    return _text_of(test)


def test_name(scenario: Scenario) -> str:
    """Name of the test function: `buy_by_card.scenario.yaml` → `test_buy_by_card`."""
    stem = scenario.path.name.partition(".")[0]
    return "test_" + (re.sub(r"\W+", "_", stem.lower()).strip("_") or "scenario")


def quoted(text: str) -> str:
    """A Python string literal, in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def locator_code(selector: str, page: str = "page") -> str:
    """The call that finds what a selector finds, as people write it."""
    code = page
    for part in selector.split(" >> "):
        if match := _ROLE.fullmatch(part):
            code += f".get_by_role({quoted(match[1])}, name={quoted(_plain(match[2]))}, exact=True)"
        elif match := _LABEL.fullmatch(part):
            code += f".get_by_label({quoted(_plain(match[1]))}, exact=True)"
        elif match := _TEXT.fullmatch(part):
            code += f".get_by_text({quoted(_plain(match[1]))}, exact=True)"
        elif match := _TEST_ID.fullmatch(part):
            code += f".get_by_test_id({quoted(_plain(match[1]))})"
        elif match := _ANCHORED.fullmatch(part):
            code += f".locator({quoted(match['css'])}).filter(has_text={quoted(match['text'])})"
        else:
            code += f".locator({quoted(part)})"
    return code


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _write_entries(test: _Test, memory: Memory) -> None:
    scenario = test.scenario
    known = iter(memory.steps_for([entry.text for entry in scenario.entries if entry.kind == "do"]))
    checks = [compile_expectation(entry.text) for entry in scenario.entries if entry.kind == "expect"]
    compiled = iter(checks)
    for entry in scenario.entries:
        test.lines.append(f"# {entry.text}")
        if entry.kind == "goal":
            raise test.refuse(entry, "a goal is pursued anew each time")
        if entry.kind == "do":
            _write_step(test, entry, next(known))
            continue
        check = next(compiled)
        if check is None:
            raise test.refuse(entry, "it was judged by a model")
        lines = lines_of_check(check, test.literal)
        if lines is None:
            raise test.refuse(entry, f"plain Playwright has no assertion for: {check}")
        test.lines += lines
        test.helpers |= {name for name in HELPERS if any(f"{name}(" in line for line in lines)}


def _write_step(test: _Test, entry: Entry, step: RememberedStep | None) -> None:
    if step is None:
        raise test.refuse(entry, "its lock does not know this step; let it pass once with `magenta run`")
    for target in step.targets:
        line = _action_code(test, entry, target)
        if line is not None:
            test.lines += _with_event(line, target)


def _with_event(line: str, target: Target) -> list[str]:
    """The lines of an action, with what it sets off."""
    if target.effect == "download":
        return ["with page.expect_download() as download:", f"    {line}", "downloads.append(download.value)"]
    if target.effect == "tab":
        return ["with page.expect_popup() as popup:", f"    {line}", "page = popup.value"]
    if target.effect == "page" and target.element_type:  # what it leads to may listen only once it is loaded
        return ["with page.expect_navigation():", f"    {line}"]
    return [line]


def _action_code(test: _Test, entry: Entry, target: Target) -> str | None:
    """One call; None for what needs none."""
    kind, value = target.kind, target.value or ""
    if not target.element_type:
        return _page_action_code(test, entry, kind, value)
    if not target.locators:
        raise test.refuse(entry, f"the {target.label} has no locator (it stands in a closed shadow root)")
    found = locator_code(target.locators[0], _frame_code(target))
    if kind in _PLAIN_CALLS:
        return f"{found}.{_PLAIN_CALLS[kind]}"
    if kind in _VALUE_CALLS:
        return f"{found}.{_VALUE_CALLS[kind]}({test.literal(value)})"
    if kind in ("check", "uncheck"):
        return f"{found}.set_checked({kind == 'check'}, force=True)"
    if kind == "upload":
        return f"upload({found}, Path(__file__).with_name({quoted(value)}))"
    if kind == "drag" and target.onto:
        return f"drag({found}, {locator_code(target.onto[0], _frame_code(target))})"
    if kind == "scroll":
        return f"{found}.scroll_into_view_if_needed()"
    raise test.refuse(entry, f"{kind.replace('_', ' ')} has no counterpart")


def _page_action_code(test: _Test, entry: Entry, kind: str, value: str) -> str | None:
    if kind == "goto":
        return f"page.goto({test.literal(value)})"
    if kind in ("reload", "back"):
        return {"reload": "page.reload()", "back": "page.go_back()"}[kind]
    if kind == "press":
        return f"page.keyboard.press({quoted(value)})"
    if kind == "wait":
        return _LOADED
    if kind == "scroll":
        return f'page.keyboard.press("End"), {_LOADED}'
    if kind == "dialog":
        return None  # answered where it opens
    raise test.refuse(entry, f"{kind.replace('_', ' ')} has no counterpart")


def _frame_code(target: Target) -> str:
    frame = target.fingerprint.frame if target.fingerprint else ""
    if not frame:
        return "page"
    selector = f'iframe[src*="{urlsplit(frame).path}"]'
    return f"page.frame_locator({quoted(selector)})"


def answers_of(memory: Memory) -> list[str]:
    """How the dialogs of a scenario are answered, in the order in which they open."""
    return [t.value or "accept" for step in memory.steps for t in step.targets if t.kind == "dialog"]


def _text_of(test: _Test) -> str:
    scenario = test.scenario
    answers = answers_of(load_memory(lock_path(scenario.path)))
    used = "\n".join(test.lines)
    body: list[str] = [*_ERRORS, ""]
    if answers or "dialogs" in used:
        body += ["dialogs: list[str] = []", f"answers = iter({answers!r})", "", *_DIALOGS]
    if "downloads" in used:
        body.append("downloads: list[Download] = []")
    if "responses" in used:
        body += ["responses: list[Response] = []", 'page.on("response", lambda response: responses.append(response))']
    body += [f"page.goto({test.literal(scenario.url)})", *test.lines, "assert not errors"]
    helpers = [HELPERS[name] for name in sorted(test.helpers)] + ([UPLOAD] if "upload(" in used else [])
    helpers += [DRAG] if "drag(" in used else []
    head = _imports("\n".join([*body, *helpers]))
    code = "\n".join(f"    {line}".rstrip() for line in body)
    parts = [
        f'"""{scenario.name}: written by `magenta export` from {scenario.path.name}; edit it as you like."""',
        head,
        "\n\n\n".join([*(h.strip() for h in helpers), f"def {test_name(scenario)}(page: Page) -> None:\n{code}"]),
    ]
    return "\n\n".join(parts[:2]) + "\n\n\n" + parts[2] + "\n"


_ERRORS = [
    "errors: list[str] = []",
    "",
    "def on_response(response: Response) -> None:",
    "    if response.status >= 500 and urlsplit(response.url).netloc == urlsplit(page.url).netloc:",
    '        errors.append(f"{response.status} {response.url}")',
    "",
    'page.context.on("response", on_response)',
    'page.context.on("weberror", lambda each: errors.append(str(each.error)))',
]
"""As in a scenario: an uncaught exception fails the test, and so does an answer of 5xx of the application."""
_DIALOGS = [
    "def on_dialog(dialog: Dialog) -> None:",
    "    dialogs.append(dialog.message)",
    '    answer, _, text = next(answers, "dismiss").partition(":")',
    '    dialog.accept(text) if answer == "accept" else dialog.dismiss()',
    "",
    'page.on("dialog", on_dialog)',
]
DRAG = '''
def drag(source: Locator, target: Locator) -> None:
    """Drag a little past the middle of the target, where sortable lists swap."""
    start, end = source.bounding_box(), target.bounding_box()
    assert start and end
    past = 0.2 * end["height"] * (1 if end["y"] > start["y"] else -1)
    source.drag_to(target, target_position={"x": end["width"] / 2, "y": end["height"] / 2 + past})
'''
UPLOAD = '''
def upload(control: Locator, path: Path) -> None:
    """Give a file to a file field, or to the chooser that a button or label opens."""
    if control.evaluate("each => each.localName === 'input'"):
        control.set_input_files(path)
        return
    with control.page.expect_file_chooser() as chooser:
        control.click()
    chooser.value.set_files(path)
'''


def _imports(code: str) -> str:
    names = [name for name in ("Dialog", "Download", "Locator", "Response") if re.search(rf"\b{name}\b", code)]
    lines = [f"import {module}" for module in ("os", "re") if f"{module}." in code]
    lines += ["from pathlib import Path"] if "Path" in code else []
    lines += ["from urllib.parse import urlsplit"] if "urlsplit" in code else []
    imported = ", ".join(sorted([*names, "Page", *(["expect"] if "expect(" in code else [])]))
    return "\n".join([*lines, *([""] if lines else []), f"from playwright.sync_api import {imported}"])


def find_scenarios(paths: Sequence[Path]) -> list[Path]:
    """The scenario files that are meant by files, folders and names without an ending."""
    found: list[Path] = []
    for path in paths:
        named = path.with_name(f"{path.name}.scenario.yaml")
        if path.is_dir():
            found += sorted(path.rglob("*.scenario.yaml"))
        elif path.is_file() and path.name.endswith(".scenario.yaml"):
            found.append(path)
        elif named.is_file():
            found.append(named)
    return found
