"""What labels of named controls teach: what names mean, where labels agree and say more than the name."""

from test_pictured import row

from magenta_qa.finetune.glossary import glossary_of


def deeds(*labels: tuple[str, str], kind: str = "link") -> dict[str, str]:
    rows = [row(summary, number, text=name, kind=kind) for number, (name, summary) in enumerate(labels)]
    return glossary_of(rows).deeds


def test_a_name_means_what_its_labels_say() -> None:
    labels = [("Swift  Shelf", "Goes to the start page."), ("swift shelf", "Opens the start page of the shop.")]
    assert deeds(*labels) in (
        {"swift shelf": "Goes to the start page"},
        {"swift shelf": "Opens the start page of the shop"},
    )


def test_labels_that_are_at_odds_teach_nothing() -> None:
    assert not deeds(("Close", "Resolves the ticket."), ("Close", "Dismisses the notice."))


def test_what_the_name_says_already_is_not_kept() -> None:
    assert not deeds(
        ("Delete", "Deletes the Blue backpack."), ("Tents", "Opens the tents."), ("", "Goes to the start page.")
    )


def test_fields_and_contents_are_no_names() -> None:
    assert not deeds(("Mug", "Types in the search text."), kind="input:text")
    assert not deeds(("A long text that somebody wrote about what they saw on the sea last week", "Shows the post."))
