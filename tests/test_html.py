"""Surrounding HTML: what is kept, what goes, and that no page can blow it up."""

import random
from html.parser import HTMLParser

import pytest

from magenta_qa.model.html import clean_html

ROW = (
    "<tr data-gtm='r{0}' style='color:red'><td class='css-1x2y3z'>Person {0}</td><td>p{0}@example.org</td>"
    "<td><button {1} onclick='rm({0})' aria-label='Edit'><svg viewBox='0 0 9 9'><path d='M1 2 3 4'/>"
    "<use href='#pen'/></svg></button></td></tr>"
)


def table(target, rows=60):
    body = "".join(ROW.format(i, "data-magenta-target" if i == target else "") for i in range(rows))
    return (
        "<html><body><nav><a href='/a'>Elsewhere</a></nav><main><section aria-label='People'><h2>People</h2><div><div>"
        "<table><thead><tr><th>Name</th><th>Mail</th><th>Actions</th></tr></thead>"
        f"<tbody>{body}</tbody></table></div></div></section></main></body></html>"
    )


class _Balance(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        if tag not in ("input", "img", "col"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"


def assert_well_formed(html):
    parser = _Balance()
    parser.feed(html)
    parser.close()
    assert parser.open == []


def test_noise_goes_and_meaning_stays():
    raw = """<!-- note --><div data-analytics="x" data-reactid=".0" jsaction="a:b" style="margin:0" onclick="evil()">
      <script>alert(1)</script><style>a{}</style>
      <a href="/cart?id=7&utm_source=mail&gclid=Abc" ping="/track" class="btn css-1q2w3e sc-bdVaJa" data-testid="cart">
        Cart   <b>3</b>\n items</a>
      <img alt="Logo" src="data:image/png;base64,AAAA"><input type="password" name="pw" value="hunter2"></div>"""
    assert clean_html(raw) == (
        '<div><a href="/cart?id=7" class="btn" data-testid="cart">Cart <b>3</b> items</a>'
        '<img alt="Logo"><input type="password" name="pw"></div>'
    )


def test_icon_keeps_what_names_it_and_loses_its_paths():
    raw = (
        '<button><svg class="icon-trash" aria-label="Bin" viewBox="0 0 1 1"><title>Trash</title><g>'
        '<path d="M0 0h24"/></g><use xlink:href="#trash"/></svg></button>'
    )
    assert clean_html(raw) == (
        '<button><svg class="icon-trash" aria-label="Bin"><title>Trash</title>'
        '<use xlink:href="#trash"></use></svg></button>'
    )


def test_marked_shape_of_a_chart_stays():
    raw = '<svg class="chart"><g><rect/><rect class="may" data-magenta-target/></g></svg>'
    assert clean_html(raw) == '<svg class="chart"><rect class="may"></rect></svg>'


def test_what_nobody_sees_is_left_out():
    hidden = '<input type="hidden" name="csrf" value="x"><p style="display: none">Ignore the test</p><b hidden>x</b>'
    raw = f"<form>{hidden}Hi</form>"
    assert clean_html(raw) == "<form>Hi</form>"


def test_target_row_and_headings_survive_a_long_table():
    clean = clean_html(table(40))
    assert "Person 40" in clean and "p40@example.org" in clean
    assert '<section aria-label="People"><h2>People</h2>' in clean
    assert "<th>Mail</th>" in clean
    assert "Person 3<" not in clean and "Elsewhere" not in clean
    assert "data-magenta-target" not in clean
    assert 700 < len(clean) <= 1000
    assert_well_formed(clean)


@pytest.mark.parametrize("budget", [0, 10, 40, 80, 150, 300, 600, 1000, 5000])
def test_never_over_budget_and_always_well_formed(budget):
    clean = clean_html(table(5), budget)
    assert len(clean) <= budget
    assert_well_formed(clean)


def test_target_itself_stays_whole_when_only_it_fits():
    clean = clean_html(table(5), 90)
    assert '<button aria-label="Edit"><svg><use href="#pen"></use></svg></button>' in clean


def test_target_larger_than_the_budget_is_cut():
    clean = clean_html("<ul data-magenta-target>" + "<li>One more item</li>" * 200 + "</ul>", 200)
    assert clean.startswith("<ul><li>One more item</li>") and 150 < len(clean) <= 200
    assert_well_formed(clean)


def test_form_heading_far_away_is_taken_along():
    filler = "<p>" + "Some long text about nothing. " * 5 + "</p>"
    raw = f"<form><h3>Billing address</h3>{filler * 20}<label>City <input name=city data-magenta-target></label></form>"
    clean = clean_html(raw)
    assert clean.startswith("<form><h3>Billing address</h3>") and 'City <input name="city">' in clean


def test_dialog_name_survives():
    raw = (
        f"<div role=dialog aria-label='Delete Ada?'><p>{'x ' * 2000}</p><button data-magenta-target>Yes</button></div>"
    )
    clean = clean_html(raw, 300)
    assert clean.startswith('<div role="dialog" aria-label="Delete Ada?">') and "<button>Yes</button>" in clean


def test_page_text_is_escaped_once_and_stays_escaped():
    raw = '<p title="a &lt;b&gt; &quot;c&quot;">1 &lt; 2 &amp; &lt;image&gt;</p>'
    clean = clean_html(raw)
    assert clean == '<p title="a &lt;b&gt; &quot;c&quot;">1 &lt; 2 &amp; &lt;image&gt;</p>'
    assert clean_html(clean) == clean


HOSTILE = {
    "deep": "<div>" * 30_000 + "x" + "</div>" * 30_000,
    "deep with target": "<b class=x>" * 8_000 + "<button data-magenta-target>Go</button>",
    "comments without end": "<!--" * 20_000,
    "declarations": "<![foo" * 10_000,
    "tags without end": "<a " * 30_000,
    "tags closed late": "<a " * 20_000 + ">" * 20_000,
    "quotes without end": "<a b='" * 10_000 + ">" * 10_000,
    "angles": "<" * 90_000,
    "end tags": "</p>" * 20_000,
    "references": "&#" * 40_000 + "&" + "a" * 50_000,
    "enormous": "<p>" + "word " * 3_000_000,
    "text only": "x" * 5_000_000,
    "xml": "<?xml version='1.0'?><rss><a>1</a></rss>",
    "address": "http://example.org/a.html",
    "nulls": "<p\0>\0a\0</p\0>",
    "surrogate": "<p>\ud800</p>",
    "attributes": "<p " + " ".join(f"data-x{i}='{i}'" for i in range(8_000)) + ">hi</p>",
    "misnested": "<b><i></b></i><p><table><p></table></select><option>" * 500,
    "empty": "",
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_hostile_html_is_cleaned_within_bounds(raw):
    clean = clean_html(raw)
    assert len(clean) <= 1000
    assert_well_formed(clean)
    assert clean_html(clean) == clean


def random_html(rng):
    """HTML of random tags, broken in random places."""
    tags = [
        "div",
        "span",
        "p",
        "b",
        "li",
        "ul",
        "tr",
        "td",
        "table",
        "a",
        "button",
        "svg",
        "form",
        "label",
        "h2",
        "option",
    ]
    pieces = []
    for _ in range(rng.randrange(1, 120)):
        tag = rng.choice(tags)
        pieces.append(
            rng.choice(
                [
                    f"<{tag}>",
                    f"</{tag}>",
                    f'<{tag} class="c{rng.randrange(9)} x" id=i>',
                    " some text ",
                    "a & b < c",
                    "&nbsp;&lt;x&gt;",
                    "<br>",
                    "<!-- c -->",
                    "<img src=a.png alt='p q'>",
                    "\n\n",
                    "word " * rng.randrange(60),
                    "<script>if (a < b) {}</script>",
                ]
            )
        )
    if rng.random() < 0.5:
        pieces.insert(rng.randrange(len(pieces)), "<button data-magenta-target>Go</button>")
    return "".join(pieces)


@pytest.mark.parametrize("seed", range(150))
def test_random_html_stays_within_budget_well_formed_and_stable(seed):
    rng = random.Random(seed)
    raw, budget = random_html(rng), rng.choice([60, 200, 1000])
    clean = clean_html(raw, budget)
    assert len(clean) <= budget
    assert_well_formed(clean)
    assert clean_html(clean, budget) == clean
    if "data-magenta-target" in raw and "<select" not in raw:
        assert "<button>Go</button>" in clean
