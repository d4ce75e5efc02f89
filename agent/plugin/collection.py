"""Scenario files as pytest modules: each holds one test function, made from the file.

cart.scenario.yaml ─▶ <ScenarioModule cart.scenario.yaml> ─▶ <Function A backpack can be bought[chromium]>

The function has the fixtures that the scenario needs as its parameters, its tags as markers and its parameters as
`parametrize`, so that pytest treats it like any other test.
"""

import inspect
import re
import types
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from magenta_qa.agent.pytest_plugin import SUFFIX, session_of
from magenta_qa.agent.scenario import Scenario, load_cases
from magenta_qa.model.errors import ScenarioError

CASE = "magenta_case"
"""Parameter that holds the `Scenario` of a parametrised file."""


class ScenarioModule(pytest.Module):
    """A scenario file."""

    def _getobj(self) -> types.ModuleType:
        if not self.path.name.endswith(SUFFIX):
            raise self.CollectError(f"{self.path}: scenario files end in {SUFFIX}; rename it")
        try:
            cases = load_cases(self.path)
        except ScenarioError as error:
            raise self.CollectError(str(error)) from error
        session_of(self.config).note_uncompiled(cases)
        module = types.ModuleType(self.path.name.removesuffix(".yaml"), cases[0].name)
        function = build_test(cases, self.config)
        function.__module__ = module.__name__
        setattr(module, function.__name__, function)
        return module


def scenario_of(item: pytest.Item) -> Scenario:
    """The scenario that an item of a `ScenarioModule` runs."""
    callspec = getattr(item, "callspec", None)
    if callspec is not None and CASE in callspec.params:
        return cast(Scenario, callspec.params[CASE])
    return cast(Scenario, cast(pytest.Function, item).function.magenta_cases[0])


def is_first_case(item: pytest.Item) -> bool:
    """Whether an item is the one of its file that others' memory of the application comes from."""
    return scenario_of(item) is cast(pytest.Function, item).function.magenta_cases[0]


def build_test(cases: Sequence[Scenario], config: pytest.Config) -> types.FunctionType:
    """The test function of a scenario."""

    def play_scenario(*, request: pytest.FixtureRequest, **fixtures: object) -> None:
        from magenta_qa.agent.plugin.play import play

        play(request)

    scenario = cases[0]
    # pytest reports a test where its code says that it is.
    code = play_scenario.__code__.replace(co_filename=str(scenario.path), co_firstlineno=1)
    test = types.FunctionType(code, play_scenario.__globals__, item_name(scenario.name))
    names = [*scenario.use, "request", "page", *([CASE] if scenario.case else [])]
    parameters = [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in dict.fromkeys(names)]
    test.__doc__ = scenario.name
    test.__dict__.update(__test__=True, magenta_cases=tuple(cases), __signature__=inspect.Signature(parameters))
    _mark(test, cases, config)
    return test


def item_name(name: str) -> str:
    """A scenario's name without what would end a part of a node id."""
    return re.sub(r":{2,}", ":", name).replace("[", "(").replace("]", ")")


def _mark(test: types.FunctionType, cases: Sequence[Scenario], config: pytest.Config) -> None:
    for tag in cases[0].tags:
        register_marker(config, tag, f"scenarios tagged {tag}")
        getattr(pytest.mark, tag)(test)
    if cases[0].after:
        register_marker(config, "xdist_group", "scenarios that run on one worker")
        pytest.mark.xdist_group(name=chain_name(cases[0].path))(test)
    if cases[0].case:
        pytest.mark.parametrize(CASE, cases, ids=[_case_id(case) for case in cases])(test)


def register_marker(config: pytest.Config, name: str, text: str) -> None:
    """Make a marker known to --strict-markers, unless it is."""
    known = (line.partition(":")[0].partition("(")[0].strip() for line in config.getini("markers"))
    if name not in known:
        config.addinivalue_line("markers", f"{name}: {text}")


def chain_name(path: Path) -> str:
    """Name of the chain that a scenario belongs to: the same for all of them."""
    from magenta_qa.agent.scenario import predecessors

    return str(([*predecessors(path), path])[0])


def _case_id(case: Scenario) -> str:
    readable = re.sub(r"\$\{(\w+)\}", r"\1", case.case)
    readable = re.sub(r"[\[\]\s]+", " ", readable).replace("::", ":").strip()
    return readable[:60] or "empty"
