import json
from urllib.parse import quote

import pytest

from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.private_text import MASK

VALUE = 'p&ss "w<rd/ü'


def test_placeholder_becomes_the_value_and_unknown_ones_stay() -> None:
    secrets = Secrets({"PASSWORD": "hunter2"})
    assert secrets.resolve("type ${PASSWORD} and ${OTHER}") == "type hunter2 and ${OTHER}"


@pytest.mark.parametrize(
    "spelling",
    [VALUE, quote(VALUE, safe=""), quote(VALUE), "p%26ss+%22w%3Crd%2F%C3%BC", json.dumps(VALUE)[1:-1], "p&amp;ss"],
)
def test_value_is_masked_in_every_spelling(spelling: str) -> None:
    secrets = Secrets({"A": VALUE, "B": "p&ss"})
    masked = secrets.mask(f"before {spelling} after")
    assert masked == f"before {MASK} after"


def test_longer_secret_is_masked_whole_when_another_is_its_beginning() -> None:
    secrets = Secrets({"A": "abc", "B": "abcdef"})
    assert secrets.mask("abcdef abc") == f"{MASK} {MASK}"


def test_empty_value_is_not_a_secret() -> None:
    secrets = Secrets({"A": ""})
    assert secrets.values == ()
    assert secrets.mask("untouched") == "untouched"
