"""Steps of a team's own: which text calls which function with what."""

from collections.abc import Iterator

import pytest

from magenta_qa.agent.plugin.steps import find_step, forget_steps, magenta_step
from magenta_qa.model.errors import ConfigError


@pytest.fixture(autouse=True)
def fresh_registry() -> Iterator[None]:
    forget_steps()
    yield
    forget_steps()


def no_fixture(name: str) -> object:
    raise AssertionError(f"{name} was looked up")


def test_text_that_fits_calls_the_function_with_its_values():
    calls = []

    @magenta_step("the user {name} has {count:d} orders worth {total:f}")
    def orders(name, count, total):
        calls.append((name, count, total))

    step = find_step("The user  Ada Lovelace has 3 orders worth 12.50", no_fixture)
    assert step is not None
    step()
    assert calls == [("Ada Lovelace", 3, 12.5)]


def test_other_parameters_are_looked_up():
    @magenta_step("the user {name} exists")
    def user(name, qa, database, *, role="buyer"):
        return name, qa, database, role

    step = find_step("the user Ada exists", lambda name: f"<{name}>")
    assert step is not None
    assert step() == ("Ada", "<qa>", "<database>", "buyer")


@pytest.mark.parametrize("text", ["the user Ada exists now", "the user exists", "any user Ada exists"])
def test_text_that_does_not_fit_is_the_agents(text):
    magenta_step("the user {name} exists")(print)
    assert find_step(text, no_fixture) is None


def test_two_patterns_that_fit_are_an_error():
    @magenta_step("the user {name} exists")
    def one(name):
        pass

    @magenta_step("the {thing} exists")
    def two(thing):
        pass

    with pytest.raises(ConfigError, match="make the patterns differ"):
        find_step("the user Ada exists", no_fixture)


def test_same_pattern_twice_is_an_error():
    @magenta_step("the user {name} exists")
    def one(name):
        pass

    with pytest.raises(ConfigError, match="is defined twice"):

        @magenta_step("the user {name} exists")
        def two(name):
            pass


@pytest.mark.parametrize("pattern", ["", "a {b", "a {b:z}", "a {b} {b}", "a }"])
def test_pattern_that_cannot_be_read_is_an_error(pattern):
    with pytest.raises(ConfigError):
        magenta_step(pattern)(print)


def test_braces_and_dots_of_the_text_are_literal():
    magenta_step("set {{x}} to 1.5")(print)
    assert find_step("set {x} to 1.5", no_fixture) is not None
    assert find_step("set {x} to 1x5", no_fixture) is None
