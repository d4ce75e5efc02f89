"""What MLflow's database and the server's log say after each scenario; nothing of the agent is known here."""

from apps.application import Bed, Oracle


def rows(query: str, expected: list[tuple[object, ...]]) -> Oracle:
    def oracle(bed: Bed) -> bool:
        return bed.rows("mlflow.db", query) == expected

    return oracle


def asked_about_run(name: str) -> Oracle:
    """The list of runs is asked for by experiment; only a run's own page asks by its id."""

    def oracle(bed: Bed) -> bool:
        ((run_id,),) = bed.rows("mlflow.db", f"select run_uuid from runs where name = '{name}'")
        return bed.asked(str(run_id))

    return oracle


ORACLES: dict[str, Oracle] = {
    "create_experiment": rows("select lifecycle_stage from experiments where name = 'ferry-delays'", [("active",)]),
    "delete_experiment": rows("select lifecycle_stage from experiments where name = 'fish-prices'", [("deleted",)]),
    "delete_run": rows("select name from runs where lifecycle_stage = 'deleted'", [("naive",)]),
    "open_run": asked_about_run("forest"),
    "describe_model": rows(
        "select description from registered_models where name = 'pier-wind'", [("Wind at the pier, two days ahead",)]
    ),
    "create_model": rows("select count(*) from registered_models where name = 'ferry-delay'", [(1,)]),
    "tag_model": rows("select key, value from registered_model_tags where name = 'pier-wind'", [("port", "Alnes")]),
    "rename_run": rows("select name from runs where name like 'herring-%' order by name",
                       [("herring-2",), ("herring-old",)]),
}  # fmt: skip
