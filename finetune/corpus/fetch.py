"""Fetches what pages are made of from npm, below `build/`: style sheets, icons and fonts. Nothing of it is committed.

$ python -m magenta_qa.finetune.corpus fetch
"""

import json
import subprocess
from pathlib import Path

from magenta_qa.model.errors import DatasetError

FOLDER = Path("build/corpus")
ICON_SETS = {
    "mdi": "1.2.3",
    "tabler": "1.2.41",
    "ph": "1.2.2",
    "bi": "1.2.7",
    "fa6-solid": "1.2.4",
    "heroicons": "1.2.3",
    "ri": "1.2.10",
    "carbon": "1.2.29",
    "ion": "1.2.7",
    "octicon": "1.2.36",
    "bx": "1.2.3",
    "ant-design": "1.2.9",
    "iconoir": "1.2.11",
    "uil": "1.2.3",
    "fluent": "1.2.60",
    "solar": "1.2.13",
    "ic": "1.2.4",
    "lucide": "1.2.137",
    "material-symbols": "1.2.98",
    "material-symbols-light": "1.2.94",
    "la": "1.2.1",
    "mynaui": "1.2.19",
    "feather": "1.2.1",
    "zmdi": "1.2.0",
    "mingcute": "1.2.8",
    "vaadin": "1.2.1",
    "icon-park-outline": "1.2.4",
    "proicons": "1.2.20",
    "hugeicons": "1.2.35",
    "pixelarticons": "1.2.9",
    "jam": "1.2.3",
    "teenyicons": "1.2.2",
    "grommet-icons": "1.2.4",
    "prime": "1.2.5",
    "majesticons": "1.2.5",
    "flowbite": "1.2.7",
    "clarity": "1.2.4",
    "tdesign": "1.2.19",
    "lineicons": "1.2.6",
    "heroicons-outline": "1.2.1",
    "mdi-light": "1.2.2",
    "ix": "1.2.12",
    "ci": "1.2.2",
    "humbleicons": "1.2.20",
    "eva": "1.2.3",
    "cil": "1.2.3",
    "system-uicons": "1.2.4",
    "meteor-icons": "1.2.8",
    "gravity-ui": "1.2.15",
    "gg": "1.2.2",
    "whh": "1.2.0",
    "f7": "1.2.2",
    "akar-icons": "1.2.7",
    "fontisto": "1.2.1",
    "fe": "1.2.4",
    "charm": "1.2.3",
    "zondicons": "1.2.2",
    "mono-icons": "1.2.0",
    "mage": "1.2.4",
    "el": "1.2.2",
    "basil": "1.2.4",
    "oi": "1.2.0",
    "codicon": "1.2.74",
    "si": "1.2.17",
    "pajamas": "1.2.15",
    "ls": "1.2.1",
    "pepicons-pop": "1.2.4",
    "lets-icons": "1.2.2",
    "pepicons-pencil": "1.2.4",
    "foundation": "1.2.1",
    "cuida": "1.2.5",
    "radix-icons": "1.2.6",
    "nimbus": "1.2.1",
    "icon-park-solid": "1.2.4",
    "rivet-icons": "1.2.2",
    "ep": "1.2.4",
    "bytesize": "1.2.2",
    "simple-line-icons": "1.2.1",
    "iconamoon": "1.2.2",
    "uiw": "1.2.4",
}
FONTS = (
    *("inter", "roboto", "open-sans", "lato", "poppins", "nunito", "merriweather", "ibm-plex-sans"),
    *("jetbrains-mono", "work-sans", "pt-serif"),
)
FONT_VERSION = "5.3.0"
STYLES = {
    "bootstrap": "5.3.9",
    "bootswatch": "5.3.8",
    "bulma": "1.0.4",
    "@picocss/pico": "2.1.1",
    "foundation-sites": "6.9.0",
    "materialize-css": "1.0.0",
    "spectre.css": "0.5.9",
    "milligram": "1.4.1",
    "purecss": "3.1.0",
    "water.css": "2.1.1",
    "mvp.css": "1.18.0",
    "@primer/css": "22.3.2",
    "antd": "4.24.16",
    "element-plus": "2.14.8",
    "@blueprintjs/core": "4.20.2",
    "@tabler/core": "1.6.1",
    "fomantic-ui-css": "2.9.4",
    "chota": "0.9.2",
    "picnic": "7.1.0",
}


def packages() -> list[str]:
    """Every npm package with its version."""
    icons = [f"@iconify-json/{name}@{version}" for name, version in ICON_SETS.items()]
    fonts = [f"@fontsource/{name}@{FONT_VERSION}" for name in FONTS]
    return icons + fonts + [f"{name}@{version}" for name, version in STYLES.items()]


def fetch(folder: Path = FOLDER) -> Path:
    """Install the packages below `folder`; nothing is done where they all are already.

    Raises:
        DatasetError: npm is missing or fails.
    """
    done = folder / "fetched.json"
    if done.exists() and json.loads(done.read_text("utf-8")) == packages():
        return folder / "node_modules"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true}\n', "utf-8")
    # Scripts of packages are not run, and what they depend on is not needed: only their files are read.
    command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps", *packages()]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise DatasetError("cannot fetch the corpus's parts: there is no npm; install Node.js 20 or newer") from error
    except subprocess.CalledProcessError as error:
        raise DatasetError(f"cannot fetch the corpus's parts: npm says: {error.stderr[-500:]}") from error
    done.write_text(json.dumps(packages()), "utf-8")
    return folder / "node_modules"
