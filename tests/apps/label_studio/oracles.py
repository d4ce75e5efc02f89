"""What Label Studio's database says after each scenario; nothing of the agent is known here."""

from apps.application import Bed, Oracle


def rows(query: str, expected: list[tuple[object, ...]]) -> Oracle:
    def oracle(bed: Bed) -> bool:
        return bed.rows("label_studio.sqlite3", query) == expected

    return oracle


ORACLES: dict[str, Oracle] = {
    "log_in": rows("select count(*) from htx_user where last_login is not null", [(1,)]),
    "create_project": rows(
        "select description from project where title = 'Sea birds'", [("Photos from the breakwater",)]
    ),
    "annotate": rows(
        "select task_id, json_extract(result, '$[0].value.choices[0]') from task_completion", [(1, "Praise")]
    ),
    "rename_project": rows("select count(*) from project where title = 'Ship names'", [(1,)]),
    "sampling": rows("select sampling from project where title = 'Letters to the harbour'", [("Uniform sampling",)]),
    "delete_project": rows("select title from project", [("Letters to the harbour",)]),
    "account": rows("select first_name, last_name from htx_user", [("Ada", "Moreau")]),
    "delete_task": rows("select id from task order by id", [(1,), (3,), (4,)]),
}
