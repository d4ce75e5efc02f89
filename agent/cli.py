"""The command `magenta`.

    magenta run tests/scenarios --base-url http://localhost:8000 -n 2
    magenta mutate tests/scenarios --base-url http://localhost:8000 --sample 50
    magenta demo --bug wrong-total
    magenta doctor --install
    magenta observe https://example.com
    magenta report                            # builds the report of the last run anew

A subcommand's module is imported when it is called. What goes wrong is said in one line, with an exit code.
"""

import sys
from pathlib import Path

import click

from magenta_qa.model.commands import LazyGroup
from magenta_qa.model.errors import BackendError, BrowserError, MagentaError, ObservationError

COMMANDS = {
    "init": ("magenta_qa.agent.init:init", "Begin: a first scenario, settings and a GitHub workflow."),
    "run": ("magenta_qa.agent.cli:run", "Run scenarios with pytest, showing progress."),
    "mutate": ("magenta_qa.agent.mutate:mutate", "Say which changes of the application a suite does not notice."),
    "baselines": ("magenta_qa.agent.baselines:baselines", "Show and accept pictures for “looks the same”."),
    "explore": (
        "magenta_qa.agent.explore.command:explore",
        "Explore without a script; report faults.",
    ),
    "demo": ("magenta_qa.agent.demo:demo", "Try it: start the demo shop and run its scenarios."),
    "doctor": ("magenta_qa.agent.cli:doctor", "Say what is installed and what to do about what is not."),
    "observe": ("magenta_qa.agent.look:look", "Show what the agent sees on a page."),
    "export": ("magenta_qa.agent.cli:export", "Write scenarios as plain Playwright tests, or a small model's files."),
    "import": (
        "magenta_qa.agent.import_command:import_scenarios",
        "Make scenarios of Playwright recordings and Gherkin.",
    ),
    "report": ("magenta_qa.agent.cli:report", "Build the report of a run anew."),
    "record": ("magenta_qa.agent.record.command:record", "Log what a person does, and write it as a scenario."),
    "crawl": ("magenta_qa.agent.crawl:crawl", "Log every control on the pages of a site, acting on none."),
    "scrub": ("magenta_qa.agent.privacy.scrub:scrub", "Mask what is private in old logs, and prove it."),
    "label": ("magenta_qa.agent.label.command:label", "Let people accept, edit or reject what logs say, on a page."),
    "playground": (
        "magenta_qa.agent.playground.command:playground",
        "Try what the model says about any page, on a page.",
    ),
    "schema": ("magenta_qa.agent.cli:schema", "Print the JSON schema of scenario files, for editors."),
    "dataset": ("magenta_qa.finetune.cli:dataset", "Turn logs into a dataset; check, show, publish and fetch it."),
    "describe": (
        "magenta_qa.finetune.describe_command:describe",
        "Have a large model describe what nobody has labelled.",
    ),
    "finetune": ("magenta_qa.finetune.cli:finetune", "Train an adapter; with --since last, the whole periodic job."),
    "evaluate": ("magenta_qa.finetune.evaluate_command:evaluate", "Judge a model or adapter on held-out rows."),
    "serve": (
        "magenta_qa.finetune.serve_command:serve",
        "Serve a model to many clients: vLLM, or a small one on the CPU.",
    ),
    "adapters": ("magenta_qa.finetune.cli:adapters", "List trained adapters; promote one or roll back."),
}
"""Name → (module:function, one line of help). A line here is all that another package's subcommand needs."""

_OWN_OUTPUT = frozenset(
    {"--co", "--collect-only", "--help", "--version", "--verbose", "--quiet", "--fixtures", "--markers", "--setup-plan"}
)
"""Options of pytest with which its own output is wanted, as with -v, -q, -r and -h."""

EXIT_USAGE = 4
"""As pytest's: an option, setting or file that cannot be used."""
EXIT_ERROR = 12
"""As a scenario's verdict `error`: browser, network or model."""


def main() -> None:
    """Entry point: run the command and end with its exit code."""
    try:
        result = group.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("magenta: interrupted", err=True)
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except MagentaError as error:
        click.echo(f"magenta: {error}", err=True)
        infrastructure = isinstance(error, BrowserError | BackendError | ObservationError)
        sys.exit(EXIT_ERROR if infrastructure else EXIT_USAGE)
    sys.exit(result if isinstance(result, int) else 0)


def _show_version(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted or context.resilient_parsing:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(f"magenta, version {version('magenta-qa')}")
    except PackageNotFoundError:
        click.echo("magenta, version unknown: this checkout is not installed")
    context.exit()


group = LazyGroup(
    "magenta",
    COMMANDS,
    help="A QA agent for web applications: plain-English scenarios in a real browser.",
    extras={
        "describe": "finetune",
        "evaluate": "finetune",
        "label": "label",
        "playground": "playground",
        "serve": "serve",
    },
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_version,
            help="Show the version.",
        )
    ],
)


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": True})
@click.option(
    "--repeat", type=click.IntRange(1), metavar="N", help="Run each scenario N times and say where runs differ."
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="PATH… [PYTEST OPTIONS]")
def run(repeat: int | None, arguments: tuple[str, ...]) -> int:
    """Run scenarios (and tests in Python) with pytest.

    Every option of pytest and of pytest-playwright can be given: -k, -m, -n, --headed, --base-url, --junitxml, ….
    Ends with 0 when all passed, 1 failed, 10 stale, 11 stuck, 12 error; with --repeat the worst of its runs counts.
    """
    return run_pytest([*([f"--magenta-repeat={repeat}"] if repeat else []), *arguments])


