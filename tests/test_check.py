"""Every kind of expectation on real pages: true, false, late, ambiguous, and the ways in which a false pass could happen."""

from collections.abc import Callable, Iterator

import pytest
from magenta_qa.agent.check import evaluate, page_text
from magenta_qa.agent.expect import compile_expectation
from magenta_qa.agent.secrets import Secrets
from magenta_qa.agent.watch import Watch
from magenta_qa.model.schema import CheckTrace
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PASSED = [
    'the page shows "Item added to the cart"',
    "the page shows item added to the cart",
    'the cart shows "Blue backpack"',
    "the cart shows Blue backpack and Red mug",
    'the cart shows "Blue backpack", "Red mug" and "Pen"',
    'the cart does not show "Green hat"',
    'the toast says "Item added to the cart"',
    'the wishlist shows "Your wishlist is empty"',
    "the wishlist is empty",
    "the cart is not empty",
    "the cart badge shows 3",
    "the header shows Shop",
    "the footer contains Imprint",
    "the heading is Your cart",
    "the total is $57.00",
    "the total is $57",
    "the total is 57",
    "the subtotal is $52.75",
    "the shipping is $4.25",
    "the total is more than $50",
    "the total is between $50 and $60",
    "the total is not $5.00",
    "the quantity is 3",
    "the price of Blue backpack is $42.00",
    "the row of Ada shows Admin",
    "the row of Ada shows Admin in the Role column",
    "Ada's role is Admin",
    "the row of Bob does not show Admin",
    "the first row in the table Users shows Ada",
    "the table Users has 3 rows",
    "exactly 3 rows in the Users table",
    "the cart shows 3 items",
    "the cart has at least 2 items",
    "the table Users is sorted by age",
    "the table Users is sorted by name",
    "the table Users is not sorted by age descending",
    "the items in the cart are sorted by price descending",
    '"Blue backpack" comes before "Red mug"',
    "the Email field contains ada@example.com",
    'the Email field starts with "ada@"',
    "the Notes field is empty",
    "the Email field is not empty",
    "the Size dropdown shows Large",
    "Large is selected in the Size dropdown",
    "the Password field holds ${PASSWORD}",
    "Newsletter is ticked",
    "Terms is not ticked",
    "the Dark mode switch is off",
    "the Standard radio button is selected",
    "the Save button is disabled",
    "the Checkout button is enabled",
    "the Greeting field is disabled",
    "the Coupon field is read-only",
    "the Coupon field is required",
    "the Bold button is pressed",
    "the Details tab is selected",
    "the Reviews tab is not selected",
    "Returns is collapsed",
    "the Checkout button is visible",
    "the Delete button is not visible",
    "there is a Remove button in the row of Pen",
    "I am on the cart page",
    "the title is Shop - Cart",
    'the title contains "Cart"',
    "the URL ends with /check.html",
    'the URL contains "check"',
    'the URL does not contain "login"',
    "no error message is shown",
    'the page shows "LIMITED OFFER"',
    'the page shows "limited offer"',
    'the page shows "7 waiting"',
    'the page shows "Scrolled message"',
    'the page shows "Message below the fold"',
    'the page shows "Open shadow message"',
    'the page shows "Closed shadow message"',
    'the page shows "Frame message"',
    'the page does not show "Within 30 days"',
    'neither "Hidden message" nor "Invisible message" is shown',
    "the Save button is visible but disabled",
    "Newsletter is ticked and the Checkout button is enabled",
]

