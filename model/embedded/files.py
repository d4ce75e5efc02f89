"""The files of an exported model: what they are, and that they are whole.

    files = read_files(Path("models/small"))
    files.graph("vision")       -> bytes of an ONNX model, put together from its parts
    files.tokenizer()           -> text of tokenizer.json

manifest.json, shortened:

    {"format": 3, "precision": "int8", "room": 4096, "prompt": {"opening": [1, 76, 8], …},
     "graphs": {"vision": [{"file": "vision.0.bin", "bytes": 8990120, "sha256": "…"}], "text": […]},
     "tokenizer": {"file": "tokenizer.json", "bytes": 5210, "sha256": "…"}, …}

No file is larger than `MAX_FILE_BYTES`; a graph that is takes several, to be put one behind the other.
"""

import hashlib
import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from magenta_qa.model.embedded.glossary import Glossary
from magenta_qa.model.errors import ConfigError

FORMAT: Literal[3] = 3
"""Goes up when the graphs or the manifest change so that older code cannot run them."""
NAME = "embedded"
"""Names the shipped model, and any exported one as `embedded:PATH`, where a checkpoint or a back end is named."""
SHIPPED = Path(__file__).with_name("weights")
"""Where the model lies that comes with the package."""
MANIFEST = "manifest.json"
MAX_FILE_BYTES = 16 * 2**20
_ADVICE = (
    "copy the folder anew (the shipped one: install magenta-qa again), or export the model again with 'magenta export'"
)


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Entry):
    """One file."""

    file: str = Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$")
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class PictureFacts(_Entry):
    """How pictures are cut and where their patches lie."""

    patch_size: int = Field(gt=0)
    scale_resolution: int = Field(gt=0)
    places: int = Field(gt=0)
    """Side of the table of positions."""


class PromptFacts(_Entry):
    """What stands around a question; `…` in the examples."""

    opening: tuple[int, ...]
    """Ids before the picture's features: ``<|im_start|>user\\n<image>``."""
    plain: str
    """Text before a question without a picture: ``<|im_start|>user\\n``."""
    closing: tuple[int, ...]
    """Ids after them: ``</image>``."""
    ending: str
    """Text after the question: ``<|im_end|>\\n<|im_start|>assistant\\n``."""
    strips: bool
    """Whether blanks at the question's end are dropped."""
    placeholder: int
    """Id where a feature goes."""
    padding: int
    ends: tuple[int, ...] = Field(min_length=1)
    """Ids that end an answer."""
    special: tuple[int, ...]
    """Ids that no text may become."""


class CacheFacts(_Entry):
    """The text part's cache, and its width."""

    layers: int = Field(gt=0)
    heads: int = Field(gt=0)
    head_size: int = Field(gt=0)
    width: int = Field(gt=0)


class Manifest(_Entry):
    """What is in the folder."""

    format: Literal[3]
    precision: Literal["int8", "float32"]
    source: str
    """Tells apart the weights that were exported."""
    room: int = Field(gt=0)
    """Tokens at most of a prompt and its answer."""
    pictures: PictureFacts
    prompt: PromptFacts
    cache: CacheFacts
    graphs: dict[Literal["vision", "text"], tuple[Part, ...]]
    tokenizer: Part
    checkpoint: tuple[Part, ...]
    """Further files of the checkpoint, for training it on; its weights are in the graphs."""
    glossary: Part | None = None
    """What a team's labels say of names."""


def is_embedded(spec: str) -> bool:
    """Whether it names an exported model."""
    return spec.strip().partition(":")[0] == NAME


def folder_of(spec: str) -> Path:
    """Where the exported model lies that `embedded` or `embedded:PATH` names.

    Raises:
        ConfigError: The spec has another form.
    """
    name, colon, place = spec.strip().partition(":")
    if name != NAME or (colon and not place):
        raise ConfigError(
            f"cannot use {spec!r}: expected embedded, or embedded:PATH such as embedded:models/small, a folder that "
            "'magenta export' wrote"
        )
    return Path(place).expanduser() if place else SHIPPED


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A folder whose files have been checked."""

    folder: Path
    manifest: Manifest = field(compare=False)
    identity: str
    """A hash of all that is in it."""

    def graph(self, name: Literal["vision", "text"]) -> bytes:
        """An ONNX model."""
        return b"".join((self.folder / part.file).read_bytes() for part in self.manifest.graphs[name])

    def tokenizer(self) -> str:
        """The tokenizer as the library `tokenizers` reads it."""
        return (self.folder / self.manifest.tokenizer.file).read_text("utf-8")

    def glossary(self) -> Glossary:
        """What a team's labels say of names; empty where the model was not trained on any.

        Raises:
            ConfigError: The file is none that this version can read.
        """
        if self.manifest.glossary is None:
            return Glossary()
        path = self.folder / self.manifest.glossary.file
        try:
            return Glossary.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise ConfigError(f"{path} cannot be used: {error.errors()[0]['msg']}; {_ADVICE}") from error


def read_files(folder: Path) -> ModelFiles:
    """The model in a folder, every file compared with its checksum.

    Raises:
        ConfigError: There is none, it is of another format, or a file is missing or damaged.
    """
    try:
        text = (folder / MANIFEST).read_bytes()
    except OSError as error:
        raise ConfigError(
            f"no embedded model in {folder}: {error.strerror or error}; expected a folder with a {MANIFEST}, as "
            "'magenta export' writes it"
        ) from error
    manifest = _parsed(folder, text)
    graphs = (part for parts in manifest.graphs.values() for part in parts)
    glossary = (manifest.glossary,) if manifest.glossary else ()
    for part in (*graphs, manifest.tokenizer, *manifest.checkpoint, *glossary):
        _check(folder, part)
    return ModelFiles(folder, manifest, hashlib.sha256(text).hexdigest()[:32])


def _parsed(folder: Path, text: bytes) -> Manifest:
    try:
        raw: Any = json.loads(text)
    except ValueError as error:
        raise ConfigError(f"{folder / MANIFEST} is no JSON ({error}); {_ADVICE}") from error
    found = raw.get("format") if isinstance(raw, dict) else None
    if found != FORMAT:
        raise ConfigError(
            f"the embedded model in {folder} has format {found!r}; expected {FORMAT}; export it again with this "
            "version of magenta-qa, or install the version that wrote it"
        )
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{folder / MANIFEST} cannot be used: {place}: {first['msg']}; {_ADVICE}") from error
    lacking = sorted({"vision", "text"} - manifest.graphs.keys())
    if lacking:
        raise ConfigError(f"{folder / MANIFEST} names no graph {lacking[0]!r}; expected vision and text; {_ADVICE}")
    return manifest


def _check(folder: Path, part: Part) -> None:
    path = folder / part.file
    try:
        facts = path.stat()
        found = _checksum(path, facts.st_size, facts.st_mtime_ns)
    except OSError as error:
        raise ConfigError(
            f"the embedded model in {folder} lacks {part.file} ({error.strerror or error}); expected {part.bytes} "
            f"bytes; {_ADVICE}"
        ) from error
    if found != part.sha256:
        raise ConfigError(
            f"{path} is damaged: {facts.st_size} bytes with the checksum {found[:12]}…; expected "
            f"{part.bytes} bytes with {part.sha256[:12]}…; {_ADVICE}"
        )


@lru_cache(maxsize=64)
def _checksum(path: Path, size: int, changed_ns: int) -> str:
    """SHA-256 of a file, worked out once while it is not written to: every scenario opens the model."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
