"""The shop whose icons have no names: a person can use it, the agent without a model is stuck, and says so."""

from urllib.parse import urlsplit

import pytest
from shop_bare import BARE_FLOWS, BARE_ORACLES
from shop_evidence import Evidence
from shop_pictures import play

from magenta_qa.scenarios.shop import SUITE_BARE, serve

NAMES = sorted(path.name.removesuffix(".scenario.yaml") for path in SUITE_BARE.glob("*.scenario.yaml"))


def test_every_scenario_of_the_bare_shop_has_a_flow_and_an_oracle() -> None:
    assert len(NAMES) >= 12
    assert NAMES == sorted(BARE_FLOWS) == sorted(BARE_ORACLES)


def test_the_bare_shop_has_no_defects() -> None:
    with pytest.raises(ValueError, match="the bare shop has no planted defects, so not 'wrong-total'"):
        serve(bug="wrong-total", bare=True)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("scenario", NAMES)
def test_scenario_of_the_bare_shop_can_be_carried_out_by_hand(scenario, page, tmp_path) -> None:
    with serve(data_dir=tmp_path, bare=True) as server:
        page.goto(server.url)
        BARE_FLOWS[scenario](page, server.url)
        page.wait_for_load_state("networkidle")
        name = f"tarn-{urlsplit(server.url).port}"
        cookie = next(str(c["value"]) for c in page.context.cookies() if c["name"] == name)
        assert BARE_ORACLES[scenario](Evidence.of(tmp_path, cookie.partition(".")[0], page.url))


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("scenario", NAMES)
def test_without_a_model_nameless_icons_leave_it_stuck(scenario, browser, tmp_path) -> None:
    (outcome,) = play(browser, tmp_path, "accessible", "rules", only=[scenario])
    assert (outcome.verdict, outcome.is_done) == ("stuck", False), outcome.reason
