"""Rows from real pages: templates and examples of npm packages, and applications from PyPI started on loopback.

    SOURCES ─ packages.py (fetch, install) ─▶ Place of pages: files.py (served from disk) │ servers.py (started afresh)
            ─ look.py (screenshot, candidates, what stands around each) ─▶ Seen
            ─ sayings.py (its name, its role, its row, form or dialog)  ┐
            ─ deeds.py (done in the browser, and what has changed)      ├─▶ Meaning ─ filters.py ─ masking.py ─▶ rows
            ─ glyphs.py (what its icon shows)                           ┘

Nobody has annotated these pages. What a control does is taken from what the page tells its users and a model is not shown:
the accessible name or tooltip is taken out of the HTML while the picture stays as it is. Which rule a description comes
from stands beside each row (`RowFacts.kind`: "real name", "real icon", "real deed"). What is in doubt is left out.

Only the sources that are listed are taken; the applications that the agent is measured on are refused by name
(`sources.require_allowed`). Sites are held out whole.

$ python -m magenta_qa.finetune.corpus real --out build/corpus/v1 --only datasette --only uikit
"""
