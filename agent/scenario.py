"""Scenario files: what a QA engineer writes.

    # cart.scenario.yaml
    name: A backpack can be bought
    url: /shop                          # absolute, or relative to --base-url
    data: {user: ada, password: "${SHOP_PASSWORD}"}
    steps:
      - Log in as ${user} with password ${password}
      - do: Put the blue backpack into the cart
      - expect: the cart shows 1 item
      - run: checkout.steps.yaml        # its steps stand here
    expect:
      - the page shows "Thank you"
    tags: [smoke]

`load_scenario` returns it as a frozen `Scenario`. A plain data value is put into the texts when the file is loaded; one
that names an environment variable is secret: the texts keep `${password}`, and `resolve_secrets` gives its value.
`SCENARIO_SCHEMA` (scenario.schema.json) tells editors the same.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin, urlsplit

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from magenta_qa.agent.scenario_file import ScenarioFile, StepEntry
from magenta_qa.agent.yaml_source import YamlSource, read_yaml
from magenta_qa.model.errors import ScenarioError

SUFFIX = ".scenario.yaml"
SCENARIO_SCHEMA = Path(__file__).with_name("scenario.schema.json")
MAX_RUN_DEPTH = 10

_PLACEHOLDER = re.compile(r"(\$?)\$\{([^}]*)\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to do or to check, in order."""

    kind: Literal["do", "expect", "goal"]
    text: str
    line: int
    path: Path
    """The file that it stands in; another one than the scenario's when it came through `run:`."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario ready to run, for one case of its parameters."""

    name: str
    path: Path
    url: str
    """Absolute, relative to the base URL, or empty (the base URL itself, or where `after` ended)."""
    entries: tuple[Entry, ...]
    allow: tuple[str, ...] = ()
    """Origins that the page may be on; empty: the start URL's."""
    tags: tuple[str, ...] = ()
    timeout_ms: int | None = None
    """How long a step waits for its target; None: as the settings say."""
    expect_timeout_ms: int | None = None
    use: tuple[str, ...] = ()
    """pytest fixtures that are set up before it starts."""
    after: Path | None = None
    """Scenario file whose browser state this one goes on with."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Name → template, such as `{"password": "${SHOP_PASSWORD}"}`; see `resolve_secrets`."""
    case: str = ""
    """Readable id of the case; empty when the scenario is not parametrised."""

    @property
    def expectations(self) -> tuple[Entry, ...]:
        """Its entries of kind "expect"."""
        return tuple(e for e in self.entries if e.kind == "expect")


def load_scenario(path: Path) -> Scenario:
    """The scenario of a file; of a parametrised one, its first case.

    Raises:
        ScenarioError: The file cannot be used; says file, line and remedy.
    """
    return load_cases(path)[0]


def load_cases(path: Path) -> tuple[Scenario, ...]:
    """One scenario for each case of `parametrize`; a single one when there is none.

    Raises:
        ScenarioError: The file cannot be used; says file, line and remedy.
    """
    source, file = _read(path)
    if not file.name:
        raise ScenarioError('"name" is missing; add a first line such as "name: A backpack can be bought"', path, 1)
    _check_names(source, file)
    rows: list[Mapping[str, str]] = list(file.parametrize) or [{}]
    cases = tuple(_bind(source, file, row) for row in rows)
    if not any(e.kind in ("expect", "goal") for e in cases[0].entries):
        message = (
            "no expectation, so it could never fail; add expect: with what must be seen at the end"
            " (a file that others only run: can be named *.steps.yaml)"
        )
        raise ScenarioError(message, path, source.line(("steps",)))
    if file.after:
        predecessors(path)
    return cases


def predecessors(path: Path) -> tuple[Path, ...]:
    """The scenarios that come before a scenario through `after`, first one first.

    Raises:
        ScenarioError: One is missing, cannot be read, or they form a circle.
    """
    chain: list[Path] = []
    current = path
    while True:
        source, file = _read(current)
        if current != path and file.parametrize:
            raise ScenarioError("a parametrised scenario cannot be resumed; name one without parametrize", path, 1)
        if not file.after:
            return tuple(reversed(chain))
        following = _sibling(source, file.after, ("after",))
        if following == path or following in chain:
            raise ScenarioError(
                f"{following.name} comes after itself; break the circle", current, source.line(("after",))
            )
        chain.append(following)
        current = following


