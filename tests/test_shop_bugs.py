import httpx
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page
from pytest_playwright.pytest_playwright import CreateContextCallback
from shop_client import logged_in, pay, text

from magenta_qa.scenarios.shop import BUGS, PASSWORD, serve
from magenta_qa.scenarios.shop.bugs import CATALOGUE, Bug


def test_unknown_defect_is_refused() -> None:
    with pytest.raises(ValueError, match="'nonsense'; choose one of badge-not-updated"):
        serve(bug="nonsense")


def buy_two(client: httpx.Client) -> str:
    logged_in(client, "ada@example.com").post("/api/cart", json={"product": 1, "quantity": 2})
    return text(pay(client))


def cart_of_ben(client: httpx.Client) -> str:
    return text(logged_in(client, "ben@example.com").get("/cart"))


def delete_cabin(client: httpx.Client) -> str:
    return text(logged_in(client, "ada@example.com").post("/account/addresses/3/delete"))


def save_monthly(client: httpx.Client) -> str:
    wanted = {"frequency": "Monthly", "topic": "Offers", "order_updates": True, "sms": True}
    logged_in(client, "ada@example.com").post("/api/settings", json=wanted)
    return BeautifulSoup(client.get("/account/settings").text, "html.parser").select(".dropdown-value")[0].get_text()


def orders_after_one(client: httpx.Client) -> str:
    buy_two(client)
    return text(client.get("/orders"))


def enter_unconfirmed(client: httpx.Client) -> str:
    account = {"name": "Nora", "email": "nora@example.com", "password": PASSWORD, "repeat": PASSWORD}
    client.post("/register", data=account)
    return text(client.post("/login", data=account | {"next": "/orders"}))


def register_and_look(client: httpx.Client) -> str:
    account = {"name": "Nora", "email": "nora@example.com", "password": PASSWORD, "repeat": PASSWORD}
    client.post("/register", data=account)
    return text(client.get("/inbox"))


def desk(client: httpx.Client, path: str) -> str:
    return logged_in(client, "mira@example.com").get(path).text


def change_mug(client: httpx.Client) -> str:
    desk(client, "/desk/products")
    client.put("/api/desk/products/9", json={"price": "17.50", "stock": "40"})
    return text(client.get("/products/enamel-mug"))


def ship_two(client: httpx.Client) -> str:
    desk(client, "/desk")
    return client.post("/api/desk/orders", json={"numbers": ["T-1036", "T-1037"], "status": "Shipped"}).text


def torch_first(client: httpx.Client) -> str:
    logged_in(client, "ada@example.com").put("/api/packing", json={"order": [5, 1, 2, 3, 4, 6, 7]})
    items = BeautifulSoup(client.get("/packing").text, "html.parser").select("[data-item]")
    return " ".join(items[0].get_text().split())


def book_june_9(client: httpx.Client) -> str:
    form = {"article": "Enamel Mug", "day": "2026-06-09", "daytime": "Morning", "note": "The handle came off."}
    picture = {"photo": ("mug.png", b"\x89PNG")}
    return text(logged_in(client, "ada@example.com").post("/repairs/new", data=form, files=picture))


def discount_on_the_pack(client: httpx.Client) -> str:
    client.post("/api/cart", json={"product": 1})
    client.post("/api/voucher", json={"code": "TRAIL10"})
    return text(client.get("/cart"))


VISIBLE_ON_THE_SERVER = {
    "wrong-total": (cart_of_ben, "Total €257.00", "Total €241.00"),
    "wrong-row": (delete_cabin, "Parents", "Summer cabin"),
    "wrong-currency": (buy_two, "Total €378.00", "Total $378.00"),
    "lost-update": (save_monthly, "Monthly", "Weekly"),
    "wrong-order": (lambda c: c.get("/?sort=price").text, "Field Notebook", "Nook 2 Tent"),
    "duplicate-order": (orders_after_one, "T-1042", "T-1043"),
    "renamed-control": (
        lambda c: logged_in(c, "ada@example.com").get("/account/addresses").text,
        "Save address",
        "Update entry",
    ),
    "control-gone": (
        lambda c: logged_in(c, "ben@example.com").get("/cart").text,
        'id="voucher">',
        'id="voucher" hidden>',
    ),
    "missing-validation": (enter_unconfirmed, "Please confirm your e-mail address first", "No orders yet."),
    "off-by-one-page": (lambda c: desk(c, "/api/desk/orders?sort=-number&page=2"), "T-1031", "T-1021"),
    "stale-cache": (change_mug, "€17.50", "€16.00"),
    "wrong-day": (book_june_9, "Tuesday, 9 June 2026", "Monday, 8 June 2026"),
    "bulk-leaves-one": (ship_two, '"changed": 2', '"changed": 1'),
    "order-not-kept": (torch_first, "Head torch", "Tent and pegs"),
    "no-letter": (register_and_look, "Please confirm your address", "Demo inbox (1)"),
    "journal-ends-early": (lambda c: f"[{c.get('/fragments/journal/25').text.strip()}]", "Rain for breakfast", "[]"),
    "open-door": (lambda c: logged_in(c, "ben@example.com").get("/desk").text, "for staff", "orders to ship"),
    "rounded-discount": (discount_on_the_pack, "( TRAIL10 ) −€18.90", "( TRAIL10 ) −€18.00"),
    "filter-forgotten": (
        lambda c: c.get("/?max=100").text,
        'href="?max=100&sort=featured&page=2"',
        'href="?sort=featured&page=2"',
    ),
    "error-500": (lambda c: str(c.post("/checkout").status_code), "200", "500"),
}
"""Defect → (what to do, what the clean shop shows then, what the defect shows that the clean shop does not)."""


