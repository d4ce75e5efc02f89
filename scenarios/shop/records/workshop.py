"""Repairs: what is to be mended, when it is fetched, and the picture of the damage."""

from magenta_qa.scenarios.shop.records.club import Repair
from magenta_qa.scenarios.shop.records.database import Database
from magenta_qa.scenarios.shop.records.goods import User


class Workshop(Database):
    """The repairs of a customer."""

    def repairs(self, user: User) -> list[Repair]:
        """A customer's repairs, the latest first."""
        columns = "number, article, pickup_on, daytime, photo, LENGTH(picture) AS photo_bytes, note, status"
        return [
            Repair(**row)
            for row in self._all(f"SELECT {columns} FROM repairs WHERE user_id = ? ORDER BY id DESC", user.id)
        ]

    def articles(self, user: User) -> list[str]:
        """The names of what a customer has ordered, and so may send in."""
        sql = """SELECT DISTINCT p.name FROM orders o JOIN order_items i ON i.order_id = o.id
                 JOIN products p ON p.id = i.product_id WHERE o.user_id = ? ORDER BY p.name"""
        return [row["name"] for row in self._all(sql, user.id)]

    def book_repair(
        self, user: User, article: str, pickup_on: str, daytime: str, photo: str, picture: bytes, note: str
    ) -> str:
        """Book a pick-up; the repair's number."""
        last = self._one("SELECT MAX(CAST(SUBSTR(number, 3) AS INTEGER)) AS number FROM repairs")
        number = f"R-{(last['number'] if last else 0) + 1}"
        values = (number, user.id, article, pickup_on, daytime, photo, picture, note, "Booked")
        columns = "number, user_id, article, pickup_on, daytime, photo, picture, note, status"
        self._write(f"INSERT INTO repairs ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *values)
        return number

    def repair_picture(self, user: User, number: str) -> bytes | None:
        """The picture of the damage; None when there is no such repair."""
        row = self._one("SELECT picture FROM repairs WHERE user_id = ? AND number = ?", user.id, number)
        return bytes(row["picture"]) if row else None