def resolve_secrets(scenario: Scenario, environ: Mapping[str, str]) -> dict[str, str]:
    """The values of a scenario's secrets.

    Raises:
        ScenarioError: A variable is not set; names it.
    """
    values: dict[str, str] = {}
    for name, template in scenario.secrets.items():
        missing = [v for _, v in _PLACEHOLDER.findall(template) if not environ.get(v)]
        if missing:
            message = f"environment variable {missing[0]} is not set (data: {name}); set it before the run"
            raise ScenarioError(message, scenario.path)
        values[name] = _PLACEHOLDER.sub(lambda m: environ[m[2]], template)
    return values


def start_url(scenario: Scenario, base_url: str | None, resumed: str = "") -> str:
    """The absolute URL of a scenario's first page.

    Args:
        scenario: As loaded.
        base_url: What a relative URL is relative to.
        resumed: Where the scenario before it ended; used when it has no URL of its own.

    Raises:
        ScenarioError: The URL is relative and there is no base URL.
    """
    if urlsplit(scenario.url).scheme:
        return scenario.url
    if not scenario.url and resumed:
        return resumed
    if not base_url:
        what = f'url "{scenario.url}" is relative' if scenario.url else "url is missing"
        raise ScenarioError(f"{what}; give --base-url http://…, or write the whole url", scenario.path, 1)
    return urljoin(base_url, scenario.url)


def baselines_folder(scenario: Scenario) -> Path:
    """Where the pictures that it compares with are kept: beside it, each case's in a folder of its own."""
    folder = scenario.path.with_name(f"{scenario.path.name.removesuffix(SUFFIX)}.baselines")
    return folder / re.sub(r"[^\w.-]+", "-", scenario.case) if scenario.case else folder


def _read(path: Path) -> tuple[YamlSource, ScenarioFile]:
    source = read_yaml(path)
    try:
        return source, ScenarioFile.model_validate(source.data)
    except ValidationError as invalid:
        lines = [(source.line(e["loc"]), _explain(e)) for e in invalid.errors()]
        (line, message), *others = lines
        more = "".join(f"\n{path}:{n}: {text}" for n, text in others)
        raise ScenarioError(message + more, path, line) from None


def _explain(error: ErrorDetails) -> str:
    place = [str(p) for p in error["loc"]]
    key = next((p for p in reversed(place) if not p.isdigit()), "")
    if error["type"] == "extra_forbidden":
        return _explain_unknown_key(place)
    if error["type"] in ("list_type", "dict_type", "model_type", "model_attributes_type"):
        shape = 'list (one "- …" a line)' if error["type"] == "list_type" else "mapping (key: value)"
        return f'"{key}" must be a {shape}'
    if error["type"] == "string_type" and isinstance(error["input"], dict):
        return 'the text contains ": "; put it in quotes, such as - "Set the title: draft"'
    if error["type"] in ("string_type", "string_too_short", "too_short"):
        return f'"{key}" must be text and not empty'
    return (f'"{key}": ' if key else "") + error["msg"].removeprefix("Value error, ")


def _explain_unknown_key(place: list[str]) -> str:
    key = place[-1]
    in_step = len(place) > 1
    known = list((StepEntry if in_step else ScenarioFile).model_fields)
    close = get_close_matches(key.lower(), known, n=1, cutoff=0.7)
    if close:
        return f'unknown key "{key}"; did you mean "{close[0]}"?'
    if in_step and (" " in key or key[:1].isupper()):
        return f'"{key}: …" was read as a key; put the whole step in quotes: - "{key}: …"'
    return f'unknown key "{key}"; known are: {", ".join(known)}'


def _check_names(source: YamlSource, file: ScenarioFile) -> None:
    for part, names in (("data", file.data), ("parametrize", file.parametrize[0] if file.parametrize else {})):
        for name in names:
            if not _NAME.match(name):
                line = source.line((part, name))
                raise ScenarioError(f'"{name}" cannot be a name; use letters, digits and _', source.path, line)


