import httpx
import pytest
from bs4 import BeautifulSoup
from shop_client import logged_in, pay, text

from magenta_qa.scenarios.shop import BUGS, serve
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


def test_defect_that_finds_nothing_to_spoil_says_so() -> None:
    with pytest.raises(LookupError, match=r"page\.html should contain 'Save' once, but has it 2 times"):
        Bug(spoiled={"page.html": ("Save", "Keep")}).spoil("page.html", "Save, Save")
