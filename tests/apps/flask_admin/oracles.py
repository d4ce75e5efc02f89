"""What the library's database and the server's log say after each scenario; nothing of the agent is known here."""

from apps.application import Bed, Oracle


def rows(query: str, expected: list[tuple[object, ...]]) -> Oracle:
    def oracle(bed: Bed) -> bool:
        return bed.rows("library.db", query) == expected

    return oracle


ORACLES: dict[str, Oracle] = {
    "add_author": rows("select country from author where name = 'Zoe Park'", [("Korea",)]),
    "change_price": rows("select price from book where title = 'The Lantern'", [(12.75,)]),
    "delete": rows("select count(*) from book where title = 'The Copper'", [(0,)]),
    "details": lambda bed: bed.asked(r"GET /admin/book/details/\?id=4\b"),
    "search": lambda bed: bed.asked(r"GET /admin/book/\?.*search=Returns"),
    "sort": lambda bed: (
        bed.asked(r"GET /admin/book/\?sort=1&desc=1") or bed.asked(r"GET /admin/book/\?.*sort=\d.*desc=1")
    ),
}
