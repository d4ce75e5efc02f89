"""`magenta init`: what a team needs to begin, written into its repository, overwriting nothing.

magenta init --base-url http://localhost:8000
+ scenarios/start_page.scenario.yaml
+ scenarios/conftest.py
= pyproject.toml is there already; add to it: …
+ .github/workflows/magenta.yml
"""

import tomllib
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

import click

TEMPLATES = {
    "scenarios/start_page.scenario.yaml": "start_page.scenario.yaml",
    "scenarios/conftest.py": "conftest.py",
    "pyproject.toml": "pyproject.toml",
    ".github/workflows/magenta.yml": "workflow.yml",
    ".gitignore": "gitignore",
}
"""Where it goes → the template's name."""
WANTED_TABLES = (("tool", "pytest", "ini_options", "base_url"), ("tool", "magenta"))


@click.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--base-url", default="http://localhost:8000", show_default=True, help="Where the application runs when tested."
)
def init(folder: Path, base_url: str) -> int:
    """Begin: a first scenario, settings and a GitHub workflow, in FOLDER; nothing is overwritten."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.netloc or set(base_url) & set("\"\\\n '"):
        raise click.ClickException(f'"{base_url}" is no base URL; write it whole, such as http://localhost:8000')
    try:
        for place, template in TEMPLATES.items():
            _write(folder, place, _filled(template, base_url))
    except OSError as error:
        raise click.ClickException(f"cannot write {error.filename}: {error.strerror}") from error
    click.echo(f"\nstart the application at {base_url}, then:\n    magenta run {folder / 'scenarios'}")
    return 0


def _filled(template: str, base_url: str) -> str:
    text = files("magenta_qa.agent").joinpath("scaffold", template).read_text(encoding="utf-8")
    return text.replace("@BASE_URL@", base_url)


def _write(folder: Path, place: str, text: str) -> None:
    """Write a file that is not there; say what to add to one that is."""
    path = folder / place
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        click.echo(f"+ {path}")
        return
    missing = _missing(path, text)
    click.echo(f"= {path} is there already and stays as it is{'; add to it:' if missing else ''}")
    if missing:
        click.echo("\n" + "\n".join(f"    {line}" for line in text.splitlines()) + "\n")


def _missing(path: Path, text: str) -> bool:
    """Whether a file that is there lacks what the template would have brought."""
    there = path.read_text(encoding="utf-8", errors="replace")
    if path.name == ".gitignore":
        return text.strip() not in there
    if path.name != "pyproject.toml":
        return False
    try:
        table: object = tomllib.loads(there)
    except tomllib.TOMLDecodeError:
        return True
    return not all(_has(table, keys) for keys in WANTED_TABLES)


def _has(table: object, keys: tuple[str, ...]) -> bool:
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table is not None
