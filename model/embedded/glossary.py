"""What a team's labels say that controls do, by what these are called.

    glossary = Glossary(deeds={"swift shelf": "Goes to the start page"})
    glossary.deed_of(candidate)         -> "Goes to the start page" of a link "Swift Shelf", "" of what nobody labelled

`magenta finetune train --model embedded` writes it beside what it trains, `magenta finetune export` into the model's
folder. The small model reads pictures alone and is not asked about what has a name.
"""

from pydantic import BaseModel, ConfigDict

from magenta_qa.model.ranking.fitness import is_checkable, is_editable, is_select
from magenta_qa.model.schema import Candidate

GLOSSARY = "glossary.json"


class Glossary(BaseModel):
    """Deeds by folded name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    deeds: dict[str, str] = {}

    def deed_of(self, candidate: Candidate) -> str:
        """What a click on it does, by its name; empty where no label tells."""
        if is_editable(candidate) or is_checkable(candidate) or is_select(candidate):
            return ""
        return self.deeds.get(fold(candidate.name or candidate.text), "")


def fold(name: str) -> str:
    """A name as the glossary has it."""
    return " ".join(name.split()).casefold()
