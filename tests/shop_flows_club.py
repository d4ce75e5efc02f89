"""The scenarios about repairs, journal, packing list, inbox and desk by hand; see shop_flows.py."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect
from shop_hands import absent, card, log_in, open_as, row, search, shown, summary

from magenta_qa.scenarios.shop import PASSWORD, SUITE


def book_repair(page: Page, url: str) -> None:
    open_as(page, url, "/repairs", "ada@example.com")
    page.get_by_role("link", name="Book a repair").click()
    page.get_by_label("Article").select_option("Ridge 45 Backpack")
    page.get_by_role("button", name="Open calendar").click()
    page.get_by_role("button", name="Next month").click()
    page.get_by_role("button", name="Tuesday, 9 June 2026").click()
    expect(page.get_by_role("textbox", name="Pick-up day")).to_have_value("Tuesday, 9 June 2026")
    page.get_by_label("Afternoon").check()
    page.locator("input[type=file]").set_input_files(Path(SUITE, "torn-strap.png"))
    page.get_by_label("What is broken?").fill("The left shoulder strap is torn.")
    page.get_by_role("button", name="Book pick-up").click()
    shown(page, "Repair R-209 is booked.")
    for text in ("Ridge 45 Backpack", "Tuesday, 9 June 2026", "torn-strap.png", "Afternoon"):
        expect(row(page, "R-209")).to_contain_text(text)
    expect(page.get_by_role("table", name="Repairs").locator("tbody tr")).to_have_count(2)


def repair_refused(page: Page, url: str) -> None:
    open_as(page, url, "/repairs/new", "ada@example.com")
    page.get_by_label("Article").select_option("Enamel Mug")
    page.get_by_label("Morning").check()
    page.get_by_label("What is broken?").fill("The handle came off.")
    page.get_by_role("button", name="Book pick-up").click()
    shown(page, "Please choose a pick-up day.", "Please add a photo of the damage.")
    page.get_by_role("link", name="Back to all repairs").click()
    expect(page.get_by_role("table", name="Repairs").locator("tbody tr")).to_have_count(1)
    absent(page, "R-209")


def receipt(page: Page, url: str) -> None:
    open_as(page, url, "/orders", "ada@example.com")
    row(page, "T-1034").get_by_role("link", name="View").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download receipt").click()
    assert download.value.suggested_filename == "receipt-T-1034.txt"
    shown(page, "Order T-1034")
    expect(summary(page)).to_contain_text("€68.90")


def track_parcel(page: Page, url: str) -> None:
    open_as(page, url, "/orders/T-1034", "ada@example.com")
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Track parcel").click()
    expect(popup.value).to_have_title("Parcel T-1034 · Heron Post")
    assert "/track/T-1034" in popup.value.url
    shown(popup.value, "On its way to you")


def long_journal(page: Page, url: str) -> None:
    page.goto(f"{url}/journal")
    absent(page, "Rain for breakfast")
    story = card(page, "Rain for breakfast")
    for _ in range(12):
        page.mouse.wheel(0, 2_000)
        page.wait_for_timeout(200)
        if story.count():
            break
    story.get_by_role("button", name="Cheer").click()
    expect(story).to_contain_text("10 cheers")
    expect(card(page, "The night train north")).to_contain_text("2 cheers")


def tell_story(page: Page, url: str) -> None:
    open_as(page, url, "/journal/new", "ada@example.com")
    page.get_by_label("Title").fill("Tea in the rain")
    page.get_by_label("Place").fill("Harz")
    text = page.get_by_role("textbox", name="Your story")
    text.click()
    page.keyboard.type("It rained all day, and the tea was good.")
    text.press("Control+A")
    page.get_by_role("button", name="Bold").click()
    shown(page, "40 letters")
    page.get_by_role("button", name="Publish").click()
    for words in ("It rained all day, and the tea was good.", "by Ada Linden"):
        expect(card(page, "Tea in the rain")).to_contain_text(words)
    assert page.url.endswith("/journal/41")


def pack_bag(page: Page, url: str) -> None:
    open_as(page, url, "/packing", "ada@example.com")
    shown(page, "1 of 7 packed")
    items = page.get_by_role("listitem")
    items.filter(has_text="Head torch").drag_to(
        items.filter(has_text="Sleeping bag"), source_position={"x": 300, "y": 20}, target_position={"x": 300, "y": 6}
    )
    page.get_by_label("Rain jacket").check()
    shown(page, "2 of 7 packed")
    page.reload()
    expect(items).to_contain_text(["Tent and pegs", "Head torch", "Sleeping bag"])
    expect(page.get_by_label("Rain jacket")).to_be_checked()
    expect(items).to_have_count(7)


def _register(page: Page, url: str) -> None:
    page.goto(f"{url}/register")
    page.get_by_label("Your name").fill("Nora Vik")
    page.get_by_label("E-mail address").fill("nora@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Repeat password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    shown(page, "We have sent a letter to nora@example.com.")


def register(page: Page, url: str) -> None:
    _register(page, url)
    page.get_by_role("link", name="Open the demo inbox").click()
    page.get_by_role("link", name="Please confirm your address").click()
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Confirm my address").click()
    shown(popup.value, "Your address is confirmed")
    popup.value.get_by_role("link", name="Go to the login").click()
    log_in(popup.value, "nora@example.com")
    popup.value.goto(f"{url}/orders")
    shown(popup.value, "No orders yet.")
    assert popup.value.url.endswith("/orders")


def unconfirmed(page: Page, url: str) -> None:
    _register(page, url)
    page.goto(f"{url}/login")
    log_in(page, "nora@example.com")
    shown(page, "Please confirm your e-mail address first")
    assert page.url.endswith("/login")


def desk_ship(page: Page, url: str) -> None:
    open_as(page, url, "/desk/orders", "mira@example.com")
    page.get_by_label("Status").select_option("Processing")
    shown(page, "7 orders")
    page.get_by_label("Select T-1036").check()
    page.get_by_label("Select T-1037").check()
    shown(page, "2 selected")
    page.get_by_role("button", name="Mark as shipped").click()
    expect(page.get_by_role("dialog", name="Mark 2 orders as shipped?")).to_be_visible()
    page.get_by_role("button", name="Yes, do it").click()
    shown(page, "2 orders changed.", "5 orders")
    absent(page, "T-1036", "T-1037")
    expect(row(page, "T-1038")).to_contain_text("Processing")


def desk_sort(page: Page, url: str) -> None:
    open_as(page, url, "/desk/orders", "mira@example.com")
    total = page.get_by_role("button", name="Total")
    total.click()
    expect(page.locator("th", has=total)).to_have_attribute("aria-sort", "ascending")
    total.click()
    rows = page.locator("tbody tr")
    expect(rows.first).to_contain_text("T-1027")
    expect(rows.first).to_contain_text("€589.90")
    amounts = [float(text[1:]) for text in page.locator("tbody td:last-child").all_inner_texts()]
    assert amounts == sorted(amounts, reverse=True)
    page.get_by_role("button", name="Next").click()
    shown(page, "Page 2 of 5")
    expect(rows.first).to_contain_text("T-1011")
    expect(rows.first).to_contain_text("€257.00")
    expect(rows).to_have_count(10)


def desk_price(page: Page, url: str) -> None:
    open_as(page, url, "/desk/products", "mira@example.com")
    row(page, "Enamel Mug").get_by_role("button", name="Edit").click()
    expect(page.get_by_label("Price in euros")).to_have_value("16.00")
    page.get_by_label("Price in euros").fill("17.50")
    page.get_by_label("In stock").fill("40")
    page.get_by_role("button", name="Save").click()
    shown(page, "Enamel Mug is saved.")
    expect(row(page, "Enamel Mug")).to_contain_text("€17.50")
    expect(row(page, "Enamel Mug")).to_contain_text("40")
    page.goto(f"{url}/products/enamel-mug")
    shown(page, "€17.50", "40 in stock")


def desk_export(page: Page, url: str) -> None:
    open_as(page, url, "/desk/orders", "mira@example.com")
    page.get_by_label("Find").fill("Oskar")
    shown(page, "4 orders")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    assert download.value.suggested_filename == "orders.csv"
    expect(row(page, "T-1036")).to_contain_text("Oskar Lund")
    absent(page, "Mei Chen")


def staff_only(page: Page, url: str) -> None:
    page.goto(f"{url}/desk")
    with page.expect_response(lambda answer: answer.url.endswith("/desk")) as answer:
        log_in(page, "ben@example.com")
    assert answer.value.status == 403
    shown(page, "This door is for staff")
    absent(page, "orders to ship")


def main_address(page: Page, url: str) -> None:
    open_as(page, url, "/account/addresses", "ada@example.com")
    row(page, "Office").get_by_title("Use as default").click()
    expect(row(page, "Office")).to_contain_text("Default")
    expect(row(page, "Harbour Lane")).not_to_contain_text("Default")


def technical_data(page: Page, url: str) -> None:
    page.goto(f"{url}/products/ridge-45-backpack")
    page.get_by_role("tab", name="Specifications").click()
    shown(page, "1480 g", "TN-0001")
    expect(page.get_by_role("tab", name="Specifications")).to_have_attribute("aria-selected", "true")


def sign_off(page: Page, url: str) -> None:
    open_as(page, url, "/orders", "ada@example.com")
    with page.expect_navigation():
        page.get_by_role("button", name="Log out").click()
    page.goto(f"{url}/orders")
    assert "/login" in page.url
    absent(page, "T-1041")


def unwish(page: Page, url: str) -> None:
    open_as(page, url, "/login?next=/wishlist", "ada@example.com")
    card(page, "Nook 2 Tent").get_by_role("button", name="Remove from wishlist").click()
    absent(page, "Nook 2 Tent")
    shown(page, "Trail Coffee Kit")
    expect(page.locator("#wish-count")).to_have_text("1")


def more_mugs(page: Page, url: str) -> None:
    open_as(page, url, "/login?next=/cart", "ben@example.com")
    row(page, "Enamel Mug").get_by_role("button", name="One more").click()
    expect(row(page, "Enamel Mug")).to_contain_text("€48.00")
    expect(row(page, "Bearing Compass")).to_contain_text("€36.00")
    expect(summary(page)).to_contain_text("€273.00")
    expect(page.locator("#cart-count")).to_have_text("5")


def returns(page: Page, url: str) -> None:
    page.goto(f"{url}/help")
    absent(page, "Within 100 days")
    page.get_by_text("Can I send things back?").click()
    shown(page, "Within 100 days, used or not.")
    absent(page, "Free of charge, for as long as you own it.")


def luggage(page: Page, url: str) -> None:
    open_as(page, url, "/packing", "ada@example.com")
    items = page.get_by_role("listitem")
    items.filter(has_text="Stove and gas").get_by_role("button", name="Remove").click()
    shown(page, "Stove and gas is off the list.")
    expect(items).to_have_count(6)
    page.get_by_role("button", name="Undo").click()
    expect(items).to_have_count(7)
    expect(items).to_contain_text(["Sleeping bag", "Stove and gas", "Rain jacket"])


def look_up(page: Page, url: str) -> None:
    page.goto(url)
    search(page, "headlamp")
    card(page, "Beam Headlamp").get_by_role("button", name="Add to wishlist").click()
    shown(page, "1 product")
    expect(page.locator("#wish-count")).to_have_text("1")


CLUB_FLOWS: dict[str, Callable[[Page, str], None]] = {
    flow.__name__: flow
    for flow in (
        book_repair,
        repair_refused,
        receipt,
        track_parcel,
        long_journal,
        tell_story,
        pack_bag,
        register,
        unconfirmed,
        desk_ship,
        desk_sort,
        desk_price,
        desk_export,
        staff_only,
        main_address,
        technical_data,
        sign_off,
        unwish,
        more_mugs,
        returns,
        luggage,
        look_up,
    )
}
