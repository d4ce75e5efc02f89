"""One visitor's shop: everything that is read from and written to that visitor's own SQLite database.

    with Store(path) as store:
        store.add_to_cart(product_id=9, quantity=2)
        store.cart().subtotal_cents        -> 3200

Nothing here knows of HTTP. Planted defects override methods of this class (`bugs.py`).
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from magenta_qa.scenarios.shop.records.database import TODAY, hash_password
from magenta_qa.scenarios.shop.records.desk import Desk
from magenta_qa.scenarios.shop.records.goods import (
    Address,
    Cart,
    CartLine,
    Order,
    OrderLine,
    Preferences,
    Product,
    Review,
    User,
    Voucher,
)
from magenta_qa.scenarios.shop.records.journal import Journal
from magenta_qa.scenarios.shop.records.packing import Packing
from magenta_qa.scenarios.shop.records.post import Post
from magenta_qa.scenarios.shop.records.studio import Studio
from magenta_qa.scenarios.shop.records.workshop import Workshop

MAX_QUANTITY = 20
SORTS = {
    "featured": "p.id",
    "price": "p.price_cents, p.id",
    "-price": "p.price_cents DESC, p.id",
    "name": "p.name",
    "rating": "stars DESC, p.id",
}
_PRODUCT = """
    SELECT p.*, COALESCE(ROUND(AVG(r.stars), 1), 0) AS stars, COUNT(r.id) AS reviews
    FROM products p LEFT JOIN reviews r ON r.product_id = p.id
