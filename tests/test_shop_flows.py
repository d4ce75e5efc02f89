import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error, Page, expect
from shop_flows import FLOWS
from shop_oracles import ORACLES, Evidence

from magenta_qa.scenarios.shop import BUGS, SUITE, SUITE_FALSE, SUITE_PICTURES, Server, expected_verdict, serve
from magenta_qa.scenarios.shop.verdicts import load_truth

SCENARIOS = sorted(
    path.name.removesuffix(".scenario.yaml")
    for suite in (SUITE, SUITE_FALSE, SUITE_PICTURES)
    for path in suite.glob("*.scenario.yaml")
)
AFFECTED = [(bug, scenario) for bug, scenarios in load_truth().bugs.items() for scenario in scenarios]
UNAFFECTED = [(bug, scenario) for bug in BUGS for scenario in SCENARIOS if (bug, scenario) not in AFFECTED]
PATIENT_MS = 15_000
IMPATIENT_MS = 2_500  # where something is expected to be missing, waiting longer only costs time


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(data_dir=tmp_path_factory.mktemp("clean")) as server:
        yield server


@contextmanager
def noticed_by_a_user(page: Page, timeout_ms: int = PATIENT_MS) -> Iterator[list[str]]:
    """What goes wrong while the flow runs: a false expectation, a missing control, an exception, a 5xx answer."""
    seen = list[str]()
    page.on("pageerror", lambda error: seen.append(f"exception: {error.message}"))
    page.on("response", lambda r: seen.append(f"{r.status} {r.url}") if r.status >= 500 else None)
    page.set_default_timeout(timeout_ms)
    expect.set_options(timeout=timeout_ms)
    try:
        yield seen
    except (AssertionError, Error) as error:
        seen.append(f"{type(error).__name__}: {error}")
    finally:
        expect.set_options(timeout=5_000)


def evidence(server: Server, page: Page) -> Evidence:
    name = f"tarn-{urlsplit(server.url).port}"
    cookie = next(str(c["value"]) for c in page.context.cookies() if c["name"] == name)
    return Evidence.of(server.data_dir, cookie.partition(".")[0], page.url)


def test_every_scenario_has_a_flow_an_oracle_and_a_verdict() -> None:
    assert SCENARIOS == sorted(FLOWS) == sorted(ORACLES) == sorted(load_truth().clean)
    assert sorted(load_truth().bugs) == sorted(BUGS)


def test_each_suite_has_one_verdict_on_the_clean_shop() -> None:
    for folder, verdict in ((SUITE, "passed"), (SUITE_FALSE, "failed"), (SUITE_PICTURES, "stuck")):
        for path in folder.glob("*.scenario.yaml"):
            assert expected_verdict(path.name.removesuffix(".scenario.yaml"), bug=None) == verdict


def test_oracles_know_nothing_of_the_agent() -> None:
    for path in [Path(__file__).with_name("shop_evidence.py"), *Path(__file__).parent.glob("shop_oracles*.py")]:
        assert "magenta_qa" not in path.read_text(encoding="utf-8").partition('"""\n\n')[2], path.name


@pytest.mark.browser
@pytest.mark.parametrize(
    "scenario",
    [
        each if (SUITE / f"{each}.scenario.yaml").is_file() else pytest.param(each, marks=pytest.mark.slow)
        for each in SCENARIOS
    ],
)
def test_scenario_can_be_carried_out_by_hand(scenario: str, clean: Server, page: Page) -> None:
    page.goto(clean.url)
    assert not ORACLES[scenario](evidence(clean, page))
    with noticed_by_a_user(page) as seen:
        FLOWS[scenario](page, clean.url)
    assert seen == []
    assert _soon(lambda: ORACLES[scenario](evidence(clean, page)))


def _soon(holds) -> bool:
    """The last request of a flow may still be on its way to the log."""
    deadline = time.monotonic() + 10
    while not (held := holds()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return held


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(("bug", "scenario"), AFFECTED)
def test_planted_defect_is_seen_by_a_user(bug: str, scenario: str, page: Page, tmp_path: Path) -> None:
    with serve(bug=bug, data_dir=tmp_path) as server, noticed_by_a_user(page, IMPATIENT_MS) as seen:
        FLOWS[scenario](page, server.url)
    assert seen != []


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(("bug", "scenario"), UNAFFECTED)
def test_planted_defect_leaves_the_other_scenarios_alone(bug: str, scenario: str, page: Page, tmp_path: Path) -> None:
    with serve(bug=bug, data_dir=tmp_path) as server:
        with noticed_by_a_user(page) as seen:
            FLOWS[scenario](page, server.url)
        assert seen == []
        assert _soon(lambda: ORACLES[scenario](evidence(server, page)))
