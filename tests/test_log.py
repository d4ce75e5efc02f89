import io
import json
from pathlib import Path

from PIL import Image

from magenta_qa.agent.log import InteractionLog
from magenta_qa.agent.privacy.privacy import Privacy
from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.schema import Action, Box, Candidate, Description, Effect, Observation, State


def screenshot(color: str = "white") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), color).save(out, "PNG")
    return out.getvalue()


def candidate(**changes: object) -> Candidate:
    fields: dict[str, object] = {
        "mark": 1,
        "box": Box(1, 2, 30, 20),
        "element_type": "button",
        "role": "button",
        "name": "Save",
        "text": "Save",
        "state": State(),
        "action_types": ("click",),
        "locators": ('role=button[name="Save"s]',),
    }
    return Candidate(**(fields | changes))  # type: ignore[arg-type]


def append(
    log: InteractionLog, seen: Candidate, html: str = "<button>Save</button>", action: Action | None = None
) -> str | None:
    page = Observation("http://127.0.0.1/a", "A", (64, 48), 1, screenshot(), (seen,))
    return log.append(
        page,
        seen,
        action or Action("click", 1),
        html=html,
        image=log.save_image(page.screenshot),
        description=Description(1, "Saves the form.", "rule", "accessible"),
        effect=Effect(dom=3),
        step="Save it",
        goal=None,
    )


def rows(home: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (home / "log" / "interactions.jsonl").read_text().splitlines()]


def test_line_has_the_documented_fields(tmp_path: Path) -> None:
    log = InteractionLog(tmp_path, "shop", Privacy(), clock=lambda: "2026-11-22T21:52:41Z")
    identifier = append(log, candidate())
    (row,) = rows(tmp_path)
    documented = (
        "v id session step at by site url viewport dpr image box action_type element_type text html value locators "
        "goal step_text summary summary_source confidence effect"
    )
    assert list(row) == documented.split()
    assert row["id"] == identifier
    assert row["box"] == [1, 2, 30, 20]
    assert row["effect"] == {"url": False, "dom": 3, "dialog": None, "errors": 0}
    assert (tmp_path / "log" / "images" / f"{row['image']}.webp").exists()


def test_what_goes_into_a_secret_field_is_told_by_name_only(tmp_path: Path) -> None:
    log = InteractionLog(tmp_path, "shop", Privacy())
    field = candidate(element_type="input:password", state=State(secret=True))
    for value in ("hunter2", "${PASSWORD}"):
        append(log, field, action=Action("fill", 1, value))
    assert [row["value"] for row in rows(tmp_path)] == ["•••", "${PASSWORD}"]


def test_same_picture_is_kept_once(tmp_path: Path) -> None:
    log = InteractionLog(tmp_path, "shop", Privacy())
    assert log.save_image(screenshot()) == log.save_image(screenshot())
    log.save_image(screenshot("red"))
    assert len(list((tmp_path / "log" / "images").iterdir())) == 2


def test_candidate_outside_the_viewport_is_no_training_row(tmp_path: Path) -> None:
    log = InteractionLog(tmp_path, "shop", Privacy())
    assert append(log, candidate(in_view=False)) is None
    assert not (tmp_path / "log" / "interactions.jsonl").exists()


def test_secret_is_masked_in_every_field(tmp_path: Path) -> None:
    log = InteractionLog(tmp_path, "shop", Privacy(secrets=Secrets({"TOKEN": "s3cret"})))
    append(log, candidate(text="s3cret", locators=('text="s3cret"',)), html="<b>s3cret</b>")
    assert "s3cret" not in (tmp_path / "log" / "interactions.jsonl").read_text()


def test_line_after_a_torn_one_stands_alone(tmp_path: Path) -> None:
    log = InteractionLog(tmp_path, "shop", Privacy())
    append(log, candidate())
    path = tmp_path / "log" / "interactions.jsonl"
    path.write_bytes(path.read_bytes() + b'{"v": 1, "id": "to')
    append(log, candidate())
    lines = path.read_text().splitlines()
    assert len(lines) == 3
    assert json.loads(lines[2])["v"] == 1


def test_log_that_cannot_be_written_says_so_and_does_not_raise(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a file where the folder should be")
    log = InteractionLog(tmp_path, "shop", Privacy())
    assert append(log, candidate()) is None
    assert "not kept" in log.problem
