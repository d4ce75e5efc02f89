"""Oracles for repairs, journal, packing list, inbox and desk; see shop_oracles.py."""

from collections.abc import Callable
from urllib.parse import parse_qs

from shop_evidence import Evidence

_PACKING = "SELECT name, packed FROM packing_items WHERE NOT removed ORDER BY position, id"
_SHIPPED = "SELECT number FROM orders WHERE status = 'Shipped' ORDER BY number"


def booked_repair(evidence: Evidence) -> bool:
    """One new repair with exactly these values, its picture whole, and a mail about it."""
    repairs = evidence.rows(
        "SELECT number, user_id, article, pickup_on, daytime, photo, SUBSTR(HEX(picture), 1, 8), note, status"
        " FROM repairs WHERE id > 1"
    )
    note = "The left shoulder strap is torn."
    wanted = ("R-209", 1, "Ridge 45 Backpack", "2026-06-09", "Afternoon", "torn-strap.png", "89504E47", note, "Booked")
    mails = evidence.rows("SELECT recipient FROM mails WHERE subject = 'Repair R-209 is booked'")
    return repairs == [wanted] and mails == [("ada@example.com",)] and evidence.path == "/repairs"


def refused_repair(evidence: Evidence) -> bool:
    """It was sent once and nothing was booked."""
    sent = evidence.asked("POST", "/repairs/new")
    return (
        len(sent) == 1 and evidence.rows("SELECT number FROM repairs") == [("R-208",)] and evidence.path == "/repairs"
    )


def downloaded_receipt(evidence: Evidence) -> bool:
    """The receipt was sent once, and only that one."""
    receipts = [r["path"] for r in evidence.requests if r["path"].endswith("/receipt")]
    return receipts == ["/orders/T-1034/receipt"] and evidence.path == "/orders/T-1034"


def tracked_parcel(evidence: Evidence) -> bool:
    """The carrier's page of that parcel was opened."""
    return len(evidence.asked("GET", "/track/T-1034")) == 1 and evidence.written == []


def cheered_at_story(evidence: Evidence) -> bool:
    """The older story has one cheer more, after more stories had been loaded."""
    cheers = evidence.rows("SELECT id, cheers FROM stories WHERE id IN (23, 24) ORDER BY id")
    loaded = [r["path"] for r in evidence.requests if r["path"].startswith("/fragments/journal/")]
    return cheers == [(23, 2), (24, 10)] and len(loaded) >= 2


def told_story(evidence: Evidence) -> bool:
    """The story is there, all of it bold, and the browser shows it."""
    stories = evidence.rows("SELECT id, title, author, place, body FROM stories WHERE id > 40")
    text = "It rained all day, and the tea was good."
    bold = [f"<{tag}>{text}</{tag}>" for tag in ("b", "strong")]
    return (
        len(stories) == 1
        and stories[0][:4] == (41, "Tea in the rain", "Ada Linden", "Harz")
        and stories[0][4].replace("<p>", "").replace("</p>", "") in bold
        and evidence.path == "/journal/41"
    )


def packed_bag(evidence: Evidence) -> bool:
    """The torch comes second, the jacket is packed, and the page was loaded again afterwards."""
    wanted = [
        ("Tent and pegs", 1),
        ("Head torch", 0),
        ("Sleeping bag", 0),
        ("Stove and gas", 0),
        ("Rain jacket", 1),
        ("First-aid kit", 0),
        ("Map and whistle", 0),
    ]
    loads, orders = evidence.asked("GET", "/packing"), evidence.asked("PUT", "/api/packing")
    return evidence.rows(_PACKING) == wanted and bool(orders) and loads[-1]["seq"] > orders[-1]["seq"]


def registered(evidence: Evidence) -> bool:
    """Nora's account is confirmed by the link, and she is logged in."""
    people = evidence.rows("SELECT u.email, u.confirmed FROM session s JOIN users u ON u.id = s.user_id")
    confirmed = [r for r in evidence.requests if r["path"].startswith("/confirm/") and r["status"] == 200]
    return people == [("nora@example.com", 1)] and len(confirmed) == 1


def stayed_unconfirmed(evidence: Evidence) -> bool:
    """Nora's account waits, and nobody is logged in after one attempt."""
    accounts = evidence.rows("SELECT name, confirmed FROM users WHERE email = 'nora@example.com'")
    tried = [r for r in evidence.requests if (r["method"], r["path"]) == ("POST", "/login")]
    return accounts == [("Nora Vik", 0)] and evidence.rows("SELECT user_id FROM session") == [(None,)] and bool(tried)


