"""What may stand in a `*.scenario.yaml` file, as pydantic models; `magenta schema` prints their JSON schema.

    ScenarioFile.model_validate({"name": "…", "steps": ["Click Save", {"expect": "…"}], "expect": "…"})

A step that is plain text is a `do`, and a single expectation needs no list. Durations are seconds, or text with a unit
(`500ms`, `10s`, `2m`), and come out in milliseconds.
"""

import itertools
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

MAX_CASES = 1_000
MAX_DURATION_MS = 3_600_000
_UNITS_MS = {"": 1_000, "ms": 1, "s": 1_000, "m": 60_000}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|)\Z")
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#\s]+/?\Z")
_TAG = re.compile(r"[A-Za-z_][\w.:+-]*\Z")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*\Z")
_KEY = re.compile(r"\s*(do|expect|goal):\s+(\S.*)\Z", re.DOTALL)
_RESERVED_TAGS = frozenset(
    {"and", "or", "not", "parametrize", "usefixtures", "filterwarnings", "skipif", "xdist_group"}
)


def _fold(value: object) -> object:
    """A block of several lines (`>` and `|`) is one sentence."""
    return " ".join(value.split()) if isinstance(value, str) else value


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _milliseconds(value: object) -> object:
    match = _DURATION.match(str(value).strip())
    if not match:
        raise ValueError(f'"{value}" is not a duration; write 10, 10s, 500ms or 2m')
    duration = round(float(match[1]) * _UNITS_MS[match[2]])
    if not 0 < duration <= MAX_DURATION_MS:
        raise ValueError(f'"{value}" must be more than 0 and at most an hour')
    return duration


def _origin(value: object) -> object:
    if not isinstance(value, str) or not _ORIGIN.match(value):
        raise ValueError(f'"{value}" is not an origin; write scheme and host, such as https://pay.example.com')
    parts = urlsplit(value)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _tag(value: object) -> object:
    if not isinstance(value, str) or not _TAG.match(value):
        raise ValueError(f'"{value}" cannot be a tag; use letters, digits, _ and -')
    if value in _RESERVED_TAGS:
        raise ValueError(f'"{value}" means something else to pytest; use another tag')
    return value


def _fixture(value: object) -> object:
    if not isinstance(value, str) or not _IDENTIFIER.match(value):
        raise ValueError(f'"{value}" is not the name of a pytest fixture')
    return value


def _step(value: object) -> object:
    """Text is a `do`, unless it begins with the key that it is for: quotes around "expect: X" do not make it a deed."""
    if not isinstance(value, str):
        return value
    key = _KEY.match(value)
    return {key[1]: key[2]} if key else {"do": value}


def _rows(value: object) -> object:
    """Columns become rows: every combination, the last name varying fastest."""
    if not isinstance(value, dict):
        return value
    if not all(isinstance(column, list) for column in value.values()):
        raise ValueError("write a list of rows ({user: ada}), or names with a list of values each (user: [ada, bob])")
    return [dict(zip(value, row, strict=True)) for row in itertools.product(*value.values())]


Text = Annotated[str, BeforeValidator(_fold), StringConstraints(min_length=1, max_length=5_000)]
Texts = Annotated[list[Text], BeforeValidator(_listed, json_schema_input_type=Text | list[Text])]
Duration = Annotated[int, BeforeValidator(_milliseconds, json_schema_input_type=float | str)]
Value = Annotated[str, BeforeValidator(str, json_schema_input_type=str | float | bool)]
Row = dict[str, Value]
Rows = Annotated[list[Row], BeforeValidator(_rows, json_schema_input_type=list[Row] | dict[str, list[Value]])]
Names = Annotated[
    list[Annotated[str, BeforeValidator(_fixture)]], BeforeValidator(_listed, json_schema_input_type=str | list[str])
]
Tags = Annotated[
    list[Annotated[str, BeforeValidator(_tag)]], BeforeValidator(_listed, json_schema_input_type=str | list[str])
]
Origins = Annotated[
    list[Annotated[str, BeforeValidator(_origin)]], BeforeValidator(_listed, json_schema_input_type=str | list[str])
]


class StepEntry(BaseModel):
    """One entry of `steps`: exactly one of its keys."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"minProperties": 1, "maxProperties": 1})

    do: Text | None = Field(None, description="What to do, as one would tell a colleague.")
    expect: Texts = Field([], description="What must be seen at this point.")
    goal: Text | None = Field(
        None, description='What to achieve: the agent finds the way. "… so that X" states its outcome.'
    )
    run: Text | None = Field(None, description="Another file whose steps stand here; relative to this file.")

    @model_validator(mode="after")
    def _exactly_one(self) -> "StepEntry":
        if len(self.model_fields_set) != 1:
            raise ValueError("write exactly one of do, expect, goal and run in an entry; start another entry with -")
        if self.expect == [] and "expect" in self.model_fields_set:
            raise ValueError("expect is empty; say what must be seen")
        return self


Step = Annotated[StepEntry, BeforeValidator(_step, json_schema_input_type=Text | StepEntry)]


class ScenarioFile(BaseModel):
    """A plain-English scenario for magenta-qa."""

    model_config = ConfigDict(
        extra="forbid",
        title="magenta-qa scenario",
        json_schema_extra={"$schema": "https://json-schema.org/draft/2020-12/schema", "required": ["name"]},
    )

    name: Annotated[str, BeforeValidator(_fold), StringConstraints(min_length=1, max_length=200)] | None = Field(
        None, description="What the scenario shows, in one line; the test's name."
    )
    url: str = Field("", description="Where it starts: a whole URL, or one relative to --base-url.")
    allow: Origins = Field([], description="Origins that the page may be on; the start URL's when empty.")
    data: dict[str, Value] = Field(
        {}, description="Values for ${name} in the texts. A value with ${VARIABLE} is a secret from the environment."
    )
    steps: list[Step] = Field([], description="What to do, in order.")
    expect: Texts = Field([], description="What must be seen at the end.")
    tags: Tags = Field([], description="pytest markers, to select with -m.")
    timeout: Duration | None = Field(
        None, description="How long a step waits for its target; seconds, or 500ms, 10s, 2m."
    )
    expect_timeout: Duration | None = Field(None, description="How long an expectation is retried before it is false.")
    use: Names = Field([], description="pytest fixtures to set up before the scenario.")
    after: Text | None = Field(None, description="Scenario file whose browser state is resumed; relative to this file.")
    parametrize: Rows = Field([], description="Rows of values, or names with a list of values each (all combinations).")

    @model_validator(mode="after")
    def _rows_agree(self) -> "ScenarioFile":
        if len(self.parametrize) > MAX_CASES:
            raise ValueError(f"parametrize makes {len(self.parametrize)} cases; at most {MAX_CASES} are run")
        names = [list(row) for row in self.parametrize]
        if names and (not names[0] or any(set(n) != set(names[0]) for n in names)):
            raise ValueError("every row of parametrize needs the same names, and at least one")
        return self
