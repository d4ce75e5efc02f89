"""What a teacher has said of logged interactions (`magenta describe`), for people to review.

load_taught("s3://team/teacher")      -> {"5e…": "Opens the cart.", …}, by the id of the line in the log

Read are the columns `external_id` and `summary` of the Parquet files below a folder, or of one file, anywhere that
fsspec reaches; pictures stay where they are.
"""

from magenta_qa.model.errors import ConfigError

_COLUMNS = ["external_id", "summary"]


def load_taught(path: str) -> dict[str, str]:
    """Id → sentence.

    Args:
        path: A folder or a file, here or at any fsspec URL.

    Raises:
        ConfigError: Nothing is there that can be read as a teacher's labels, or what reads it is not installed.
    """
    try:
        import fsspec
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ConfigError(f'{error}; install what reads Parquet: pip install "magenta-qa[label]"') from error
    said: dict[str, str] = {}
    try:
        files, root = fsspec.core.url_to_fs(path)
        found = [root] if files.isfile(root) else sorted(map(str, files.glob(f"{root.rstrip('/')}/**/*.parquet")))
        for name in found:
            with files.open(name, "rb") as file:
                table = pq.read_table(file, columns=_COLUMNS)
            rows = zip(*(table.column(column).to_pylist() for column in _COLUMNS), strict=True)
            said |= {str(row): str(sentence) for row, sentence in rows if row and sentence}
    except (OSError, ImportError, ValueError, KeyError, pa.ArrowException) as error:
        raise ConfigError(f"cannot read a teacher's labels in {path}: {error}") from error
    if not said:
        raise ConfigError(f"{path} holds no labels of a teacher; expected what 'magenta describe --out' has written")
    return said
