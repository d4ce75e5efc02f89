"""Says without the agent whether a scenario of the demo shop was really carried out: rows, requests, final URL.

    evidence = Evidence.of(data_dir, session="9f3a…", url=page.url)
    ORACLES["delete_address"](evidence)      -> False before, True after

Imports nothing of this project (`shop_evidence.py` says what it reads), so that it can run in another process than the
shop and the agent.
"""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from shop_evidence import Evidence
from shop_oracles_club import CLUB_ORACLES
from shop_oracles_false import FALSE_ORACLES
from shop_oracles_pictures import PICTURE_ORACLES

_CART = "SELECT p.name, c.variant, c.quantity FROM cart_items c JOIN products p ON p.id = c.product_id"


def bought_by_card(evidence: Evidence) -> bool:
    """One new order of Ada's with exactly these amounts; the card went through the payment page once."""
    orders = evidence.rows(
        "SELECT number, delivery, card, subtotal_cents, discount_cents, shipping_cents, total_cents, status, address"
        " FROM orders WHERE user_id = 1 AND placed_on = '2026-05-14'"
    )
    placed = "SELECT id FROM orders WHERE placed_on = '2026-05-14'"
    items = evidence.rows(
        f"SELECT product_id, variant, unit_cents, quantity FROM order_items WHERE order_id IN ({placed})"
    )
    address = "Ada Linden, Studio Nord, Kastanienallee 41, 10435 Berlin, Germany"
    return (
        orders == [("T-1042", "Express", "4242", 37800, 0, 1290, 39090, "Processing", address)]
        and items == [(1, "Moss green", 18900, 2)]
        and evidence.rows(f"{_CART} WHERE c.owner IN (0, 1)") == []
        and len(evidence.asked("POST", "/pay/authorise")) == 1
        and len(evidence.asked("POST", "/checkout", 303)) == 1
        and evidence.path == "/orders"
    )


def called_off_order(evidence: Evidence) -> bool:
    """T-1039 is cancelled, besides the two that were before."""
    cancelled = evidence.rows("SELECT number FROM orders WHERE status = 'Cancelled' ORDER BY number")
    return (
        cancelled == [("T-1007",), ("T-1018",), ("T-1039",)]
        and len(evidence.asked("POST", "/orders/T-1039/cancel", 303)) == 1
        and evidence.path == "/orders"
    )


def filled_cart(evidence: Evidence) -> bool:
    """Three mugs and a bottle are in the guest's cart, put there one by one."""
    return (
        evidence.rows(f"{_CART} WHERE c.owner = 0 ORDER BY c.id")
        == [("Enamel Mug", "", 3), ("Steel Bottle 1 L", "", 1)]
        and len(evidence.asked("POST", "/api/cart")) == 2
        and sum(r["method"] == "PUT" for r in evidence.requests) == 2
        and evidence.path == "/cart"
    )


def deleted_address(evidence: Evidence) -> bool:
    """Summer cabin is gone, the others are there; only the accepted question reached the server."""
    return (
        evidence.rows("SELECT label FROM addresses WHERE user_id = 1") == [("Home",), ("Office",), ("Parents",)]
        and len(evidence.asked("POST", "/account/addresses/3/delete", 303)) == 1
        and sum(r["path"].endswith("/delete") for r in evidence.requests) == 1
        and evidence.path == "/account/addresses"
    )


def edited_address(evidence: Evidence) -> bool:
    """Ada's second address has the new values, all others are as sown."""
    book = evidence.rows("SELECT label, street, postcode, city, country FROM addresses WHERE user_id = 1")
    return (
        book
        == [
            ("Home", "12 Harbour Lane", "20459", "Hamburg", "Germany"),
            ("Office", "Landstraße 8", "1030", "Vienna", "Austria"),
            ("Summer cabin", "Strandveien 7", "4790", "Lillesand", "Norway"),
            ("Parents", "Marktplatz 3", "37073", "Göttingen", "Germany"),
        ]
        and len(evidence.asked("POST", "/account/addresses", 303)) == 1
    )


def marked_favourite(evidence: Evidence) -> bool:
    """The lantern alone is on the guest's wishlist."""
    names = evidence.rows("SELECT p.name FROM wishes w JOIN products p ON p.id = w.product_id WHERE w.owner = 0")
    return names == [("Glow Lantern",)] and evidence.path == "/wishlist"


def filtered_and_sorted(evidence: Evidence) -> bool:
    """The browser ended on the kitchen things under €50, cheapest first."""
    query = parse_qs(urlsplit(evidence.url).query)
    wanted = {"category": ["Kitchen"], "max": ["50"], "sort": ["price"]}
    return query == wanted and any(parse_qs(r["query"]) == wanted for r in evidence.asked("GET", "/"))


def changed_newsletter(evidence: Evidence) -> bool:
    """Ada's preferences are the wanted ones, Ben's are as sown, and the page was loaded again afterwards."""
    wanted = [(1, "Monthly", "Repairs and care", 1, 1), (2, "Never", "Everything", 1, 0)]
    saved = evidence.asked("POST", "/api/settings")
    loads = evidence.asked("GET", "/account/settings")
    return (
        evidence.rows("SELECT * FROM preferences ORDER BY user_id") == wanted
        and len(saved) == 1
        and loads[-1]["seq"] > saved[0]["seq"]
    )


def marked_helpful(evidence: Evidence) -> bool:
    """Priya's review has one vote more, the others are as sown."""
    votes = evidence.rows("SELECT author, helpful FROM reviews WHERE product_id = 1 ORDER BY id")
    return votes == [("Priya N.", 13), ("Tomasz W.", 5), ("Ines R.", 9)]


def threw_out(evidence: Evidence) -> bool:
    """Ben's cart has lost the backpack and nothing else."""
    return (
        evidence.rows("SELECT user_id FROM session") == [(2,)]
        and evidence.rows(f"{_CART} WHERE c.owner = 2") == [("Enamel Mug", "", 2), ("Bearing Compass", "", 1)]
        and sum(r["method"] == "DELETE" for r in evidence.requests) == 1
        and evidence.path == "/cart"
    )


def used_voucher(evidence: Evidence) -> bool:
    """The voucher is in use after one wrong attempt."""
    used = evidence.rows("SELECT user_id, voucher FROM session") == [(2, "TRAIL10")]
    return used and len(evidence.asked("POST", "/api/voucher")) == 2


ORACLES: dict[str, Callable[[Evidence], bool]] = {
    "buy_by_card": bought_by_card,
    "call_off_order": called_off_order,
    "cart_totals": filled_cart,
    "delete_address": deleted_address,
    "edit_address": edited_address,
    "favourite": marked_favourite,
    "filter_and_sort": filtered_and_sorted,
    "newsletter": changed_newsletter,
    "reviews": marked_helpful,
    "throw_out": threw_out,
    "voucher": used_voucher,
    **CLUB_ORACLES,
    **FALSE_ORACLES,
    **PICTURE_ORACLES,
}
"""Scenario (its file's name without ``.scenario.yaml``) → whether it was carried out."""
