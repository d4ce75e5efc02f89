"""Looking again at a page that has changed gives what looking at it for the first time would give."""

import dataclasses

import pytest

from magenta_qa.agent.observe import Observer
from magenta_qa.agent.secrets import Secrets
from magenta_qa.model.schema import Observation

pytestmark = pytest.mark.browser

CHANGES = {
    "text in a row": "one('tbody td').textContent = 'Alan'",
    "a column's header": "one('th:nth-child(3)').textContent = 'Do'",
    "the caption": "one('caption').textContent = 'People of the house'",
    "a label": "one('label[for=name]').textContent = 'Name in full'",
    "a label that goes away": "one('label[for=name]').remove()",
    "a label of a button": "add('<label for=q>Q</label><button id=q></button>')",
    "its text alone": "one('[data-testid=save]').firstChild.data = 'Store'",
    "an attribute": "one('.remove').setAttribute('aria-label', 'Delete')",
    "a second one of the same name": "add('<button>Save</button>')",
    "a test id that is not unique any more": "add('<i data-testid=save></i>')",
    "a row that is moved": "one('tbody').append(one('tbody tr'))",
    "a row that is moved elsewhere": "one('form').append(one('.edit'))",
    "a heading": "one('h2').textContent = 'Money'",
    "a new heading": "one('fieldset').insertAdjacentHTML('beforebegin', '<h3>Choose</h3>')",
    "a legend": "one('legend').textContent = 'Tariff'",
    "text that a style sheet hides": "one('[data-testid=save]').innerHTML = 'Save <b class=extra>all</b> now'",
    "an inline style that hides": "one('h2').style.display = 'none'",
    "a class that hides": "document.body.className = 'bare'",
    "a style sheet that shows": "document.styleSheets[0].insertRule('.extra { display: inline !important }')",
    "a field's value": "one('#name').value = 'Grace'",
    "options": "one('select').add(new Option('Porter'))",
    "a shadow root's content": "one('#shadow').shadowRoot.querySelector('button').textContent = 'Uno'",
    "a new shadow root": "one('#late').attachShadow({ mode: 'open' }).innerHTML = '<button>Late</button>'",
    "a listener": "one('caption').addEventListener('click', () => {})",
    "a role": "one('#late').setAttribute('role', 'button')",
    "what a name refers to": "one('#refers').textContent = 'Referred to anew'",
    "a description": "one('#describes').textContent = 'Described anew'",
    "what was folded": "one('#more').open = true",
    "what is inert": "one('#more').inert = true",
    "content that was skipped": "one('#off').style.contentVisibility = 'visible'",
    "an inline style that shows": "one('#gone').style.display = 'block'",
    "a tick": "one('#tick').checked = true",
    "the focus": "one('#old').focus()",
    "a property that listens": "one('#describes').onclick = () => {}",
    "an editable document": "document.designMode = 'on'",
    "many new nodes": "one('section').innerHTML = '<p><button>New</button></p>'",
}
EXTRA = """
    window.one = (selector) => document.querySelector(selector);
    window.add = (html) => document.body.insertAdjacentHTML("beforeend", html);
    document.head.insertAdjacentHTML("beforeend", "<style>.bare h2 { display: none } .extra { display: none }</style>");
    document.body.insertAdjacentHTML("beforeend", `<div id="late">Late</div><button class="extra">Extra</button>
        <span id="refers">Referred to</span><button aria-labelledby="refers" aria-describedby="describes">x</button>
        <p id="describes">Described</p><button data-old id="old">Old</button>
        <details id="more"><summary>More</summary><button>Folded</button></details>
        <div id="off" style="content-visibility: hidden"><button>Skipped</button></div>
        <div id="gone" style="display: none"><button>Gone</button></div><input type="checkbox" id="tick">`);
"""
START_OVER = "for (let i = 0; i < 6000; i++) document.documentElement.setAttribute('data-times', i)"


def facts_of(observation: Observation) -> list[object]:
    """All that is said of the candidates; the numbers of containers may differ, but not which of them are the same."""
    ids: dict[int, int] = {}
    facts = []
    for candidate in observation.candidates:
        context = tuple((c.kind, c.text, ids.setdefault(c.id, len(ids))) for c in candidate.context)
        facts.append(dataclasses.replace(candidate, context=()))
        facts.append(context)
    return facts


@pytest.fixture
def observer(page, site):
    observer = Observer(page, Secrets({}))
    page.goto(f"{site}/observe.html")
    page.evaluate(EXTRA)
    return observer


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_page_looks_as_if_for_the_first_time(observer, page, change):
    before = facts_of(observer.observe())
    page.evaluate(CHANGES[change])
    again = facts_of(observer.observe())
    page.evaluate(START_OVER)
    assert again == facts_of(observer.observe())
    assert again != before


def test_many_changes_one_after_the_other(observer, page):
    observer.observe()
    for change in CHANGES.values():
        page.evaluate(f"try {{ {change} }} catch {{ /* an earlier change took it away */ }}")
        again = facts_of(observer.observe())
        page.evaluate("document.documentElement.setAttribute('data-times', 0)")
        assert again == facts_of(observer.observe())
    page.evaluate(START_OVER)
    assert again == facts_of(observer.observe())


def test_another_document_is_not_taken_for_the_old_one(observer, page, site):
    observer.observe()
    page.goto(f"{site}/modal.html")
    assert {c.text for c in observer.observe().candidates} == {"Behind", "Near the lower edge", "Below the fold"}
    page.go_back()
    assert "Save" in {c.text for c in observer.observe().candidates}
