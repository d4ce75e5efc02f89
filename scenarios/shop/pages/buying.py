"""From cart to order: cart, voucher, checkout, and the payment page that stands in an iframe of another origin."""

import hashlib
from typing import Any
from urllib.parse import quote

from magenta_qa.scenarios.shop.pages.visit import Visit, money
from magenta_qa.scenarios.shop.records.database import TODAY
from magenta_qa.scenarios.shop.records.goods import SHIPPING_CENTS, Cart


def show_cart(visit: Visit) -> str:
    """The cart's rows and totals."""
    cart = visit.store.cart()
    return visit.render("cart.html", cart=cart, figures=_figures(cart))


def _figures(cart: Cart) -> dict[str, Any]:
    """What the cart page shows, already formatted; the same at first and after each change."""
    return {
        "count": cart.count,
        "lines": {line.id: {"quantity": line.quantity, "total": money(line.total_cents)} for line in cart.lines},
        "subtotal": money(cart.subtotal_cents),
        "voucher": cart.voucher.code if cart.voucher else "",
        "discount": money(-cart.discount_cents),
        "shipping": money(cart.shipping_cents()) if cart.shipping_cents() else "Free",
        "total": money(cart.total_cents()),
    }


def add_to_cart(visit: Visit) -> dict[str, Any]:
    """Put a product into the cart."""
    product = visit.store.product_by_id(visit.number("product"))
    if product is None:
        visit.not_found("no such product")
    variant = str(visit.json.get("variant", ""))
    variant = variant if variant in product.variants else next(iter(product.variants), "")
    visit.store.add_to_cart(product.id, max(1, visit.number("quantity", 1)), variant)
    return {"name": product.name, "count": visit.store.cart().count}


def set_quantity(visit: Visit, line_id: int) -> dict[str, Any]:
    """Change a row's quantity."""
    visit.store.set_quantity(line_id, visit.number("quantity"))
    return _figures(visit.store.cart())


def remove_from_cart(visit: Visit, line_id: int) -> dict[str, Any]:
    """Take a row out."""
    visit.store.remove_from_cart(line_id)
    return _figures(visit.store.cart())


def use_voucher(visit: Visit) -> dict[str, Any]:
    """Try a voucher code; an empty one takes the voucher away."""
    code = str(visit.json.get("code", ""))
    error = "" if visit.store.use_voucher(code) else f"We do not know the code “{code.strip()}”."
    return _figures(visit.store.cart()) | {"error": error}


def show_checkout(visit: Visit, problem: str = "") -> str:
    """Address, delivery, payment."""
    user, cart = visit.require_user(), visit.store.cart()
    if not cart.lines:
        visit.redirect("/cart")
    totals = {way: money(cart.total_cents(way)) for way in SHIPPING_CENTS}
    costs = {way: money(cart.shipping_cents(way)) if cart.shipping_cents(way) else "Free" for way in SHIPPING_CENTS}
    return visit.render(
        "checkout.html",
        cart=cart,
        addresses=visit.store.addresses(user),
        totals=totals,
        costs=costs,
        payment_url=_payment_url(visit),
        problem=problem,
    )


def _payment_url(visit: Visit) -> str:
    """The payment page under the machine's other name: for the browser that is another origin."""
    host = "127.0.0.1" if "//localhost" in visit.origin else "localhost"
    other = f"http://{host}:{visit.origin.rpartition(':')[2]}"
    return f"{other}/pay?ref={visit.visitors.sign(visit.session)}&shop={quote(visit.origin, safe='')}"


def place_order(visit: Visit) -> str:
    """Buy what is in the cart."""
    user = visit.require_user()
    chosen = visit.form("address")
    address = next((a for a in visit.store.addresses(user) if str(a.id) == chosen), None)
    delivery, card = visit.form("delivery"), visit.form("card")
    if not visit.store.cart().lines:
        visit.redirect("/cart")
    if address is None or delivery not in SHIPPING_CENTS:
        return show_checkout(visit, "Please choose an address and a delivery.")
    if visit.form("token") != _token(visit, card):
        return show_checkout(visit, "Please authorise the payment first.")
    number = visit.store.place_order(user, address, delivery, card, visit.form("note")[:500])
    body = f"Your order {number} is in good hands. We will write again when it is on its way."
    visit.store.send_mail(user.email, f"Your order {number}", body, f"/orders/{number}", "View order")
    visit.redirect(f"/orders/{number}?placed=1")


def show_payment(visit: Visit) -> str:
    """The payment provider's page."""
    return visit.render("pay.html", shop=visit.query("shop"), reference=visit.query("ref"))


def authorise(visit: Visit) -> dict[str, Any]:
    """Check a card; a token for the shop, or what is wrong with it."""
    digits = "".join(filter(str.isdecimal, str(visit.json.get("card", ""))))
    errors = {
        "card": "" if _is_card(digits) else "This card number is not valid.",
        "expiry": "" if _is_in_future(str(visit.json.get("expiry", ""))) else "Use a date in the future, as MM/YY.",
        "cvc": "" if str(visit.json.get("cvc", "")).strip().isdecimal() else "Three digits, from the back.",
    }
    if any(errors.values()):
        return {"errors": errors}
    return {"errors": errors, "card": digits[-4:], "token": _token(visit, digits[-4:])}


def _token(visit: Visit, card: str) -> str:
    return hashlib.sha256(f"{visit.visitors.sign(visit.session)} {card}".encode()).hexdigest()


def _is_card(digits: str) -> bool:
    """Luhn's check sum."""
    doubled = [int(d) * 2 if i % 2 else int(d) for i, d in enumerate(reversed(digits))]
    return len(digits) == 16 and sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def _is_in_future(expiry: str) -> bool:
    month, _, year = (part.strip() for part in expiry.partition("/"))
    if not (month.isdecimal() and year.isdecimal() and len(year) == 2 and 1 <= int(month) <= 12):
        return False
    return (2000 + int(year), int(month)) >= (TODAY.year, TODAY.month)
