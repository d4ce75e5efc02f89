"""The customer's account: login, orders with receipt and parcel, address book, settings."""

from typing import Any

import bottle

from magenta_qa.scenarios.shop.pages.visit import Visit, money
from magenta_qa.scenarios.shop.records.goods import COUNTRIES, FREQUENCIES, TOPICS, Address, Preferences

FIELDS = ("label", "recipient", "street", "postcode", "city", "country")


def show_login(visit: Visit, email: str = "", problem: str = "") -> str:
    """The login form."""
    after = visit.query("next") or visit.form("next")
    return visit.render("login.html", email=email, problem=problem, after=_inside(after))


def _inside(path: str) -> str:
    """`path` if it is a page of the shop, else the start page."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def log_in(visit: Visit) -> str:
    """Let a customer in."""
    email = visit.form("email")
    if visit.store.awaits_confirmation(email.lower()):
        return show_login(visit, email, "Please confirm your e-mail address first; the link is in your inbox.")
    if not visit.store.log_in(email.lower(), visit.form("password")):
        return show_login(visit, email, "E-mail address and password do not match.")
    visit.redirect(_inside(visit.form("next")))


def log_out(visit: Visit) -> None:
    """See the customer off."""
    visit.store.log_out()
    visit.redirect("/")


def show_orders(visit: Visit) -> str:
    """All orders of the customer."""
    return visit.render("orders.html", orders=visit.store.orders(visit.require_user()))


def show_order(visit: Visit, number: str) -> str:
    """One order; with thanks when it was just placed."""
    order = visit.store.order(visit.require_user(), number) or visit.not_found(f"no order {number}")
    return visit.render("order.html", order=order, placed=visit.query("placed") == "1")


def download_receipt(visit: Visit, number: str) -> bottle.HTTPResponse:
    """The receipt of an order as a text file."""
    order = visit.store.order(visit.require_user(), number) or visit.not_found(f"no order {number}")
    rows = [(f"{line.quantity} x {line.product.name}", line.unit_cents * line.quantity) for line in order.lines]
    rows += [("Discount", -order.discount_cents)] if order.discount_cents else []
    rows += [("Delivery", order.shipping_cents), ("Total", order.total_cents)]
    lines = [f"Tarn · Receipt for order {order.number} of {order.placed_on}", ""]
    lines += [f"{text:<32} {money(cents):>10}" for text, cents in rows]
    return visit.attachment(f"receipt-{order.number}.txt", "text/plain", "\n".join(lines) + "\n")


def show_parcel(visit: Visit, number: str) -> str:
    """Where a parcel is; the carrier's page, in a tab of its own."""
    order = visit.store.order(visit.require_user(), number)
    if order is None or order.status not in ("Shipped", "Delivered"):
        visit.not_found(f"no parcel {number}")
    return visit.render("parcel.html", order=order)


def cancel_order(visit: Visit, number: str) -> None:
    """Call an order off."""
    visit.store.cancel_order(visit.require_user(), number)
    visit.redirect("/orders")


def show_addresses(visit: Visit, sent: Address | None = None, problem: str = "") -> str:
    """The address book; with its form open again when what was sent cannot be saved."""
    addresses = visit.store.addresses(visit.require_user())
    return visit.render("addresses.html", addresses=addresses, countries=COUNTRIES, sent=sent, problem=problem)


def save_address(visit: Visit) -> str:
    """Change an address or add one."""
    user, number = visit.require_user(), visit.form("id")
    label, recipient, street, postcode, city, country = (visit.form(name)[:80] for name in FIELDS)
    sent = Address(int(number) if number.isdecimal() else 0, label, recipient, street, postcode, city, country)
    missing = [name for name in FIELDS if not visit.form(name)]
    if missing or sent.country not in COUNTRIES:
        return show_addresses(visit, sent, f"Please fill in: {', '.join(missing) or 'country'}.")
    visit.store.save_address(user, sent)
    visit.redirect("/account/addresses")


def delete_address(visit: Visit, address_id: int) -> None:
    """Strike an address out."""
    visit.store.delete_address(visit.require_user(), address_id)
    visit.redirect("/account/addresses")


def make_default(visit: Visit, address_id: int) -> None:
    """Send to this address from now on."""
    visit.store.make_default(visit.require_user(), address_id)
    visit.redirect("/account/addresses")


def show_settings(visit: Visit) -> str:
    """Newsletter and notifications."""
    preferences = visit.store.preferences(visit.require_user())
    return visit.render("settings.html", preferences=preferences, frequencies=FREQUENCIES, topics=TOPICS)


def save_settings(visit: Visit) -> dict[str, Any]:
    """Remember what the customer wants to hear."""
    user, sent = visit.require_user(), visit.json
    frequency, topic = str(sent.get("frequency")), str(sent.get("topic"))
    if frequency not in FREQUENCIES or topic not in TOPICS:
        return {"error": "Please choose how often, and what about."}
    wanted = Preferences(frequency, topic, int(bool(sent.get("order_updates"))), int(bool(sent.get("sms"))))
    visit.store.save_preferences(user, wanted)
    return {"error": ""}
