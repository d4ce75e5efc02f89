"""Pictures and cards of a gallery that say they can be ticked, in a list that hears the clicks on them."""

import pytest
from candidate_pages import Sheet

from magenta_qa.model.rules import RulesDecider
from magenta_qa.model.schema import Box, DecisionRequest, Observation


def gallery(*, tag: str = "li", side: float = 150.0) -> Observation:
    s = Sheet()
    names = ("Old tug", "Lighthouse")
    s.add("list", "", role="list", hints="photos view old tug lighthouse", box=Box(20, 80, 900, 4))
    for n, name in enumerate(names):
        s.add("checkbox", name, tag=tag, box=Box(20 + 160 * n, 84, side, side))
    return s.page("Photos")


@pytest.mark.parametrize(
    "step",
    ["Open Lighthouse", "Open the picture of the lighthouse", "Open the lighthouse", "Click the Lighthouse image"],
)
def test_tile_is_opened_by_a_click_on_it(step: str) -> None:
    decision = RulesDecider().decide(DecisionRequest(step, None, gallery(), ()))
    assert decision.action and (decision.action.kind, decision.action.mark) == ("click", 3)


@pytest.mark.parametrize("page", [gallery(tag="input"), gallery(side=16.0)])
def test_box_is_not_opened_and_its_list_is_not_clicked_instead(page: Observation) -> None:
    assert RulesDecider().decide(DecisionRequest("Open the picture of the lighthouse", None, page, ())).action is None
