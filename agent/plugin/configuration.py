"""Settings from pytest's options, the environment and pyproject.toml, in this order of precedence.

    [tool.magenta]                       pytest --magenta-understanding …      MAGENTA_UNDERSTANDING=…
    understanding = "openai:MiniCPM-V-4.6@http://localhost:8000/v1"
    expect-timeout = "10s"
    allow = ["https://pay.example.com"]

All names are in `options.NAMES`; a key that is not is an error. The API key comes from `MAGENTA_API_KEY` alone.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from magenta_qa.agent.options import NAMES
from magenta_qa.model.errors import ConfigError

if TYPE_CHECKING:
    from magenta_qa.agent.settings import Settings

MAX_REPEAT = 1_000
_UNITS_MS = {"": 1_000, "ms": 1, "s": 1_000, "m": 60_000}
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|)\s*\Z")
_FLAGS = {
    "1": True,
    "true": True,
    "yes": True,
    "on": True,
    "0": False,
    "false": False,
    "no": False,
    "off": False,
    "": False,
}


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a run is set up with."""

    settings: "Settings"
    report: Path
    repeat: int = 1
    """How often each scenario is run."""


def read_project(path: Path) -> dict[str, object]:
    """`[tool.magenta]` of a pyproject.toml, with dashes in its keys; empty when there is none.

    Raises:
        ConfigError: A key is unknown, or the file is not TOML.
    """
    try:
        text = path.read_bytes()
    except OSError:
        return {}
    if b"magenta" not in text:
        return {}
    import tomllib

    try:
        tool = tomllib.loads(text.decode()).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    table = tool.get("magenta", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: tool.magenta must be a table: [tool.magenta]")
    return {_known(str(key).replace("_", "-"), path): value for key, value in table.items()}


def build_configuration(
    options: Mapping[str, object],
    environ: Mapping[str, str],
    project: Mapping[str, object],
    *,
    folder: Path,
    cwd: Path,
) -> Configuration:
    """The settings of a run.

    Args:
        options: Name → value of the command line; None where it was not given.
        environ: The environment.
        project: `[tool.magenta]`.
        folder: What relative paths of pyproject.toml are relative to, and where `.magenta` is by default.
        cwd: What relative paths of the command line and the environment are relative to.

    Raises:
        ConfigError: A value that cannot be used; names where it came from.
    """
    from magenta_qa.agent.settings import Settings
    from magenta_qa.model.schema import VIEWS, View

    found = _Values(options, environ, project)
    home = found.path("home", folder, cwd) or folder / ".magenta"
    default = Settings()
    view = found.text("view", default.view.name)
    if view not in VIEWS:
        raise ConfigError(f'{found.origin("view")}: "{view}" is not a view; use {", ".join(VIEWS)}')
    pictures = found.text("pictures", default.pictures)
    if pictures not in ("all", "failures"):
        raise ConfigError(f'{found.origin("pictures")}: "{pictures}" is not a choice of pictures; use all or failures')
    heal = found.text("heal", "report" if _FLAGS.get(environ.get("CI", "").strip().lower(), True) else "write")
    if heal not in ("off", "report", "write", "fail"):
        raise ConfigError(f'{found.origin("heal")}: "{heal}" heals nothing; use off, report, write or fail')
    settings = Settings(
        understanding=found.text("understanding", default.understanding),
        decision=found.text("decision", default.decision),
        api_key=environ.get("MAGENTA_API_KEY") or None,
        view=View(name=view),
        pictures=cast(Literal["all", "failures"], pictures),
        timeout_ms=found.duration_ms("timeout", default.timeout_ms),
        expect_timeout_ms=found.duration_ms("expect-timeout", default.expect_timeout_ms),
        describe_ms=found.duration_ms("describe-timeout", default.describe_ms),
        settle_ms=found.duration_ms("settle-timeout", default.settle_ms),
        home=home,
        site=found.text("site", default.site),
        allow=found.origins("allow"),
        private=found.selectors("private"),
        strict=found.flag("strict"),
        known=found.addresses("known"),
        replay=found.find("replay") is None or found.flag("replay"),
        heal=cast(Literal["off", "report", "write", "fail"], heal),
    )
    report = found.path("report", folder, cwd) or home / "report.html"
    return Configuration(settings, report, found.count("repeat", MAX_REPEAT))


class _Values:
    """Looks a name up in the three places."""

    def __init__(
        self, options: Mapping[str, object], environ: Mapping[str, str], project: Mapping[str, object]
    ) -> None:
        self._options = options
        self._environ = environ
        self._project = project

    def origin(self, name: str) -> str:
        """Where the value comes from, for error messages."""
        if self._options.get(name) is not None:
            return f"--magenta-{name}"
        variable = _variable(name)
        return variable if variable in self._environ else f"pyproject.toml [tool.magenta] {name}"

    def find(self, name: str) -> object:
        if self._options.get(name) is not None:
            return self._options[name]
        return self._environ.get(_variable(name), self._project.get(name))

    def text(self, name: str, default: str) -> str:
        value = self.find(name)
        if value is not None and not isinstance(value, str):
            raise ConfigError(f"{self.origin(name)}: {value!r} must be text")
        return value or default

    def path(self, name: str, folder: Path, cwd: Path) -> Path | None:
        given = self.text(name, "")
        if not given:
            return None
        return (folder if self.origin(name).startswith("pyproject") else cwd) / Path(given).expanduser()

    def flag(self, name: str) -> bool:
        value = self.find(name)
        if isinstance(value, bool) or value is None:
            return bool(value)
        flag = _FLAGS.get(str(value).strip().lower())
        if flag is None:
            raise ConfigError(f"{self.origin(name)}: {value!r} must be true or false")
        return flag

    def count(self, name: str, most: int) -> int:
        value = self.find(name)
        if value is None:
            return 1
        text = "" if isinstance(value, bool) else str(value).strip()
        if not re.fullmatch(r"\d{1,6}", text) or not 1 <= int(text) <= most:
            raise ConfigError(f"{self.origin(name)}: {value!r} must be a whole number from 1 to {most:,}")
        return int(text)

    def duration_ms(self, name: str, default: int) -> int:
        value = self.find(name)
        if value is None:
            return default
        match = None if isinstance(value, bool) else _DURATION.match(str(value))
        duration = round(float(match[1]) * _UNITS_MS[match[2]]) if match else 0
        if duration <= 0:
            raise ConfigError(f"{self.origin(name)}: {value!r} is not a duration; write 10, 10s, 500ms or 2m")
        return duration

    def selectors(self, name: str) -> tuple[str, ...]:
        value = self.find(name) or []
        values = self._texts(name, [value] if isinstance(value, str) else value, "CSS selectors")
        if values:
            from magenta_qa.agent.privacy.privacy import require_selector  # loads what few runs need

            for each in values:
                require_selector(each)
        return values

    def addresses(self, name: str) -> tuple[str, ...]:
        value = self.find(name) or []
        values = self._texts(name, value.split() if isinstance(value, str) else value, "addresses")
        pattern = r"(?:[a-z][a-z0-9+.-]*://[^/?#\s*]+)?/[^*\s]\S*"
        return self._fitting(name, values, pattern, "an address, such as /api/news/*")

    def origins(self, name: str) -> tuple[str, ...]:
        value = self.find(name)
        values = re.split(r"[,\s]+", value.strip()) if isinstance(value, str) else value or []
        found = self._texts(name, values, "origins")
        pattern = r"[a-z][a-z0-9+.-]*://[^/?#\s]+/?"
        return tuple(
            v.rstrip("/") for v in self._fitting(name, found, pattern, "an origin, such as https://pay.example.com")
        )

    def _texts(self, name: str, values: object, what: str) -> tuple[str, ...]:
        if not isinstance(values, list | tuple) or not all(isinstance(v, str) for v in values):
            raise ConfigError(f"{self.origin(name)}: {values!r} must be a list of {what}")
        return tuple(values)

    def _fitting(self, name: str, values: tuple[str, ...], pattern: str, what: str) -> tuple[str, ...]:
        wrong = next((v for v in values if not re.fullmatch(pattern, v)), None)
        if wrong is not None:
            raise ConfigError(f'{self.origin(name)}: "{wrong}" is not {what}')
        return values


def _variable(name: str) -> str:
    return f"MAGENTA_{name.upper().replace('-', '_')}"


def _known(name: str, path: Path) -> str:
    if name in NAMES:
        return name
    if name == "api-key":
        raise ConfigError(f"{path}: [tool.magenta] api-key: keys do not belong into files; set MAGENTA_API_KEY")
    from difflib import get_close_matches

    close = get_close_matches(name, NAMES, n=1)
    remedy = f'did you mean "{close[0]}"?' if close else f"known are: {', '.join(NAMES)}"
    raise ConfigError(f'{path}: [tool.magenta] has the unknown key "{name}"; {remedy}')
