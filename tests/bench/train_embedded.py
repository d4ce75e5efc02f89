"""The commands of `magenta_qa.finetune.embedded` from a checkout that is not installed, such as on a lent GPU.

python tests/bench/train_embedded.py train build/embedded/pack --base build/embedded/base --work build/embedded/work
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import checkout  # noqa: F401 - before anything of magenta_qa

from magenta_qa.finetune.embedded.__main__ import main

if __name__ == "__main__":
    raise SystemExit(main())
