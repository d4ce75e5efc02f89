"""The Markdown summary: short, complete, and inert whatever pages say."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from magenta_qa.agent.reports.summary import build_summary, duration
from magenta_qa.model.trace import ScenarioTrace

PASSED = ScenarioTrace("a::0", "Buy a tent", "a", "passed", "", (), seconds=61.2, started_at="2026-11-22T21:00:00Z")
FAILED = replace(
    PASSED, id="a::1", name="Pay", verdict="failed", reason='expected "1 item", saw "2 items"', seconds=4.2
)
ERROR = replace(FAILED, id="a::2", name="Open", verdict="error", reason="refused", degraded="no answer within 20 s")
FIRST_TRY = replace(PASSED, verdict="failed", reason="the first try failed")
SUITE = [FAILED, ERROR, FIRST_TRY, replace(PASSED, attempt=2)]


def test_summary_names_what_did_not_pass_and_the_slowest():
    text = build_summary(SUITE, Path("out/report.html"))
    assert text.startswith("## ✕ 2 of 3 scenarios did not pass")
    assert '| ✕ failed | Pay | expected "1 item", saw "2 items" | 4.2 s |' in text
    assert "**Degraded**, 1 scenario:" in text
    assert "### Slowest" in text and "`out/report.html`" in text
    assert "the first try failed" not in text


def test_summary_lets_no_markup_of_a_page_through():
    evil = "a | b `c` <b>d</b> [e](http://f.test) ![g](http://h.test) @ada #12 www.i.test **j** $k$\n# l"
    rows = [line for line in build_summary([replace(FAILED, name=evil, reason=evil)]).splitlines() if "ada" in line]
    assert len(rows) == 1
    cells = rows[0].strip("| ").split(" | ")
    assert len(cells) == 4
    literal = re.sub(r"&#\d+;", "", cells[1])
    assert not re.search(r"[`<>\[\]*$]|://|@ada|#12|www\.", literal)


def test_summary_of_a_clean_run_is_short():
    text = build_summary([PASSED])
    assert text.startswith("## ✓ 1 scenario passed") and "###" not in text


def test_long_summaries_are_cut():
    text = build_summary([replace(FAILED, id=str(n), reason="x" * 9_000) for n in range(300)])
    assert "… and 250 more" in text
    assert len(text) < 65_536


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 ms"), (0.0841, "84 ms"), (0.9996, "1.0 s"), (4.149, "4.1 s"), (59.96, "1 min 0 s"), (3900, "1 h 5 min")],
)
def test_duration_is_said_in_fitting_units(seconds, text):
    assert duration(seconds) == text
