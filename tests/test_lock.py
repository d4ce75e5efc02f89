from dataclasses import replace
from pathlib import Path

import yaml

from magenta_qa.agent.lock import load_memory, lock_patch, lock_path, save_memory
from magenta_qa.agent.memory import Memory, RememberedExpectation, RememberedStep, Target
from magenta_qa.model.schema import Box, Place
from magenta_qa.model.trace import Fingerprint

PRINT = Fingerprint("button", "Delete", "button", "not expanded", ("row: Summer cabin", "heading: Addresses"), "trash")
DELETE = Target(
    "click",
    "button",
    "Delete",
    "button",
    ('tr:has-text("Summer cabin") >> role=button[name="Delete"s]', "td > button"),
    ("button|Delete", "link|Cart"),
    fingerprint=PRINT,
    description="Deletes the row.",
    html="5f0c2a9be1d4",
    effect="dialog confirm",
    place=Place(1, 0, True, False),
    image="ab" * 32,
    box=Box(1, 2, 3, 4),
)
DRAG = replace(DELETE, kind="drag", onto=("#b",), onto_fingerprint=replace(PRINT, name="Cabin"))
ANSWER = Target("dialog", "", "", "", (), (), value="accept", place=Place(0))
MEMORY = Memory(
    (
        RememberedStep("Delete it: now", (DELETE,)),
        RememberedStep("Accept", (ANSWER,)),
        RememberedStep("Drag it", (DRAG,)),
        RememberedStep("Open the first", (), "counted"),
    ),
    (RememberedExpectation('the page shows "A: b"', 'text "A: b" is shown'), RememberedExpectation("judged", "")),
)


def test_memory_survives_a_round_trip_and_is_written_only_when_it_differs(tmp_path: Path) -> None:
    path = lock_path(tmp_path / "buy.scenario.yaml")
    assert path.name == "buy.scenario.lock.yaml"
    assert save_memory(path, MEMORY)
    assert load_memory(path) == MEMORY
    assert not save_memory(path, MEMORY)


def test_lock_says_each_thing_once_and_nothing_empty(tmp_path: Path) -> None:
    path = tmp_path / "x.scenario.lock.yaml"
    save_memory(path, Memory((RememberedStep("A", (DELETE, DELETE)), RememberedStep("B", (ANSWER,)))))
    data = yaml.safe_load(path.read_text())
    assert list(data["pages"].values()) == [["button|Delete", "link|Cart"]]
    assert data["steps"][1]["actions"] == [{"kind": "dialog", "value": "accept"}]


def test_patch_shows_only_what_changes(tmp_path: Path) -> None:
    path = tmp_path / "x.scenario.lock.yaml"
    save_memory(path, MEMORY)
    renamed = RememberedStep("Accept", (Target("dialog", "", "", "", (), (), value="dismiss"),))
    patch = lock_patch(path, Memory((MEMORY.steps[0], renamed, *MEMORY.steps[2:]), MEMORY.expectations))
    assert [line for line in patch.splitlines()[2:] if line[0] in "+-"] == ["-    value: accept", "+    value: dismiss"]


def test_lock_of_the_first_form_is_read_but_not_replayed(tmp_path: Path) -> None:
    path = tmp_path / "x.scenario.lock.yaml"
    target = "{kind: click, role: button, name: Buy, element_type: button, locators: ['#buy'], page: [link|Cart]}"
    path.write_text(f"version: 1\nsteps:\n- do: Buy it\n  targets: [{target}]\nheld: [the cart is empty]\n")
    memory = load_memory(path)
    assert memory.steps[0].targets[0].locators == ("#buy",)
    assert memory.steps[0].anew
    assert memory.held == {"the cart is empty"}


def test_broken_memory_is_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "x.scenario.lock.yaml"
    steps = "version: 2\nexpect: []\nsteps: "
    for text in ("[", "version: 9\nsteps: []", "version: 1\nsteps: [1]", "just text", f"{steps}[1]", f"{steps}[do: x]"):
        path.write_text(text)
        assert load_memory(path) == Memory()
