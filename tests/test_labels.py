import pytest

from magenta_qa.finetune.labels import language_of, repeats_element


@pytest.mark.parametrize(
    ("label", "text", "html", "repeats"),
    [
        ("Add to cart.", "Add to cart", "", True),
        ("The Add to Cart button", "ADD TO CART", "", True),
        ("Remove item", "", '<button aria-label="Remove item"><svg/></button>', True),
        ("Removes the blue mug from the cart.", "", '<button aria-label="Remove item"><svg/></button>', False),
        ("Adds the mug to the cart.", "Add to cart", "", False),
        ("", "", "", False),
    ],
)
def test_label_that_has_no_word_of_its_own_repeats_its_element(label, text, html, repeats):
    assert repeats_element(label, text, html) is repeats


@pytest.mark.parametrize(
    "label",
    [
        "Opens the cart.",
        "Logs out.",
        "Submits.",
        "Opens Kastanienallee 41.",
        "Deletes Grünzeug GmbH.",
        "Filters to Straße.",
        "Opens the page “Über uns und unsere Geschichte” in the footer.",
        "Shows order 1174.",
        "",
        "42",
        "Edits Christoffer's comment.",
        "Returns to Consequuntur rerum.",
        "Opens List (3) under Authors.",
        "Deletes comment.",
    ],
)
def test_english_is_english_whatever_it_names(label):
    assert language_of(label) == "en"


@pytest.mark.parametrize(
    ("label", "text", "html"),
    [
        ("Opens custom queries.", "custom queries", ""),
        ("Opens mime-viewer.", "", '<a title="mime-viewer"><svg></svg></a>'),
        ("Opens tout le panier.", "Tout le panier", ""),
        ("Opens https://bugs.example.org/.", "", ""),
        ("Opens default_format.email.", "", ""),
    ],
)
def test_english_is_english_whatever_the_element_says(label, text, html):
    assert language_of(label, text, html) == "en"


def test_another_language_is_told_beside_what_the_element_says():
    assert language_of("Ouvre le panier.", "Panier") == "fr"
    assert language_of("Legt das in den Warenkorb.", "In den Warenkorb") == "de"


@pytest.mark.parametrize(
    "label",
    [
        "Öffnet den Warenkorb.",
        "Speichert das Formular.",
        "Ouvre le panier.",
        "Abre el carrito.",
        "Открывает корзину.",
        "カートを開きます。",
        "Otwiera koszyk.",
        "Apre il carrello.",
        "打开购物车。",
    ],
)
def test_other_languages_are_told(label):
    assert language_of(label) != "en"
