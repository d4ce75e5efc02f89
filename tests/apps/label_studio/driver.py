"""Label Studio: two annotation projects of the user ada@harbour.test (password "harbour-7"), made over its API."""

import json
import os
import urllib.request
from pathlib import Path

from apps.application import Application, free_port, serving

USER, PASSWORD, TOKEN = "ada@harbour.test", "harbour-7", "7" * 40
CHOICES = """<View><Text name="text" value="$text"/><Choices name="tone" toName="text" choice="single">
<Choice value="Praise"/><Choice value="Complaint"/><Choice value="Question"/></Choices></View>"""
LETTERS = (
    "The new crane is wonderful.",
    "When does the ferry to Alnes leave?",
    "My berth was taken by another boat again.",
    "Thank you for the quick repair of the pier.",
)


def environment(data: Path) -> dict[str, str]:
    return {
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "LABEL_STUDIO_USERNAME": USER,
        "LABEL_STUDIO_PASSWORD": PASSWORD,
        "LABEL_STUDIO_USER_TOKEN": TOKEN,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "false",
        "LATEST_VERSION_CHECK": "false",
        "COLLECT_ANALYTICS": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }


def command(home: Path, data: Path, port: int) -> list[str]:
    place = ["--internal-host", "127.0.0.1", "--port", str(port), "--no-browser"]
    user = ["--username", USER, "--password", PASSWORD, "--user-token", TOKEN]
    return [str(home / "venv/bin/label-studio"), "start", *place, *user]


def seed(home: Path, data: Path) -> None:
    port = free_port()
    names = {**os.environ, **environment(data)}
    with serving(command(home, data, port), port, "/health", home / "seed.log", names) as url:
        letters = _post(f"{url}/api/projects", {"title": "Letters to the harbour", "label_config": CHOICES})
        _post(f"{url}/api/projects/{letters['id']}/import", [{"text": text} for text in LETTERS])
        _post(f"{url}/api/projects", {"title": "Boat names", "description": "Names to be read aloud"})


def _post(url: str, body: object) -> dict[str, object]:
    headers = {"Content-Type": "application/json", "Authorization": f"Token {TOKEN}"}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=60) as answer:
        return dict(json.load(answer))


APPLICATION = Application(
    "label-studio", ("label-studio==1.23.2",), seed, command, ready="/health", environment=environment
)
