"""The desk, for staff: figures, the table of all orders with its bulk actions, and the products."""

import csv
import io
import re
from dataclasses import asdict
from typing import Any

import bottle

from magenta_qa.scenarios.shop.pages.visit import Visit, money
from magenta_qa.scenarios.shop.records.club import ORDERS_PER_PAGE, STATUSES, DeskOrder

_PRICE = re.compile(r"\d{1,5}(?:\.\d{2})?")


def show_desk(visit: Visit) -> str:
    """What is to be done today."""
    visit.require_staff()
    return visit.render("desk.html", figures=visit.store.desk_figures())


def show_orders(visit: Visit) -> str:
    """The table of all orders; its rows come by `orders_page`."""
    visit.require_staff()
    return visit.render("desk_orders.html", statuses=STATUSES)


def orders_page(visit: Visit) -> dict[str, Any]:
    """One page of the table, searched, filtered and sorted by the URL's parameters."""
    visit.require_staff()
    found = _asked_orders(visit)
    pages = max(1, -(-len(found) // ORDERS_PER_PAGE))
    asked = visit.query("page")
    page = min(pages, max(1, int(asked))) if asked.isdecimal() and len(asked) < 6 else 1
    rows = [asdict(order) | {"total": money(order.total_cents)} for order in visit.store.desk_page(found, page)]
    return {"rows": rows, "found": len(found), "page": page, "pages": pages}


def _asked_orders(visit: Visit) -> list[DeskOrder]:
    return visit.store.desk_orders(search=visit.query("q"), status=visit.query("status"), sort=visit.query("sort"))


def change_orders(visit: Visit) -> dict[str, Any]:
    """A bulk action on the ticked orders."""
    visit.require_staff()
    numbers, status = visit.json.get("numbers"), visit.json.get("status")
    if not isinstance(numbers, list) or status not in ("Shipped", "Cancelled"):
        raise bottle.HTTPError(400, "numbers and a status were expected")
    return {"changed": visit.store.set_status(map(str, numbers), status)}


def export_orders(visit: Visit) -> bottle.HTTPResponse:
    """The orders that are shown, all pages, as a file."""
    visit.require_staff()
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["order", "customer", "placed on", "status", "articles", "total"])
    for order in _asked_orders(visit):
        total = f"{order.total_cents / 100:.2f}"
        rows.writerow([order.number, order.customer, order.placed_on, order.status, order.articles, total])
    return visit.attachment("orders.csv", "text/csv", text.getvalue())


def show_products(visit: Visit) -> str:
    """All products with price and stock."""
    visit.require_staff()
    return visit.render("desk_products.html", products=visit.store.products(sort="name"))


def change_product(visit: Visit, product_id: int) -> dict[str, Any]:
    """Another price or stock."""
    visit.require_staff()
    price, stock = str(visit.json.get("price", "")).strip(), str(visit.json.get("stock", "")).strip()
    if not _PRICE.fullmatch(price) or float(price) == 0:
        return {"error": "Please enter a price, such as 49.00."}
    if not stock.isdecimal() or len(stock) > 4:
        return {"error": "The stock is a whole number, 0 or more."}
    cents = round(float(price) * 100)
    if not visit.store.change_product(product_id, cents, int(stock)):
        visit.not_found(f"no product {product_id}")
    return {"error": "", "price": money(cents), "stock": int(stock)}
