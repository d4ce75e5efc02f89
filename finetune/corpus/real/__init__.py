"""Rows from real pages: templates and examples of npm packages, and applications from PyPI started on loopback.

    SOURCES ─ packages.py (fetch, install) ─▶ files.py (pages answered from disk) │ servers.py (started on seeded data)
            ─ look.py, surroundings.js (screenshot, candidates, what stands around each) ─▶ Seen
            ─ sayings.py, entries.py, leads.py (names, with role, row, form, dialog, target) ┐
            ─ glyphs.py (what an icon shows, where the page agrees)                          ├─▶ Meaning
            ─ deeds.py (used in the browser: what has changed)                               ┘
            ─ known.py (filters), masking.py (takes the name out of the HTML), harvest.py ─▶ rows, decisions

Nobody has annotated these pages. What a control does is taken from what the page tells its users and a model is not shown:
the accessible name or tooltip is taken out of the HTML while the picture stays as it is. Which rule a description comes
from stands beside each row (`RowFacts.kind`: "real name", "real icon", "real deed"). What is in doubt is left out.

The 15 sources gave 478 pages, 1,619 rows with 1,427 descriptions and 2,057 decisions in 2,904 s of processes (two
cores shared with others; before the last rules, which leave out more). Of 108 rows looked at, chosen at random from 12 of
them, 3 were wrong: a link that shows only with the focus, a menu's entry that the picture did not show, and one that was
still moving. Rules against each were made since (`look.blank_marks`, `look._stands`); what they leave was not judged anew.

Only the sources that are listed are taken; the applications that the agent is measured on are refused by name
(`sources.require_allowed`). Sites are held out whole.

$ python -m magenta_qa.finetune.corpus real --out build/corpus/v1 --only datasette --only uikit
"""
