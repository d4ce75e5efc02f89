"""MLflow's tracking server: two experiments with runs of made-up models, and a registered model."""

import subprocess
from pathlib import Path

from apps.application import Application

SEED = """
import mlflow
from mlflow.tracking import MlflowClient

client = MlflowClient("sqlite:///{data}/mlflow.db")
weather = client.create_experiment("harbour-weather", tags={{"mlflow.note.content": "Wind at the pier"}})
fish = client.create_experiment("fish-prices")
RUNS = [
    (weather, "linear", {{"window": "7", "solver": "lsqr"}}, {{"rmse": 4.2, "r2": 0.61}}, "ada"),
    (weather, "forest", {{"window": "14", "trees": "200"}}, {{"rmse": 2.9, "r2": 0.78}}, "ben"),
    (weather, "boosted", {{"window": "14", "trees": "500"}}, {{"rmse": 2.1, "r2": 0.84}}, "ada"),
    (weather, "naive", {{"window": "1"}}, {{"rmse": 6.8, "r2": 0.12}}, "ben"),
    (fish, "herring-1", {{"depth": "3"}}, {{"mae": 1.9}}, "clara"),
    (fish, "herring-2", {{"depth": "5"}}, {{"mae": 1.4}}, "clara"),
]
for number, (experiment, name, params, metrics, user) in enumerate(RUNS):
    begin = 1767258000000 + number * 3600000
    run = client.create_run(experiment, start_time=begin, run_name=name, tags={{"mlflow.user": user, "team": "pier"}})
    for key, value in params.items():
        client.log_param(run.info.run_id, key, value)
    for key, value in metrics.items():
        for step in range(5):
            client.log_metric(run.info.run_id, key, value * (1 + (4 - step) / 4), timestamp=begin + step, step=step)
    client.set_terminated(run.info.run_id, end_time=begin + 60000)
client.create_registered_model("pier-wind", description="Wind at the pier, one day ahead")
client.create_registered_model("herring-price", description="Price of herring")
"""


def seed(home: Path, data: Path) -> None:
    subprocess.run([home / "venv/bin/python", "-c", SEED.format(data=data)], check=True, cwd=data)


def command(home: Path, data: Path, port: int) -> list[str]:
    store = ["--backend-store-uri", f"sqlite:///{data}/mlflow.db", "--artifacts-destination", str(data / "artifacts")]
    place = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    return [str(home / "venv/bin/mlflow"), "server", *store, *place]


APPLICATION = Application("mlflow", ("mlflow==3.17.2",), seed, command, ready="/health")
