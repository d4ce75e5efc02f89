"""The pytest plugin, run by pytest in a subprocess as a user runs it; the agent is scripted (`scripted.py`).

The test marked `browser` goes the whole way.
"""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from scripted import EVERY, run, scenario, verdicts, write

pytest_plugins = ["pytester", "scripted"]


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        (("passed",), 0),
        (("passed", "failed", "error", "stale", "stuck"), 1),
        pytest.param(("passed", "error", "stale", "stuck"), 12, marks=pytest.mark.slow),
        pytest.param(("passed", "stale", "stuck"), 10, marks=pytest.mark.slow),
        (("passed", "stuck"), 11),
    ],
)
def test_exit_code_is_of_the_worst_verdict(project, ends, code):
    write(project, **{name: EVERY[name] for name in ends})
    assert run(project).ret == code
    assert verdicts(project) == {f"Ends {name}": name for name in ends}


def test_exit_code_and_traces_are_the_same_with_workers(project):
    ends = ("passed", "error", "stale", "stuck")
    write(project, **{name: EVERY[name] for name in ends})
    assert run(project, "-n2").ret == 12
    assert verdicts(project) == {f"Ends {name}": name for name in ends}


@pytest.mark.slow
def test_healed_scenario_passes_with_a_mark_and_fails_the_run_only_on_request(project):
    write(project, healed=scenario("heal it", name="Healed"))
    result = run(project, "--junitxml=out.xml", "--magenta-heal=report")
    assert result.ret == 0
    assert "healed: Healed: button" in result.stdout.str()
    properties = [(p.get("name"), p.get("value")) for p in ET.parse(project.path / "out.xml").iter("property")]
    assert ("healed", 'Click Save: button "Save" → button "Keep": its name says the same') in properties
    assert ("verdict", "passed") in properties
    assert run(project, "--magenta-heal=fail").ret == 10
    assert run(project, "--magenta-heal=always").ret != 0


def test_ordinary_test_that_fails_counts_as_failed(project):
    write(project, stale=EVERY["stale"])
    project.makepyfile("def test_one(): assert False")
    assert run(project).ret == 1


def test_ordinary_tests_alone_are_left_alone(project):
    project.makepyfile("import sys\ndef test_one(): assert not [m for m in sys.modules if m.startswith('yaml')]")
    (project.path / "conftest.py").unlink()
    result = run(project)
    result.assert_outcomes(passed=1)
    assert not (project.path / ".magenta").exists()


@pytest.mark.parametrize(("options", "code"), [(("-knothing",), 5), (("--no-such",), 4), (("nowhere",), 4)])
def test_pytests_own_exit_codes_keep_their_meaning(project, options, code):
    write(project, stale=EVERY["stale"])
    assert run(project, *options).ret == code


def test_file_that_cannot_be_used_is_a_collection_error(project):
    write(project, bad="name: X\nstep: [a]\nexpect: b\n", passed=EVERY["passed"])
    result = run(project)
    assert result.ret == 2
    result.stdout.fnmatch_lines(['*bad.scenario.yaml:2: unknown key "step"; did you mean "steps"?'])
    assert "Traceback" not in result.stdout.str()


def test_summary_shows_verdict_and_cause_without_traceback(project):
    write(project, **EVERY)
    result = run(project)
    result.stdout.fnmatch_lines_random(
        [
            "FAILED failed.scenario.yaml::Ends failed?chromium? - a cause",
            "STALE stale.scenario.yaml::Ends stale?chromium? - a cause",
            "STUCK stuck.scenario.yaml::Ends stuck?chromium? - a cause",
            "ERROR error.scenario.yaml::Ends error?chromium? - a cause",
            "  stale.scenario.yaml:4: verdict stale a cause",
            "*3 failed, 1 passed, 1 error in *",
        ]
    )
    assert "play.py" not in result.stdout.str()


