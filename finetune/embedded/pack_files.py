"""The files of a pack: which there are, what is in them, and how they are written, in parts that travel.

    with Parts(folder, "train-screens", SCREENS) as screens:
        screens.add({"width": 1280, "height": 720, "webp": …}, size=31_000)
    screens.count

Nothing here needs what reads a corpus, so that a machine that trains needs none of it either.
"""

import hashlib
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

FACTS = "pack.json"
PART_BYTES = 56 << 20
GROUP_BYTES = 4 << 20

_IDS = pa.list_(pa.uint16())
SCREENS = pa.schema([("width", pa.int32()), ("height", pa.int32()), ("webp", pa.binary())])
ELEMENTS = pa.schema(
    [("id", pa.string()), ("screen", pa.int32()), ("rect", pa.list_(pa.int32()))]
    + [(name, _IDS) for name in ("full", "bare", "answer")]
    + [(name, pa.string()) for name in ("summary", "instruction", "page", "kind", "framework", "icons")]
    + [(name, pa.string()) for name in ("shown", "named", "accessible")]
    + [("repeated", pa.bool_())]
)
"""`full` has text and HTML, `bare` neither: of it the picture alone tells."""
KNOWN = ("kind", "framework", "icons")
"""What is held out: values of these that no training row has."""


def fingerprint_of(base: Path) -> str:
    """Of the tokenizer: ids mean nothing with another one."""
    return hashlib.sha256((base / "tokenizer.json").read_bytes()).hexdigest()[:16]


class Parts:
    """One series of Parquet files.

    Args:
        folder: Where they lie.
        name: What their names begin with.
        schema: Of each.
        part_bytes: Size at which the next file is begun.
    """

    def __init__(self, folder: Path, name: str, schema: Any, part_bytes: int = PART_BYTES) -> None:  # noqa: ANN401
        self._folder, self._name, self._schema, self._part_bytes = folder, name, schema, part_bytes
        self._rows: list[dict[str, Any]] = []
        self._held = self._number = self.count = 0
        self._sink: Any = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._close()

    def add(self, row: dict[str, Any], size: int) -> None:
        """One row of about `size` bytes."""
        self._rows.append(row)
        self._held += size
        self.count += 1
        if self._held >= GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if not self._rows:
            return
        if self._writer is None:
            self._sink = pa.OSFile(str(self._folder / f"{self._name}-{self._number:05}.parquet"), "wb")
            self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd")
        self._writer.write_table(pa.Table.from_pylist(self._rows, self._schema))
        self._rows, self._held = [], 0
        if self._sink.tell() + GROUP_BYTES > self._part_bytes:
            self._close()

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._sink.close()
            self._writer, self._number = None, self._number + 1