def _bind(source: YamlSource, file: ScenarioFile, row: Mapping[str, str]) -> Scenario:
    """The scenario with one row of parameters put in."""
    binder = _Binder()
    data = {**file.data, **row}
    path = source.path
    entries = binder.steps(source, file, data, (path,))
    for index, text in enumerate(file.expect):
        place = ("expect", index)
        entries.append(Entry("expect", binder.fill(source, place, text, data), source.line(place) or 1, path))
    return Scenario(
        name=file.name or "",
        path=path,
        url=binder.fill(source, ("url",), file.url, data),
        entries=tuple(entries),
        allow=tuple(file.allow),
        tags=tuple(dict.fromkeys(file.tags)),
        timeout_ms=file.timeout,
        expect_timeout_ms=file.expect_timeout,
        use=tuple(file.use),
        after=_sibling(source, file.after, ("after",)) if file.after else None,
        secrets=binder.secrets,
        case="-".join(row.values()) or ("empty" if row else ""),
    )


class _Binder:
    """Puts data into texts and collects the secrets that they use."""

    def __init__(self) -> None:
        self.secrets: dict[str, str] = {}

    def steps(
        self, source: YamlSource, file: ScenarioFile, data: Mapping[str, str], files: tuple[Path, ...]
    ) -> list[Entry]:
        entries: list[Entry] = []
        for index, step in enumerate(file.steps):
            place = ("steps", index)
            line = source.line(place) or 1
            if step.run:
                entries += self._run(source, step.run, place, data, files)
            texts = [("do", step.do), ("goal", step.goal)] + [("expect", e) for e in step.expect]
            for kind, text in texts:
                if text:
                    entries.append(Entry(kind, self.fill(source, place, text, data), line, source.path))  # type: ignore[arg-type]
        return entries

    def _run(
        self,
        source: YamlSource,
        target: str,
        place: tuple[str | int, ...],
        data: Mapping[str, str],
        files: tuple[Path, ...],
    ) -> list[Entry]:
        path = _sibling(source, target, place)
        if path in files:
            way = " → ".join(p.name for p in (*files, path))
            raise ScenarioError(f"run: goes in a circle ({way}); break it", source.path, source.line(place))
        if len(files) > MAX_RUN_DEPTH:
            raise ScenarioError(f"run: is nested deeper than {MAX_RUN_DEPTH} files", source.path, source.line(place))
        inner_source, inner = _read(path)
        _check_names(inner_source, inner)
        return self.steps(inner_source, inner, {**inner.data, **data}, (*files, path))

    def fill(self, source: YamlSource, place: tuple[str | int, ...], text: str, data: Mapping[str, str]) -> str:
        """`text` with plain values put in; secrets stay placeholders and are noted."""

        def put(match: re.Match[str]) -> str:
            escaped, name = match.groups()
            if escaped:
                return match[0][1:]
            if name not in data:
                raise ScenarioError(_explain_unknown_name(name, data), source.path, source.line(place))
            value = data[name]
            if not _PLACEHOLDER.search(value):
                return value
            if self.secrets.setdefault(name, value) != value:
                message = f'"{name}" stands for two different secrets; rename one'
                raise ScenarioError(message, source.path, source.line(place))
            return match[0]

        return _PLACEHOLDER.sub(put, text)


def _explain_unknown_name(name: str, data: Mapping[str, str]) -> str:
    close = get_close_matches(name, data, n=1)
    if close:
        return f"${{{name}}} is not in data; did you mean ${{{close[0]}}}?"
    remedy = f'add "{name}: …" to data (an environment variable: "{name}: ${{{name}}}")'
    return f"${{{name}}} is not in data; {remedy}"


def _sibling(source: YamlSource, name: str, place: tuple[str | int, ...]) -> Path:
    """A file named relative to the file that names it."""
    path = Path(source.path.parent, name)
    resolved = path.resolve() if path.is_symlink() or ".." in path.parts else path
    if not resolved.is_file():
        close = get_close_matches(name, [p.name for p in source.path.parent.glob("*.yaml")], n=1)
        remedy = f'did you mean "{close[0]}"?' if close else f"it is looked for beside {source.path.name}"
        raise ScenarioError(f'there is no file "{name}"; {remedy}', source.path, source.line(place))
    return resolved
