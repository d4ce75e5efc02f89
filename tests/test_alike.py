"""Controls that look alike are read together: groups, what they agree on, and what is built alike out of sight."""

import io
from collections.abc import Sequence

import pytest
from PIL import Image, ImageDraw

from magenta_qa.model.chat_answer import Completion
from magenta_qa.model.closeup import CLOSEUP
from magenta_qa.model.embedded.alike import VOTERS, agreed, groups_of, merged
from magenta_qa.model.embedded.glossary import LabelledIcon
from magenta_qa.model.embedded.prints import print_of
from magenta_qa.model.errors import BackendError
from magenta_qa.model.schema import Box, Candidate, Context, Description, Observation, Question, State, View
from magenta_qa.model.understand import Ask, ModelUnderstanding

TRASH, PENCIL, UNSURE = "Deletes (trash icon).", "Edits (edit icon).", "Copies (copy icon)."


class Reader:
    """Reads pictures alone; says in turn what it is given."""

    spec = "embedded"
    reads_pictures_only = True
    view: View = CLOSEUP

    def __init__(self, *answers: tuple[str, float]) -> None:
        self.answers, self.asked = list(answers), list[int]()
        self.label: LabelledIcon | None = None

    def identity(self) -> str:
        return "reader"

    def taught(self, _: str) -> tuple[str, ...]:
        return ()

    def labelled(self, _: Image.Image) -> LabelledIcon | None:
        return self.label

    def answer_all(self, asks: Sequence[Ask]) -> list[Completion | BackendError]:
        self.asked += [ask.question.candidate.mark for ask in asks]
        return [Completion(*self.answers.pop(0)) for _ in asks]

    def close(self) -> None: ...


def icon(filled: bool = False, ground: str = "white") -> Image.Image:
    image = Image.new("RGB", (24, 24), ground)
    ImageDraw.Draw(image).rectangle((6, 6, 17, 17), outline="black", fill="black" if filled else None)
    return image


def rows(count: int, height: int = 720, hints: str = "row action") -> Observation:
    """A table of `count` rows with the same icon button in each."""
    page = Image.new("RGB", (400, height), "white")
    found = []
    for number in range(count):
        page.paste(icon(), (300, 40 * number))
        context = (Context("row", f"Order {1000 + number}", number + 1),)
        found.append(
            Candidate(
                number + 1, Box(300, 40 * number, 24, 24), "button", "button", "", "", State(), ("click",),
                tag="button", hints=hints, context=context, in_view=40 * number < height,
            )
        )  # fmt: skip
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return Observation("http://shop.test/", "Orders", (400, height), 1.0, buffer.getvalue(), tuple(found))


def said(reader: Reader, observation: Observation) -> list[str]:
    questions = [Question(c, "click", "") for c in observation.candidates]
    return [d.reading for d in ModelUnderstanding(reader, None).describe(observation, questions)]


def test_same_pictures_are_one_group_whatever_the_ground() -> None:
    pictures = [icon(), icon(filled=True), icon(), icon(ground="#f4f4f4")]
    assert groups_of(pictures) == [[0, 2, 3], [1]]


def test_nothing_to_see_is_like_nothing() -> None:
    blank = Image.new("RGB", (24, 24), "white")
    assert groups_of([blank, blank]) == [[0], [1]]


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([(TRASH, 0.9), (TRASH, 0.7), (PENCIL, 0.6)], (TRASH, 0.9)),
        ([(TRASH, 0.9), (PENCIL, 0.9)], (TRASH, 0.0)),
        ([(TRASH, 0.9), ("Removes the order.", 0.9)], None),
        ([], None),
    ],
)
def test_several_of_the_same_have_one_reading(answers: list, expected: object) -> None:  # type: ignore[type-arg]
    assert agreed(answers) == expected


def test_what_several_alike_may_be_is_what_they_are_on_average() -> None:
    one, other = [(PENCIL, 0.6), (TRASH, 0.2)], [(TRASH, 0.5)]
    assert merged([one, other]) == ((TRASH, 0.35), (PENCIL, 0.3))
    assert merged([]) == ()


def test_only_some_of_those_that_look_alike_are_asked_about() -> None:
    reader = Reader((TRASH, 0.9), (TRASH, 0.6), (UNSURE, 0.7), (TRASH, 0.85))
    assert said(reader, rows(9)) == ["Delete"] * 9
    assert reader.asked == list(range(1, VOTERS + 1))


def test_reading_that_two_alike_contradict_is_none() -> None:
    assert said(Reader((TRASH, 0.9), (PENCIL, 0.95)), rows(2)) == ["", ""]


def test_sentences_of_a_team_s_own_model_are_asked_of_each() -> None:
    reader = Reader(*((f"Deletes order {1000 + number}.", 0.9) for number in range(6)))
    questions = [Question(c, "click", "") for c in rows(6).candidates]
    described = ModelUnderstanding(reader, None).describe(rows(6), questions)
    assert [d.text for d in described] == [f"Deletes order {1000 + number}." for number in range(6)]


def test_what_is_out_of_sight_means_what_is_built_alike() -> None:
    seen_of_nine = rows(9, height=200)
    assert said(Reader(*[(TRASH, 0.9)] * 4), seen_of_nine) == ["Delete"] * 9
    assert said(Reader(*[(TRASH, 0.9)] * 4), rows(9, height=200, hints="")) == ["Delete"] * 5 + [""] * 4


def labelled(reader: Reader, reading: str, *sayings: str) -> Description:
    """What is said of an icon that somebody has labelled."""
    seen = print_of(icon())
    assert seen is not None
    reader.label = LabelledIcon.of(seen, reading, sayings)
    (candidate,) = rows(1).candidates
    (said,) = ModelUnderstanding(reader, None).describe(rows(1), [Question(candidate, "click", "")])
    return said


def test_a_label_of_an_icon_takes_the_place_of_a_doubtful_reading() -> None:
    said = labelled(Reader((UNSURE, 0.3)), "Approves the text (approve icon).", "approve", "Approves the text")
    assert (said.reading, said.taught) == ("Approve", ("approve", "Approves the text"))


def test_a_sure_reading_stays_beside_what_labels_say() -> None:
    said = labelled(Reader((TRASH, 0.99)), "Revokes the key (revoke icon).", "revoke", "Revokes the key")
    assert (said.reading, said.taught) == ("Delete", ("revoke", "Revokes the key"))
