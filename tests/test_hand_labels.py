"""The elements that were labelled by hand: the labels hold together, and the pages still have what they name."""

import re
from collections import Counter

import pytest
from apps import proof
from hand_labels import Labels, load_labels
from pydantic import ValidationError

LABELS = load_labels()
ELEMENTS = [named for labels in LABELS for named in labels.elements()]
LABEL = re.compile(r'(?:has-text|text-is)\("([^"]*)"\)|\[(?:aria-label|title|value)="([^"]*)"\]')


def words(text):
    return re.findall(r"\w+", text.casefold())


def test_two_hundred_elements_of_three_applications_are_labelled():
    assert len(ELEMENTS) == 200
    assert len({name for name, _ in ELEMENTS}) == 200
    assert {labels.application for labels in LABELS} == {"flask-admin", "label-studio", "verdaccio"}
    assert {labels.application: labels.version for labels in LABELS} == {
        labels.application: proof.application(labels.application).version for labels in LABELS
    }


def test_a_quarter_shows_an_icon_alone_and_a_quarter_is_repeated_in_rows():
    kinds = Counter(kind for _, element in ELEMENTS for kind in element.kinds)
    assert kinds["icon-only"] >= 50 and kinds["repeated"] >= 50
    assert min(kinds[kind] for kind in ("button", "link", "input", "select", "checkbox", "tab", "menu", "dialog")) >= 5


@pytest.mark.parametrize("labels", LABELS, ids=lambda labels: labels.application)
def test_every_element_of_a_page_is_told_apart(labels):
    for page in labels.pages:
        for texts in (
            [element.selector for element in page.elements],
            [element.instruction for element in page.elements],
            [text for element in page.elements for text in element.descriptions],
        ):
            assert not [text for text, count in Counter(texts).items() if count > 1], page.page


def test_labels_are_sentences_that_say_more_than_the_element():
    for name, element in ELEMENTS:
        shown = {" ".join(words("".join(found))) for found in LABEL.findall(element.selector)}
        for text in (*element.descriptions, element.instruction):
            assert len(words(text)) >= 3, name
            assert " ".join(words(text)) not in shown, name
        assert not element.instruction.endswith("."), name
        assert words(element.descriptions[0])[0].endswith("s"), f"{name}: third person"


def test_misspelt_label_is_refused():
    with pytest.raises(ValidationError, match="selektor"):
        Labels.model_validate({
            "application": "flask-admin", "version": "2.2.1",
            "pages": [{"page": "x", "path": "/", "elements": [{"id": "a", "selektor": "a"}]}],
        })  # fmt: skip
