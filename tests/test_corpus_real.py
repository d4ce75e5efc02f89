"""Rows from real pages: what names become, what is masked and refused; a page of our own stands in for a package."""

import time
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from corpus_parts import apart

from magenta_qa.finetune.corpus.build import claim
from magenta_qa.finetune.corpus.real.build import build_real, finish
from magenta_qa.finetune.corpus.real.english import gerund, predicate, with_article
from magenta_qa.finetune.corpus.real.files import FileSite
from magenta_qa.finetune.corpus.real.harvest import Job, harvest_site
from magenta_qa.finetune.corpus.real.look import open_viewers
from magenta_qa.finetune.corpus.real.masking import masked
from magenta_qa.finetune.corpus.real.names import clean
from magenta_qa.finetune.corpus.real.packages import fetched
from magenta_qa.finetune.corpus.real.sources import NEVER, SOURCES, Source, require_allowed
from magenta_qa.finetune.dataset import load_rows
from magenta_qa.model.errors import DatasetError

KNOWN = frozenset({"user", "report", "navigation", "new", "project", "files", "content", "main", "read"})
PAGE = """<!doctype html><html lang="en"><head><title>Files</title><style>td, th { padding: 12px } .sr-only { position:
absolute; clip: rect(0 0 0 0); width: 1px; height: 1px; overflow: hidden } </style></head><body><h1>Files</h1>
<form aria-label="Sign in"><label for="m">Email address</label><input id="m" type="email" placeholder="you"></form>
<table><thead><tr><th><a href="?sort=name">Name</a></th><th></th></tr></thead><tbody>
<tr><td>annual report</td><td><button aria-label="Delete"><i class="fa fa-trash">x</i></button></td></tr>
<tr><td>spring plan</td><td><button aria-label="Delete"><i class="fa fa-trash">x</i></button></td></tr></tbody></table>
<button aria-label="Close"><i class="fa fa-times">x</i></button>
<a href="other.html">Shared with me</a> <button onclick="d.showModal()">Compose</button>
<dialog id="d" aria-label="New message"><button>Send</button></dialog></body></html>"""


@pytest.mark.parametrize("package", [*sorted(NEVER), "Flask_Admin", "Trac", "label.studio", "left-pad"])
def test_applications_that_the_agent_is_measured_on_are_refused(package, tmp_path):
    with pytest.raises(DatasetError, match="expected one of gentelella"):
        require_allowed(package)
    with pytest.raises(DatasetError, match="expected one of gentelella"):
        build_real(tmp_path, tmp_path, 1, only=[package])
    with pytest.raises(DatasetError, match="expected one of gentelella"):
        fetched(replace(SOURCES["uikit"], package=package), tmp_path)


def test_sources_are_split_by_site_and_none_is_held_out_elsewhere():
    assert not NEVER & SOURCES.keys()
    assert {source.split for source in SOURCES.values()} == {"train", "validation", "test"}
    assert len({source.site for source in SOURCES.values()}) == len(SOURCES) == 15


@pytest.mark.parametrize(
    ("label", "says"),
    [
        ("Add new user", "adds a new user"),
        ("Generate Report", "generates a report"),
        ("Toggle navigation", "toggles the navigation"),
        ("Mark all as read", None),
        ("Skip to main content", "skips to the main content"),
        ("Upload files", "uploads files"),
        ("Edit your project", "edits the project"),
        ("Register with Google", "registers with Google"),
        ("Delete Ada", None),
        ("Dashboards", None),
        ("Sign in", None),
        ("Save and continue", None),
    ],
)
def test_a_label_that_asks_for_something_becomes_what_is_done(label, says):
    known = KNOWN - {"read"} if label.startswith("Mark") else KNOWN
    assert predicate(label, known) == says


def test_articles_and_gerunds():
    assert with_article("invoice", new=True) == "an invoice" and with_article("user", new=True) == "a user"
    assert [gerund(verb) for verb in ("create", "edit", "set", "see")] == ["creating", "editing", "setting", "seeing"]


def test_names_lose_their_badges_and_say_nothing_in_a_showcase():
    assert clean("Chat 3", badge="3") == "Chat" and clean("SB Admin 2") == "SB Admin 2"
    assert clean("Default button") == clean("Egestas Nullam") == clean("Dropdown toggle") == clean("👍") == ""


def test_what_names_a_control_is_taken_out_of_its_html_and_nothing_else():
    html = (
        '<tr><td>Report</td><td><button data-magenta-target="" class="btn fa-trash" aria-label="Delete" title="Delete">'
        '<i class="fa fa-trash"></i><span class="sr-only">Delete it</span></button><a title="Edit">Edit</a></td></tr>'
    )
    left = masked(html, "Delete", ("fa-trash",))
    assert "elete" not in left and "trash" not in left
    assert "Report" in left and 'title="Edit"' in left and 'class="btn"' in left
    field = (
        '<p><label for="m">Email *</label><input data-magenta-target="" id="m" placeholder="you@x"> <a>Email</a></p>'
    )
    left = masked(field, "Email", ())
    assert left.count("Email") == 1 and "you@x" not in left


@pytest.fixture
def site(tmp_path):
    source = replace(SOURCES["uikit"], package="ours", pages=("*.html",), replies=())
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "files.html").write_text(PAGE, "utf-8")
    (folder / "other.html").write_text("<title>Ours</title><h1>Shared with me</h1>", "utf-8")
    return source, FileSite(source, folder)


def rows_of(source: Source, site: FileSite, out):
    claim(out, 1)
    with open_viewers(site) as viewers:
        facts = harvest_site(
            Job(source.package, 90000, 1, str(out), ""), source, viewers, site.paths[:1], time.monotonic()
        )
    finish(out, 1)
    return facts, load_rows(str(out / "understanding"), source.split)


@pytest.mark.browser
@apart
def test_a_page_is_described_from_what_it_tells_its_users(site, tmp_path):
    facts, rows = rows_of(*site, tmp_path / "out")
    said = {row.summary: row for row in rows}
    assert facts.pages == 1 and not facts.refused and len(rows) == facts.rows
    bins = [row for row in rows if "annual report" in row.summary or "spring plan" in row.summary]
    assert len(bins) == 2 and all("elete" not in row.html or "aria-label" in row.html for row in bins)
    assert any("email address" in text for text in said) and any("ame" in text and "by" in text for text in said)
    assert any("“New message”" in text for text in said), said  # found by clicking "Compose"
    assert any("Shared with me" in text for text in said)
    assert not any("lose" in text for text in said)  # nothing says what "Close" closes
    table = pq.read_table(tmp_path / "out" / "facts" / "90000.parquet").to_pylist()
    assert {row["kind"] for row in table} == {"real name", "real deed"}
    assert {row["split"] for row in table} == {"validation"}


@pytest.mark.slow
@apart
def test_a_package_of_npm_is_fetched_and_described(tmp_path):
    source = replace(SOURCES["startbootstrap-sb-admin-2"], pages=("index.html",))
    site = FileSite(source, fetched(source, tmp_path / "real"))
    facts, rows = rows_of(source, site, tmp_path / "out")
    assert site.paths == ("index.html",) and not facts.refused
    assert len(rows) >= 8 and len({row.screenshot for row in rows}) <= facts.looks
    assert any("notifications" in row.summary for row in rows)  # only the icon of a bell says so
