"""What component libraries leave unsaid: sections below their openers, layers that are dialogs, boxes drawn anew."""

import pytest
from playwright.sync_api import Page

from magenta_qa.agent.agent import Agent
from magenta_qa.agent.observe import Observer
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.settings import Settings
from magenta_qa.model.schema import Candidate

pytestmark = pytest.mark.browser

SECTION = "<div><h3><button aria-expanded={open}>{name}</button></h3><div>{name} data<button>Save</button></div></div>"
LAYER = "<div style='position:fixed;inset:0;background:#0008'><p>Sure?</p><button>OK</button></div>"
REDRAWN = """<ul id=list></ul><script>
  const ticked = new Set();
  function draw() {
    list.innerHTML = ["Ada", "Ben"].map((name) =>
      `<li><label><input type=checkbox id=${name} ${ticked.has(name) ? "checked" : ""}> ${name}</label></li>`).join("");
    for (const box of list.querySelectorAll("input"))
      box.onchange = () => { ticked[box.checked ? "add" : "delete"](box.id); draw(); };
  }
  draw();
</script>"""


def _seen(page: Page, html: str) -> list[Candidate]:
    page.set_content(html)
    return list(Observer(page, Secrets({})).observe().candidates)


def _contexts(candidates: list[Candidate], name: str) -> list[set[tuple[str, str]]]:
    return [{(k.kind, k.text) for k in c.context} for c in candidates if c.name == name]


def test_section_is_called_by_what_opened_it(page: Page) -> None:
    sections = "".join(SECTION.format(open="true", name=name) for name in ("Billing", "Shipping"))
    first, second = _contexts(_seen(page, sections), "Save")
    assert ("group", "Billing") in first
    assert ("group", "Shipping") in second


def test_what_follows_a_shut_section_is_not_called_by_it(page: Page) -> None:
    (context,) = _contexts(_seen(page, SECTION.format(open="false", name="Billing")), "Save")
    assert ("group", "Billing") not in context


def test_layer_over_controls_of_the_page_is_a_dialog(page: Page) -> None:
    (context,) = _contexts(_seen(page, f"<button>Open</button>{LAYER}"), "OK")
    assert "dialog" in {kind for kind, _ in context}


@pytest.mark.parametrize("skip", ["", "<a href='#x' style='position:absolute;left:-999px'>Skip to content</a>"])
def test_layer_that_is_the_whole_application_is_no_dialog(page: Page, skip: str) -> None:
    (context,) = _contexts(_seen(page, skip + LAYER), "OK")
    assert "dialog" not in {kind for kind, _ in context}


def test_box_that_is_drawn_anew_when_it_is_ticked_counts_as_ticked(page: Page, tmp_path) -> None:  # type: ignore[no-untyped-def]
    page.route("http://app.test/", lambda route: route.fulfill(body=REDRAWN, content_type="text/html"))
    page.goto("http://app.test/")
    with Agent(page, settings=Settings(home=tmp_path, timeout_ms=1500)) as agent:
        result = agent.do("Tick Ben")
        assert result.verdict == "passed", result.reason
        assert agent.check("Ben is ticked").verdict == "passed"
        assert agent.check("Ada is ticked").verdict == "failed"


def test_box_of_a_row_is_not_called_by_the_row_before(page: Page) -> None:
    names = ("Ada", "Ben", "Cleo", "Dan")
    box = "<span><input type=checkbox></span>"
    rows = "".join(f"<tr><td>{box}<td>{name}" for name in names[:2])
    cards = "".join(f"<div class=card>{box}<p>{name}</p></div>" for name in names[2:])
    boxes = [c for c in _seen(page, f"<table>{rows}</table>{cards}") if c.element_type == "checkbox"]
    around = [" ".join(k.text for k in c.context if k.kind != "table") for c in boxes]
    assert [{name for name in names if name in text} for text in around] == [{name} for name in names]


SAYS_SO = """<label><input type=checkbox style="opacity:0" aria-checked=false>
  <i style="display:inline-block;width:16px;height:16px;border:1px solid"></i> Ben</label><p id=out></p><script>
  const box = document.querySelector("input");
  box.onclick = (event) => {
    event.preventDefault(); // as where the state is kept elsewhere: the native one never changes
    box.setAttribute("aria-checked", box.getAttribute("aria-checked") === "false");
    out.textContent += "clicked ";
  };
</script>"""


def test_hidden_box_whose_state_is_kept_elsewhere_can_be_ticked_but_not_vouched_for(page: Page, tmp_path) -> None:  # type: ignore[no-untyped-def]
    page.route("http://app.test/", lambda route: route.fulfill(body=SAYS_SO, content_type="text/html"))
    page.goto("http://app.test/")
    with Agent(page, settings=Settings(home=tmp_path, timeout_ms=1500, expect_timeout_ms=300)) as agent:
        before = agent.check("Ben is not ticked")
        assert before.verdict == "passed", before.reason
        result = agent.do("Tick Ben")
        assert result.verdict == "passed", result.reason
        assert {agent.check(f"Ben is {word}ticked").verdict for word in ("", "not ")} == {"stuck"}
