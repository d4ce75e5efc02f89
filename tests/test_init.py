"""The scaffold: what it writes can be used as it is, and what is there stays as it is."""

import tomllib

import yaml
from click.testing import CliRunner

from magenta_qa.agent.cli import plugin_options
from magenta_qa.agent.init import TEMPLATES, init

pytest_plugins = ["pytester"]


def write(folder, *options):
    return CliRunner().invoke(init, [str(folder), *options])


def test_empty_folder_gets_a_suite_that_can_be_collected(pytester):
    result = write(pytester.path, "--base-url", "http://127.0.0.1:9")
    assert result.exit_code == 0
    assert all((pytester.path / place).is_file() for place in TEMPLATES)
    assert tomllib.loads((pytester.path / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["base_url"]
    found = pytester.runpytest_subprocess(*plugin_options(), "--collect-only", "-q")
    found.stdout.fnmatch_lines(["scenarios/start_page.scenario.yaml::The start page opens?chromium?"])
    assert "cannot be compiled" not in found.stdout.str()


def test_what_is_there_is_not_overwritten_and_what_it_lacks_is_shown(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'mine'\n")
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "conftest.py").write_text("mine = 1\n")
    result = write(tmp_path)
    assert (tmp_path / "pyproject.toml").read_text() == "[project]\nname = 'mine'\n"
    assert (tmp_path / "scenarios" / "conftest.py").read_text() == "mine = 1\n"
    assert "pyproject.toml is there already and stays as it is; add to it:" in result.output
    assert "[tool.magenta]" in result.output


def test_second_time_changes_nothing(tmp_path):
    write(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    result = write(tmp_path)
    assert "+ " not in result.output and "add to it" not in result.output
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_workflow_runs_shares_and_puts_them_together(tmp_path):
    write(tmp_path)
    jobs = yaml.safe_load((tmp_path / ".github" / "workflows" / "magenta.yml").read_text())["jobs"]
    commands = {job: " ".join(step.get("run", "") for step in jobs[job]["steps"]) for job in jobs}
    assert "magenta run scenarios -n auto --splits" in commands["scenarios"]
    assert "magenta report .magenta/runs/*" in commands["report"]


def test_base_url_that_is_none_is_refused(tmp_path):
    result = write(tmp_path, "--base-url", "localhost:8000")
    assert result.exit_code == 1
    assert '"localhost:8000" is no base URL' in result.output
    assert not list(tmp_path.iterdir())
