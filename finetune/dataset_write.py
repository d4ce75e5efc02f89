"""Writes rows into Parquet files as they come, in flat memory, on any fsspec path.

    with ParquetWriters("s3://bucket/shop/v3") as writers:
        writers.write("train", row)
    writers.rows        # {"train": 8123, …}
    writers.files       # {"train": ["data/train-00000.parquet"], …}

Rows of one screenshot that follow each other cost its bytes once in a file: Parquet's dictionary pages see to that.
"""

from types import TracebackType
from typing import Any, Self

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from magenta_qa.finetune.columns import features
from magenta_qa.finetune.row import Row, box_list
from magenta_qa.model.errors import DatasetError

GROUP_ROWS = 256
GROUP_BYTES = 32 << 20
"""A row group, which is what a reader holds at once, has at most so many rows and bytes of pictures."""
FILE_BYTES = 256 << 20
FILE_ROWS = 20_000
"""A file of more bytes or rows is closed; files are what loader workers share out among themselves."""


class ParquetWriters:
    """One series of files a split; use it as a context manager.

    Args:
        folder: Where the version lies; `data/` is made in it.
        file_bytes: Size at which the next file is begun.
        first: Number of the first file of each split, where several write into one folder.
    """

    def __init__(self, folder: str, file_bytes: int = FILE_BYTES, first: int = 0) -> None:
        self.folder, self.file_bytes, self._first = folder, file_bytes, first
        self.rows: dict[str, int] = {}
        self.files: dict[str, list[str]] = {}
        self._open: dict[str, _File] = {}
        self._schema = features().arrow_schema
        files, root = fsspec.core.url_to_fs(folder)
        files.makedirs(f"{root}/data", exist_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._open.values():
            if error is None:
                file.close()
            else:
                file.abandon()

    def write(self, split: str, row: Row) -> None:
        """Append a row to a split.

        Raises:
            DatasetError: It could not be written.
        """
        file = self._open.get(split)
        if file is None:
            name = f"data/{split}-{self._first + len(self.files.get(split, [])):05}.parquet"
            self.files.setdefault(split, []).append(name)
            file = self._open[split] = _File(f"{self.folder}/{name}", self._schema)
        file.write(row)
        self.rows[split] = self.rows.get(split, 0) + 1
        if file.bytes > self.file_bytes or file.rows >= FILE_ROWS:
            del self._open[split]
            file.close()


class _File:
    """One Parquet file and the rows that wait to become its next row group."""

    def __init__(self, url: str, schema: Any) -> None:  # noqa: ANN401 - pyarrow is not looked into
        self.url, self._schema = url, schema
        self._waiting: list[dict[str, object]] = []
        self._waiting_bytes = 0
        self.rows = 0
        self._stream: Any = None
        self._writer: Any = None
        self._write(self._start)

    def _start(self) -> None:
        self._stream = fsspec.open(self.url, "wb").open()
        self._writer = pq.ParquetWriter(
            self._stream, self._schema, compression="zstd", dictionary_pagesize_limit=2 * GROUP_BYTES
        )

    @property
    def bytes(self) -> int:
        """Bytes written so far and of the pictures that wait, which may shrink where they repeat."""
        return int(self._stream.tell()) + self._waiting_bytes

    def write(self, row: Row) -> None:
        self._waiting.append(stored_row(row))
        self.rows += 1
        self._waiting_bytes += len(row.image)
        if len(self._waiting) >= GROUP_ROWS or self._waiting_bytes >= GROUP_BYTES:
            self._write(self._flush)

    def close(self) -> None:
        self._write(self._flush)
        self._write(self._writer.close)
        self._write(self._stream.close)

    def abandon(self) -> None:
        """Let go of a file that will be removed."""
        for closing in (self._writer, self._stream):
            try:
                closing.close()
            except (OSError, pa.ArrowException):  # the error that made us give up is already on its way
                continue

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.Table.from_pylist(self._waiting, schema=self._schema))
        self._waiting, self._waiting_bytes = [], 0

    def _write(self, step: Any) -> None:  # noqa: ANN401 - a method of ours, of pyarrow's or of a file
        try:
            step()
        except (OSError, pa.ArrowException) as error:
            raise DatasetError(f"cannot write {self.url}: {error}; free some space or choose another place") from error


def stored_row(row: Row) -> dict[str, object]:
    """The row with the names and types of the columns."""
    return {
        "external_id": row.external_id,
        "image": {"bytes": row.image, "path": f"{row.screenshot}.webp" if row.screenshot else None},
        "action_type": row.action_type,
        "element_type": row.element_type,
        "text": row.text,
        "html": row.html,
        "summary": row.summary,
        "bounding_box": box_list(row.box) if row.box else None,
        "viewport": list(row.viewport) if row.viewport else None,
        "site": row.site,
        "url": row.url,
        "summary_source": row.summary_source,
        "at": row.at,
        "instruction": row.instruction,
    }