@pytest.mark.parametrize("bug", VISIBLE_ON_THE_SERVER)
def test_planted_defect_changes_what_the_server_says(bug: str) -> None:
    act, right, wrong = VISIBLE_ON_THE_SERVER[bug]
    with serve() as clean, httpx.Client(base_url=clean.url, follow_redirects=True) as client:
        said = act(client)
    assert right in said
    assert wrong not in said
    with serve(bug=bug) as broken, httpx.Client(base_url=broken.url, follow_redirects=True) as client:
        assert wrong in act(client)


@pytest.mark.parametrize("bug", sorted(set(BUGS) - set(VISIBLE_ON_THE_SERVER)))
def test_planted_defect_changes_a_script(bug: str) -> None:
    (name,) = CATALOGUE[bug].spoiled
    with serve() as clean, serve(bug=bug) as broken:
        assert httpx.get(f"{clean.url}/static/{name}").text != httpx.get(f"{broken.url}/static/{name}").text


def log_in(page: Page) -> None:
    page.goto("/login?next=/account/addresses")
    page.get_by_label("E-mail address").fill("ada@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def buy_second_colour(page: Page) -> str:
    page.goto("/products/ridge-45-backpack")
    page.locator(".product [name=variant]").nth(1).check(force=True)
    with page.expect_response("**/api/cart"):
        page.locator("#add").click()
    page.goto("/cart")
    return page.locator("[data-line]").inner_text()


def add_address_after_a_look_at_another(page: Page) -> str:
    log_in(page)
    rows = page.get_by_role("table", name="Addresses").locator("tbody tr")
    rows.filter(has_text="Office").get_by_role("button", name="Edit").click()
    page.get_by_role("button", name="Discard").click()
    page.get_by_role("button", name="Add address").click()
    for label in ("Name of this address", "Recipient", "Street and number", "Postcode", "City"):
        page.get_by_label(label).fill("1 New Lane")
    with page.expect_navigation():
        page.get_by_role("button", name="Save address").click()
    return f"{rows.filter(has_text='Office').count()} office, {rows.filter(has_text='New Lane').count()} new"


def search_by_enter(page: Page) -> str:
    page.goto("/")
    page.get_by_role("searchbox", name="Search").fill("stove")
    page.keyboard.press("Enter")
    page.wait_for_timeout(300)  # long enough for the form to be sent, were it sent
    page.wait_for_load_state()
    return page.locator("h1").inner_text()


DONE_BY_A_USER = {
    "first-colour": (buy_second_colour, "Moss green", "Lake blue"),
    "old-address-overwritten": (add_address_after_a_look_at_another, "1 office, 1 new", "0 office, 1 new"),
    "enter-swallowed": (search_by_enter, "Results for “stove”", "Made for long days out"),
}
"""Defect → (what a user does, what the clean shop shows then, what the defect shows instead)."""


@pytest.mark.browser
@pytest.mark.parametrize("bug", DONE_BY_A_USER)
def test_planted_defect_changes_what_a_user_sees(new_context: CreateContextCallback, bug: str) -> None:
    act, right, wrong = DONE_BY_A_USER[bug]
    with serve() as clean, serve(bug=bug) as broken:
        said = act(new_context(base_url=clean.url).new_page())
        spoiled = act(new_context(base_url=broken.url).new_page())
    assert right in said
    assert wrong not in said
    assert wrong in spoiled
    assert right not in spoiled


def test_defect_that_finds_nothing_to_spoil_says_so() -> None:
    with pytest.raises(LookupError, match=r"page\.html should contain 'Save' once, but has it 2 times"):
        Bug(spoiled={"page.html": ("Save", "Keep")}).spoil("page.html", "Save, Save")
