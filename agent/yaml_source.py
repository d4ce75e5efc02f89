"""A YAML file as plain data plus the line that each value stands on.

    source = read_yaml(Path("cart.scenario.yaml"))
    source.data                        -> {"name": "Add a backpack", "steps": ["Click Add", {"expect": "…"}]}
    source.line(("steps", 1))          -> 6

Scalars stay the text that was typed: `yes`, `007` and `1.10` are strings, whatever YAML would make of them. Files come
from outside: size, depth and expansion of aliases are bounded, a key that stands twice is an error, and so is text that
YAML would drop as a comment without anyone noticing (`- Open order #17`).
"""

from dataclasses import dataclass
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from magenta_qa.model.errors import ScenarioError

MAX_BYTES = 1_000_000
MAX_NODES = 20_000
MAX_DEPTH = 20

Place = tuple[str | int, ...]
"""Where a value stands: keys and indexes from the top, as pydantic's `loc`."""


@dataclass(frozen=True, slots=True)
class YamlSource:
    """What a file says and where it says it."""

    path: Path
    data: dict[str, object]
    lines: dict[Place, int]

    def line(self, place: Place) -> int | None:
        """1-based line of the value (or of the nearest thing around it that has one)."""
        while place not in self.lines and place:
            place = place[:-1]
        return self.lines.get(place)


def read_yaml(path: Path) -> YamlSource:
    """Read one mapping from a file.

    Raises:
        ScenarioError: The file cannot be read or is not one YAML mapping; says the line and what to do.
    """
    text = _read_text(path)
    node = _compose(path, text)
    if not isinstance(node, MappingNode):
        raise ScenarioError('expected "key: value" lines, such as "name: Add a backpack to the cart"', path, 1)
    builder = _Builder(path, text)
    return YamlSource(path, builder.mapping(node, ()), builder.lines)


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ScenarioError(f"cannot be read: {error.strerror or error}", path) from error
    if len(raw) > MAX_BYTES:
        raise ScenarioError(f"larger than {MAX_BYTES:,} bytes; a scenario is one page of text: split it", path)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ScenarioError("not UTF-8 text; save the file as UTF-8", path, line) from error


def _compose(path: Path, text: str) -> Node | None:
    try:
        return yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ScenarioError(_remedy(error, text), path, mark.line + 1 if mark else None) from error
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        code = error.character if isinstance(error.character, int) else ord(error.character[:1])
        raise ScenarioError(f"character U+{code:04X} is not allowed in YAML; remove it", path, line) from error
    except RecursionError as error:
        raise ScenarioError(f"nested deeper than {MAX_DEPTH} levels; a scenario needs three", path) from error


def _remedy(error: yaml.MarkedYAMLError, text: str) -> str:
    problem = error.problem or str(error)
    if "'\\t'" in problem or "'\\\\t'" in problem:
        return "a tab is used for indentation; use spaces"
    if "mapping values are not allowed" in problem:
        return 'the text contains ": "; put it in quotes, such as - "Set the title: draft"'
    if "expected a single document" in (error.context or "") + problem:
        return "more than one document (---) in the file; one scenario a file"
    if "found undefined alias" in problem or "while scanning an" in (error.context or ""):
        return f"{problem}; text that starts with * or & needs quotes"
    if "cannot start any token" in problem:
        return f"{problem}; put the text in quotes"
    return f"not valid YAML: {problem}; check indentation and quotes here"


class _Builder:
    """Turns nodes into dicts, lists and strings and notes their lines."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.lines: dict[Place, int] = {}
        self._text = text
        self._nodes = 0

    def build(self, node: Node, place: Place) -> object:
        line = node.start_mark.line + 1
        self.lines.setdefault(place, line)
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ScenarioError(
                f"more than {MAX_NODES:,} values; are aliases (*name) multiplying them?", self.path, line
            )
        if len(place) > MAX_DEPTH:
            raise ScenarioError(f"nested deeper than {MAX_DEPTH} levels; a scenario needs three", self.path, line)
        if isinstance(node, MappingNode):
            return self.mapping(node, place)
        if isinstance(node, SequenceNode):
            return [self.build(child, (*place, index)) for index, child in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        return self._scalar(node)

    def mapping(self, node: MappingNode, place: Place) -> dict[str, object]:
        result: dict[str, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                raise ScenarioError("a key must be plain text", self.path, line)
            key = str(key_node.value)
            if key == "<<":
                raise ScenarioError("merge keys (<<) are not supported; write the values out", self.path, line)
            if key in result:
                first = self.lines[(*place, key)]
                raise ScenarioError(f'"{key}" stands twice (first in line {first}); keep one', self.path, line)
            self.lines[(*place, key)] = line
            result[key] = self.build(value_node, (*place, key))
        return result

    def _scalar(self, node: ScalarNode) -> str:
        rest = self._text[node.end_mark.index :].partition("\n")[0].lstrip()
        if not node.style and node.value and rest.startswith("#") and rest[1:2].strip(" #!"):
            message = f'YAML takes "{rest.strip()}" for a comment; quote the whole text, or put a space after #'
            raise ScenarioError(message, self.path, node.end_mark.line + 1)
        return str(node.value)
