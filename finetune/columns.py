"""The columns of a dataset and how a row of one becomes a `Row`, whoever wrote it.

The original recipe's columns are needed: `external_id`, `image`, `action_type`, `element_type`, `text`, `html` and
`summary`. Ours are `bounding_box`, `viewport`, `site`, `url`, `summary_source`, `at` and `instruction`; any of them may
be missing, and further columns are ignored. `image` is a picture as Hugging Face's `Image` feature stores it: its
bytes, and as its path the name of the screenshot in the log (`SHA256.webp`).
"""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

import fsspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from magenta_qa.finetune.row import Row
from magenta_qa.model.errors import DatasetError
from magenta_qa.model.schema import Box

if TYPE_CHECKING:
    import datasets

ORIGINAL = ("external_id", "image", "action_type", "element_type", "text", "html", "summary")
"""The columns of the original recipe's datasets."""
OURS = ("bounding_box", "viewport", "site", "url", "summary_source", "at", "instruction")

Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else str(value))]


class _StoredImage(BaseModel):
    content: bytes | None = Field(None, alias="bytes")
    path: str | None = None

    def read(self) -> bytes:
        """The encoded picture; some datasets store only where it lies."""
        if self.content is not None:
            return self.content
        with fsspec.open(self.path or "", "rb") as file:
            content: bytes = file.read()
        return content


def _image(value: object) -> object:
    """Some datasets store a picture's bytes or path alone."""
    if isinstance(value, bytes):
        return {"bytes": value}
    return {"path": value} if isinstance(value, str) else value


class _StoredRow(BaseModel):
    model_config = ConfigDict(extra="ignore")

    external_id: Text
    image: Annotated[_StoredImage, BeforeValidator(_image)]
    action_type: Text
    element_type: Text
    text: Text
    html: Text
    summary: Text
    bounding_box: tuple[float, float, float, float] | None = None
    viewport: tuple[int, int] | None = None
    site: Text = ""
    url: Text = ""
    summary_source: Text = ""
    at: Text = ""
    instruction: Text = ""


def features() -> "datasets.Features":
    """The features of our datasets."""
    import datasets

    kinds: dict[str, Any] = dict.fromkeys((*ORIGINAL, *OURS), datasets.Value("string"))
    kinds["image"] = datasets.Image()
    kinds["bounding_box"] = datasets.List(datasets.Value("float64"))
    kinds["viewport"] = datasets.List(datasets.Value("int32"))
    return datasets.Features(kinds)


def row_from(stored: Mapping[str, Any]) -> Row:
    """The row that a dataset has stored, its picture not decoded.

    Raises:
        DatasetError: A column is missing or holds something else.
    """
    try:
        row = _StoredRow.model_validate(stored)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise DatasetError(
            f"row {stored.get('external_id', '?')!s:.80}: column {place!r}: {problem['msg']}; "
            f"expected the columns {', '.join(ORIGINAL)}"
        ) from error
    try:
        image = row.image.read()
    except OSError as error:
        raise DatasetError(f"row {row.external_id:.80}: cannot read its picture {row.image.path}: {error}") from error
    return Row(
        external_id=row.external_id,
        image=image,
        action_type=row.action_type,
        element_type=row.element_type,
        text=row.text,
        html=row.html,
        summary=row.summary,
        box=Box(*row.bounding_box) if row.bounding_box else None,
        viewport=row.viewport,
        site=row.site,
        url=row.url,
        summary_source=row.summary_source,
        at=row.at,
        instruction=row.instruction,
        screenshot=PurePosixPath(row.image.path).stem if row.image.path and row.bounding_box else "",
    )
