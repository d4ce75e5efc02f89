"""The lock of a scenario, `NAME.scenario.lock.yaml` beside it: what it did when it last passed, for people to review.

    version: 2
    steps:
    - do: Click Delete in the row of Summer cabin
      actions:
      - kind: click
        role: button
        name: Delete
        type: button
        within: ['row: Summer cabin Ada Linden Strandveien 7 …', 'heading: Address book']
        locators: ['tr:has-text("Summer cabin") >> role=button[name="Delete"s]', …]      # best first
        description: Deletes the Summer cabin row.
        html: 5f0c2a9be1d4                                           # digest of the HTML around it
        crop: 32x32 f0e1d2c3b4a59687                                 # size and difference hash of its picture
        effect: dialog confirm
        page: 2
    expect:
    - the page does not show "Summer cabin": text "Summer cabin" is not shown
    pages:
      2: [button|Delete, link|Cart]                                  # role|name of what could be acted on

The team commits it. A step is found by its text, so that a changed one is new and all others stay as they are.
"""

import difflib
import io
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from magenta_qa.agent.memory import Memory, RememberedExpectation, RememberedStep, Target
from magenta_qa.model.schema import Box, Place
from magenta_qa.model.trace import Fingerprint

VERSION = 2
HASH_SIDE = 8  # a difference hash has 8 × 8 bits


def lock_path(scenario: Path) -> Path:
    """Where the memory of a scenario file lies: `a.scenario.yaml` → `a.scenario.lock.yaml`."""
    return scenario.with_name(scenario.name.removesuffix(".yaml") + ".lock.yaml")


def load_memory(path: Path) -> Memory:
    """What is remembered; nothing when there is no file or it is of another version or broken."""
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        if data["version"] == 1:
            return _read_first_form(data)
        if data["version"] != VERSION:
            return Memory()
        pages = {int(number): tuple(map(str, names)) for number, names in (data.get("pages") or {}).items()}
        steps = tuple(_read_step(step, pages) for step in data["steps"])
        held = tuple(_read_expectation(each) for each in data["expect"])
        return Memory(steps, held)
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return Memory()


def save_memory(path: Path, memory: Memory) -> bool:
    """Write the memory if it differs from what is there; returns whether it was written."""
    if comparable(load_memory(path)) == comparable(memory):
        return False
    try:
        path.write_text(lock_text(memory), encoding="utf-8")
    except OSError:
        return False
    return True


def comparable(memory: Memory) -> Memory:
    """The memory without its pictures, which no two runs have alike."""
    steps = tuple(
        replace(step, targets=tuple(replace(t, crop="", image=None, box=None) for t in step.targets))
        for step in memory.steps
    )
    return replace(memory, steps=steps)


def lock_text(memory: Memory) -> str:
    """The file's text."""
    pages: dict[tuple[str, ...], int] = {}
    steps = [_plain_step(step, pages) for step in memory.steps]
    data: dict[str, object] = {
        "version": VERSION,
        "steps": steps,
        "expect": [{each.text: each.means} for each in memory.expectations],
        "pages": {number: list(names) for names, number in pages.items()},
    }
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120)
    return text


def lock_patch(path: Path, memory: Memory) -> str:
    """What would change in the lock, as a unified diff that `git apply` takes where the run was started."""
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    name = os.path.relpath(path)
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), lock_text(memory).splitlines(keepends=True), f"a/{name}", f"b/{name}"
    )
    return "".join(lines)


def with_crops(memory: Memory, images: Path) -> Memory:
    """The memory with the features of each control's picture, where the picture was kept."""

    def crop(target: Target) -> Target:
        if target.image is None or target.box is None:
            return target
        return replace(target, crop=_crop_features(images / f"{target.image}.webp", target.box) or target.crop)

    steps = tuple(replace(step, targets=tuple(map(crop, step.targets))) for step in memory.steps)
    return replace(memory, steps=steps)


