"""Baselines from the first look to the difference, on one page with a clock and an animation."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Page

from magenta_qa.agent.agent import Agent
from magenta_qa.agent.baselines import baselines
from magenta_qa.agent.settings import Settings
from magenta_qa.model.trace import CheckTrace

pytestmark = pytest.mark.browser

PAGE = """<title>Orders</title><style>body { font: 16px sans-serif; margin: 20px } section { padding: 8px }
@keyframes turn { to { transform: rotate(360deg) } } i { display: inline-block; width: 9px; height: 40px;
background: navy; animation: turn 1s linear infinite }</style>
<h1>Orders</h1><section aria-label="Cart"><h2>Cart</h2><p id=text>2 items</p></section>
<section aria-label="Clock"><p>Now <b id=clock>0</b></p></section><i></i>
<script>setInterval(() => { clock.textContent = String(Date.now()).slice(-5) }, 150)</script>"""


def look(page: Page, home: Path, *expectations: str, secrets: dict[str, str] | None = None) -> list[CheckTrace]:
    """What a scenario's expectations end with, on a fresh agent."""
    folder = home / "orders.baselines"
    settings = Settings(home=home, expect_timeout_ms=400, baselines=folder, secrets=secrets or {})
    with Agent(page, settings=settings) as agent:
        return [agent.check(each).steps[0].checks[0] for each in expectations]


def accept(home: Path, *arguments: str) -> str:
    done = CliRunner().invoke(baselines, ["--home", str(home), "accept", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_a_page_is_compared_with_what_was_accepted(page: Page, tmp_path: Path):
    page.set_content(PAGE)
    whole, cart = "the page looks the same", "the Cart section looks the same"
    for trace in look(page, tmp_path, whole, cart):
        assert trace.verdict == "stuck" and "no baseline yet" in trace.reason and trace.image
    assert "accepted" in accept(tmp_path)
    # The clock is masked, the turning bar stands still: both would differ.
    first, second = look(page, tmp_path, whole, cart)
    assert (first.verdict, second.verdict) == ("passed", "passed"), first.reason
    assert "masked" in first.reason and "masked" not in second.reason

    page.locator("#text").evaluate("e => { e.textContent = '3 items' }")
    first, second = look(page, tmp_path, whole, cart)
    assert (first.verdict, second.verdict) == ("failed", "failed")
    assert "pixels differ" in second.reason and second.image
    assert "masked" in accept(tmp_path, "--mask", "cart-section")
    first, second = look(page, tmp_path, whole, cart)
    assert (first.verdict, second.verdict) == ("failed", "passed")


def test_what_is_not_there_and_a_broken_baseline_never_pass(page: Page, tmp_path: Path):
    page.set_content(PAGE)
    (trace,) = look(page, tmp_path, "the Invoices section looks the same")
    assert trace.verdict == "stuck" and "cannot find" in trace.reason
    look(page, tmp_path, "the page looks the same")
    accept(tmp_path)
    next((tmp_path / "orders.baselines").glob("*.png")).write_bytes(b"no picture")
    (trace,) = look(page, tmp_path, "the page looks the same")
    assert trace.verdict == "error" and "cannot be read as a picture" in trace.reason


def test_secrets_are_painted_over_before_a_picture_is_kept(page: Page, tmp_path: Path):
    from PIL import Image

    page.set_content("<body style='margin:0'><p style='background:#fff;color:red;font:30px sans-serif'>hunter2</p>")
    look(page, tmp_path, "the page looks the same", secrets={"PASSWORD": "hunter2"})
    (kept,) = (tmp_path / "baselines").glob("*.png")
    colours = Image.open(kept).convert("RGB").getcolors(100_000)
    assert colours is not None and not any(r > 200 and g < 60 and b < 60 for _, (r, g, b) in colours)
