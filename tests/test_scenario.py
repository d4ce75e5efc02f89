"""Scenario files: what they may say, what becomes of it, and what is said about one that cannot be used."""

import json
from pathlib import Path
from textwrap import dedent

import pytest

from magenta_qa.agent.scenario import (
    SCENARIO_SCHEMA,
    Scenario,
    load_cases,
    load_scenario,
    predecessors,
    resolve_secrets,
    start_url,
)
from magenta_qa.agent.scenario_file import ScenarioFile
from magenta_qa.model.errors import ScenarioError


def write(folder: Path, text: str | bytes, name: str = "cart.scenario.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else dedent(text).encode())
    return path


def refusal(folder: Path, text: str | bytes) -> str:
    """What is said about a file, without the folder."""
    with pytest.raises(ScenarioError) as refused:
        load_cases(write(folder, text))
    return str(refused.value).replace(f"{folder}/", "")


def texts(scenario: Scenario) -> list[tuple[str, str]]:
    return [(entry.kind, entry.text) for entry in scenario.entries]


def test_every_key_arrives(tmp_path):
    write(tmp_path, "name: Login\nexpect: x\n", "login.scenario.yaml")
    path = write(
        tmp_path,
        """
        name: A backpack can be bought
        url: /shop
        allow: [https://Pay.example.com/]
        data: {user: ada}
        steps:
          - Log in as ${user}
          - do: Put the blue backpack into the cart
          - expect: [the cart shows 1 item, the total is shown]
          - goal: >
              Buy it
              so that the page shows "Thank you"
        expect: the page shows "Thank you"
        tags: [smoke, p1]
        timeout: 20s
        expect_timeout: 500ms
        use: [database]
        after: login.scenario.yaml
        """,
    )
    scenario = load_scenario(path)
    assert texts(scenario) == [
        ("do", "Log in as ada"),
        ("do", "Put the blue backpack into the cart"),
        ("expect", "the cart shows 1 item"),
        ("expect", "the total is shown"),
        ("goal", 'Buy it so that the page shows "Thank you"'),
        ("expect", 'the page shows "Thank you"'),
    ]
    assert [entry.line for entry in scenario.entries] == [7, 8, 9, 9, 10, 13]
    assert (scenario.name, scenario.url, scenario.allow) == (
        "A backpack can be bought",
        "/shop",
        ("https://pay.example.com",),
    )
    assert (scenario.tags, scenario.use) == (("smoke", "p1"), ("database",))
    assert (scenario.timeout_ms, scenario.expect_timeout_ms) == (20_000, 500)
    assert scenario.after == tmp_path / "login.scenario.yaml"


def test_scalars_stay_what_was_typed(tmp_path):
    path = write(
        tmp_path,
        """
        name: Types
        data: {answer: yes, code: 007, price: 1.10, day: 2026-11-22}
        expect: ${answer} ${code} ${price} ${day}
        """,
    )
    assert texts(load_scenario(path)) == [("expect", "yes 007 1.10 2026-11-22")]


def test_secret_stays_a_placeholder_until_it_is_resolved(tmp_path):
    path = write(
        tmp_path,
        """
        name: Login
        data: {user: ada, password: "${SHOP_PASSWORD}", unused: "${OTHER}"}
        steps: ["Log in as ${user} with ${password}"]
        expect: x
        """,
    )
    scenario = load_scenario(path)
    assert scenario.entries[0].text == "Log in as ada with ${password}"
    assert resolve_secrets(scenario, {"SHOP_PASSWORD": "hunter2"}) == {"password": "hunter2"}


def test_missing_variable_is_named(tmp_path):
    path = write(tmp_path, 'name: L\ndata: {pin: "${PIN}"}\nsteps: ["type ${pin}"]\nexpect: x\n')
    with pytest.raises(ScenarioError, match=r"environment variable PIN is not set \(data: pin\)"):
        resolve_secrets(load_scenario(path), {"PIN": ""})


def test_doubled_dollar_is_a_dollar(tmp_path):
    path = write(tmp_path, 'name: L\nexpect: the page shows "$${name}"\n')
    assert load_scenario(path).entries[0].text == 'the page shows "${name}"'


def test_run_puts_another_files_steps_in_its_place(tmp_path):
    steps = 'data: {who: bob, pin: "${PIN}"}\nsteps: ["Log in as ${who} with ${pin}"]\nexpect: never used\n'
    write(tmp_path, steps, "parts/login.steps.yaml")
    path = write(
        tmp_path,
        """
        name: Run
        data: {who: ada}
        steps: [first, run: parts/login.steps.yaml, last]
        expect: x
        """,
    )
    scenario = load_scenario(path)
    assert [text for _, text in texts(scenario)] == ["first", "Log in as ada with ${pin}", "last", "x"]
    assert scenario.entries[1].path == tmp_path / "parts" / "login.steps.yaml"
    assert scenario.secrets == {"pin": "${PIN}"}


@pytest.mark.parametrize(
    ("given", "rows"),
    [
        ("[{user: ada, ok: yes}, {user: bob, ok: no}]", ["ada-yes", "bob-no"]),
        ("{user: [ada, bob], ok: [1, 2]}", ["ada-1", "ada-2", "bob-1", "bob-2"]),
    ],
)
def test_parametrize_makes_cases(tmp_path, given, rows):
    path = write(tmp_path, f'name: Many\nparametrize: {given}\nsteps: ["${{user}} ${{ok}}"]\nexpect: x\n')
    cases = load_cases(path)
    assert [case.case for case in cases] == rows
    assert [case.entries[0].text for case in cases] == [row.replace("-", " ") for row in rows]


def test_predecessors_come_in_order(tmp_path):
    for name, after in (("a", None), ("b", "a"), ("c", "b")):
        line = f"after: {after}.scenario.yaml\n" if after else ""
        write(tmp_path, f"name: {name}\n{line}expect: x\n", f"{name}.scenario.yaml")
    found = predecessors(tmp_path / "c.scenario.yaml")
    assert [path.name for path in found] == ["a.scenario.yaml", "b.scenario.yaml"]


@pytest.mark.parametrize(
    ("url", "base", "resumed", "expected"),
    [
        ("https://a.example/x", "http://b.example", "", "https://a.example/x"),
        ("/cart", "http://b.example/shop/", "", "http://b.example/cart"),
        ("cart", "http://b.example/shop/", "", "http://b.example/shop/cart"),
        ("", "http://b.example", "", "http://b.example"),
        ("", "http://b.example", "http://b.example/end", "http://b.example/end"),
    ],
)
def test_start_url(tmp_path, url, base, resumed, expected):
    scenario = load_scenario(write(tmp_path, f"name: U\nurl: '{url}'\nexpect: x\n"))
    assert start_url(scenario, base, resumed) == expected


def test_relative_url_needs_a_base(tmp_path):
    scenario = load_scenario(write(tmp_path, "name: U\nurl: /cart\nexpect: x\n"))
    with pytest.raises(ScenarioError, match="is relative; give --base-url"):
        start_url(scenario, None)


REFUSED = {
    "unknown key": (
        "name: X\nstep: [a]\nexpect: b\n",
        'cart.scenario.yaml:2: unknown key "step"; did you mean "steps"?',
    ),
    "unknown key in a step": (
        "name: X\nsteps:\n- expct: b\nexpect: b\n",
        'cart.scenario.yaml:3: unknown key "expct"; did you mean "expect"?',
    ),
    "colon in a step": (
        "name: X\nsteps:\n- Click Save: now\nexpect: b\n",
        'cart.scenario.yaml:3: "Click Save: …" was read as a key; put the whole step in quotes: - "Click Save: …"',
    ),
    "colon in a value": (
        "name: X\nsteps:\n- expect: the cart shows: 3\nexpect: b\n",
        'cart.scenario.yaml:3: the text contains ": "; put it in quotes, such as - "Set the title: draft"',
    ),
    "number sign in a step": (
        "name: X\nsteps:\n- Open order #17\nexpect: b\n",
        'cart.scenario.yaml:3: YAML takes "#17" for a comment; quote the whole text, or put a space after #',
    ),
    "two keys in an entry": (
        "name: X\nsteps:\n- do: a\n  expect: b\nexpect: b\n",
        'cart.scenario.yaml:3: "steps": write exactly one of do, expect, goal and run in an entry;'
        " start another entry with -",
    ),
    "no expectation": (
        "name: X\nsteps:\n- a\n",
        "cart.scenario.yaml:2: no expectation, so it could never fail; add expect: with what must be seen at the end"
        " (a file that others only run: can be named *.steps.yaml)",
    ),
    "empty expectation": ("name: X\nexpect:\n", 'cart.scenario.yaml:2: "expect" must be text and not empty'),
    "no name": (
        "expect: x\n",
        'cart.scenario.yaml:1: "name" is missing; add a first line such as "name: A backpack can be bought"',
    ),
    "steps as text": (
        "name: X\nsteps: a\nexpect: b\n",
        'cart.scenario.yaml:2: "steps" must be a list (one "- …" a line)',
    ),
    "unknown name": (
        "name: X\ndata: {usr: a}\nsteps: ['${user}']\nexpect: b\n",
        "cart.scenario.yaml:3: ${user} is not in data; did you mean ${usr}?",
    ),
    "variable that is not in data": (
        "name: X\nsteps: ['${PIN}']\nexpect: b\n",
        'cart.scenario.yaml:2: ${PIN} is not in data; add "PIN: …" to data (an environment variable: "PIN: ${PIN}")',
    ),
    "missing file": (
        "name: X\nsteps:\n- run: login.yaml\nexpect: b\n",
        'cart.scenario.yaml:3: there is no file "login.yaml"; it is looked for beside cart.scenario.yaml',
    ),
    "runs itself": (
        "name: X\nsteps:\n- run: cart.scenario.yaml\nexpect: b\n",
        "cart.scenario.yaml:3: run: goes in a circle (cart.scenario.yaml → cart.scenario.yaml); break it",
    ),
    "after itself": (
        "name: X\nafter: cart.scenario.yaml\nexpect: b\n",
        "cart.scenario.yaml:2: cart.scenario.yaml comes after itself; break the circle",
    ),
    "duration": (
        "name: X\ntimeout: soon\nexpect: b\n",
        'cart.scenario.yaml:2: "timeout": "soon" is not a duration; write 10, 10s, 500ms or 2m',
    ),
    "origin": (
        "name: X\nallow: pay.example.com\nexpect: b\n",
        'cart.scenario.yaml:2: "allow": "pay.example.com" is not an origin; write scheme and host,'
        " such as https://pay.example.com",
    ),
    "reserved tag": (
        "name: X\ntags: [parametrize]\nexpect: b\n",
        'cart.scenario.yaml:2: "tags": "parametrize" means something else to pytest; use another tag',
    ),
    "uneven rows": (
        "name: X\nparametrize: [{a: 1}, {b: 2}]\nexpect: b\n",
        "cart.scenario.yaml: every row of parametrize needs the same names, and at least one",
    ),
    "key twice": (
        "name: X\nexpect: a\nexpect: b\n",
        'cart.scenario.yaml:3: "expect" stands twice (first in line 2); keep one',
    ),
    "tab": ("name: X\nsteps:\n\t- a\n", "cart.scenario.yaml:3: a tab is used for indentation; use spaces"),
    "two documents": (
        "name: X\n---\nname: Y\n",
        "cart.scenario.yaml:2: more than one document (---) in the file; one scenario a file",
    ),
    "not a mapping": (
        "- a\n",
        'cart.scenario.yaml:1: expected "key: value" lines, such as "name: Add a backpack to the cart"',
    ),
    "empty": (
        "",
        'cart.scenario.yaml:1: expected "key: value" lines, such as "name: Add a backpack to the cart"',
    ),
    "not UTF-8": (b"name: X\nexpect: \xff\n", "cart.scenario.yaml:2: not UTF-8 text; save the file as UTF-8"),
    "control character": (
        "name: X\nexpect: \x07\n",
        "cart.scenario.yaml:2: character U+0007 is not allowed in YAML; remove it",
    ),
    "huge": (
        b"name: " + b"x" * 1_000_001,
        "cart.scenario.yaml: larger than 1,000,000 bytes; a scenario is one page of text: split it",
    ),
    "deep": ("[" * 5_000, "cart.scenario.yaml: nested deeper than 20 levels; a scenario needs three"),
    "endless alias": ("name: &x [*x]\n", "cart.scenario.yaml:1: nested deeper than 20 levels; a scenario needs three"),
    "merge key": (
        "name: X\n<<: {expect: b}\n",
        "cart.scenario.yaml:2: merge keys (<<) are not supported; write the values out",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refusal_names_file_line_and_remedy(tmp_path, what):
    text, expected = REFUSED[what]
    assert refusal(tmp_path, text) == expected


def test_all_mistakes_are_named_at_once(tmp_path):
    said = refusal(tmp_path, "nme: X\ntimeout: soon\nexpect: b\n")
    assert said.splitlines() == [
        'cart.scenario.yaml:2: "timeout": "soon" is not a duration; write 10, 10s, 500ms or 2m',
        'cart.scenario.yaml:1: unknown key "nme"; did you mean "name"?',
    ]


def test_aliases_that_multiply_are_refused(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    said = refusal(tmp_path, "\n".join(lines))
    assert "more than 20,000 values; are aliases (*name) multiplying them?" in said


def test_circle_of_several_files_is_refused(tmp_path):
    write(tmp_path, "name: B\nafter: cart.scenario.yaml\nexpect: x\n", "b.scenario.yaml")
    said = refusal(tmp_path, "name: A\nafter: b.scenario.yaml\nexpect: x\n")
    assert "comes after itself; break the circle" in said


def test_parametrised_scenario_cannot_be_resumed(tmp_path):
    write(tmp_path, "name: B\nparametrize: {a: [1, 2]}\nexpect: x\n", "b.scenario.yaml")
    said = refusal(tmp_path, "name: A\nafter: b.scenario.yaml\nexpect: x\n")
    assert "a parametrised scenario cannot be resumed" in said


def test_schema_file_is_what_the_models_say():
    assert json.loads(SCENARIO_SCHEMA.read_text(encoding="utf-8")) == ScenarioFile.model_json_schema()


def test_schema_knows_plain_steps_and_the_name():
    schema = json.loads(SCENARIO_SCHEMA.read_text(encoding="utf-8"))
    step = schema["properties"]["steps"]["items"]["anyOf"]
    assert [s.get("type", s.get("$ref")) for s in step] == ["string", "#/$defs/StepEntry"]
    assert schema["required"] == ["name"]
    assert schema["additionalProperties"] is False


def test_quotes_around_an_expectation_do_not_make_it_a_deed(tmp_path: Path) -> None:
    steps = """steps: ["expect: a is shown", "goal: buy it", "do: Click a", "Click 'expect: a'", "Note: b"]"""
    scenario = load_scenario(write(tmp_path, f"name: L\n{steps}\nexpect: x\n"))
    told = [(e.kind, e.text) for e in scenario.entries]
    assert told[:3] == [("expect", "a is shown"), ("goal", "buy it"), ("do", "Click a")]
    assert told[3:] == [("do", "Click 'expect: a'"), ("do", "Note: b"), ("expect", "x")]