def shipped_two(evidence: Evidence) -> bool:
    """Exactly the two orders have become shipped, in one request."""
    wanted = [("T-1031",), ("T-1032",), ("T-1034",), ("T-1035",), ("T-1036",), ("T-1037",)]
    return evidence.rows(_SHIPPED) == wanted and evidence.written == [("POST", "/api/desk/orders")]


def sorted_orders(evidence: Evidence) -> bool:
    """The second page by total, largest first, was asked for."""
    asked = [parse_qs(r["query"]) for r in evidence.asked("GET", "/api/desk/orders")]
    return any(q.get("sort") == ["-total"] and q.get("page") == ["2"] for q in asked) and evidence.written == []


def changed_price(evidence: Evidence) -> bool:
    """The mug has another price and stock, nothing else has, and its page was opened afterwards."""
    changed = evidence.rows("SELECT id FROM products WHERE price_cents = 1750 AND stock = 40")
    others = evidence.rows("SELECT SUM(price_cents), SUM(stock) FROM products WHERE id <> 9")
    return changed == [(9,)] and others == [(209_500 - 1_600, 604 - 52)] and evidence.path == "/products/enamel-mug"


def exported_orders(evidence: Evidence) -> bool:
    """The file was asked for with the search in it."""
    files = evidence.asked("GET", "/desk/orders.csv")
    return len(files) == 1 and parse_qs(files[0]["query"]).get("q") == ["Oskar"]


def kept_out(evidence: Evidence) -> bool:
    """Ben is logged in and the desk answered with 403."""
    logged_in = evidence.rows("SELECT user_id FROM session") == [(2,)]
    return logged_in and len(evidence.asked("GET", "/desk", 403)) == 1


def made_office_default(evidence: Evidence) -> bool:
    """Of Ada's addresses the office alone is the default."""
    return evidence.rows("SELECT label FROM addresses WHERE user_id = 1 AND is_default") == [("Office",)]


def looked_at_product(evidence: Evidence) -> bool:
    """The product's page was opened; its tabs leave no trace on the server."""
    return len(evidence.asked("GET", "/products/ridge-45-backpack")) == 1 and evidence.written == []


def signed_off(evidence: Evidence) -> bool:
    """Nobody is logged in any more, and the orders were asked for afterwards."""
    out = evidence.asked("POST", "/logout", 303)
    refused = evidence.asked("GET", "/orders", 303)
    return (
        evidence.rows("SELECT user_id FROM session") == [(None,)]
        and len(out) == 1
        and refused[-1]["seq"] > out[0]["seq"]
    )


def took_off_wishlist(evidence: Evidence) -> bool:
    """The tent is off Ada's wishlist, the coffee kit is on it."""
    return evidence.rows("SELECT product_id FROM wishes WHERE owner = 1") == [(20,)]


def added_mug(evidence: Evidence) -> bool:
    """Ben's cart has a third mug, in one request."""
    cart = evidence.rows("SELECT product_id, quantity FROM cart_items WHERE owner = 2 ORDER BY id")
    return cart == [(1, 1), (9, 3), (18, 1)] and len(evidence.written) == 1


def read_help(evidence: Evidence) -> bool:
    """The help page was opened; its sections leave no trace on the server."""
    return len(evidence.asked("GET", "/help")) == 1 and evidence.path == "/help"


def took_back(evidence: Evidence) -> bool:
    """The stove was struck off and brought back to its place."""
    names = [name for name, _ in evidence.rows(_PACKING)]
    return names[1:4] == ["Sleeping bag", "Stove and gas", "Rain jacket"] and len(evidence.written) == 2


def looked_up(evidence: Evidence) -> bool:
    """The headlamp was searched for and is alone on the guest's wishlist."""
    wishes = evidence.rows("SELECT product_id FROM wishes WHERE owner = 0")
    searches = [parse_qs(r["query"]).get("q") for r in evidence.asked("GET", "/")]
    return wishes == [(10,)] and ["headlamp"] in searches


CLUB_ORACLES: dict[str, Callable[[Evidence], bool]] = {
    "book_repair": booked_repair,
    "repair_refused": refused_repair,
    "receipt": downloaded_receipt,
    "track_parcel": tracked_parcel,
    "long_journal": cheered_at_story,
    "tell_story": told_story,
    "pack_bag": packed_bag,
    "register": registered,
    "unconfirmed": stayed_unconfirmed,
    "desk_ship": shipped_two,
    "desk_sort": sorted_orders,
    "desk_price": changed_price,
    "desk_export": exported_orders,
    "staff_only": kept_out,
    "main_address": made_office_default,
    "technical_data": looked_at_product,
    "sign_off": signed_off,
    "unwish": took_off_wishlist,
    "more_mugs": added_mug,
    "returns": read_help,
    "luggage": took_back,
    "look_up": looked_up,
}