@click.command()
@click.option("--install", is_flag=True, help="Install a browser where there is none.")
def doctor(install: bool) -> int:
    """Say what is installed (browser, back ends, extras) and what to do about what is not."""
    import os

    from magenta_qa.agent.doctor import run_doctor

    return run_doctor(os.environ, install=install)


@click.command()
@click.argument("folders", nargs=-1, metavar="[FOLDER…]", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="The HTML file to write.")
def report(folders: tuple[Path, ...], out: Path | None) -> int:
    """Build the report of a run anew.

    FOLDER is a run's folder of traces, or the .magenta folder, whose last run is taken; several folders, such as those
    of a CI job's shards, make one report.
    """
    from magenta_qa.agent.reports.report import build_report, build_summary, load_traces
    from magenta_qa.agent.reports.traces import load_not_started

    found = [_find_run(folder) for folder in folders or (Path(".magenta"),)]
    home = found[0][1]
    traces = [trace for folder, _ in found for trace in load_traces(folder)]
    if not traces:
        raise click.ClickException(f"{found[0][0]} holds no traces; run some scenarios first")
    target = out or home / "report.html"
    started = {trace.id for trace in traces}
    planned = {name: why for folder, _ in found for name, why in load_not_started(folder).items()}
    left = {name: why for name, why in planned.items() if name not in started}
    build_report(traces, home / "log" / "images", target, not_started=left)
    target.with_suffix(".md").write_text(build_summary(traces, target, not_started=left), encoding="utf-8")
    click.echo(f"report: {target}")
    return 0


@click.command()
def schema() -> int:
    """Print the JSON schema of scenario files, for editors.

    In VS Code: "yaml.schemas": {"scenario.schema.json": "*.scenario.yaml"}
    """
    from magenta_qa.agent.scenario import SCENARIO_SCHEMA

    click.echo(SCENARIO_SCHEMA.read_text(encoding="utf-8"), nl=False)
    return 0


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, required=True, type=click.UNPROCESSED, metavar="SCENARIO… | MODEL [OUT]")
def export(arguments: tuple[str, ...]) -> object:
    """Write scenarios as plain pytest-playwright tests, or the files of a trained small model.

    SCENARIO… are files, names without their ending, or folders of scenarios that have passed; -o FOLDER says where the
    tests go, by default beside them. They need nothing of magenta-qa and run with `pytest --base-url …`.

    MODEL is a small checkpoint or an adapter of one: its files for `embedded:OUT`, as `magenta finetune export` writes
    them.
    """
    from magenta_qa.agent.export import find_scenarios
    from magenta_qa.agent.export_command import export_scenarios

    if find_scenarios([Path(each) for each in arguments if not each.startswith("-")]):
        return export_scenarios.main(list(arguments), prog_name="magenta export", standalone_mode=False)
    from importlib import import_module

    try:
        command: click.Command = import_module("magenta_qa.finetune.export_command").export
        return command.main(list(arguments), prog_name="magenta export", standalone_mode=False)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("magenta_qa"):
            raise
        remedy = f'no scenario is there, and for a model {error.name} is missing: pip install "magenta-qa[finetune]"'
        raise click.ClickException(f"cannot export {arguments[0]}: {remedy}") from error


def run_pytest(arguments: list[str]) -> int:
    """Run pytest in this process with our plugin and, unless its own output is asked for, our progress.

    Returns:
        Its exit code.
    """
    import pytest

    from magenta_qa.agent.plugin.live import PYTEST_OPTIONS, live_progress

    plain = any(a in _OWN_OUTPUT or (a[:2] in ("-v", "-q", "-r", "-h")) for a in arguments)
    given = [*plugin_options(), *([] if plain else PYTEST_OPTIONS), *arguments]
    return int(pytest.main(given, plugins=[] if plain else [live_progress()]))


def plugin_options() -> list[str]:
    """Options with which pytest takes our plugin although this process has imported it already."""
    quiet = ["-W", "ignore:Module already imported so cannot be rewritten:pytest.PytestAssertRewriteWarning"]
    return [*quiet, *([] if is_registered() else ["-p", "magenta_qa.agent.pytest_plugin"])]


def is_registered() -> bool:
    """Whether pytest finds the plugin by itself: not so in a checkout that is not installed."""
    from importlib.metadata import entry_points

    return any(e.value == "magenta_qa.agent.pytest_plugin" for e in entry_points(group="pytest11"))


def _find_run(folder: Path) -> tuple[Path, Path]:
    """The folder of traces and the .magenta folder that it belongs to."""
    runs = folder / "runs"
    if runs.is_dir():
        newest = max((p for p in runs.iterdir() if p.is_dir()), default=None)
        if newest is not None:
            return newest, folder
    if not folder.is_dir():
        raise click.ClickException(f"there is no folder {folder}; give the one that a run has written to")
    home = folder.parent.parent if folder.parent.name == "runs" else folder
    return folder, home


if __name__ == "__main__":
    main()
