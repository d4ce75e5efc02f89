"""What the project's database and the server's log say after each scenario; nothing of the agent is known here."""

from apps.application import Bed, Oracle


def rows(query: str, expected: list[tuple[object, ...]]) -> Oracle:
    def oracle(bed: Bed) -> bool:
        return bed.rows("project/db/trac.db", query) == expected

    return oracle


ORACLES: dict[str, Oracle] = {
    "new_ticket": rows(
        "select type, priority, description from ticket where summary = 'Buoy 4 is dark'",
        [("enhancement", "blocker", "No light since Monday.")],
    ),
    "resolve": rows("select status, resolution from ticket where id = 3", [("closed", "wontfix")]),
    "comment": rows(
        "select newvalue from ticket_change where ticket = 1 and field = 'comment'", [("Seen again this morning",)]
    ),
    "edit_page": rows("select text from wiki where name = 'HarbourRules' and version = 2", [("Dogs on a leash.",)]),
    "add_component": rows("select owner from component where name = 'Ferries'", [("clara",)]),
    "sort": lambda bed: bed.asked(r"GET /query\?.*order=summary"),
    "delete_page": rows("select count(*) from wiki where name = 'HarbourRules'", [(0,)]),
    "search": lambda bed: bed.asked(r"GET /search\?.*q=diving"),
    "milestone": rows("select due from milestone where name = 'Spring clean'", [(0,)]),
}
