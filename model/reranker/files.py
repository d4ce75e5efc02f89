"""The reranker's files: a graph, the pieces of words of its table, and the manifest that they belong to."""

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from magenta_qa.model.errors import ConfigError

WEIGHTS = Path(__file__).parent / "weights"
GRAPH, PIECES, MANIFEST = "reranker.onnx", "pieces.txt", "manifest.json"


class Manifest(BaseModel):
    """What belongs to the graph."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    graph: str
    """SHA-256 of the graph's file."""
    pieces: str
    """SHA-256 of the list of pieces."""
    threshold: float = Field(gt=0, le=1)
    """The least share with which a candidate counts."""


def folder_of(spec: str) -> Path:
    """The folder that `embedded[:FOLDER]` names: the package's own, where it names none."""
    folder = spec.strip().partition(":")[2]
    return Path(folder).expanduser() if folder else WEIGHTS


def read_manifest(folder: Path) -> Manifest:
    """What belongs to a folder's graph.

    Raises:
        ConfigError: The folder holds no reranker.
    """
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except OSError as error:
        raise ConfigError(f"no reranker in {folder}: {error.strerror}; name a folder that holds {MANIFEST}") from error
    except ValidationError as error:
        raise ConfigError(f"{folder / MANIFEST} cannot be read: {error.errors()[0]['msg']}") from error


def read_file(path: Path, digest: str) -> bytes:
    """A file's content, if it has this SHA-256.

    Raises:
        ConfigError: It is missing, or another one.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}; install the package again") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise ConfigError(f"{path} is not the file that {MANIFEST} names; install the package again")
    return content
