"""The scenarios of the shop whose icons have no names (`suite_bare`): by hand, by place, and what they leave behind.

BARE_FLOWS["bin_address"](page, url)         # as a person would, who sees the icons
BARE_ORACLES["bin_address"](evidence)        # told by the shop's rows and requests; see shop_oracles.py
"""

from collections.abc import Callable
from functools import partial

from playwright.sync_api import Locator, Page, expect
from shop_evidence import Evidence
from shop_hands import answer, card, open_as, row, shown
from shop_oracles import ORACLES

_CART = "SELECT p.name, c.quantity FROM cart_items c JOIN products p ON p.id = c.product_id WHERE c.owner = "
_WISHES = "SELECT p.name FROM wishes w JOIN products p ON p.id = w.product_id WHERE w.owner = "


def _icons(place: Locator) -> Locator:
    return place.locator("button")


def _address(page: Page, url: str, label: str) -> Locator:
    open_as(page, url, "/account/addresses", "ada@example.com")
    return row(page, label)


def bin_address(page: Page, url: str) -> None:
    asked = answer(page, _icons(_address(page, url, "Summer cabin")).nth(1), "accept")
    assert asked == "Delete the address “Summer cabin”?"
    expect(page.get_by_role("table", name="Addresses").locator("tbody tr")).to_have_count(3)


def pen_address(page: Page, url: str) -> None:
    _icons(_address(page, url, "Office")).nth(0).click()
    for label, value in (("Street and number", "Landstraße 8"), ("Postcode", "1030"), ("City", "Vienna")):
        page.get_by_label(label).fill(value)
    page.get_by_label("Country").select_option("Austria")
    page.get_by_role("button", name="Save address").click()
    expect(row(page, "Office")).to_contain_text("1030 Vienna, Austria")


def star_address(page: Page, url: str) -> None:
    _address(page, url, "Office").locator("td").first.locator("div").click()
    expect(row(page, "Office")).to_contain_text("Default")


def _line(name: str, place: int, text: str, page: Page, url: str) -> None:
    open_as(page, url, "/login?next=/cart", "ben@example.com")
    _icons(row(page, name)).nth(place).click()
    shown(page, text)


def heart_card(page: Page, url: str) -> None:
    page.goto(f"{url}/?q=lantern")
    _icons(card(page, "Glow Lantern")).nth(0).click()
    expect(page.locator("#wish-count")).to_have_text("1")
    page.goto(f"{url}/wishlist")


def bag_card(page: Page, url: str) -> None:
    page.goto(f"{url}/?q=mug")
    _icons(card(page, "Enamel Mug")).nth(1).click()
    shown(page, "Enamel Mug is in your cart.")


def heart_product(page: Page, url: str) -> None:
    page.goto(f"{url}/products/glow-lantern")
    page.locator(".buy > button").nth(1).click()
    expect(page.locator("#wish-count")).to_have_text("1")
    page.goto(f"{url}/wishlist")


def heart_again(page: Page, url: str) -> None:
    open_as(page, url, "/login?next=/wishlist", "ada@example.com")
    _icons(card(page, "Nook 2 Tent")).nth(0).click()
    expect(page.get_by_text("Nook 2 Tent")).to_have_count(0)


def cross_item(page: Page, url: str) -> None:
    open_as(page, url, "/packing", "ada@example.com")
    _icons(page.get_by_role("listitem").filter(has_text="Head torch")).click()
    shown(page, "Head torch is off the list.")


def pen_product(page: Page, url: str) -> None:
    open_as(page, url, "/desk/products", "mira@example.com")
    _icons(row(page, "Enamel Mug")).click()
    page.get_by_label("Price in euros").fill("17.50")
    page.get_by_label("In stock").fill("40")
    page.get_by_role("button", name="Save").click()
    shown(page, "Enamel Mug is saved.")


BARE_FLOWS: dict[str, Callable[[Page, str], None]] = {
    "bin_address": bin_address,
    "pen_address": pen_address,
    "star_address": star_address,
    "minus_line": partial(_line, "Enamel Mug", 0, "€16.00"),
    "plus_line": partial(_line, "Enamel Mug", 1, "€48.00"),
    "bin_line": partial(_line, "Ridge 45 Backpack", 2, "€72.90"),
    "heart_card": heart_card,
    "bag_card": bag_card,
    "heart_product": heart_product,
    "heart_again": heart_again,
    "cross_item": cross_item,
    "pen_product": pen_product,
}


def _default_address(evidence: Evidence) -> bool:
    defaults = evidence.rows("SELECT label FROM addresses WHERE user_id = 1 AND is_default")
    return defaults == [("Office",)] and len(evidence.asked("POST", "/account/addresses/2/default", 303)) == 1


def _cart_is(owner: int, lines: list[tuple[str, int]], evidence: Evidence) -> bool:
    """Lines of the cart after exactly one change."""
    changes = [path for method, path in evidence.written if path.startswith("/api/")]
    return evidence.rows(f"{_CART}{owner} ORDER BY c.id") == lines and len(changes) == 1


def _wishes_are(owner: int, names: list[str], evidence: Evidence) -> bool:
    """Wishes after exactly one change."""
    changes = [path for method, path in evidence.written if path.startswith("/api/")]
    return sorted(name for (name,) in evidence.rows(f"{_WISHES}{owner}")) == names and len(changes) == 1


def _packed(evidence: Evidence) -> bool:
    gone = evidence.rows("SELECT name FROM packing_items WHERE user_id = 1 AND removed")
    return gone == [("Head torch",)] and evidence.written == [("PUT", "/api/packing/5")]


def _priced(evidence: Evidence) -> bool:
    rows = evidence.rows("SELECT price_cents, stock FROM products WHERE name = 'Enamel Mug'")
    return rows == [(1750, 40)] and len([w for w in evidence.written if w[1].startswith("/api/desk/")]) == 1


_RIDGE, _MUG, _COMPASS = "Ridge 45 Backpack", "Enamel Mug", "Bearing Compass"
BARE_ORACLES: dict[str, Callable[[Evidence], bool]] = {
    "bin_address": ORACLES["delete_address"],
    "pen_address": ORACLES["edit_address"],
    "star_address": _default_address,
    "minus_line": partial(_cart_is, 2, [(_RIDGE, 1), (_MUG, 1), (_COMPASS, 1)]),
    "plus_line": partial(_cart_is, 2, [(_RIDGE, 1), (_MUG, 3), (_COMPASS, 1)]),
    "bin_line": ORACLES["throw_out"],
    "heart_card": partial(_wishes_are, 0, ["Glow Lantern"]),
    "bag_card": partial(_cart_is, 0, [("Enamel Mug", 1)]),
    "heart_product": partial(_wishes_are, 0, ["Glow Lantern"]),
    "heart_again": partial(_wishes_are, 1, ["Trail Coffee Kit"]),
    "cross_item": _packed,
    "pen_product": _priced,
}
