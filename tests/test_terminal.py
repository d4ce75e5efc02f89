"""What the terminal shows: one line a scenario, a panel at the end, on any terminal or none."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from magenta_qa.agent.plugin.terminal import is_ascii, print_scenario, scenario_line, summary
from magenta_qa.model.trace import ScenarioTrace

PASSED = ScenarioTrace("a::0", "Buy a tent", "a", "passed", "", (), seconds=2.1)
FAILED = replace(PASSED, id="a::1", name="Pay", verdict="failed", reason='expected "1 item", saw "2 items"')
HOSTILE = "\x1b[31mred\x1b[0m \x07 [bold]x[/bold] [link=http://evil.test]y[/link]\r\nline \u202e"


def printed(*what: object, width: int = 80, terminal: bool = False, encoding: str = "utf-8", **options) -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)
    console = Console(file=file, width=width, force_terminal=terminal, **options)
    for part in what:
        if isinstance(part, ScenarioTrace):
            print_scenario(console, part, done=3, total=12)
        else:
            console.print(part)
    file.flush()
    return raw.getvalue().decode(encoding)


def test_line_says_verdict_time_name_and_cause():
    assert scenario_line(PASSED).plain == "✓ passed     2.1 s  Buy a tent"
    assert scenario_line(FAILED).plain == '✕ failed     2.1 s  Pay — expected "1 item", saw "2 items"'
    assert scenario_line(PASSED, done=3, total=12).plain.startswith("[ 3/12] ✓")
    assert scenario_line(replace(PASSED, attempt=2, degraded="no")).plain.endswith("(attempt 2) (degraded)")


def test_log_gets_whole_lines_without_colours():
    text = printed(replace(FAILED, reason="why " * 60), width=40)
    assert text.count("\n") == 1
    assert "\x1b" not in text and text.rstrip().endswith("why")


def test_terminal_gets_one_line_each_cut_at_its_width():
    text = printed(replace(FAILED, reason="why " * 60), width=40, terminal=True, color_system=None)
    assert [len(line) for line in text.splitlines()] == [40]
    assert text.rstrip().endswith("…")


def test_no_color_is_obeyed(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31" not in printed(FAILED, summary([FAILED], None), terminal=True)


def test_colours_are_used_in_a_terminal(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;31m✕ failed" in printed(FAILED, terminal=True, color_system="standard")


def test_page_text_neither_moves_the_cursor_nor_is_markup():
    evil = replace(FAILED, name=HOSTILE, reason=HOSTILE)
    text = printed(evil, summary([evil], None), width=200)
    assert not set(text) & {"\x1b", "\x07", "\r", "\u202e"}
    assert "[bold]x[/bold]" in text


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_terminal_without_unicode_gets_ascii(encoding):
    evil = replace(FAILED, name="Zahl’ ✓ 日本", degraded="…")
    console = Console(file=io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    text = printed(
        evil, summary([evil], Path("r.html"), ascii_only=is_ascii(console)), encoding=encoding, terminal=True
    )
    assert text.isascii()
    assert "x failed" in text and "Zahl? ? ??" in text


def test_summary_says_counts_causes_exit_code_and_report():
    text = printed(summary([PASSED, FAILED], Path("out/report.html"), exit_code=1, not_started={"Ship": "Pay failed"}))
    for part in ("1 of 2 scenarios did not pass", "✓ 1 passed", "✕ 1 failed", "1 never started", "Pay",
                 'saw "2 items"', "1, at least one scenario failed", "out/report.html"):  # fmt: skip
        assert part in text


def test_exit_code_of_pytest_stands_for_itself():
    text = printed(summary([], None, exit_code=5))
    assert "No scenario was run" in text and "exit code  5 " in text


@pytest.mark.parametrize("width", [20, 40, 200])
def test_summary_fits_any_width(width):
    traces = [replace(FAILED, id=str(n), name="Long name " * 9, reason="x" * 300, degraded="z" * 90) for n in range(30)]
    lines = printed(summary(traces, Path("d" * 90), exit_code=1), width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert width < 200 or any("and 10 more" in line for line in lines)
