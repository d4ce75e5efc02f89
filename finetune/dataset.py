"""Reads datasets: ours, and anyone's that has the original recipe's columns.

    rows = load_rows("data/shop", "train")       # the newest version; "data/shop/v3" is that one
    len(rows); rows[17]                          # -> a Row, its picture still encoded
    rows.column("summary")                       # one column of all rows, without reading pictures
    for row in stream_rows("s3://bucket/shop", "train").shuffled(seed=1): ...

A dataset is a folder, any fsspec URL (with the credentials that fsspec finds) or a name on the Hugging Face Hub. Ours
hold versions, of which each is a whole dataset in the Hub's layout:

    data/shop/v3/dataset.json                    # the facts; written last: a version without it is not finished
    data/shop/v3/README.md                       # the dataset card
    data/shop/v3/data/train-00000.parquet …

`dataset_build.py` writes them, and nothing else turns logs into a dataset.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self, overload

import datasets
import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from magenta_qa.finetune.columns import ORIGINAL, row_from
from magenta_qa.finetune.row import Row
from magenta_qa.model.errors import DatasetError

FACTS = "dataset.json"
BATCH_ROWS = 64
"""Rows that a stream holds at once."""
SPLITS = ("train", "validation", "test")
_VERSION = re.compile(r"v(\d+)$")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a dataset lies."""

    path: str
    """The folder or URL of the version, or the name on the Hub."""
    files: dict[str, list[str]] | None
    """Split → Parquet files; None where `datasets` must find out by itself."""
    version: str
    """Name of the version, such as `v3`; empty where it is not one of ours."""

    def open(self, split: str, *, streaming: bool) -> Any:  # noqa: ANN401 - datasets is not looked into
        """The split as `datasets` has it, pictures not decoded.

        Raises:
            DatasetError: It cannot be read, has no such split, or lacks columns.
        """
        if streaming and self.files is not None:
            return self._stream(split)
        try:
            if self.files is not None:
                found = datasets.load_dataset("parquet", data_files=self.files, streaming=streaming)
            else:
                found = datasets.load_dataset(self.path, streaming=streaming)
        except Exception as error:
            raise DatasetError(f"cannot read the dataset {self.path}: {error}") from error
        self._require(split, found)
        self._require_columns(found[split].column_names or [])
        return found[split].cast_column("image", datasets.Image(decode=False))

    def _stream(self, split: str) -> Any:  # noqa: ANN401 - an IterableDataset
        # The reader that `datasets` has for Parquet holds several times what is needed, and ever more of it.
        files = (self.files or {}).get(split, [])
        self._require(split, self.files or {})
        try:
            with fsspec.open(files[0], "rb") as file:
                self._require_columns(pq.read_schema(file).names)
        except (OSError, pa.ArrowException) as error:
            raise DatasetError(f"cannot read the dataset {self.path}: {error}") from error
        return datasets.IterableDataset.from_generator(_read_files, gen_kwargs={"files": files})

    def _require(self, split: str, found: Iterable[str]) -> None:
        if split not in found:
            raise DatasetError(f"the dataset {self.path} has no split {split!r}; it has {', '.join(found)}")

    def _require_columns(self, columns: Sequence[str]) -> None:
        missing = [name for name in ORIGINAL if name not in columns]
        if missing:
            raise DatasetError(
                f"the dataset {self.path} lacks the columns {', '.join(missing)}; it has {', '.join(columns)}; "
                f"expected at least {', '.join(ORIGINAL)}"
            )


def _read_files(files: list[str], columns: list[str] | None = None) -> Iterator[dict[str, Any]]:
    """The rows of Parquet files, a few at a time."""
    for name in files:
        try:
            with fsspec.open(name, "rb") as file:
                parquet = pq.ParquetFile(file)
                # One group after the other: asked for all of them, pyarrow ends up holding the whole file.
                for group in range(parquet.num_row_groups):
                    for batch in parquet.iter_batches(batch_size=BATCH_ROWS, row_groups=[group], columns=columns):
                        yield from batch.to_pylist()
        except (OSError, pa.ArrowException) as error:
            raise DatasetError(f"cannot read {name}: {error}") from error


