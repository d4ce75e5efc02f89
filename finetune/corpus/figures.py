"""How diverse a build is, and how much of it needs the picture.

$ python -m magenta_qa.finetune.corpus figures build/corpus/v1
"""

import re
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq

from magenta_qa.finetune.dataset import stream_column


def figures(corpus: Path) -> dict[str, object]:
    """Counts of a build, by name."""
    facts = [row for file in sorted((corpus / "facts").glob("*.parquet")) for row in pq.read_table(file).to_pylist()]
    summaries = list(stream_column(str(corpus / "understanding"), "summary"))
    steps = list(stream_column(str(corpus / "understanding"), "instruction"))
    words = Counter(word for text in summaries for word in re.findall(r"[A-Za-z'-]+", text.lower()))
    told = dict(zip(stream_column(str(corpus / "understanding"), "external_id"), summaries, strict=True))
    answered = Counter(
        _answers(row["accessible"], told[row["external_id"]]) for row in facts if row["external_id"] in told
    )
    return {
        "rows": len(facts),
        "rows by split": dict(Counter(row["split"] for row in facts)),
        "rows by kind": dict(Counter(row["kind"] for row in facts).most_common()),
        "rows by framework": dict(Counter(row["framework"] for row in facts).most_common()),
        "rows by icon set": dict(Counter(row["icons"] for row in facts).most_common()),
        "sites": len({row["site"] for row in facts}),
        "distinct descriptions": len(set(summaries)),
        "distinct steps": len(set(steps)),
        "verbs": len({text.split()[0] for text in summaries}),
        "objects": len({" ".join(text.split()[1:]) for text in summaries}),
        "words": len(words),
        "icon shapes": len({row["icon"] for row in facts if row["icon"]}),
        "with an icon alone": round(sum(row["shown"] == "icon" for row in facts) / max(len(facts), 1), 3),
        "named nowhere": round(sum(not row["named"] for row in facts) / max(len(facts), 1), 3),
        "icon alone and named nowhere": round(
            sum(row["shown"] == "icon" and not row["named"] for row in facts) / max(len(facts), 1), 3
        ),
        "repeated": round(sum(row["repeated"] for row in facts) / max(len(facts), 1), 3),
        "answered from the HTML alone": round(answered[True] / max(answered.total(), 1), 3),
    }


def _answers(plain: str, summary: str) -> bool:
    """Whether the sentence without a model shares the verb's or the object's words with the description."""
    ignored = {"the", "a", "of", "to", "in", "and", "on", "from", "for", "or"}
    wanted = {word[:5] for word in re.findall(r"\w+", summary.lower())} - ignored
    given = {word[:5] for word in re.findall(r"\w+", plain.lower())} - ignored
    return len(wanted & given) >= max(1, len(wanted) // 2)