@pytest.mark.parametrize("family", ["xunit1", "xunit2"])
def test_junit_has_the_verdict_as_type(project, family):
    write(project, **EVERY)
    project.makepyfile("def test_one(): assert False")
    run(project, "--junitxml=junit.xml", "-o", f"junit_family={family}")
    suite = ET.parse(project.path / "junit.xml").getroot().find("testsuite")
    assert suite is not None
    found = {case.get("name"): [(e.tag, e.get("type")) for e in case if e.tag != "properties"] for case in suite}
    assert found == {
        "Ends passed[chromium]": [],
        "Ends failed[chromium]": [("failure", "failed")],
        "Ends stale[chromium]": [("failure", "stale")],
        "Ends stuck[chromium]": [("failure", "stuck")],
        "Ends error[chromium]": [("error", "error")],
        "test_one": [("failure", None)],
    }
    assert {k: suite.get(k) for k in ("tests", "failures", "errors")} == {"tests": "6", "failures": "4", "errors": "1"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (scenario("look", use="broken"), "setup: ValueError: no database"),
        pytest.param(scenario("look", use="unclean"), "teardown: ValueError: no clean-up", marks=pytest.mark.slow),
        (scenario("look", use="no_such_fixture"), "setup: fixture 'no_such_fixture' not found"),
        (scenario("raise boom"), "RuntimeError: boom"),
        pytest.param(
            scenario("say ${pin}", data='{pin: "${NO_SUCH_VARIABLE}"}'),
            "*NO_SUCH_VARIABLE is not set*",
            marks=pytest.mark.slow,
        ),
        ("name: Relative\nurl: /cart\nexpect: x", "*is relative; give --base-url *"),
    ],
    ids=["fixture", "teardown", "unknown fixture", "exception", "variable", "url"],
)
def test_whatever_breaks_is_an_error_verdict(project, text, reason, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")  # pytest cuts its summary lines at the terminal's width
    write(project, broken=text)
    result = run(project, "-rA")
    assert result.ret == 12
    assert list(verdicts(project).values()) == ["error"]
    result.stdout.fnmatch_lines([f"ERROR broken.scenario.yaml::* - {reason}"])
    assert "Traceback" not in result.stdout.str()


def test_verdict_is_kept_when_a_fixture_cannot_be_torn_down(project):
    write(project, a=scenario("verdict stale a cause", use="unclean", name="Stale"))
    write(project, b=scenario("verdict error no network", use="unclean", name="Error"))
    result = run(project)
    result.assert_outcomes(failed=1, errors=2)
    result.stdout.fnmatch_lines_random(
        ["STALE a.scenario.yaml::* - a cause", "ERROR a.scenario.yaml::* - teardown: ValueError: no clean-up"]
    )
    assert "Traceback" not in result.stdout.str()
    assert verdicts(project) == {"Stale": "stale", "Error": "error"}


def test_worker_that_dies_leaves_an_error_verdict(project):
    write(project, dies=scenario("die", name="Dies"), passed=EVERY["passed"])
    result = run(project, "-n2")
    assert result.ret == 12
    assert sorted(verdicts(project).values()) == ["error", "passed"]


def test_ctrl_c_keeps_what_there_is_and_builds_the_report(project):
    write(project, a=EVERY["passed"], b=scenario("interrupt", name="Broken off", use="gone"), c=EVERY["stale"])
    result = run(project)
    assert result.ret == 2
    assert verdicts(project) == {"Ends passed": "passed", "Broken off": "error"}
    report = (project.path / ".magenta" / "report.html").read_text(encoding="utf-8")
    assert "interrupted from the keyboard" in report
    assert "the run ended before it" in report


def test_rerun_that_passes_is_passed(project):
    write(project, flaky=scenario("once marker", name="Flaky"))
    result = run(project, "--reruns=1")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*1 passed, 1 rerun in*"])


def test_rerun_that_does_not_pass_keeps_its_verdict(project):
    write(project, stale=EVERY["stale"])
    assert run(project, "--reruns=1").ret == 10


def test_other_ending_is_not_overlooked(project):
    (project.path / "a.scenario.yml").write_text(EVERY["passed"], encoding="utf-8")
    result = run(project)
    assert result.ret == 2
    result.stdout.fnmatch_lines(["*a.scenario.yml: scenario files end in .scenario.yaml; rename it"])


def test_tags_are_markers(project):
    write(project, a=scenario("look", name="One", tags="[smoke, p-1]"), b=scenario("look", name="Two"))
    run(project, "-m", "smoke and p-1").assert_outcomes(passed=1, deselected=1)


def test_items_are_selected_by_name_and_by_node_id(project):
    write(project, a=scenario("look", name="'Buy: one [now]'"), b=scenario("look", name="Two"))
    run(project, "-k", "Buy and now").assert_outcomes(passed=1, deselected=1)
    run(project, "a.scenario.yaml::Buy: one (now)[chromium]").assert_outcomes(passed=1)


def test_last_failed_runs_what_failed(project):
    write(project, **EVERY)
    run(project)
    run(project, "--lf").assert_outcomes(failed=3, errors=1)


def test_parameters_make_items_with_readable_ids(project):
    steps = scenario("'hello ${user}'", name="Greets", parametrize="{user: [Ada, 'Bob B']}")
    write(project, many=steps)
    result = run(project, "-vs")
    result.stdout.fnmatch_lines(
        [
            "many.scenario.yaml::Greets?chromium-Ada? *",
            "*DO hello Ada*",
            "*Greets?chromium-Bob B? *",
            "*DO hello Bob B*",
        ]
    )


def test_fixtures_are_set_up_before_the_page(project):
    write(project, a=scenario("look", use="[database]"))
    out = run(project, "-s").stdout.str()
    assert out.index("DATABASE UP") < out.index("CONTEXT") < out.index("DO look") < out.index("DATABASE DOWN")


def test_team_step_gets_its_values_qa_and_fixtures(project):
    write(project, a=scenario("The user Ada exists"))
    result = run(project, "-s")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*USER Ada Qa the database"])


def test_allowed_origins_include_the_start(project):
    write(project, a=scenario("look", allow="https://pay.example", timeout="3s"))
    run(project, "-s").stdout.fnmatch_lines(
        ["*URL http://shop.example/ ALLOW ('http://shop.example', 'https://pay.example') TIMEOUT 3000"]
    )


def test_secret_of_an_exception_is_masked(project, monkeypatch):
    monkeypatch.setenv("PIN", "hunter2")
    write(project, a=scenario("raise hunter2", "'say ${pin}'", data='{pin: "${PIN}"}'))
    out = run(project, "--show-capture=no").stdout.str()
    assert "RuntimeError: •••" in out


def test_collect_only_names_expectations_that_cannot_be_compiled(project):
    write(project, a='name: A\nexpect:\n- the page shows "Thanks"\n- the mood of the page is somewhat blue-ish today\n')
    result = run(project, "--collect-only")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["*cannot be compiled*", "a.scenario.yaml:4: the mood of the page is somewhat blue-ish today"]
    )
    assert "a.scenario.yaml:3" not in result.stdout.str()


