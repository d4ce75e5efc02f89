"""Which packages pages are taken from, and which never.

    SOURCES["gentelella"]      # Source(package="gentelella", version="4.2.0", registry="npm", split="train", …)

Templates and examples of npm packages are files (`Files`), pieces of documentation that are put together to pages
(`Pieces`), or both; applications of PyPI are started (`Server`). None of them may be quoted as held-out evidence of
anything but this corpus's own validation and test splits.
"""

from dataclasses import dataclass
from typing import Literal

from magenta_qa.finetune.corpus.site import Split
from magenta_qa.model.errors import DatasetError

NEVER = frozenset({"verdaccio", "flask-admin", "mlflow", "trac", "label-studio"})
"""The agent is measured on these applications: no page of them is ever trained on."""


@dataclass(frozen=True, slots=True)
class Source:
    """One package."""

    package: str
    version: str
    registry: Literal["npm", "pypi"]
    split: Split
    pages: tuple[str, ...] = ()
    """Of npm: globs of HTML files that are pages. Of PyPI: paths that are looked at first."""
    pieces: tuple[str, ...] = ()
    """Globs of files that hold pieces of HTML: fragments, or Markdown with blocks of `html`."""
    head: str = ""
    """What the head of a page of pieces holds: the package's own style sheets and scripts."""
    body: str = ""
    """Attributes of such a page's body."""
    root: str = "."
    """Folder of the package that is the site's root."""
    replies: tuple[tuple[str, str], ...] = ()
    """(path, text) of files that the package's own build would have made."""
    extras: tuple[str, ...] = ()
    """What else is installed into the application's environment."""

    @property
    def site(self) -> str:
        """Its name among the sites of the corpus."""
        return self.package.strip("@").replace("/", "-")


def require_allowed(package: str) -> None:
    """Refuse what the agent is measured on, however the name is written.

    Raises:
        DatasetError: It is one of these applications, or not one of the sources.
    """
    plain = package.lower().replace("_", "-").replace(".", "-").removeprefix("python-")
    if plain in NEVER:
        raise DatasetError(
            f"{package!r} is never trained on: the agent is measured on it; expected one of {', '.join(SOURCES)}"
        )
    if package not in SOURCES:
        raise DatasetError(f"{package!r} is no source of real pages; expected one of {', '.join(SOURCES)}")


_UIKIT = (
    'document.writeln(\'<link rel="stylesheet" href="../dist/css/uikit.css"><script src="../dist/js/uikit.js"></script>'
    '<script src="../dist/js/uikit-icons.js"></script>\')'
)
_LISTED = (
    Source("gentelella", "4.2.0", "npm", "train", pages=("production/*.html",), root="dist"),
    Source("startbootstrap-sb-admin-2", "4.1.4", "npm", "train", pages=("*.html",)),
    Source(
        "govuk-frontend",
        "6.6.0",
        "npm",
        "train",
        pieces=("dist/govuk/components/*/template-*.html",),
        head='<link rel="stylesheet" href="/dist/govuk/govuk-frontend.min.css">'
        '<script type="module">import { initAll } from "/dist/govuk/govuk-frontend.min.js"; initAll()</script>',
        body='class="govuk-template__body js-enabled govuk-frontend-supported" style="margin: 24px"',
    ),
    Source(
        "@uswds/uswds",
        "3.14.0",
        "npm",
        "train",
        pieces=("packages/*/src/test/*template.html",),
        head='<link rel="stylesheet" href="/dist/css/uswds.min.css"><script src="/dist/js/uswds-init.min.js"></script>'
        '<script src="/dist/js/uswds.min.js" defer></script>',
        body='style="margin: 24px"',
    ),
    Source(
        "@patternfly/patternfly",
        "6.6.1",
        "npm",
        "train",
        pieces=("docs/*/*/examples/*.md",),
        head='<link rel="stylesheet" href="/patternfly.css"><link rel="stylesheet" href="/patternfly-addons.css">',
    ),
    Source("uikit", "3.25.29", "npm", "validation", pages=("tests/*.html",), replies=(("tests/js/test.js", _UIKIT),)),
    Source("semantic-ui", "2.5.0", "npm", "train", pages=("examples/*.html", "examples/components/*.html")),
    Source("material-dashboard", "3.1.0", "npm", "test", pages=("pages/*.html",)),
    Source("datasette", "0.65.5", "pypi", "train", pages=("/", "/clinic", "/clinic/visits", "/clinic/patients")),
    Source("sqlite-web", "0.8.2", "pypi", "test", pages=("/",)),
    Source(
        "locust",
        "2.47.0",
        "pypi",
        "train",
        pages=("/", *(f"/?tab={tab}" for tab in ("charts", "failures", "exceptions", "ratios", "reports", "logs"))),
    ),
    Source("roundup", "2.6.0", "pypi", "train", pages=("/support/", "/support/issue?@template=item", "/support/user")),
    Source("calibreweb", "0.6.27", "pypi", "train", pages=("/",)),
    Source("octoprint", "1.11.8", "pypi", "train", pages=("/",)),
    Source("buildbot", "4.3.0", "pypi", "train", pages=("/",), extras=("buildbot[bundle]==4.3.0",)),
)
SOURCES = {source.package: source for source in _LISTED}
"""By package."""
