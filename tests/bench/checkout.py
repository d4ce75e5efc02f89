"""Makes `magenta_qa` importable from a checkout that is not installed, as on a machine without package registries.

import checkout  # before anything of magenta_qa
"""

import sys
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

if find_spec("magenta_qa") is None:
    package = ModuleType("magenta_qa")
    package.__path__ = [str(Path(__file__).parents[2])]
    sys.modules["magenta_qa"] = package
