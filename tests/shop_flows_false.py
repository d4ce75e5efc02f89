"""The scenarios with a false expectation by hand: what they do, and what is true instead; see shop_flows.py."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from shop_hands import absent, add_mug_and_bottle, answer, open_as, row, shown, summary
from shop_hands import log_in as try_to_log_in


def free_delivery(page: Page, url: str) -> None:
    add_mug_and_bottle(page, url)
    page.get_by_role("link", name="Cart").click()
    expect(summary(page)).to_contain_text("€48.00")
    expect(summary(page)).to_contain_text("€4.90")
    expect(summary(page)).not_to_contain_text("Free")


def absent_text(page: Page, url: str) -> None:
    open_as(page, url, "/login?next=/cart", "ben@example.com")
    expect(row(page, "Enamel Mug")).to_contain_text("€32.00")


def wrong_url(page: Page, url: str) -> None:
    page.goto(url)
    page.get_by_role("link", name="Cart").click()
    shown(page, "Your cart")
    assert page.url.endswith("/cart")


def wrong_title(page: Page, url: str) -> None:
    page.goto(f"{url}/journal")
    shown(page, "First snow on the pass")
    expect(page).to_have_title("Journal · Tarn")


def wrong_page(page: Page, url: str) -> None:
    page.goto(f"{url}/wishlist")
    shown(page, "Your wishlist")
    absent(page, "Checkout")


def wrong_value(page: Page, url: str) -> None:
    open_as(page, url, "/account/addresses", "ada@example.com")
    row(page, "Office").get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Street and number")).to_have_value("Kastanienallee 41")


def wrong_amount(page: Page, url: str) -> None:
    open_as(page, url, "/orders/T-1034", "ada@example.com")
    expect(summary(page)).to_contain_text("€64.00")


def wrong_number(page: Page, url: str) -> None:
    open_as(page, url, "/login?next=/cart", "ben@example.com")
    expect(page.locator("#subtotal")).to_have_text("€257.00")


def not_empty(page: Page, url: str) -> None:
    open_as(page, url, "/account/addresses", "ada@example.com")
    row(page, "Parents").get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Recipient")).to_have_value("Greta and Olaf Linden")


def wrong_state(page: Page, url: str) -> None:
    open_as(page, url, "/account/settings", "ada@example.com")
    expect(page.get_by_role("switch", name="Text messages")).not_to_be_checked()


def not_enabled(page: Page, url: str) -> None:
    open_as(page, url, "/login?next=/checkout", "ben@example.com")
    expect(page.get_by_role("button", name="Place order")).to_be_disabled()


def not_there(page: Page, url: str) -> None:
    open_as(page, url, "/orders/T-1034", "ada@example.com")
    shown(page, "Order T-1034")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


def wrong_count(page: Page, url: str) -> None:
    open_as(page, url, "/orders", "ada@example.com")
    expect(page.get_by_role("table", name="Orders").locator("tbody tr")).to_have_count(4)


def wrong_sorting(page: Page, url: str) -> None:
    page.goto(f"{url}/?category=Kitchen")
    shown(page, "5 products")
    expect(page.get_by_role("article").first).to_contain_text("Spark Stove")


def wrong_sequence(page: Page, url: str) -> None:
    open_as(page, url, "/orders", "ada@example.com")
    expect(page.locator("tbody tr")).to_contain_text(["T-1041", "T-1039", "T-1034", "T-1021"])


def wrong_cell(page: Page, url: str) -> None:
    open_as(page, url, "/orders", "ada@example.com")
    expect(row(page, "T-1034")).to_contain_text("Shipped")


def wrong_question(page: Page, url: str) -> None:
    open_as(page, url, "/account/addresses", "ada@example.com")
    question = answer(page, row(page, "Parents").get_by_role("button", name="Delete"), "dismiss")
    assert question == "Delete the address “Parents”?"


def wrong_download(page: Page, url: str) -> None:
    open_as(page, url, "/orders/T-1021", "ada@example.com")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download receipt").click()
    assert download.value.suggested_filename == "receipt-T-1021.txt"


def no_tab(page: Page, url: str) -> None:
    open_as(page, url, "/orders", "ada@example.com")
    row(page, "T-1021").get_by_role("link", name="View").click()
    shown(page, "Order T-1021")
    assert len(page.context.pages) == 1


def console_error(page: Page, url: str) -> None:
    open_as(page, url, "/track/T-9999", "ada@example.com")
    shown(page, "Off the path")


def failed_request(page: Page, url: str) -> None:
    answered = page.goto(f"{url}/products/flying-carpet")
    assert answered is not None
    assert answered.status == 404
    shown(page, "There is no such page")


def wrong_status(page: Page, url: str) -> None:
    open_as(page, url, "/desk", "ben@example.com")
    shown(page, "This door is for staff")


def no_error_shown(page: Page, url: str) -> None:
    open_as(page, url, "/login?next=/cart", "ben@example.com")
    page.get_by_label("Voucher code").fill("WELCOME5")
    page.get_by_role("button", name="Apply").click()
    expect(summary(page)).to_contain_text("Discount (WELCOME5)")
    expect(page.locator("#voucher-problem")).to_be_hidden()


def error_shown(page: Page, url: str) -> None:
    page.goto(f"{url}/login")
    try_to_log_in(page, "ada@example.com", "alpine-lake-43")
    expect(page.get_by_role("alert")).to_contain_text("do not match")


def half_true(page: Page, url: str) -> None:
    open_as(page, url, "/orders", "ada@example.com")
    row(page, "T-1039").get_by_role("link", name="View").click()
    expect(summary(page)).to_contain_text("Express")
    expect(summary(page)).not_to_contain_text("Free")


def still_open(page: Page, url: str) -> None:
    open_as(page, url, "/account/addresses", "ada@example.com")
    page.get_by_role("button", name="Add address").click()
    dialog = page.get_by_role("dialog", name="New address")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Discard").click()
    expect(dialog).to_have_count(0)


FALSE_FLOWS: dict[str, Callable[[Page, str], None]] = {
    flow.__name__: flow
    for flow in (
        free_delivery,
        absent_text,
        wrong_url,
        wrong_title,
        wrong_page,
        wrong_value,
        wrong_amount,
        wrong_number,
        not_empty,
        wrong_state,
        not_enabled,
        not_there,
        wrong_count,
        wrong_sorting,
        wrong_sequence,
        wrong_cell,
        wrong_question,
        wrong_download,
        no_tab,
        console_error,
        failed_request,
        wrong_status,
        no_error_shown,
        error_shown,
        half_true,
        still_open,
    )
}
