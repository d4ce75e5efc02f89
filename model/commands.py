"""A click group whose commands are known by name and line of help, and imported only when one is called.

    COMMANDS = {"build": ("magenta_qa.finetune.dataset_commands:build", "Turn logs into a dataset.")}
    dataset = LazyGroup("dataset", COMMANDS, help="From the log to a dataset.", extra="finetune")

`magenta --help` thus costs nothing, and a package that comes with an extra is missed only by the commands that need it.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from magenta_qa.model.errors import ConfigError

DISTRIBUTION = "magenta-qa"


class LazyGroup(click.Group):
    """A group that knows its commands' names without importing them.

    Args:
        name: Its name.
        commands: Name → (module:function, one line of help).
        help: What `--help` says about the group.
        extra: The extra that brings what its commands import; None when the base installation has everything.
        extras: The same for single commands.
        callback: Called before a command; also without one, if `invoke_without_command` is given.
        options: Anything else that a click group takes.
    """

    def __init__(
        self,
        name: str,
        commands: Mapping[str, tuple[str, str]],
        *,
        help: str,
        extra: str | None = None,
        extras: Mapping[str, str] | None = None,
        callback: Callable[..., Any] | None = None,
        **options: Any,  # noqa: ANN401 - click's own
    ) -> None:
        super().__init__(name, help=help, callback=callback, **options)
        self._table = commands
        self._extra, self._extras = extra, extras or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the table."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in self._table:
            return None
        module, _, name = self._table[cmd_name][0].partition(":")
        with self._missing_named(f"{ctx.command_path} {cmd_name}", self._extras.get(cmd_name, self._extra)):
            command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{name} is not a command")
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own
        """Run the command; what it imports while it runs may be missing too."""
        with self._missing_named(ctx.command_path, self._extra):
            return super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The lines of help, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in self._table.items()])

    @contextmanager
    def _missing_named(self, command: str, extra: str | None) -> Iterator[None]:
        try:
            yield
        except ModuleNotFoundError as error:
            if extra is None or (error.name or "").partition(".")[0] == "magenta_qa":
                raise
            raise ConfigError(
                f"cannot run '{command}': the package {error.name} is not installed; "
                f'pip install "{DISTRIBUTION}[{extra}]"'
            ) from error
