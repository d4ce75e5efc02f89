"""Names of all settings: `--magenta-NAME`, `MAGENTA_NAME`, and a key of pyproject's `[tool.magenta]`.

A module of its own, because every pytest run of everyone who has the package imports it.
"""

NAMES: dict[str, str] = {
    "understanding": "Back end that describes controls: accessible, openai:MODEL@URL, …",
    "decision": "Back end that decides: rules, openai:MODEL@URL, …",
    "strict": "Console errors and 4xx answers fail a scenario too.",
    "known": "Address, with * for any part, whose 5xx answers fail nothing; may be given more than once.",
    "repeat": "How often each scenario is run, to see whether its runs agree (default: 1).",
    "replay": "Whether steps are done as the scenario's lock remembers them: true or false (default: true).",
    "heal": "What comes of a step whose control changed: off, report, write, fail (default: report in CI, else write).",
    "report": "Where the HTML report is written (default: .magenta/report.html).",
    "timeout": "How long a step waits for its target, such as 10s or 500ms (default: 10s).",
    "expect-timeout": "How long an expectation is retried before it is false (default: 5s).",
    "describe-timeout": "How long an endpoint may take for all controls of a page (default: 60s).",
    "settle-timeout": "How long the page may take to come to rest after an action (default: 3s).",
    "home": "Folder of log, pictures, cache and traces (default: .magenta).",
    "site": "Name of the application in log rows (default: the start URL's host).",
    "allow": "Origin that the page may be on besides the start URL's; may be given more than once.",
    "private": "CSS selector of what is never written down or pictured; may be given more than once.",
    "pictures": "Which pictures are kept, and interactions logged with them: all or failures (default: all).",
    "view": "What of the page a model is shown: page, crop, both or closeup (default: crop).",
}