def test_python_test_gets_the_verdict_of_what_did_not_pass(project):
    project.makepyfile(
        """
        import pytest

        def test_stuck(qa):
            qa.do("look")
            qa.check("verdict stuck a cause")

        def test_passed(qa):
            assert qa.do("look").verdict == "passed"
            with pytest.raises(AssertionError, match="stale: verdict stale x"):
                qa.achieve("verdict stale x")
        """
    )
    result = run(project)
    assert result.ret == 11
    result.stdout.fnmatch_lines([">*verdict stuck a cause*", "STUCK test_*::test_stuck?chromium? - a cause"])
    assert "qa.py" not in result.stdout.str()
    assert verdicts(project) == {"test_stuck": "stuck", "test_passed": "passed"}


def test_report_and_summary_are_written(project, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project.path / "step.md"))
    write(project, stale=EVERY["stale"], passed=EVERY["passed"])
    result = run(project, "--magenta-report=out/report.html", "-n2")
    result.stdout.fnmatch_lines(["magenta report: out/report.html"])
    assert "Ends stale" in (project.path / "out" / "report.html").read_text(encoding="utf-8")
    assert "1 of 2 scenarios did not pass" in (project.path / "step.md").read_text(encoding="utf-8")
    assert (project.path / "out" / "report.md").is_file()


def test_browser_of_this_machine_is_given_to_playwright(project):
    project.makepyfile(
        """
        def test_one(browser_type_launch_args):
            assert browser_type_launch_args["executable_path"] == "/some/chrome"
            assert "--mute-audio" in browser_type_launch_args["args"]
        """
    )
    project.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def browser_type_launch_args(browser_type_launch_args):
            args = [*browser_type_launch_args["args"], "--mute-audio"]
            return {**browser_type_launch_args, "executable_path": "/some/chrome", "args": args}
        """
    )
    run(project).assert_outcomes(passed=1)


def test_old_runs_are_forgotten(project):
    write(project, a=EVERY["passed"])
    runs = project.path / ".magenta" / "runs"
    for day in range(25):
        (runs / f"20200101T0000{day:02}Z-1").mkdir(parents=True)
    run(project)
    assert len(list(runs.iterdir())) == 20


SITE = """
<!doctype html><title>Shop</title><h1>Shop</h1>
<button onclick="document.querySelector('output').textContent = 'Saved'">Save</button><output></output>
"""


@pytest.mark.browser
def test_scenario_runs_in_a_real_browser(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    (project.path / "conftest.py").write_text(
        """
import http.server, threading
import pytest
from magenta_qa.agent import magenta_step

@magenta_step("the browser dies")
def kill(page):
    page.context.browser.close()

@pytest.fixture(scope="session")
def base_url():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
""",
        encoding="utf-8",
    )
    Path(project.path / "index.html").write_text(SITE, encoding="utf-8")
    write(
        project,
        dies="name: Dies\nurl: /index.html\nsteps: [the browser dies]\nexpect: x\n",
        good='name: Good\nurl: /index.html\nsteps: [Click Save]\nexpect: the page shows "Saved"\n',
        false='name: False\nurl: /index.html\nsteps: [Click Save]\nexpect: the page shows "Lost"\n',
        gone='name: Gone\nurl: http://127.0.0.1:9/\nexpect: the page shows "Saved"\n',
    )
    result = run(project, "--magenta-timeout=3s", "--magenta-expect-timeout=1s")
    expected = {"Dies": "error", "False": "failed", "Gone": "error", "Good": "passed"}
    assert verdicts(project) == expected, result.stdout.str()
    assert result.ret == 1
