"""Steps of a team's own, written in Python in a conftest.py.

    @magenta_step("the user {name} exists")
    def user_exists(name, database):                 # names of the pattern, `qa`, or any pytest fixture
        database.add_user(name)

A scenario's step whose text fits the pattern calls the function instead of the agent. `{name}` takes any text,
`{count:d}` a whole number; upper and lower case are the same.
"""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from magenta_qa.model.errors import ConfigError

_FIELD = re.compile(r"\{([A-Za-z_]\w*)(?::([a-z]))?\}|\{\{|\}\}|([{}])")
_KINDS: dict[str, tuple[str, Callable[[str], object]]] = {
    "": (r"(.+?)", str),
    "d": (r"([-+]?\d+)", int),
    "f": (r"([-+]?\d+(?:\.\d+)?)", float),
    "w": (r"(\w+)", str),
}

StepFunction = TypeVar("StepFunction", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class TeamStep:
    """One pattern and the function behind it."""

    pattern: str
    function: Callable[..., Any]
    regex: re.Pattern[str]
    converters: dict[str, Callable[[str], object]]

    @property
    def where(self) -> str:
        """File and line of the function."""
        code = inspect.unwrap(self.function).__code__
        return f"{code.co_filename}:{code.co_firstlineno}"

    def values(self, text: str) -> dict[str, object] | None:
        """The placeholders' values if the text fits, else None."""
        match = self.regex.fullmatch(" ".join(text.split()))
        if match is None:
            return None
        return {name: convert(match[i]) for i, (name, convert) in enumerate(self.converters.items(), 1)}


_registry: dict[str, TeamStep] = {}


def magenta_step(pattern: str) -> Callable[[StepFunction], StepFunction]:
    """Decorator: makes a function the implementation of the steps that fit a pattern.

    Args:
        pattern: The step's text with `{name}` placeholders; `{name:d}` is a whole number, `:f` a number, `:w` a word.

    Raises:
        ConfigError: The pattern cannot be used, or another function has it.
    """

    def register(function: StepFunction) -> StepFunction:
        regex, converters = _compile(pattern)
        step = TeamStep(pattern, function, regex, converters)
        earlier = _registry.get(pattern)
        if earlier is not None and earlier.where != step.where:
            raise ConfigError(f'magenta_step "{pattern}" is defined twice: {earlier.where} and {step.where}; keep one')
        _registry[pattern] = step
        return function

    return register


def forget_steps() -> None:
    """Start anew: the steps belong to one pytest session."""
    _registry.clear()


def find_step(text: str, lookup: Callable[[str], object]) -> Callable[[], object] | None:
    """The team's implementation of a step, ready to be called; None if there is none.

    Args:
        text: The step.
        lookup: Gives the value of a parameter that the pattern does not name (`qa`, or a fixture).

    Raises:
        ConfigError: More than one pattern fits.
    """
    fitting = [(step, values) for step in _registry.values() if (values := step.values(text)) is not None]
    if len(fitting) > 1:
        patterns = " and ".join(f'"{step.pattern}" ({step.where})' for step, _ in fitting)
        raise ConfigError(f'step "{text}" fits {patterns}; make the patterns differ')
    if not fitting:
        return None
    step, values = fitting[0]
    return lambda: _call(step, values, lookup)


def _call(step: TeamStep, values: dict[str, object], lookup: Callable[[str], object]) -> object:
    arguments: dict[str, object] = {}
    for name, parameter in inspect.signature(step.function).parameters.items():
        if name in values:
            arguments[name] = values[name]
        elif parameter.default is parameter.empty and parameter.kind in (
            parameter.POSITIONAL_OR_KEYWORD,
            parameter.KEYWORD_ONLY,
        ):
            arguments[name] = lookup(name)
    return step.function(**arguments)


def _compile(pattern: str) -> tuple[re.Pattern[str], dict[str, Callable[[str], object]]]:
    converters: dict[str, Callable[[str], object]] = {}
    parts: list[str] = []
    end = 0
    folded = " ".join(pattern.split())
    for match in _FIELD.finditer(folded):
        parts.append(re.escape(folded[end : match.start()]))
        end = match.end()
        name, kind, stray = match.groups()
        if name is None and stray is None:
            parts.append(re.escape(match[0][0]))
        elif stray or (kind or "") not in _KINDS or name in converters:
            known = ", ".join(f"{{name:{k}}}" for k in _KINDS if k)
            raise ConfigError(
                f'magenta_step "{pattern}": cannot read "{match[0]}"; write each {{name}} once, or {known}'
            )
        else:
            expression, converters[name] = _KINDS[kind or ""]
            parts.append(expression)
    parts.append(re.escape(folded[end:]))
    if not folded:
        raise ConfigError("magenta_step needs a pattern, such as @magenta_step('the user {name} exists')")
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL), converters
