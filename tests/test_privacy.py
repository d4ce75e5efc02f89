"""What is private is found, and reaches nothing that is written."""

import json
from dataclasses import dataclass

import pytest
from planted import PLANTED, SELECTORS, blue_pixels, files, leaks, red_pixels

from magenta_qa.agent.agent import Agent
from magenta_qa.agent.privacy.origins import Origins
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.agent.privacy.scrub import scrub_folder
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.settings import Settings
from magenta_qa.model.errors import ConfigError
from magenta_qa.model.private_text import MASK, mask_html, mask_text

PRIVATE = """ada@example.com|a.b+c@sub.example.co.uk|müller@münchen.de|ada%40example.com|4111 1111 1111 1111|
4111111111111111|5500-0000-0000-0004|+49 30 1234567|+1 (415) 555-0132|+44 20 7946 0958|(415) 555-0132|415-555-0132|
1-800-555-0198|098765 43211|078-05-1120|DE89 3704 0044 0532 0130 00|GB82WEST12345698765432|ada [at] example.com|
ada＠example.com|030 1234567|06 12 34 56 78|07911 123456|0151 23456789|+4915123456789|eyJhbGciOiJI.eyJzdWIiOiI.abc|
ghp_0123456789abcdefghij""".replace("\n", "").split("|")
WITHIN = {
    "tel:+4930123": "tel:•••",
    "https://a/b?token=abc&x=1": "https://a/b?token=•••&x=1",
    "https://a/b?x=1&amp;access_token=abc": "https://a/b?x=1&amp;access_token=•••",
    "https://user:pw@host/": "https://•••@host/",
    "/reset/9f8a7b6c5d4e3f2a1b0c": "/reset/•••",
    "/cb?code=4/0AX4XfWh12345678901234": "/cb?code=•••",
    "Your code is 482913.": "Your code is •••.",
    "Verification code\n 482 913": "Verification code\n •••",
    "G-482913 is your Example verification code": "••• is your Example verification code",
    "Tel.: 901 82 77, daily": "Tel.: •••, daily",
    '{"access_token":"a81b2c3d4e5f6071"}': '{"access_token":"•••"}',
    "Authorization: Bearer abc.def-0123456": "Authorization: Bearer •••",
    "to DE89 3704 0044 0532 0130 00 on Friday": "to ••• on Friday",
    "Write to ada@example.com, or call": "Write to •••, or call",
}
PUBLIC = """2026-11-26|2026-11-26 04:33:16|1,234,567.89|192.168.100.200|Order 20261126-0001|1234567890123456|
v1.2.3-4567|10:30 - 11:45|12.345.678|1 234 567|page 404|Zip code 12345|status code 50012|pkg@1.2.3|@scope/name|1280x720|
550e8400-e29b-41d4-a716-446655440000|01/2026|2024/2025|rgb(10, 20, 30)|?page=2&sort=name|?key=PROJ-12|100 200 300|
mobile 2024-11-26 10:00|Phone 14 Pro 128 GB|basic plan 2024|Key: PROJ-1234567890|
ISBN 978-3-16-148410-0|$1,299.00 - $2,400.00|M12.5 3.25 100.5 200.75|+12 more|1 000 000 000""".replace("\n", "").split(
    "|"
)


@pytest.mark.parametrize("text", PRIVATE)
def test_what_looks_private_is_masked(text):
    assert mask_text(text) == MASK
    assert mask_text(f"see {text} there") == f"see {MASK} there"


@pytest.mark.parametrize(("text", "masked"), WITHIN.items())
def test_only_the_private_part_is_masked(text, masked):
    assert mask_text(text) == masked


@pytest.mark.parametrize("text", PUBLIC)
def test_dates_amounts_and_numbers_stay(text):
    assert mask_text(text) == text


def test_address_in_character_references_is_masked():
    assert "example" not in mask_html("<a>&#97;da&#64;ex&#97;mple.com</a>")


def test_what_a_page_calls_private_is_masked_everywhere_but_not_within_words():
    privacy = Privacy(secrets=Secrets({"KEY": "hunter2"}))
    privacy.note(["Jane  Roe", "test", "no"])
    assert (
        privacy.mask("hunter2: Jane Roe, Jane%20Roe, the latest test, no")
        == f"{MASK}: {MASK}, {MASK}, the latest {MASK}, no"
    )


def test_everything_in_a_dataclass_is_masked_but_its_identity():
    @dataclass(frozen=True)
    class Facts:
        id: str
        texts: tuple[dict[str, str], ...]

    found = Privacy().mask_all(Facts("a@b.com", ({"name": "a@b.com"},)))
    assert found == Facts("a@b.com", ({"name": MASK},))


