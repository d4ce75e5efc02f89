"""What rows teach a model that reads pictures alone: labels without the names that the page tells."""

import io
from collections.abc import Sequence

import pytest
from PIL import Image

from magenta_qa.finetune.pictured import answer_for, pictured, told
from magenta_qa.finetune.row import Row
from magenta_qa.model.chat_answer import Completion
from magenta_qa.model.closeup import CLOSEUP
from magenta_qa.model.errors import BackendError, DatasetError
from magenta_qa.model.schema import Box
from magenta_qa.model.understand import Ask

ROW = "<tr><td>Blue backpack</td><td>Ada's order 1431</td><td><button class='x1'></button></td></tr>"


def row(summary: str, number: int = 0, *, text: str = "", html: str = ROW, kind: str = "button") -> Row:
    buffer = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(buffer, "PNG")
    return Row(
        f"row-{number}", buffer.getvalue(), "click", kind, text, html, summary,
        box=Box(20 + 30 * number, 20, 24, 24), viewport=(400, 300), summary_source="person", url="http://a.test/",
    )  # fmt: skip


class Reader:
    """Reads the same on every picture."""

    def __init__(self, said: str) -> None:
        self.said, self.asked = said, 0

    def answer_all(self, asks: Sequence[Ask]) -> list[Completion | BackendError]:
        self.asked += len(asks)
        return [Completion(self.said, 0.9) for _ in asks]


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("Removes the Blue backpack from the cart.", "Removes from the cart"),
        ("Prints Ada's order 1431.", "Prints"),
        ('Comments on "Blue backpack".', "Comments"),
        ("Shows the raw data.", "Shows the raw data"),
        ("Opens the PDF of invoice-7.pdf.", "Opens the PDF"),
        ("Blue backpack", ""),
    ],
)
def test_names_of_the_page_are_no_part_of_what_is_learned(summary: str, expected: str) -> None:
    assert told(summary, ROW) == expected


@pytest.mark.parametrize(
    ("summary", "reading", "expected"),
    [
        ("Removes the Blue backpack.", "Deletes (trash icon).", "Deletes (trash icon)."),
        ("Shows the raw data.", "Records or mutes the microphone (mic icon).", "Shows the raw data (raw data icon)."),
        ("Copies the order.", "Opens the settings (settings icon).", "Copies the order (copy order icon)."),
        ("Opens the pictures of Ada.", "Bookmarks (bookmark icon).", "Opens the pictures (pictures icon)."),
        ("Archives the order.", "Something that is no reading.", "Archives the order (archive order icon)."),
    ],
)
def test_right_reading_stays_and_a_wrong_one_becomes_the_label(summary: str, reading: str, expected: str) -> None:
    assert answer_for(row(summary), reading) == expected


def test_only_what_the_model_is_asked_about_is_learned_from() -> None:
    rows = [
        row("Shows the raw data.", 0),
        row("Saves the order.", 1, text="Save"),
        row("Takes the name.", 2, kind="input:text"),
        row("Closes the order.", 3, html='<button aria-label="Close"></button>'),
    ]
    reader = Reader("Deletes (trash icon).")
    examples = pictured(rows, CLOSEUP, reader, lambda *_: None)
    assert [example.id for example in examples] == ["row-0"]
    assert examples[0].turns[1].content == "Shows the raw data (raw data icon)."
    assert reader.asked == 1
    assert "3 others" in examples.told


def test_nothing_to_learn_is_said() -> None:
    with pytest.raises(DatasetError, match="label icons"):
        pictured([row("Saves the order.", text="Save")], CLOSEUP, Reader(""), lambda *_: None)
