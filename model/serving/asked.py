"""One chat request, checked before any model sees it.

    asked = read_request(body, Bounds(), names={"magenta"})
    asked.text, asked.picture, asked.max_tokens

Pictures come inside the request, as data URLs: an endpoint that fetches addresses for strangers reaches what they
cannot.
"""

import binascii
import io
import json
from base64 import b64decode
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

from PIL import Image, UnidentifiedImageError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

_KINDS = {"PNG", "JPEG", "WEBP"}
MAX_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a request may be at most."""

    body_bytes: int = 16 * 2**20
    picture_pixels: int = 8_000_000
    pictures: int = 1
    waiting: int = 64
    """Requests inside at the same time; further ones are told to come again."""


class Refused(Exception):
    """A request that gets no answer.

    Args:
        status: HTTP's.
        message: What failed, what was expected, what to do.
        retry_after_s: When to come again, or None.
    """

    def __init__(self, status: int, message: str, retry_after_s: int | None = None) -> None:
        super().__init__(message)
        self.status, self.retry_after_s = status, retry_after_s


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")
    type: str
    text: str = ""
    image_url: "_Url | None" = None


class _Url(BaseModel):
    url: str


class _Message(BaseModel):
    role: Literal["system", "user", "assistant"]
    content: str | list[_Part]


class _Request(BaseModel):
    model_config = ConfigDict(extra="ignore")
    model: str
    messages: list[_Message] = Field(min_length=1)
    max_tokens: int = Field(default=64, ge=1, le=MAX_TOKENS)
    n: Literal[1] = 1
    stream: Literal[False] = False
    logprobs: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A checked request."""

    model: str
    text: str
    """Of all messages, one below the other."""
    pictures: tuple[bytes, ...]
    """Encoded as they came."""
    max_tokens: int
    logprobs: bool
    body: dict[str, Any] = field(repr=False)
    """As it came."""


def read_request(body: bytes, bounds: Bounds, names: Collection[str]) -> Asked:
    """The request in an HTTP body.

    Raises:
        Refused: It is none, or beyond the bounds; says which.
    """
    try:
        raw = json.loads(body)
        request = _Request.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        raise Refused(400, f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the request is no JSON ({error}); expected a chat completion request") from error
    if request.model not in names:
        raise Refused(404, f"no model {request.model!r} is served here; expected one of {', '.join(sorted(names))}")
    parts = [part for message in request.messages for part in _parts(message)]
    addresses = [part.image_url.url if part.image_url else "" for part in parts if part.type == "image_url"]
    if len(addresses) > bounds.pictures:
        raise Refused(400, f"the request has {len(addresses)} pictures; expected at most {bounds.pictures}")
    pictures = tuple(_picture(address, bounds) for address in addresses)
    text = "\n".join(part.text for part in parts if part.type == "text")
    return Asked(request.model, text, pictures, request.max_tokens, request.logprobs, raw)


def _parts(message: _Message) -> list[_Part]:
    if isinstance(message.content, str):
        return [_Part(type="text", text=message.content)]
    wrong = next((part.type for part in message.content if part.type not in ("text", "image_url")), None)
    if wrong is not None:
        raise Refused(400, f"a message has a part of type {wrong!r}; expected text or image_url")
    return message.content


def _picture(address: str, bounds: Bounds) -> bytes:
    head, comma, data = address.partition(",")
    if not comma or not head.startswith("data:image/") or not head.endswith(";base64"):
        raise Refused(400, f"a picture is given as {address[:60]!r}; expected data:image/png;base64,…")
    try:
        content = b64decode(data, validate=True)
        with Image.open(io.BytesIO(content)) as picture:
            kind, (width, height) = picture.format, picture.size
    except (binascii.Error, UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as error:
        raise Refused(400, f"a picture cannot be read ({error}); expected PNG, JPEG or WebP") from error
    if kind not in _KINDS:
        raise Refused(400, f"a picture is {kind}; expected PNG, JPEG or WebP")
    if width * height > bounds.picture_pixels:
        raise Refused(
            413, f"a picture has {width}×{height} pixels; expected at most {bounds.picture_pixels}; send a smaller view"
        )
    return content
