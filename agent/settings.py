"""How the agent is set up. Only the CLI and the pytest plugin read the environment; everyone else gets this."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from magenta_qa.model.schema import View


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a run of the agent depends on, besides the page."""

    understanding: str = "embedded"
    """Spec of the understanding back end (design.md, "Back ends")."""
    decision: str = "embedded"
    api_key: str | None = None
    view: View = field(default_factory=View)
    pictures: Literal["all", "failures"] = "all"
    """Which pictures are kept for the report: of every step, or of what did not pass. Interactions are logged for the
    fine-tune with their pictures or not at all."""
    timeout_ms: int = 10_000
    """How long a step waits for its target to be there."""
    expect_timeout_ms: int = 5_000
    """How long an expectation is retried before it is false."""
    describe_ms: int = 60_000
    """How long a model may take for all controls of a page; those that it has not described by then are described by
    `accessible`, and the report says so. For endpoints."""
    settle_ms: int = 3_000
    """How long the page may take to come to rest after an action."""
    home: Path = Path(".magenta")
    """Folder of log, pictures, cache and traces."""
    files: Path | None = None
    """Folder in which files to be uploaded are looked for first, then in the current one; of a scenario, its own."""
    baselines: Path | None = None
    """Folder of the pictures that "looks the same" compares with; of a scenario, NAME.baselines beside it."""
    site: str = ""
    """Name of the application in log rows; empty: the start URL's host."""
    allow: tuple[str, ...] = ()
    """Origins that the top page may be on; empty: the origin of the first page."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Name → value; steps say `${NAME}`, and the value reaches nothing but the browser."""
    private: tuple[str, ...] = ()
    """CSS selectors of what must not be written down, besides what looks private and `data-magenta-private`."""
    strict: bool = False
    """Console errors and 4xx responses fail the scenario too."""
    known: tuple[str, ...] = ()
    """Addresses, with * for any part of them, whose answers are findings and fail nothing."""
    replay: bool = True
    """Whether steps act through the locators of the scenario's lock where these still find the same controls."""
    heal: Literal["off", "report", "write", "fail"] = "write"
    """What becomes of a step whose control is found otherwise than its lock says. It ends `stale` (off), or goes on,
    the scenario is marked healed, and a patch for the lock is written, or the lock itself, or the run fails besides."""
