"""A scenario that was written by a program, for a person to review: what `magenta import` makes of other formats.

draft = Draft("Buy a mug", "/shop", entries=[("do", 'Click the button "Buy"', ""), ("expect", "…", "")])
draft.yaml()          -> the scenario file
draft.problems()      -> ['line 7: no words for page.locator("#x").click()']
"""

import re
from dataclasses import dataclass, field

import yaml

from magenta_qa.agent.expect import compile_expectation
from magenta_qa.model.language.step import read_step


@dataclass(slots=True)
class Draft:
    """What will be a scenario file."""

    name: str
    url: str = ""
    entries: list[tuple[str, str, str]] = field(default_factory=list)
    """(do | expect | lost, text, where it comes from); what is lost stands in the file as a comment."""
    data: dict[str, str] = field(default_factory=dict)
    rows: list[dict[str, str]] = field(default_factory=list)
    """Of `parametrize`."""
    tags: list[str] = field(default_factory=list)

    @property
    def slug(self) -> str:
        """Name of the file, without its ending."""
        return re.sub(r"\W+", "_", self.name.lower()).strip("_")[:60] or "scenario"

    def problems(self) -> list[str]:
        """What a person has to mend: what is lost, unreadable steps, expectations without a check, no expectation."""
        found = []
        for kind, text, source in self.entries:
            if kind == "lost":
                found.append(f"{source}: no words for: {text}")
            elif kind == "expect" and compile_expectation(text) is None:
                found.append(f"{source}: cannot be compiled to a check: {text}")
            elif kind == "do" and all(intent.kind == "unknown" for intent in read_step(text)):
                found.append(f"{source}: is no step: {text}")
        if not any(kind == "expect" for kind, _, _ in self.entries):
            found.append("it expects nothing, so it could never fail; add expect: with what must be seen at the end")
        return found

    def yaml(self) -> str:
        """The file's text."""
        lines = [f"name: {_scalar(self.name)}", *([f"url: {_scalar(self.url)}"] if self.url else [])]
        for key, value in (("data", self.data), ("parametrize", self.rows)):
            if value:
                lines.append(f"{key}: {_flow(value)}")
        last = max((i for i, (kind, _, _) in enumerate(self.entries) if kind == "do"), default=-1)
        steps, end = self.entries[: last + 1], self.entries[last + 1 :]
        lines += ["steps:", *(_step_line(*entry) for entry in steps)] if steps else []
        if end:
            lines += ["expect:", *(_step_line("do" if kind == "expect" else kind, text, s) for kind, text, s in end)]
        if self.tags:
            lines.append(f"tags: [{', '.join(self.tags)}]")
        return "\n".join(lines) + "\n"


def _step_line(kind: str, text: str, source: str) -> str:
    if kind == "lost":
        return f"  # {source}: {text}"
    return f"  - {_scalar(text)}" if kind == "do" else f"  - expect: {_scalar(text)}"


def _flow(value: object) -> str:
    """A list or mapping in one line."""
    dumped: str = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=1e9)
    return dumped.strip()


def _scalar(text: str) -> str:
    """Text as a YAML scalar, in quotes where it needs them."""
    dumped: str = yaml.safe_dump(text, allow_unicode=True, width=1e9)
    return dumped.removesuffix("...\n").strip()
