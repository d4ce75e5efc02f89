"""The pytest plugin, run by pytest in a subprocess as a user runs it.

What the agent would do is scripted in these tests: a step "verdict stale a cause" ends with that verdict, so that every
way through the plugin can be taken without a browser. The tests marked `browser` go the whole way.
"""

import json
import os
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from magenta_qa.agent.cli import plugin_options

pytest_plugins = ["pytester"]

CONFTEST = """
import os
import sys
import types

import pytest
from magenta_qa.agent.steps import magenta_step
from magenta_qa.model.schema import Result, ScenarioTrace, StepTrace


class Agent:
    def __init__(self, page, settings):
        self.page, self.settings = page, settings

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        pass

    def findings(self, since):
        return ()

    def do(self, step, *more, **options):
        print("DO", step)
        word, _, rest = step.partition(" ")
        if word == "verdict":
            verdict, _, reason = rest.partition(" ")
            return Result(verdict, reason)
        if word == "raise":
            raise RuntimeError(rest)
        if word == "interrupt":
            raise KeyboardInterrupt
        if word == "die":
            os._exit(9)
        if word == "once" and not os.path.exists(rest):
            open(rest, "w").close()
            return Result("failed", "the first time")
        return Result("passed", "")

    check = achieve = do


def run_scenario(scenario, agent, *, node_id, url, team_step, worker, attempt, **more):
    print("URL", url, "ALLOW", agent.settings.allow, "TIMEOUT", agent.settings.timeout_ms)
    steps = []
    for entry in scenario.entries:
        own = team_step(entry.text)
        result = agent.do(entry.text) if own is None else (own(), Result("passed", ""))[1]
        steps.append(StepTrace(len(steps), entry.text, entry.kind, result.verdict, result.reason))
        if result.verdict != "passed":
            break
    last = steps[-1]
    return ScenarioTrace(
        node_id, scenario.name, str(scenario.path), last.verdict, last.reason, tuple(steps),
        started_at="2026-11-22T21:52:41Z", worker=worker, attempt=attempt,
    )


for name, value in (("agent", Agent), ("runner", run_scenario)):
    module = sys.modules[f"magenta_qa.agent.{name}"] = types.ModuleType(name)
    setattr(module, value.__name__, value)


class Context:
    def storage_state(self, indexed_db):
        return {"cookies": ["of this process"]}

    def add_init_script(self, script):
        print("SESSION STORAGE", script.splitlines()[-1])


class Page:
    url = "http://shop.example/where-it-ended"
    context = Context()

    def evaluate(self, script):
        return '["http://shop.example", {"step": "2"}]'


@pytest.fixture
def page(request):
    marker = request.node.get_closest_marker("browser_context_args")
    print("CONTEXT", marker and marker.kwargs)
    return Page()


@pytest.fixture
def database():
    print("DATABASE UP")
    yield "the database"
    print("DATABASE DOWN")


@pytest.fixture
def broken():
    raise ValueError("no database")


@pytest.fixture
def unclean():
    yield
    raise ValueError("no clean-up")


@magenta_step("the user {name} exists")
def user(name, qa, database):
    print("USER", name, type(qa).__name__, database)
"""


def scenario(*steps: str, name: str = "", **keys: str) -> str:
    lines = [f"name: {name or 'A scenario'}", "url: http://shop.example/", "steps:", *(f"- {s}" for s in steps)]
    lines += [f"{key}: {value}" for key, value in keys.items()]
    return "\n".join([*([] if steps else lines[:2]), *(lines if steps else lines[3:]), "expect: it is so"])


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    for name in [n for n in os.environ if n.startswith(("MAGENTA_", "GITHUB_", "PYTEST_ADD"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "200")
    pytester.makeconftest(CONFTEST)
    pytester.makeini("[pytest]\naddopts = --strict-markers --strict-config\nfilterwarnings = error\n")
    return pytester


def write(project: pytest.Pytester, **files: str) -> None:
    for name, text in files.items():
        (project.path / f"{name}.scenario.yaml").write_text(text, encoding="utf-8")


def run(project: pytest.Pytester, *options: str) -> pytest.RunResult:
    return project.runpytest_subprocess(*plugin_options(), *options, timeout=60)


def verdicts(project: pytest.Pytester) -> dict[str, str]:
    """Name → verdict of the last run's traces."""
    newest = max((project.path / ".magenta" / "runs").iterdir())
    traces = [json.loads(path.read_text(encoding="utf-8")) for path in newest.glob("*.json")]
    return {trace["name"]: trace["verdict"] for trace in traces}


EVERY = {
    name: scenario(f"verdict {name} a cause", name=f"Ends {name}") for name in ("failed", "error", "stale", "stuck")
}
EVERY["passed"] = scenario("look", name="Ends passed")


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        (("passed",), 0),
        (("passed", "failed", "error", "stale", "stuck"), 1),
        (("passed", "error", "stale", "stuck"), 12),
        (("passed", "stale", "stuck"), 10),
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
        (scenario("look", use="unclean"), "teardown: ValueError: no clean-up"),
        (scenario("look", use="no_such_fixture"), "setup: fixture 'no_such_fixture' not found"),
        (scenario("raise boom"), "RuntimeError: boom"),
        (scenario("say ${pin}", data='{pin: "${NO_SUCH_VARIABLE}"}'), "*NO_SUCH_VARIABLE is not set*"),
        ("name: Relative\nurl: /cart\nexpect: x", "*is relative; give --base-url *"),
    ],
    ids=["fixture", "teardown", "unknown fixture", "exception", "variable", "url"],
)
def test_whatever_breaks_is_an_error_verdict(project, text, reason):
    write(project, broken=text)
    result = run(project, "-rA")
    assert result.ret == 12
    assert list(verdicts(project).values()) == ["error"]
    result.stdout.fnmatch_lines([f"ERROR broken.scenario.yaml::* - {reason}"])
    assert "Traceback" not in result.stdout.str()


