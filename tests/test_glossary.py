"""What labels and steps teach beside the weights: what names mean, and which icons stand for what."""

import io
from dataclasses import replace

from PIL import Image, ImageDraw
from test_pictured import row

from magenta_qa.finetune.glossary import glossary_of
from magenta_qa.finetune.row import Row
from magenta_qa.model.embedded.glossary import Glossary, LabelledIcon
from magenta_qa.model.schema import Box


def names(*labels: tuple[str, ...], kind: str = "link") -> dict[str, tuple[str, ...]]:
    """Of rows with a name, a label and maybe a step."""
    rows = [
        replace(row(summary, number, text=name, kind=kind), instruction="".join(step))
        for number, (name, summary, *step) in enumerate(labels)
    ]
    return glossary_of(rows).names


def picture(shape: str) -> Image.Image:
    image = Image.new("RGB", (24, 24), "white")
    pen = ImageDraw.Draw(image)
    if shape == "cross":
        pen.line((6, 6, 17, 17), "black", 2)
        pen.line((17, 6, 6, 17), "black", 2)
    else:
        pen.rectangle((5, 8, 18, 12), outline="black")
    return image


def icon(summary: str, number: int, shape: str, instruction: str = "") -> Row:
    """A row of a button that shows a shape and has no name."""
    page = Image.new("RGB", (400, 300), "white")
    page.paste(picture(shape), (20 + 30 * number, 20))
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    box = Box(20 + 30 * number, 20, 24, 24)
    return replace(row(summary, number), image=buffer.getvalue(), box=box, instruction=instruction)


def test_a_name_means_what_its_labels_say() -> None:
    labels = [("Swift  Shelf", "Goes to the start page."), ("swift shelf", "Opens the start page of the shop.")]
    assert names(*labels) == {"swift shelf": ("Goes to the start page", "Opens the start page of the shop")}


def test_steps_teach_what_labels_bear_out() -> None:
    known = names(("Save as file", "Exports the picture.", "Download the picture"))
    assert known == {"save as file": ("Exports the picture", "Download the picture")}
    wrong = names(("Save as file", "Exports the picture.", "Share it with Ada"))
    assert wrong == {"save as file": ("Exports the picture",)}, "the agent may have taken the wrong control"


def test_what_the_name_says_already_is_not_kept() -> None:
    assert not names(
        ("Delete", "Deletes the Blue backpack."), ("Tents", "Opens the tents."), ("", "Goes to the start page.")
    )


def test_fields_and_contents_are_no_names() -> None:
    assert not names(("Mug", "Types in the search text."), kind="input:text")
    assert not names(("A long text that somebody wrote about what they saw on the sea last week", "Shows the post."))


def test_an_icon_is_known_by_its_look_and_called_as_in_steps() -> None:
    rows = [
        icon("Revokes the key.", 0, "cross", "Press Revoke"),
        icon("Deletes the key.", 1, "cross", "Make the key invalid"),
        icon("Approves the translation.", 2, "box"),
    ]
    glossary = glossary_of(rows)
    crossed = glossary.icon(picture("cross"))
    assert crossed is not None and crossed.reading.endswith(" the key (revoke icon).")
    assert set(crossed.sayings) == {"revoke", "Revokes the key", "Deletes the key", "Make the key invalid"}
    boxed = glossary.icon(picture("box"))
    assert boxed is not None and boxed.reading == "Approves the translation (approve translation icon)."
    assert glossary.icon(Image.new("RGB", (24, 24), "white")) is None


def test_an_icon_whose_labels_are_at_odds_teaches_nothing() -> None:
    rows = [icon("Resolves the ticket.", 0, "cross"), icon("Dismisses the notice.", 1, "cross")]
    assert not glossary_of(rows).icons


def test_later_labels_count_more() -> None:
    before = glossary_of([icon("Revokes the key.", 0, "cross"), icon("Approves the translation.", 1, "box")])
    later = glossary_of([icon("Blocks the user.", 0, "cross")])
    both = Glossary(names={"add": ("Creates something",)}, icons=before.icons).with_later(later)
    assert [each.reading.split()[0] for each in both.icons] == ["Blocks", "Approves"]
    assert both.sayings(" ADD ") == ("Creates something",)
    assert Glossary.model_validate_json(both.model_dump_json()) == both
    assert isinstance(both.icons[0], LabelledIcon)
