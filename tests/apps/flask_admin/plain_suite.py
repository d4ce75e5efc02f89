"""Ordinary tests of the library's back office, as a team writes them that knows nothing of us; see `apps.collected`.

They find elements in each way that Playwright has (roles, labels, placeholders, texts, titles, CSS, XPath, handles,
the page's own selectors, places of the mouse) and act in each way that the application answers to.
"""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.async_api import async_playwright
from playwright.sync_api import Page, expect


@pytest.fixture
def books(page: Page, base_url: str) -> Page:
    page.goto(f"{base_url}/admin/book/")
    return page


def test_author_is_added(page: Page, base_url: str) -> None:
    page.goto(base_url)
    page.get_by_role("link", name="Authors").click()
    page.click("text=Create")
    page.get_by_label("Name").fill("Zoe Prak")
    page.get_by_label("Name").press("End")
    page.keyboard.press("Shift+Home")
    page.keyboard.type("Zoe Park")
    page.fill("#country", "Korea")
    page.locator("xpath=//input[@type='submit' and @value='Save']").click()
    expect(page.get_by_text("Record was successfully created.")).to_be_visible()
    expect(page.get_by_role("row", name="Zoe Park")).to_contain_text("Korea")


def test_book_is_added(books: Page) -> None:
    books.get_by_role("link", name="Create", exact=True).click()
    books.locator("#s2id_author a.select2-choice").click()
    books.keyboard.insert_text("Clara")
    books.keyboard.press("Enter")
    books.get_by_label(re.compile("^Title")).press_sequentially("The Walrus")
    books.type("#price", "19.5")
    books.locator("#published").fill("2024-05-06")
    books.locator("#published").press("Tab")
    books.get_by_role("checkbox", name="In Stock").uncheck()
    books.set_checked("#in_stock", True)
    books.get_by_role("button", name="Save", exact=True).click()
    books.get_by_placeholder("title").fill("walrus")
    books.get_by_role("button", name="Search").click()
    expect(books.get_by_role("row", name="The Walrus")).to_contain_text("Clara Lindt")


def test_price_is_changed(books: Page) -> None:
    row = books.locator("tr", has_text="The Lantern").first
    row.get_by_title("Edit Record").first.click()
    price = books.locator("input[name=price]")
    price.clear()
    price.fill("12.75")
    books.locator("input[type=submit]").first.dblclick()
    expect(books.locator("tr", has_text="The Lantern").first).to_contain_text("12.75")


def test_filter_is_added_and_used(books: Page) -> None:
    books.get_by_text("Add Filter").click()
    books.query_selector("a.filter:has-text('Price')").click()  # type: ignore[union-attr]
    operation = books.locator("select.filter-op")
    operation.evaluate("el => { el.style.display = 'block' }")
    operation.select_option(index=1)
    books.locator(".filters input.filter-val").fill("20")
    books.get_by_role("button", name="Apply").click()
    expect(books.locator("tbody tr.filter-row, table.model-list tbody tr").first).to_be_visible()


def test_deletion_is_asked_about(books: Page) -> None:
    button = books.locator("tr", has_text="The Copper").first.get_by_title("Delete record")
    asked: list[str] = []
    books.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    button.click()
    expect(books.locator("tr", has_text="The Copper").first).to_be_visible()
    books.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    button.click()
    expect(books.get_by_text("Record was successfully deleted.")).to_be_visible()
    assert len(asked) == 2


def test_several_are_selected_and_dropped_again(books: Page) -> None:
    books.check("input.action-rowtoggle")
    first = books.locator("input.action-checkbox").first
    first.set_checked(False)
    books.main_frame.check("css=tbody tr:nth-child(2) input[type=checkbox]")
    books.get_by_role("button", name="With selected").click()
    books.locator("#nothing, .dropdown-menu.show a").first.hover()
    books.keyboard.press("Escape")
    expect(first).not_to_be_checked()


def test_list_is_sorted_turned_and_read(books: Page) -> None:
    books.get_by_role("columnheader", name="Title").get_by_role("link").click()
    books.mouse.move(600, 400)
    books.mouse.wheel(0, 300)
    books.locator(".pagination").get_by_text("2", exact=True).click()
    heading = books.get_by_role("heading", name="Books").bounding_box()
    assert heading is not None
    books.mouse.click(heading["x"] + 10, heading["y"] + heading["height"] / 2)
    books.mouse.dblclick(heading["x"] + 10, heading["y"] + heading["height"] / 2)
    books.mouse.move(heading["x"] + 2, heading["y"] + heading["height"] / 2)
    books.mouse.down()
    books.mouse.move(heading["x"] + 60, heading["y"] + heading["height"] / 2)
    books.mouse.up()
    books.get_by_role("link", name="Authors").drag_to(books.get_by_placeholder("title"))
    books.get_by_title("View Record").first.click()
    expect(books.locator("table.searchable")).to_be_visible()


def test_search_with_the_async_api(
    base_url: str, browser_type_launch_args: dict[str, object], output_path: str
) -> None:
    async def search() -> None:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(**browser_type_launch_args)  # type: ignore[arg-type]
            page = await browser.new_page(base_url=base_url)
            await page.context.tracing.start()  # as `--tracing on` does for the fixture `page`
            await page.goto("/admin/book/")
            await page.get_by_placeholder("title").fill("Returns")
            await page.keyboard.press("Enter")
            await page.locator("//a[contains(., 'Create')]").click()
            await page.get_by_label(re.compile("^Title")).fill("Unsaved")
            await page.get_by_role("button", name="Cancel").click()
            await page.get_by_text("Add Filter").click()
            await page.context.tracing.stop(path=f"{output_path}/trace.zip")
            await browser.close()

    with ThreadPoolExecutor(1) as thread:  # in this one the sync API has a loop of its own
        thread.submit(asyncio.run, search()).result()
