"""The dataset card (`README.md` of a version), written from the facts and nothing else."""

from typing import Any

import yaml

from magenta_qa.finetune.columns import ORIGINAL, OURS

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"), (10**7, "1M<n<10M"))
_RULES = {
    "site": "by site: all rows of an application are in one split",
    "page": "by page: all rows of a page (the URL's path with numbers and ids replaced) are in one split",
    "picture": "by the look of the picture, since the rows name no URL: pictures that look alike are in one split",
}


def dataset_card(facts: dict[str, Any]) -> str:
    """The card as Markdown, with the front matter from which the Hub and `datasets` know the files."""
    parts = [
        f"---\n{yaml.safe_dump(_front_matter(facts), sort_keys=False)}---\n",
        f"# UI elements and what they do, {facts['version']}\n",
        "One row is one element of a web page: a screenshot, the element's box, its type, text and surrounding HTML, "
        "and one sentence that says what acting on it does. Built by `magenta dataset build`.\n",
        _table("split", facts["rows"], "rows"),
        f"Split {_RULES[facts['split_rule']]}. Groups: {_listed(facts['groups'])}.\n",
        f"Built on {facts['created']} from {facts['entries']} entries of {', '.join(facts['sources'])}; "
        f"{facts['new_rows']} rows are new since the version before.\n",
        "## What the rows are\n",
        *(
            _table(name.replace("_", " ")[:-1], facts[name], "rows")
            for name in ("summary_sources", "element_types", "action_types", "sites")
        ),
        "## What was left out\n",
        _left_out(facts),
        "## Columns\n",
        f"{', '.join(f'`{name}`' for name in ORIGINAL)}; and {', '.join(f'`{name}`' for name in OURS)}. The picture is "
        "the screenshot without an outline where `bounding_box` (x, y, width, height in CSS pixels of the `viewport`) "
        "says where the element is; where it is empty, the outline is drawn into the picture.\n",
    ]
    return "\n".join(parts)


def _front_matter(facts: dict[str, Any]) -> dict[str, Any]:
    files = [{"split": split, "path": paths} for split, paths in facts["files"].items()]
    return {
        "language": ["en"],
        "task_categories": ["image-text-to-text"],
        "size_categories": [size_category(sum(facts["rows"].values()))],
        "tags": ["magenta-qa", "web", "user-interfaces"],
        "configs": [{"config_name": "default", "data_files": files}],
    }


def size_category(rows: int) -> str:
    """The Hub's name for a number of rows."""
    return next((name for limit, name in _SIZES if rows < limit), "n>10M")


def _left_out(facts: dict[str, Any]) -> str:
    if not facts["left_out"] and not facts["renamed"]:
        return "Nothing.\n"
    table = _table("reason", {reason: found["count"] for reason, found in facts["left_out"].items()}, "entries")
    renamed = f"{facts['renamed']} rows had an id that was given before; they have another ending now.\n"
    return table + (renamed if facts["renamed"] else "")


def _table(name: str, counts: dict[str, int], unit: str) -> str:
    lines = [f"| {_cell(kind) or '(none)'} | {count:,} |" for kind, count in counts.items()]
    return "\n".join([f"| {name} | {unit} |", "|---|---:|", *lines, ""])


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {split}" for split, count in counts.items())


def _cell(text: str) -> str:
    """Text from pages as a cell of a table: nothing in it is markup."""
    return "".join(character if character.isalnum() or character in " .,:;()/+-_'" else "·" for character in text)[:80]
