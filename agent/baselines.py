"""Baselines of `looks the same`: pictures beside the scenario, with masks for what changes by itself.

    cart.baselines/the-page.chromium-linux.png      the picture, for people and for comparing
    cart.baselines/the-page.chromium-linux.yaml     masks: [{x: 40, y: 12, width: 96, height: 20}]; may be edited

What a run saw and had no baseline for, or another one, waits in `.magenta/baselines`, until a person accepts it:

    magenta baselines                     # what waits, and why
    magenta baselines accept [NAME…]      # it is right: from now on this is what it should look like
    magenta baselines accept --mask       # what differs is not to be compared; the picture stays
"""

import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import yaml
from PIL import Image
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from magenta_qa.agent.reports.printable import printable
from magenta_qa.model.errors import ConfigError
from magenta_qa.model.schema import Box

WAITING = "baselines"
"""Folder of `.magenta` for what waits to be accepted."""
_BOXES = TypeAdapter(list[Box])


@dataclass(frozen=True, slots=True)
class Baseline:
    """Where one baseline is kept."""

    path: Path
    """Its picture."""

    @property
    def masks_path(self) -> Path:
        """The file of its masks."""
        return self.path.with_suffix(".yaml")

    def load(self) -> tuple[Image.Image, list[Box]] | None:
        """Picture and masks; None where there is none yet.

        Raises:
            ConfigError: A file cannot be read.
        """
        if not self.path.is_file():
            return None
        try:
            picture = Image.open(io.BytesIO(self.path.read_bytes())).convert("RGB")
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be read as a picture: {error}; accept a new one") from error
        return picture, load_masks(self.masks_path)


class _Waiting(BaseModel):
    """A picture that waits to be accepted."""

    model_config = ConfigDict(extra="forbid")
    target: Path
    expectation: str
    reason: str
    masks: list[Box]
    """What changes by itself."""
    differing: list[Box]
    """What differs from the baseline."""


def load_masks(path: Path) -> list[Box]:
    """The masks of a baseline; none where there is no file.

    Raises:
        ConfigError: The file is no list of boxes.
    """
    if not path.is_file():
        return []
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return _BOXES.validate_python(data.get("masks", []))
    except (yaml.YAMLError, ValidationError, AttributeError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(
            f"{path} holds no masks ({reason}); write masks: [{{x: 0, y: 0, width: 9, height: 9}}]"
        ) from error


def baseline_of(folder: Path, expectation: str, number: int, browser: str, platform: str) -> Baseline:
    """Where the baseline of an expectation is.

    Args:
        folder: Of the scenario's baselines.
        expectation: Its text.
        number: 1, or more for the same text later in the scenario.
        browser: Such as chromium; another one draws letters otherwise.
        platform: As `sys.platform`, for the same reason.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", expectation.casefold()).strip("-")[:60] or "page"
    again = f"-{number}" if number > 1 else ""
    return Baseline(folder / f"{slug}{again}.{browser}-{platform}.png")


def keep_waiting(
    home: Path,
    baseline: Baseline,
    picture: Image.Image,
    *,
    expectation: str,
    reason: str,
    masks: Sequence[Box],
    differing: Sequence[Box] = (),
) -> None:
    """Keep what was seen until a person has accepted it; a later run's takes its place.

    Args:
        home: The `.magenta` folder.
        baseline: What it would become.
        picture: As it is now.
        expectation: Whose it is.
        reason: Why it waits.
        masks: What changes by itself.
        differing: What differs from the baseline there is.
    """
    kept, facts = _waiting_paths(home, baseline)
    kept.parent.mkdir(parents=True, exist_ok=True)
    picture.save(kept)
    waiting = _Waiting(
        target=baseline.path.absolute(),
        expectation=expectation,
        reason=reason,
        masks=list(masks),
        differing=list(differing),
    )
    facts.write_text(waiting.model_dump_json(indent=1), encoding="utf-8")


def forget_waiting(home: Path, baseline: Baseline) -> None:
    """Nothing waits any more for a baseline that was met."""
    for path in _waiting_paths(home, baseline):
        path.unlink(missing_ok=True)


def _waiting_paths(home: Path, baseline: Baseline) -> tuple[Path, Path]:
    """Where what waits for a baseline is kept: the picture, and what is said about it."""
    stem = f"{baseline.path.stem}-{hashlib.sha256(str(baseline.path.absolute()).encode()).hexdigest()[:8]}"
    return home / WAITING / f"{stem}.png", home / WAITING / f"{stem}.json"


@click.group(invoke_without_command=True)
@click.option(
    "--home", default=Path(".magenta"), type=click.Path(file_okay=False, path_type=Path), help="As in the run."
)
@click.pass_context
def baselines(context: click.Context, home: Path) -> None:
    """Show the pictures that wait to be accepted."""
    context.obj = home
    if context.invoked_subcommand is not None:
        return
    found = _waiting(home)
    for path, each in found:
        click.echo(f"{each.target.name}: {printable(each.reason, 200)}\n   {path.with_suffix('.png')}")
    click.echo("`magenta baselines accept` accepts them" if found else "no picture waits to be accepted")


@baselines.command()
@click.option("--mask", is_flag=True, help="Keep the picture, and no longer compare what differs.")
@click.argument("names", nargs=-1, metavar="[NAME…]")
@click.pass_obj
def accept(home: Path, mask: bool, names: tuple[str, ...]) -> int:
    """Accept pictures as baselines: all that wait, or those in whose name a NAME stands."""
    found = [(path, each) for path, each in _waiting(home) if not names or any(n in str(each.target) for n in names)]
    if not found:
        raise click.ClickException("no such picture waits to be accepted; run the scenario, then `magenta baselines`")
    for path, each in found:
        click.echo(f"{'masked' if mask else 'accepted'}: {_accept(path, each, mask)}")
    return 0


def _waiting(home: Path) -> list[tuple[Path, _Waiting]]:
    files = sorted((home / WAITING).glob("*.json"))
    return [(path, _Waiting.model_validate_json(path.read_bytes())) for path in files]


def _accept(path: Path, waiting: _Waiting, mask: bool) -> Path:
    baseline, picture = Baseline(waiting.target), path.with_suffix(".png")
    if mask and not baseline.path.is_file():
        raise click.ClickException(f"{baseline.path} does not exist, so that nothing differs; accept it without --mask")
    masks = [*(load_masks(baseline.masks_path) if mask else ()), *(waiting.differing if mask else waiting.masks)]
    baseline.path.parent.mkdir(parents=True, exist_ok=True)
    if not mask:
        baseline.path.write_bytes(picture.read_bytes())
    if masks:
        data = {"masks": _BOXES.dump_python(masks)}
        baseline.masks_path.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    else:
        baseline.masks_path.unlink(missing_ok=True)
    picture.unlink()
    path.unlink()
    return baseline.path
