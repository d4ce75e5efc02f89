import click
import pytest

from magenta_qa.model.commands import LazyGroup
from magenta_qa.model.errors import ConfigError


@click.command()
def imports_later():
    __import__("no_such_package")


def group(extra):
    commands = {
        "now": ("no_such_package.commands:now", "Its module needs what is missing."),
        "later": (f"{__name__}:imports_later", "Imports it while it runs."),
        "own": ("magenta_qa.no_such_module:own", "A mistake of ours."),
    }
    return LazyGroup("magenta", commands, help="A group.", extra=extra)


@pytest.mark.parametrize("name", ["now", "later"])
def test_missing_extra_is_an_error_that_names_the_pip_command(name):
    with pytest.raises(ConfigError, match=r"no_such_package is not installed; pip install \"magenta-qa\[finetune\]\""):
        group("finetune").main([name], prog_name="magenta", standalone_mode=False)


def test_missing_module_of_our_own_is_not_blamed_on_the_extra():
    with pytest.raises(ModuleNotFoundError):
        group("finetune").main(["own"], prog_name="magenta", standalone_mode=False)


def test_help_imports_nothing(capsys):
    group("finetune").main(["--help"], prog_name="magenta", standalone_mode=False)
    assert "Imports it while it runs." in capsys.readouterr().out