def test_worker_that_dies_leaves_an_error_verdict(project):
    write(project, dies=scenario("die", name="Dies"), passed=EVERY["passed"])
    result = run(project, "-n2")
    assert result.ret == 12
    assert sorted(verdicts(project).values()) == ["error", "passed"]


def test_ctrl_c_keeps_what_there_is_and_builds_the_report(project):
    write(project, a=EVERY["passed"], b=scenario("interrupt", name="Broken off"), c=EVERY["stale"])
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


CHAIN = {
    "c_login": scenario("look", name="Login"),
    "b_cart": "name: Cart\nafter: c_login.scenario.yaml\nexpect: x",
    "a_order": "name: Order\nafter: b_cart.scenario.yaml\nurl: http://shop.example/orders\nexpect: x",
}


@pytest.mark.parametrize(
    "options",
    [(), ("-kOrder",), ("a_order.scenario.yaml",), ("-n2",), ("-n2", "--dist=loadfile"), ("-n2", "-kOrder")],
    ids=" ".join,
)
def test_chain_runs_in_order_wherever_it_is_entered(project, options):
    write(project, **CHAIN, other=EVERY["passed"], another=scenario("look", name="Another"))
    result = run(project, "-v", *options)
    assert result.ret == 0
    lines = [
        line for line in result.outlines if "PASSED" in line and any(n in line for n in ("Login", "Cart", "Order"))
    ]
    assert [next(n for n in ("Login", "Cart", "Order") if n in line) for line in lines] == ["Login", "Cart", "Order"]
    workers = {line.split("]")[0] for line in lines if line.startswith("[gw")}
    assert len(workers) <= 1


def test_chain_resumes_state_and_place(project):
    write(project, **CHAIN)
    result = run(project, "-s")
    result.stdout.fnmatch_lines(
        [
            "*CONTEXT None",
            "*CONTEXT {'storage_state': {'cookies': ?'of this process'?}}",
            '*SESSION STORAGE })(?"http://shop.example", {"step": "2"}?)',
            "*URL http://shop.example/where-it-ended*",
            "*CONTEXT {'storage_state': *",
            "*URL http://shop.example/orders*",
        ]
    )


@pytest.mark.parametrize("workers", [(), ("-n2",)], ids=["alone", "xdist"])
def test_what_comes_after_a_scenario_that_did_not_pass_is_skipped(project, workers):
    write(project, **CHAIN)
    write(project, c_login=scenario("verdict stale a cause", name="Login"))
    result = run(project, "-rs", *workers)
    assert result.ret == 10
    result.assert_outcomes(failed=1, skipped=2)
    result.stdout.fnmatch_lines_random(
        [
            "SKIPPED * c_login.scenario.yaml, which it comes after, did not pass (stale)",
            "SKIPPED * b_cart.scenario.yaml, which it comes after, was not run",
        ]
    )
    assert verdicts(project) == {"Login": "stale"}


def test_last_failed_brings_in_what_comes_before(project):
    write(project, **CHAIN)
    write(project, a_order="name: Order\nafter: b_cart.scenario.yaml\nsteps: [verdict failed x]\nexpect: x")
    run(project)
    result = run(project, "--lf", "-v")
    result.assert_outcomes(passed=2, failed=1)


def test_chain_whose_worker_dies_ends(project):
    write(project, **CHAIN, other=EVERY["passed"])
    write(project, c_login=scenario("die", name="Login"))
    result = run(project, "-n2")
    assert result.ret == 12
    result.assert_outcomes(passed=1, errors=1, skipped=2)


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


def test_setting_comes_from_option_then_environment_then_pyproject(project, monkeypatch):
    (project.path / "tox.ini").unlink()
    project.makepyprojecttoml('[tool.pytest.ini_options]\n[tool.magenta]\ntimeout = "7s"\nstrict = true\n')
    write(project, a=scenario("look"))
    run(project, "-s").stdout.fnmatch_lines(["*TIMEOUT 7000"])
    monkeypatch.setenv("MAGENTA_TIMEOUT", "8s")
    run(project, "-s").stdout.fnmatch_lines(["*TIMEOUT 8000"])
    run(project, "-s", "--magenta-timeout=9s").stdout.fnmatch_lines(["*TIMEOUT 9000"])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('understandng = "x"', '*has the unknown key "understandng"; did you mean "understanding"?'),
        ('api_key = "x"', "*keys do not belong into files; set MAGENTA_API_KEY"),
        ('timeout = "soon"', "*'soon' is not a duration; write 10, 10s, 500ms or 2m"),
        ('strict = "maybe"', "*'maybe' must be true or false"),
        ('view = "all"', '*"all" is not a view; use page, crop or both'),
    ],
)
def test_bad_setting_is_a_usage_error(project, table, said):
    project.makepyprojecttoml(f"[tool.magenta]\n{table}\n")
    result = run(project)
    assert result.ret == 4
    result.stderr.fnmatch_lines([said])


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
        good='name: Good\nurl: /index.html\nsteps: [Click Save]\nexpect: the page shows "Saved"\n',
        false='name: False\nurl: /index.html\nsteps: [Click Save]\nexpect: the page shows "Lost"\n',
        gone='name: Gone\nurl: http://127.0.0.1:9/\nexpect: the page shows "Saved"\n',
    )
    result = run(project, "--magenta-timeout=3s", "--magenta-expect-timeout=1s")
    assert verdicts(project) == {"Good": "passed", "False": "failed", "Gone": "error"}, result.stdout.str()
    assert result.ret == 1