def _crop_features(path: Path, box: Box) -> str:
    """Size in CSS pixels, and which pixels of the un-outlined crop are darker than their right neighbours."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(path.read_bytes())) as picture:
            area = (int(box.x), int(box.y), int(box.x + max(1, box.width)), int(box.y + max(1, box.height)))
            small = picture.crop(area).convert("L").resize((HASH_SIDE + 1, HASH_SIDE))
    except OSError:
        return ""
    grey = small.tobytes()
    bits = 0
    for row in range(HASH_SIDE):
        for column in range(HASH_SIDE):
            at = row * (HASH_SIDE + 1) + column
            bits = bits << 1 | (grey[at] < grey[at + 1])
    return f"{box.width:.0f}x{box.height:.0f} {bits:016x}"


def _plain_step(step: RememberedStep, pages: dict[tuple[str, ...], int]) -> dict[str, object]:
    plain: dict[str, object] = {"do": step.do}
    if step.anew:
        plain["looked at every time"] = step.anew
    plain["actions"] = [_plain_target(target, pages) for target in step.targets]
    return plain


def _plain_target(target: Target, pages: dict[tuple[str, ...], int]) -> dict[str, object]:
    """Only what says something, so that a diff is short."""
    known = target.fingerprint
    place = target.place
    parts: dict[str, object] = {
        "kind": target.kind,
        "value": target.value,
        "role": target.role,
        "name": target.name,
        "type": target.element_type,
        "state": known.state if known else "",
        "within": list(known.within) if known else [],
        "hints": known.hints if known else "",
        "frame": known.frame if known else "",
        "locators": list(target.locators),
        "onto": list(target.onto),
        "onto control": _plain_control(target.onto_fingerprint) if target.onto_fingerprint else {},
        "description": target.description,
        "html": target.html,
        "crop": target.crop,
        "effect": target.effect,
        "part": [place.part, place.of, place.prepares, place.attempt] if place and place != Place(0) else [],
        "image": target.image,
        "box": [target.box.x, target.box.y, target.box.width, target.box.height] if target.box and target.image else [],
        "page": pages.setdefault(target.page, len(pages) + 1) if target.page else None,
    }
    return {name: part for name, part in parts.items() if part not in ("", None, [], {})}


def _plain_control(known: Fingerprint) -> dict[str, object]:
    """The control at the other end of a drag."""
    named = {"role": known.role, "name": known.name, "type": known.element_type, "state": known.state}
    parts = {**named, "within": list(known.within), "hints": known.hints, "frame": known.frame}
    return {name: part for name, part in parts.items() if part not in ("", [])}


def _read_step(step: dict[str, Any], pages: dict[int, tuple[str, ...]]) -> RememberedStep:
    targets = tuple(_read_target(t, pages) for t in step["actions"])
    return RememberedStep(str(step["do"]), targets, str(step.get("looked at every time", "")))


def _read_target(t: dict[str, Any], pages: dict[int, tuple[str, ...]]) -> Target:
    known = _read_control(t)
    part = t.get("part", (0, 0, False, False))
    return Target(
        str(t["kind"]),
        known.role,
        known.name,
        known.element_type,
        tuple(map(str, t.get("locators", ()))),
        pages[t["page"]] if "page" in t else (),
        value=None if t.get("value") is None else str(t["value"]),
        fingerprint=known if known.element_type else None,
        description=str(t.get("description", "")),
        html=str(t.get("html", "")),
        crop=str(t.get("crop", "")),
        effect=str(t.get("effect", "")),
        place=Place(int(part[0]), int(part[1]), bool(part[2]), bool(part[3])),
        onto=tuple(map(str, t.get("onto", ()))),
        onto_fingerprint=_read_control(t["onto control"]) if "onto control" in t else None,
        image=str(t["image"]) if "image" in t else None,
        box=Box(*map(float, t["box"])) if "box" in t else None,
    )


def _read_control(control: dict[str, Any]) -> Fingerprint:
    role, name, element_type, state = (str(control.get(key, "")) for key in ("role", "name", "type", "state"))
    within = tuple(map(str, control.get("within", ())))
    hints, frame = (str(control.get(key, "")) for key in ("hints", "frame"))
    return Fingerprint(role, name, element_type, state, within, hints, frame)


def _read_expectation(each: dict[str, Any]) -> RememberedExpectation:
    ((text, means),) = each.items()
    return RememberedExpectation(str(text), str(means or ""))


def _read_first_form(data: dict[str, Any]) -> Memory:
    """A lock of version 1: it tells `stale` from `failed`, but holds too little to be replayed."""
    steps = []
    for step in data["steps"]:
        targets = tuple(
            Target(t["kind"], t["role"], t["name"], t["element_type"], tuple(t["locators"]), tuple(t["page"]))
            for t in step["targets"]
        )
        steps.append(RememberedStep(str(step["do"]), targets, "its lock is of the first form"))
    return Memory(tuple(steps), tuple(RememberedExpectation(str(text), "") for text in data["held"]))