@pytest.mark.parametrize("selector", ["..x", "a[", "p::before"])
def test_what_is_no_selector_is_refused(selector):
    with pytest.raises(ConfigError, match="not a CSS selector"):
        Privacy((selector,))


@pytest.mark.browser
def test_selector_that_the_browser_does_not_read_is_refused(page, site):
    page.goto(f"{site}/private.html")
    with Agent(page, settings=Settings(private=("p:-soup-contains('a')",))) as agent, pytest.raises(ConfigError):
        agent.observe()


@pytest.mark.browser
def test_nothing_planted_is_in_anything_an_agent_writes(page, site, tmp_path):
    settings = Settings(home=tmp_path, private=SELECTORS)
    page.goto(f"{site}/private.html?session_id=planted-token-1")
    with Agent(page, settings=settings) as agent:
        seen = agent.observe()
        names = {candidate.name for candidate in seen.candidates}
        assert {"Planted Button", "Open Planted Balance 1,204"} <= names, "the agent itself sees everything"
        steps = (
            "Fill Password with planted-password-2",
            *(f"Click {x}" for x in ("Save", "Planted Button", "Show", "Open")),
        )
        results = [agent.do(step) for step in steps]
        agent.check('the page shows "no such text"')
        html = "".join(agent.observer.surrounding_html([c.mark for c in agent.observe().candidates]).values())
    assert [result.verdict for result in results] == ["passed"] * 5 or all(
        result.steps[0].actions for result in results
    )
    assert red_pixels(seen.screenshot) == 0
    assert blue_pixels(seen.screenshot) > 300, "what is not private is still there"
    assert not [word for word in PLANTED if word in html]
    rows = [json.loads(line) for line in (tmp_path / "log" / "interactions.jsonl").read_text().splitlines()]
    assert len(rows) >= 2
    assert any(path.name.endswith(".layout.json.gz") for path in files(tmp_path))
    assert leaks(tmp_path) == []


@pytest.mark.browser
def test_old_logs_are_scrubbed_by_new_rules_and_the_proof_holds(page, site, tmp_path):
    page.goto(f"{site}/private.html")
    with Agent(page, settings=Settings(home=tmp_path)) as agent:
        agent.do("Click Open")
    assert any("Planted Balance" in leak for leak in leaks(tmp_path)), "nobody had said that it is private"
    assert any("red pixels" in leak for leak in leaks(tmp_path))
    done = scrub_folder(tmp_path, Privacy(SELECTORS))
    assert (done.changed_lines, done.changed_pictures, done.left, done.unchecked) == (1, 1, [], [])
    assert leaks(tmp_path) == []
    again = scrub_folder(tmp_path, Privacy(SELECTORS))
    assert (again.lines, again.changed_lines, again.changed_pictures, again.left) == (1, 0, 0, [])


def test_picture_that_cannot_be_proved_clean_is_named_and_only_dropped_if_told(tmp_path):
    images = tmp_path / "log" / "images"
    images.mkdir(parents=True)
    (images / "ab.webp").write_bytes(b"")
    waiting = tmp_path / "baselines" / "the-page.png"  # has no layout either, and the next run makes it anew
    waiting.parent.mkdir()
    waiting.write_bytes(b"")
    (tmp_path / "log" / "interactions.jsonl").write_text('{"image": "ab", "text": "a@b.com"}\n{"image": "cd"}\n{"torn')
    done = scrub_folder(tmp_path, Privacy())
    assert ([path.name for path in done.unchecked], done.left, waiting.exists()) == (["ab.webp"], [], False)
    done = scrub_folder(tmp_path, Privacy(), drop_unchecked=True)
    assert (done.dropped_lines, done.unchecked, list(images.iterdir())) == (1, [], [])
    assert "ab" not in (tmp_path / "log" / "interactions.jsonl").read_text()


def test_origin_is_asked_for_once_and_kept(tmp_path):
    asked = []
    origins = Origins(tmp_path, ask=lambda origin: asked.append(origin) or origin.endswith("a"))
    assert [origins.permits(f"https://{host}/x?y=1") for host in "abab"] == [True, False, True, False]
    assert origins.permits("http://localhost:9/pay")
    assert asked == ["https://a", "https://b"]
    later = Origins(tmp_path, allowed=["https://c/start"])
    assert [later.permits(f"https://{host}/") for host in "abcd"] == [True, False, True, False]
    assert later.permits("http://127.0.0.1:8000/") and not later.permits("file:///etc/passwd")
    assert later.refused == {"https://b": 1, "https://d": 1}
    (tmp_path / "origins.json").write_text("[]")
    with pytest.raises(ConfigError, match="mend or delete"):
        Origins(tmp_path)
