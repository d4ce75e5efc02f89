"""Which sites may be recorded: asked for once, and kept in `.magenta/origins.json`.

origins = Origins(Path(".magenta"), ask=lambda origin: click.confirm(f"Record what is done on {origin}?"))
origins.permits("https://shop.example.com/cart")      # asks the first time, and never again
origins.refused                                       -> {"https://bank.example.com": 3}

{"https://shop.example.com": true, "https://bank.example.com": false}
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from magenta_qa.agent.privacy.files import write_atomically
from magenta_qa.model.errors import ConfigError

FILE = "origins.json"


class Origins:
    """Answers that were given once.

    Args:
        home: The `.magenta` folder.
        allowed: Origins that are allowed without being asked for, such as those of the command line; these are kept.
        ask: Asks a person about an origin; None where nobody can be asked: what is not known is refused, and not kept.

    Raises:
        ConfigError: The file is there and cannot be read.
    """

    def __init__(self, home: Path, allowed: Iterable[str] = (), ask: Callable[[str], bool] | None = None) -> None:
        self._path = home / FILE
        self._ask = ask
        self._kept = _load(self._path)
        self.refused: Counter[str] = Counter()
        """Origin → how often something there was not recorded."""
        self._keep({origin_of(url): True for url in allowed})

    def permits(self, url: str) -> bool:
        """Whether what happens at this address may be recorded; asks if nobody has been asked yet.

        Nobody is asked about an address on this machine.
        """
        origin = origin_of(url)
        if not origin:
            return False
        if origin not in self._kept and self._ask is not None and not is_loopback(origin):
            self._keep({origin: self._ask(origin)})
        known = self._kept.get(origin, is_loopback(origin))
        if not known:
            self.refused[origin] += 1
        return known

    def _keep(self, answers: dict[str, bool]) -> None:
        new = {origin: answer for origin, answer in answers.items() if origin and self._kept.get(origin) != answer}
        if not new:
            return
        self._kept.update(new)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._path, json.dumps(self._kept, indent=1).encode())


def origin_of(url: str) -> str:
    """Scheme, host and port of a web address; empty for everything else."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.scheme in ("http", "https") else ""


def is_loopback(url: str) -> bool:
    """Whether it is on this machine, where nobody else's data is expected."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False


def _load(path: Path) -> dict[str, bool]:
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read {path}: {error}; mend or delete it, and you will be asked again") from error
    if not isinstance(found, dict) or not all(isinstance(answer, bool) for answer in found.values()):
        raise ConfigError(f"{path} must say true or false for each origin; mend or delete it to be asked again")
    return found
