"""The desk: all customers' orders and all products, as the staff see and change them."""

from collections.abc import Iterable

from magenta_qa.scenarios.shop.records.club import ORDERS_PER_PAGE, DeskFigures, DeskOrder
from magenta_qa.scenarios.shop.records.database import TODAY, Database

SORTS = {
    "number": "o.number",
    "customer": "u.name",
    "placed_on": "o.placed_on",
    "total": "o.total_cents",
}
LOW_STOCK = 9
_ORDER = """
    SELECT o.number, u.name AS customer, o.placed_on, o.status, o.total_cents,
           (SELECT SUM(quantity) FROM order_items i WHERE i.order_id = o.id) AS articles
    FROM orders o JOIN users u ON u.id = o.user_id
"""


class Desk(Database):
    """What only staff may do."""

    def desk_orders(self, *, search: str = "", status: str = "", sort: str = "-number") -> list[DeskOrder]:
        """The orders that fit, in the order that is asked for: ``total``, or ``-total`` for the largest first."""
        column = SORTS.get(sort.removeprefix("-"), SORTS["number"])
        way = "DESC" if sort.startswith("-") else "ASC"
        sql = f"{_ORDER} WHERE (o.number || ' ' || u.name) LIKE ? AND (? = '' OR o.status = ?)"
        rows = self._all(f"{sql} ORDER BY {column} {way}, o.number {way}", f"%{search}%", status, status)
        return [DeskOrder(**row) for row in rows]

    def desk_page(self, orders: list[DeskOrder], page: int) -> list[DeskOrder]:
        """The orders of one page, counted from 1."""
        return orders[(page - 1) * ORDERS_PER_PAGE : page * ORDERS_PER_PAGE]

    def set_status(self, numbers: Iterable[str], status: str) -> int:
        """Give orders that are still being processed another status; how many there were."""
        sql = "UPDATE orders SET status = ? WHERE number = ? AND status = 'Processing'"
        return sum(self._write(sql, status, number) for number in numbers)

    def desk_figures(self) -> DeskFigures:
        """What the desk's first page tells."""
        to_ship = self._all("SELECT 1 FROM orders WHERE status = 'Processing'")
        today = self._all("SELECT 1 FROM orders WHERE placed_on = ?", TODAY.isoformat())
        low = self._all("SELECT 1 FROM products WHERE stock <= ?", LOW_STOCK)
        repairs = self._all("SELECT 1 FROM repairs WHERE status <> 'Mended'")
        return DeskFigures(len(to_ship), len(today), len(low), len(repairs))

    def change_product(self, product_id: int, price_cents: int, stock: int) -> bool:
        """Give a product another price and stock; False when there is no such product."""
        sql = "UPDATE products SET price_cents = ?, stock = ? WHERE id = ?"
        return self._write(sql, price_cents, stock, product_id) == 1
