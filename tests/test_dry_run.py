"""Handlers that are called on trial are tried anew only where what is known of them does not tell."""

import pytest

from magenta_qa.agent.observe import Observer
from magenta_qa.agent.page import dry_run
from magenta_qa.agent.secrets import Secrets

pytestmark = pytest.mark.browser

LIST = """<ul id="list"><li class="one">One</li><li class="two">Two</li></ul><script>
const wanted = location.hash.slice(1);
list.addEventListener("click", (event) => { if (event.target.closest(wanted)) document.title = "x"; });</script>"""


@pytest.fixture
def calls(monkeypatch):
    """The trial calls that are made."""
    made, real = [], dry_run._Trials._try

    def noting(self, *given):
        made.append(given)
        return real(self, *given)

    monkeypatch.setattr(dry_run._Trials, "_try", noting)
    return made


def look(page, observer, wanted):
    page.route("http://list.test/", lambda route: route.fulfill(body=LIST, content_type="text/html"))
    page.goto("about:blank")
    page.goto(f"http://list.test/#{wanted}")
    return [candidate.text for candidate in observer.observe().candidates]


def test_a_handler_that_is_known_is_not_tried_anew(page, calls):
    observer, counts = Observer(page, Secrets({})), []
    for trusted_after in (None, None, 2):
        observer.handlers.trusted_after = trusted_after
        calls.clear()
        assert look(page, observer, "li") == ["One", "Two"]
        counts.append(len(calls))
    assert counts[0] > counts[1] > counts[2] == 0


def test_a_handler_of_the_same_text_that_acts_on_something_else_is_noticed(page):
    observer = Observer(page, Secrets({}))
    assert [look(page, observer, wanted) for wanted in (".one", ".two")] == [["One"], ["Two"]]
