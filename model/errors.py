"""What can go wrong, as one tree.

    MagentaError                  root: catch this to catch everything of ours
    ├── ConfigError               a setting, a spec string or an option that cannot be used
    ├── ScenarioError             a scenario file that cannot be read; carries file and line
    ├── ObservationError          the page could not be observed
    ├── ActionError               an action could not be carried out on the element
    ├── BackendError              a model endpoint failed, hung or answered rubbish
    ├── DatasetError              a log, dataset or record that cannot be read or written
    ├── TrainingError             a training run that cannot go on, or that did something else than it was told
    └── BrowserError              no browser found, or the browser died

A message says what failed with the offending value, what was expected, and what to do.
"""

from pathlib import Path


class MagentaError(Exception):
    """Root of all errors that this package raises on purpose."""


class ConfigError(MagentaError):
    """A setting, back-end spec or option that cannot be used."""


class ScenarioError(MagentaError):
    """A scenario file that cannot be used.

    Args:
        message: What is wrong and what to write instead.
        path: The file.
        line: 1-based line in that file, or None when the whole file is meant.
    """

    def __init__(self, message: str, path: Path | None = None, line: int | None = None) -> None:
        self.path = path
        self.line = line
        where = f"{path}:{line}: " if path and line else f"{path}: " if path else ""
        super().__init__(where + message)


class ObservationError(MagentaError):
    """The page could not be observed (crashed, closed, never answered)."""


class ActionError(MagentaError):
    """An action could not be carried out on its element (covered, detached, disabled, no such option)."""


class BackendError(MagentaError):
    """A model back end failed, hung or gave an answer that cannot be used."""


class DatasetError(MagentaError):
    """A log, a dataset, a row or a record cannot be read, used or written."""


class TrainingError(MagentaError):
    """A training run cannot go on (loss, disk, checkpoint), or did something else than it was told."""


class BrowserError(MagentaError):
    """No browser was found, it would not start, or it died."""