FAILED = [
    'the page shows "Item added"  and "Order placed"',
    'the page shows "item added to the cart"',
    'the cart shows "Ada"',
    "the cart shows Green hat",
    'the cart does not show "Red mug"',
    "the cart badge shows 1",
    "the header shows Blue backpack",
    "the heading is Cart",
    "the total is $5.00",
    "the total is $57.01",
    "the total is €57.00",
    "the total is $52.75",
    "the total is more than $57",
    "the total is not $57.00",
    "the quantity is 30",
    "the price of Red mug is $42.00",
    "the row of Bob shows Admin",
    "the row of Ada shows Editor in the Role column",
    "the row of Ada shows Admin in the Name column",
    "the row of Ada does not show Admin",
    "Ada's role is Editor",
    "the first row in the table Users shows Bob",
    "the table Users has 4 rows",
    "the cart shows 2 items",
    "the cart has more than 3 items",
    "the table Users is sorted by age descending",
    "the table Users is sorted by role descending",
    "the items in the cart are sorted by price",
    '"Red mug" comes before "Blue backpack"',
    "the Email field contains ada@example.co",
    "the Email field is bob@example.com",
    "the Email field is empty",
    "the Notes field is not empty",
    'the Notes field holds "Leave it at the door"',
    "the Size dropdown shows Small",
    "the Password field holds ${OTHER}",
    "Newsletter is not ticked",
    "Terms is ticked",
    "the Dark mode switch is on",
    "the Express radio button is selected",
    "the Save button is enabled",
    "the Checkout button is disabled",
    "the Greeting field is enabled",
    "the Email field is read-only",
    "the Email field is required",
    "the Bold button is not pressed",
    "the Reviews tab is selected",
    "Returns is expanded",
    "the Delete button is visible",
    "the Checkout button is not visible",
    "I am on the login page",
    "the title is Shop",
    "the URL ends with /cart",
    "the URL is /check",
    "an error message is shown",
    'the page shows "5 waiting"',
    'the page shows "Hidden message"',
    'the page shows "Invisible message"',
    'the page shows "Transparent message"',
    'the page shows "Clipped message"',
    'the page shows "Off-screen message"',
    'the page shows "Drawer message"',
    'the page shows "Tiny message"',
    'the page shows "Screen reader message"',
    'the page shows "Alt message"',
    'the page shows "Attribute message"',
    'the page shows "Script message"',
    'the page shows "Template message"',
    'the page shows "Noscript message"',
    'the page shows "Hidden frame message"',
    'the page shows "Leave it at the door"',
    'the page shows "Within 30 days"',
    'the page shows "hunter2"',
    'the page shows "Small"',
    'the page shows "2.75"',
    'the page shows "7.00"',
    'the page does not show "Frame message"',
    'the page does not show "Closed shadow message"',
    "Newsletter is ticked and Terms is ticked",
]

STUCK = [
    'the basket shows "Blue backpack"',
    'the basket does not show "Blue backpack"',
    "the row of Eve shows Admin",
    "the row of Eve does not show Admin",
    "the Phone field is empty",
    "the discount is 10%",
    "the discount is not 10%",
    'the page does not show "Leave it at the door"',
    'the page does not show "Backpack"',
    "there are no coupons",
    "the Save as button is visible",
    "the wishlist is sorted by price",
    "the table Users is sorted by shoe size",
    "the table Orders has 3 rows",
    "the Edit dialog shows Ada",
]

Checking = Callable[..., CheckTrace]


@pytest.fixture
def check(page: Page) -> Iterator[Checking]:
    """Compile and evaluate an expectation on `page`."""
    secrets = Secrets({"PASSWORD": "hunter2", "OTHER": "hunter3"})
    watch = Watch(page.context, secrets)

    def run(expectation: str, timeout_ms: int = 300, since: int = 0) -> CheckTrace:
        compiled = compile_expectation(expectation)
        assert compiled is not None, expectation
        return evaluate(compiled, page, watch, since=since, timeout_ms=timeout_ms, secrets=secrets)

    yield run
    watch.close()


@pytest.fixture
def shop(page: Page, site: str) -> Page:
    page.goto(f"{site}/check.html")
    return page


def _verdicts(check: Checking, expectations: list[str], timeout_ms: int) -> dict[str, str]:
    return {text: f"{(trace := check(text, timeout_ms)).verdict}: {trace.reason}" for text in expectations}


def test_true_expectations_pass(shop: Page, check: Checking) -> None:
    verdicts = _verdicts(check, PASSED, 1500)
    assert {t: v for t, v in verdicts.items() if not v.startswith("passed")} == {}


def test_false_expectations_fail(shop: Page, check: Checking) -> None:
    verdicts = _verdicts(check, FAILED, 30)
    assert {t: v for t, v in verdicts.items() if not v.startswith("failed")} == {}


def test_what_cannot_be_found_or_told_is_stuck(shop: Page, check: Checking) -> None:
    verdicts = _verdicts(check, STUCK, 30)
    assert {t: v for t, v in verdicts.items() if not v.startswith("stuck")} == {}