class Rows(Sequence[Row]):
    """A split on disk, read by index."""

    def __init__(self, source: Source, split: str) -> None:
        self.source, self.split = source, split
        self._data = source.open(split, streaming=False)

    def __len__(self) -> int:
        return len(self._data)

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | list[Row]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return row_from(self._data[index])

    def __iter__(self) -> Iterator[Row]:
        return map(row_from, self._data)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that are there."""
        return tuple(self._data.column_names)

    def column(self, name: str) -> list[Any]:
        """One column of all rows, in order."""
        return list(self._data.select_columns([name])[name])


class RowStream:
    """A split that is read from its files as they come, in flat memory, whatever its size.

    Iterated in a worker of a PyTorch data loader, it gives that worker's share of the files.
    """

    def __init__(self, data: Any) -> None:  # noqa: ANN401 - an IterableDataset
        self._data = data

    def __iter__(self) -> Iterator[Row]:
        return map(row_from, self._data)

    def stored(self) -> Iterator[dict[str, Any]]:
        """The rows as they are stored, for those who count what is wrong with them."""
        return iter(self._data)

    def shuffled(self, seed: int, buffer: int = 1000) -> Self:
        """The same rows in another order: files shuffled, and rows among `buffer` of them."""
        return type(self)(self._data.shuffle(seed=seed, buffer_size=buffer))

    def for_node(self, rank: int, world_size: int) -> Self:
        """The share of one of several processes."""
        from datasets.distributed import split_dataset_by_node

        return type(self)(split_dataset_by_node(self._data, rank=rank, world_size=world_size))

    def state_dict(self) -> dict[str, Any]:
        """Where reading stands; for `load_state_dict` of a stream made in the same way."""
        state: dict[str, Any] = self._data.state_dict()
        return state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on where another stream stood."""
        self._data.load_state_dict(state)


def load_rows(path: str, split: str) -> Rows:
    """A split, read by index; `datasets` keeps a copy on the local disk that is mapped into memory.

    Args:
        path: Folder, fsspec URL, or name on the Hub.
        split: Such as `train`.

    Raises:
        DatasetError: It cannot be read, has no such split, or lacks columns.
    """
    return Rows(find_source(path), split)


def stream_rows(path: str, split: str) -> RowStream:
    """A split, read from where it lies, in flat memory; see `load_rows`."""
    return RowStream(find_source(path).open(split, streaming=True))


def stream_column(path: str, name: str) -> Iterator[Any]:
    """One column of all splits of one of our versions, in flat memory and without reading pictures."""
    for files in (find_source(path).files or {}).values():
        yield from (row[name] for row in _read_files(files, [name]))


def find_source(path: str) -> Source:
    """Where the dataset lies that `path` names: of one with versions the newest that is finished.

    Raises:
        DatasetError: Nothing is there.
    """
    try:
        files, root = fsspec.core.url_to_fs(str(path))
        if not files.exists(root):
            return _on_hub(str(path))
        versions = list_versions(str(path))
        if not versions and started_versions(str(path)):
            raise DatasetError(f"{path} has no finished version yet; run 'magenta dataset build' to its end")
        folder = f"{str(path).rstrip('/')}/{versions[-1]}" if versions else str(path).rstrip("/")
        found = _parquet_files(folder)
    except (OSError, ImportError, ValueError) as error:
        raise DatasetError(f"cannot read the dataset {path}: {error}") from error
    name = folder.rsplit("/", 1)[-1]
    return Source(folder, found, name if _VERSION.match(name) else "")


def list_versions(path: str) -> list[str]:
    """The finished versions of one of our datasets, oldest first."""
    files, root = fsspec.core.url_to_fs(str(path))
    return [version for version in started_versions(path) if files.exists(f"{root}/{version}/{FACTS}")]


def started_versions(path: str) -> list[str]:
    """The versions of one of our datasets, oldest first, those whose build has not ended among them."""
    files, root = fsspec.core.url_to_fs(str(path))
    if not files.isdir(root):
        return []
    names = [str(entry).rstrip("/").rsplit("/", 1)[-1] for entry in files.ls(root, detail=False)]
    numbers = [int(match[1]) for match in map(_VERSION.match, names) if match]
    return [f"v{number}" for number in sorted(numbers)]


def load_facts(path: str) -> dict[str, Any]:
    """What `dataset build` wrote down about a version (`dataset.json`).

    Raises:
        DatasetError: There are none: it is not one of our datasets.
    """
    source = find_source(path)
    try:
        with fsspec.open(f"{source.path}/{FACTS}", "rt", encoding="utf-8") as file:
            facts: dict[str, Any] = json.load(file)
    except (OSError, ValueError) as error:
        raise DatasetError(f"{source.path} has no readable {FACTS}: {error}") from error
    return facts


def list_splits(path: str) -> list[str]:
    """Names of the splits that are there."""
    source = find_source(path)
    if source.files is not None:
        return list(source.files)
    return list(datasets.get_dataset_split_names(source.path))


def _on_hub(path: str) -> Source:
    if "://" in path or not re.fullmatch(r"[\w.-]+(/[\w.-]+)?", path):
        raise DatasetError(f"there is no dataset {path}; expected a folder, an fsspec URL, or a name on the Hub")
    return Source(path, None, "")


def _parquet_files(folder: str) -> dict[str, list[str]] | None:
    """Split → files, where they are named as the Hub names them (`data/train-00000.parquet`); None elsewhere."""
    files, root = fsspec.core.url_to_fs(folder)
    found: dict[str, list[str]] = {split: [] for split in SPLITS}
    for entry in sorted([*files.glob(f"{root}/*.parquet"), *files.glob(f"{root}/data/*.parquet")]):
        split = re.split(r"[-.]", str(entry).rsplit("/", 1)[-1])[0]
        if split not in found:
            return None
        found[split].append(files.unstrip_protocol(entry))
    return {split: paths for split, paths in found.items() if paths} or None