"""


class Store(Workshop, Journal, Packing, Post, Desk, Studio):
    """A visitor's shop, open for one request."""

    # Who is here

    def log_in(self, email: str, password: str) -> bool:
        """Log in and take the cart and wishes along; False when the two do not fit."""
        sql = "SELECT id FROM users WHERE email = ? AND password_hash = ? AND confirmed"
        found = self._one(sql, email, hash_password(password))
        if found is None:
            return False
        self._write("UPDATE session SET user_id = ?", found["id"])
        for line in self._all("SELECT product_id, variant, quantity FROM cart_items WHERE owner = 0"):
            self.add_to_cart(line["product_id"], line["quantity"], line["variant"])
        self._write("INSERT OR IGNORE INTO wishes SELECT ?, product_id FROM wishes WHERE owner = 0", found["id"])
        self._write("DELETE FROM cart_items WHERE owner = 0")
        self._write("DELETE FROM wishes WHERE owner = 0")
        return True

    def log_out(self) -> None:
        """Forget who is here."""
        self._write("UPDATE session SET user_id = NULL, voucher = NULL")

    # Catalogue

    def products(
        self, *, search: str = "", categories: Iterable[str] = (), max_cents: int | None = None, sort: str = "featured"
    ) -> list[Product]:
        """The products that fit all the given conditions."""
        where, values = ["1"], list[object]()
        for word in search.split():
            where.append("(p.name || ' ' || p.category || ' ' || p.tagline || ' ' || p.description) LIKE ? ESCAPE '\\'")
            values.append("%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%")
        if wanted := list(categories):
            where.append(f"p.category IN ({','.join('?' * len(wanted))})")
            values += wanted
        if max_cents is not None:
            where.append("p.price_cents <= ?")
            values.append(max_cents)
        order = SORTS.get(sort, SORTS["featured"])
        rows = self._all(f"{_PRODUCT} WHERE {' AND '.join(where)} GROUP BY p.id ORDER BY {order}", *values)
        return [Product(**row) for row in rows]

    def product(self, slug: str) -> Product | None:
        """The product with this slug."""
        row = self._one(f"{_PRODUCT} WHERE p.slug = ? GROUP BY p.id", slug)
        return Product(**row) if row else None

    def product_by_id(self, product_id: int) -> Product | None:
        """The product with this id."""
        row = self._one(f"{_PRODUCT} WHERE p.id = ? GROUP BY p.id", product_id)
        return Product(**row) if row else None

    def related(self, product: Product, limit: int = 4) -> list[Product]:
        """What others looked at: the same category first."""
        others = [p for p in self.products() if p.id != product.id]
        return sorted(others, key=lambda p: (p.category != product.category, p.id))[:limit]

    def reviews(self, product: Product) -> list[Review]:
        """What customers wrote, the most helpful first."""
        columns = "id, author, stars, title, body, helpful, written_on"
        rows = self._all(f"SELECT {columns} FROM reviews WHERE product_id = ? ORDER BY helpful DESC", product.id)
        return [Review(**row) for row in rows]

    def mark_helpful(self, review_id: int) -> int | None:
        """Count one more vote; the new number, or None when there is no such review."""
        self._write("UPDATE reviews SET helpful = helpful + 1 WHERE id = ?", review_id)
        row = self._one("SELECT helpful FROM reviews WHERE id = ?", review_id)
        return row["helpful"] if row else None

    # Cart

    def cart(self) -> Cart:
        """The visitor's cart, oldest row first."""
        rows = self._all("SELECT * FROM cart_items WHERE owner = ? ORDER BY id", self._owner)
        lines = [(row, self.product_by_id(row["product_id"])) for row in rows]
        session = self._one("SELECT voucher FROM session")
        return Cart(
            tuple(CartLine(row["id"], product, row["variant"], row["quantity"]) for row, product in lines if product),
            self.voucher(session["voucher"] or "") if session else None,
        )

    def add_to_cart(self, product_id: int, quantity: int, variant: str = "") -> None:
        """Put articles into the cart; the same article twice is one row."""
        self._write(
            """INSERT INTO cart_items (owner, product_id, variant, quantity) VALUES (?, ?, ?, ?)
               ON CONFLICT (owner, product_id, variant)
               DO UPDATE SET quantity = MIN(quantity + excluded.quantity, ?)""",
            *(self._owner, product_id, variant, min(quantity, MAX_QUANTITY), MAX_QUANTITY),
        )

    def set_quantity(self, line_id: int, quantity: int) -> None:
        """Change a row of the cart."""
        wanted = max(1, min(quantity, MAX_QUANTITY))
        self._write("UPDATE cart_items SET quantity = ? WHERE id = ? AND owner = ?", wanted, line_id, self._owner)

    def remove_from_cart(self, line_id: int) -> None:
        """Take a row out of the cart."""
        self._write("DELETE FROM cart_items WHERE id = ? AND owner = ?", line_id, self._owner)

    def voucher(self, code: str) -> Voucher | None:
        """The voucher with this code, in whatever case it is written."""
        row = self._one("SELECT * FROM vouchers WHERE code = ?", code.strip().upper())
        return Voucher(**row) if row else None

    def use_voucher(self, code: str) -> bool:
        """Take a voucher for the cart (an empty code takes it away); False when there is no such voucher."""
        voucher = self.voucher(code)
        if code and voucher is None:
            return False
        self._write("UPDATE session SET voucher = ?", voucher.code if voucher else None)
        return True

    # Wishes

    def wishes(self) -> list[Product]:
        """The products on the wishlist."""
        ids = {row["product_id"] for row in self._all("SELECT product_id FROM wishes WHERE owner = ?", self._owner)}
        return [product for product in self.products() if product.id in ids]

    def toggle_wish(self, product_id: int) -> bool:
        """Put a product on the wishlist or take it off; whether it is on it now."""
        if self._write("DELETE FROM wishes WHERE owner = ? AND product_id = ?", self._owner, product_id):
            return False
        self._write("INSERT INTO wishes VALUES (?, ?)", self._owner, product_id)
        return True

    # Orders

    def orders(self, user: User) -> list[Order]:
        """A customer's orders, the latest first."""
        rows = self._all("SELECT * FROM orders WHERE user_id = ? ORDER BY id DESC", user.id)
        return sorted((self._order(row) for row in rows), key=lambda order: order.number, reverse=True)

    def order(self, user: User, number: str) -> Order | None:
        """A customer's order with this number."""
        row = self._one("SELECT * FROM orders WHERE user_id = ? AND number = ?", user.id, number)
        return self._order(row) if row else None

    def _order(self, row: sqlite3.Row) -> Order:
        fields: dict[str, Any] = {key: row[key] for key in row.keys() if key != "user_id"}  # noqa: SIM118
        lines = list[OrderLine]()
        for item in self._all("SELECT * FROM order_items WHERE order_id = ? ORDER BY rowid", row["id"]):
            if product := self.product_by_id(item["product_id"]):
                lines.append(OrderLine(product, item["variant"], item["unit_cents"], item["quantity"]))
        return replace(Order(**fields), lines=tuple(lines))

    def place_order(self, user: User, address: Address, delivery: str, card: str, note: str) -> str:
        """Turn the cart into an order; its number."""
        cart = self.cart()
        last = self._one("SELECT MAX(CAST(SUBSTR(number, 3) AS INTEGER)) AS number FROM orders")
        number = f"T-{(last['number'] if last else 0) + 1}"
        costs = (cart.subtotal_cents, cart.discount_cents, cart.shipping_cents(delivery), cart.total_cents(delivery))
        order_id = self._db.execute(
            """INSERT INTO orders (number, user_id, placed_on, status, delivery, address, card, note,
                                   subtotal_cents, discount_cents, shipping_cents, total_cents)
               VALUES (?, ?, ?, 'Processing', ?, ?, ?, ?, ?, ?, ?, ?)""",
            (number, user.id, TODAY.isoformat(), delivery, str(address), card, note, *costs),
        ).lastrowid
        for line in cart.lines:
            values = (order_id, line.product.id, line.variant, line.product.price_cents, line.quantity)
            self._write("INSERT INTO order_items VALUES (?, ?, ?, ?, ?)", *values)
        self._write("DELETE FROM cart_items WHERE owner = ?", user.id)
        self._write("UPDATE session SET voucher = NULL")
        return number

    def cancel_order(self, user: User, number: str) -> bool:
        """Call an order off; False when it is not there or already on its way."""
        sql = "UPDATE orders SET status = 'Cancelled' WHERE user_id = ? AND number = ? AND status = 'Processing'"
        return self._write(sql, user.id, number) == 1

    # Address book and preferences

    def addresses(self, user: User) -> list[Address]:
        """A customer's addresses, in the order in which they were entered."""
        rows = self._all("SELECT * FROM addresses WHERE user_id = ? ORDER BY id", user.id)
        return [Address(**{key: row[key] for key in row.keys() if key != "user_id"}) for row in rows]  # noqa: SIM118

    def save_address(self, user: User, address: Address) -> None:
        """Change the address with this id; id 0 adds a new one."""
        values = (address.label, address.recipient, address.street, address.postcode, address.city, address.country)
        if address.id == 0:
            columns = "user_id, label, recipient, street, postcode, city, country"
            self._write(f"INSERT INTO addresses ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", user.id, *values)
        else:
            columns = "label = ?, recipient = ?, street = ?, postcode = ?, city = ?, country = ?"
            sql = f"UPDATE addresses SET {columns} WHERE id = ? AND user_id = ?"
            self._write(sql, *values, address.id, user.id)

    def delete_address(self, user: User, address_id: int) -> None:
        """Strike an address out; the default one stays."""
        sql = "DELETE FROM addresses WHERE id = ? AND user_id = ? AND NOT is_default"
        self._write(sql, address_id, user.id)

    def make_default(self, user: User, address_id: int) -> None:
        """Send to this address from now on."""
        self._write("UPDATE addresses SET is_default = (id = ?) WHERE user_id = ?", address_id, user.id)

    def preferences(self, user: User) -> Preferences:
        """What the customer wants to hear from us."""
        row = self._one("SELECT frequency, topic, order_updates, sms FROM preferences WHERE user_id = ?", user.id)
        return Preferences(**row) if row else Preferences("Never", "Everything", 1, 0)

    def save_preferences(self, user: User, wanted: Preferences) -> None:
        """Remember what the customer wants to hear from us."""
        sql = "REPLACE INTO preferences VALUES (?, ?, ?, ?, ?)"
        self._write(sql, user.id, wanted.frequency, wanted.topic, wanted.order_updates, wanted.sms)
