"""Tarn, the demo shop: a small but real web application to try scenarios on.

    from magenta_qa.scenarios.shop import BUGS, SUITE, serve

    with serve() as server:            # http://127.0.0.1:PORT, loopback only, state seeded
        ...

Every browser session has its own copy of the seeded database, so scenarios are independent of each other, repeatable
without a reset, and may run at the same time (`visitors.py`). Accounts: ada@example.com, ben@example.com and, at the
desk, mira@example.com; password `PASSWORD`. ``python -m magenta_qa.scenarios.shop`` runs it alone.

    pages/ templates/ static/    what is shown           records/    what is kept, with the seed
    suite/ suite_false/ suite_pictures/                  bugs.py expected.yaml    defects, and what they do to suites
    suite_bare/    for the shop whose icons have no names (`bare.py`)
"""

from pathlib import Path

from magenta_qa.scenarios.shop.bugs import BUGS
from magenta_qa.scenarios.shop.server import Server, serve
from magenta_qa.scenarios.shop.verdicts import expected_verdict

PASSWORD = "alpine-lake-42"
"""Of the demo accounts; scenarios say ``${SHOP_PASSWORD}``."""
SUITE = Path(__file__).with_name("suite")
"""Scenarios that pass on the clean shop."""
SUITE_FALSE = Path(__file__).with_name("suite_false")
"""Scenarios with a false expectation: each must end `failed`, or green means nothing."""
SUITE_PICTURES = Path(__file__).with_name("suite_pictures")
"""Scenarios whose controls only a picture tells apart: without a model each must end `stuck`."""
SUITE_BARE = Path(__file__).with_name("suite_bare")
"""The same for ``serve(bare=True)``, whose rows and cards have icons without names."""
__all__ = [
    "BUGS",
    "PASSWORD",
    "SUITE",
    "SUITE_BARE",
    "SUITE_FALSE",
    "SUITE_PICTURES",
    "Server",
    "expected_verdict",
    "serve",
]
