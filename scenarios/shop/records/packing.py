"""Packing lists: what goes into the pack, in which order, and what is in already."""

from collections.abc import Iterable

from magenta_qa.scenarios.shop.records.club import PackingItem
from magenta_qa.scenarios.shop.records.database import Database
from magenta_qa.scenarios.shop.records.goods import User


class Packing(Database):
    """The packing list of a customer."""

    def packing_list(self, user: User) -> list[PackingItem]:
        """What is on the list, the first thing first."""
        sql = "SELECT id, name, packed FROM packing_items WHERE user_id = ? AND NOT removed ORDER BY position, id"
        return [PackingItem(**row) for row in self._all(sql, user.id)]

    def add_packing_item(self, user: User, name: str) -> PackingItem:
        """Put a thing at the end of the list."""
        sql = "INSERT INTO packing_items (user_id, name, position) VALUES (?, ?, 1000)"
        return PackingItem(self._insert(sql, user.id, name), name, 0)

    def tick_packing_item(self, user: User, item_id: int, packed: bool) -> None:
        """Note that a thing is in the pack, or not."""
        self._write("UPDATE packing_items SET packed = ? WHERE id = ? AND user_id = ?", int(packed), item_id, user.id)

    def remove_packing_item(self, user: User, item_id: int, removed: bool = True) -> None:
        """Strike a thing out, or bring it back."""
        self._write("UPDATE packing_items SET removed = ? WHERE id = ? AND user_id = ?", int(removed), item_id, user.id)

    def arrange_packing_list(self, user: User, order: Iterable[int]) -> None:
        """Put the list into this order."""
        for position, item_id in enumerate(order):
            sql = "UPDATE packing_items SET position = ? WHERE id = ? AND user_id = ?"
            self._write(sql, position, item_id, user.id)
