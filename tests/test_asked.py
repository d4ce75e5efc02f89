"""What a request and a description say is done, and what tells one thing from another."""

import pytest

from magenta_qa.model.language.asked import read_asked
from magenta_qa.model.language.deeds import denied, lead_of, told_deeds
from magenta_qa.model.language.lexicon import words_of


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ("Kick off the server", "Boots the server."),
        ("Take the mug off sale", "Hides the mug in the shop."),
        ("Give the project up", "Cancels the project."),
        ("Start adding an author", "Creates an author."),
        ("Start a new board", "Opens a form for adding a board."),
        ("Show only what is late", "Filters the tasks by what is late."),
        ("Favourite the song", "Adds the song to the favourites."),
        ("Star the file", "Marks the file as a favourite."),
    ],
)
def test_a_step_and_a_sentence_name_the_same_deed(step: str, sentence: str) -> None:
    assert read_asked(step).deeds.every & told_deeds(sentence).every


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ("Open the ticket", "Merges the ticket with another one."),
        ("Play the song", "Adds the song to a play list."),
        ("Close the dialog", "Shows the sharing dialog."),
        ("Press the Download button", "Deletes the file."),
    ],
)
def test_a_step_and_a_sentence_name_different_deeds(step: str, sentence: str) -> None:
    asked, told = read_asked(step).deeds, told_deeds(sentence)
    assert asked.every
    assert told.lead
    assert not asked.every & told.every


def test_a_verb_for_anything_names_no_deed() -> None:
    assert not lead_of(words_of("Make the rows smaller"))
    assert read_asked("Click Ada").deeds.every == frozenset()


def test_names_are_what_is_written_like_them_but_not_labels() -> None:
    assert read_asked("Press Delete in the row of Ada Moreau").names == ("Ada", "Moreau")
    assert read_asked("Open version 2.0.1 of tide-table").names == ("2.0.1",)
    assert read_asked("Tap Groceries").names == ()
    assert read_asked("Show June 5, 2025").names == ("June", "5")


def test_what_only_says_which_sort_of_control_is_meant_says_little() -> None:
    def heavy(step: str) -> set[str]:
        asked = read_asked(step)
        return {w.raw for w in asked.words if w not in asked.light}

    assert heavy("Copy the link to the folder Maps") == {"copy", "link", "folder", "maps"}
    assert heavy("Open the second menu entry of Ada") == {"ada"}
    assert heavy("Choose Oslo in the city drop-down") == {"oslo", "city"}


def test_what_is_denied_is_told() -> None:
    assert "sav" in denied("Goes back to the list without saving.")
    assert denied("Saves the list.") == frozenset()
