"""Controls that libraries put together from parts (pages/parts.html): each is one control."""

import pytest

from magenta_qa.agent import Agent
from magenta_qa.agent.settings import Settings

pytestmark = pytest.mark.browser


@pytest.fixture
def agent(page, site, tmp_path):
    page.goto(f"{site}/parts.html")
    return Agent(page, settings=Settings(home=tmp_path, timeout_ms=300))


def test_parts_of_a_control_are_no_candidates(agent):
    found = [(c.role, c.name) for c in agent.observe().candidates]
    sliders = [("slider", "Length"), ("slider", "Draught"), ("slider", "Price per day")]
    assert found == [*sliders, ("combobox", "Skipper"), ("combobox", "Crew"), ("textbox", "Harbour")]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("Set the length to 60 minutes", "the length is 60"),
        ("Set the draught to 5", "the draught is 5"),
        ("Set the price per day to 80", 'the page shows "A week costs 560."'),
        ("Choose Ben Quist as the skipper", "the skipper is Ben Quist"),
    ],
)
def test_control_of_parts_takes_its_value(agent, step, expected):
    result = agent.do(step)
    assert result.verdict == "passed", result.reason
    judged = agent.check(expected)
    assert judged.verdict == "passed", judged.reason


def test_list_that_stays_open_is_shut_where_it_hides_what_comes_next(agent):
    assert agent.do("Choose Ina and Jon as crew").verdict == "passed"
    assert agent.page.is_visible("#crew-list")
    assert agent.do("Enter Visby as the harbour").verdict == "passed"
    assert (agent.page.inner_text("#crew"), agent.page.input_value("#harbour")) == ("Ina, Jon", "Visby")


def test_slider_takes_no_value_beyond_its_end(agent):
    assert agent.do("Set the price per day to 500").verdict == "failed"
    assert agent.check('the page shows "A week costs 420."').verdict == "passed"


def test_what_is_scrolled_out_from_under_a_bar_is_a_candidate(page, site, tmp_path):
    page.goto(f"{site}/scrolled.html")
    agent = Agent(page, settings=Settings(home=tmp_path, timeout_ms=300))
    assert [(c.name, c.in_view) for c in agent.observe().candidates if c.name == "First entry"] == [
        ("First entry", False)
    ]
    assert agent.do("Click First entry").verdict == "passed"
    assert agent.check('the page shows "First entry opened"').verdict == "passed"


def test_wrapper_that_says_that_it_opens_a_list_makes_what_it_shows_a_drop_down(page, agent):
    page.set_content(
        "<style>ul { display: none } .open ul { display: block } .current { cursor: pointer; width: 120px }</style>"
        "<div class=filter aria-haspopup=true><div class=current>Exact match</div>"
        "<ul><li><a href='#starts'>Starts with</a><li><a href='#ends'>Ends with</a></ul></div>"
        "<script>const box = document.querySelector('.filter');"
        "document.querySelector('.current').addEventListener('click', () => box.classList.toggle('open'))</script>"
    )
    shown = next(c for c in agent.observe().candidates if c.name == "Exact match" or c.text == "Exact match")
    assert shown.popup == "menu"
    assert agent.do('Open the "Exact match" drop-down and choose Starts with').verdict == "passed"
    assert page.url.endswith("#starts")
