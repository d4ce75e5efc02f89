"""The command `magenta`, run in a subprocess as a user runs it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from magenta_qa.agent.cli import COMMANDS, EXIT_USAGE, group
from magenta_qa.agent.reports.traces import save_trace
from magenta_qa.agent.scenario import SCENARIO_SCHEMA
from magenta_qa.model.trace import ScenarioTrace

REPORT_ON_IMPORTS = """
import sys
from magenta_qa.agent.cli import main
sys.argv = ["magenta", *sys.argv[1:]]
try:
    main()
finally:
    heavy = ("pytest", "playwright", "pydantic", "yaml", "rich", "PIL", "jinja2", "bottle", "torch")
    print("IMPORTED", sorted(m for m in heavy if m in sys.modules), file=sys.stderr)
"""


def magenta(*arguments: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAGENTA_", "PYTEST_"))} | environ
    command = [sys.executable, "-c", REPORT_ON_IMPORTS, *arguments]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=120)


def test_help_names_every_command_and_imports_none(tmp_path):
    done = magenta("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert all(f"  {name}" in done.stdout for name in COMMANDS)
    assert "IMPORTED []" in done.stderr


def test_version(tmp_path):
    done = magenta("--version", cwd=tmp_path)
    assert done.stdout.startswith("magenta, version ")


def test_schema_is_printed_for_editors(tmp_path):
    done = magenta("schema", cwd=tmp_path)
    assert json.loads(done.stdout) == json.loads(SCENARIO_SCHEMA.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rnu",), "No such command 'rnu'"),
        (("report",), "there is no folder .magenta; give the one that a run has written to"),
        (("demo", "--bug", "no-such"), "'no-such' is not one of"),
        (("observe",), "Missing argument 'URL'"),
    ],
    ids=["command", "report", "bug", "argument"],
)
def test_wrong_use_is_one_clear_line(tmp_path, arguments, said):
    done = magenta(*arguments, cwd=tmp_path)
    assert done.returncode == EXIT_USAGE
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_missing_browser_is_an_error_with_a_remedy(tmp_path):
    done = magenta("observe", "http://127.0.0.1:9/", cwd=tmp_path, MAGENTA_BROWSER="/no/such/chrome")
    assert done.returncode == 12
    assert done.stderr.startswith("magenta: MAGENTA_BROWSER='/no/such/chrome' is no executable")


def test_report_is_built_anew_from_the_last_run(tmp_path):
    for run, verdict in (("20260101T000000Z-1", "failed"), ("20260102T000000Z-1", "stale")):
        trace = ScenarioTrace("a.scenario.yaml::A", f"Ends {verdict}", "a.scenario.yaml", verdict, "a cause", ())  # type: ignore[arg-type]
        save_trace(trace, tmp_path / ".magenta" / "runs" / run)
    done = magenta("report", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == "report: .magenta/report.html\n"
    assert "Ends stale" in (tmp_path / ".magenta" / "report.html").read_text(encoding="utf-8")
    magenta("report", ".magenta/runs/20260101T000000Z-1", "-o", "old.html", cwd=tmp_path)
    assert "Ends failed" in (tmp_path / "old.html").read_text(encoding="utf-8")


def test_run_shows_a_line_a_test_and_a_panel(tmp_path):
    (tmp_path / "conftest.py").write_text("import pytest\n\n@pytest.fixture\ndef page():\n    raise OSError('no X')\n")
    (tmp_path / "a.scenario.yaml").write_text("name: Opens\nurl: http://127.0.0.1:9/\nexpect: x\n")
    (tmp_path / "test_b.py").write_text("def test_b():\n    pass\n")
    done = magenta("run", ".", cwd=tmp_path, COLUMNS="200")
    assert done.returncode == 12
    lines = done.stdout.splitlines()
    assert lines[0].startswith("[1/2] ! error")
    assert lines[0].endswith("Opens — setup: OSError: no X")
    assert lines[1].startswith("[2/2] ✓ passed")
    assert any("exit code" in line and "12" in line for line in lines)
    assert any(".magenta/report.html" in line for line in lines)
    assert "short test summary" not in done.stdout


def test_run_hands_pytests_options_on(tmp_path):
    (tmp_path / "test_b.py").write_text("def test_b():\n    pass\n\ndef test_c():\n    assert False\n")
    done = magenta("run", "-v", "-k", "not test_c", ".", cwd=tmp_path)
    assert done.returncode == 0
    assert "test_b.py::test_b PASSED" in done.stdout


def test_run_keeps_tracebacks_of_python_tests(tmp_path):
    (tmp_path / "test_b.py").write_text("def test_c():\n    assert 1 == 2\n")
    done = magenta("run", ".", cwd=tmp_path)
    assert done.returncode == 1
    assert "assert 1 == 2" in done.stdout


def test_file_that_cannot_be_used_is_said_by_run(tmp_path):
    (tmp_path / "a.scenario.yaml").write_text("nme: Opens\nexpect: x\n")
    done = magenta("run", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert 'a.scenario.yaml:1: unknown key "nme"; did you mean "name"?' in done.stdout


def test_demo_lists_its_bugs(tmp_path):
    from magenta_qa.scenarios.shop import BUGS

    done = magenta("demo", "--list-bugs", cwd=tmp_path)
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(BUGS)


def test_export_tells_scenarios_from_models(tmp_path: Path) -> None:
    (tmp_path / "buy.scenario.yaml").write_text('name: Buy\nurl: /shop\nexpect: the page shows "Thank you"\n')
    result = CliRunner().invoke(group, ["export", str(tmp_path / "buy"), "-o", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    text = (tmp_path / "out" / "test_buy.py").read_text()
    compile(text, "test_buy.py", "exec")
    assert 'page.goto("/shop")' in text
    assert 'expect(shown(page, "Thank you")).to_be_visible()' in text
    assert "magenta_qa" not in text
