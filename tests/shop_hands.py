"""What the scripted flows through the demo shop have in common: where things are, and how one gets in.

row(page, "Summer cabin").get_by_role("button", name="Delete").click()
"""

from playwright.sync_api import Dialog, Locator, Page, expect

from magenta_qa.scenarios.shop import PASSWORD


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("row").filter(has_text=text)


def card(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)


def summary(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Order summary")


def shown(page: Page, *texts: str) -> None:
    for text in texts:
        expect(page.get_by_text(text).first).to_be_visible()


def absent(page: Page, *texts: str) -> None:
    for text in texts:
        expect(page.get_by_text(text).filter(visible=True)).to_have_count(0)


def open_as(page: Page, url: str, path: str, email: str) -> None:
    """Go to a page that asks for a login first."""
    page.goto(f"{url}{path}")
    log_in(page, email)


def log_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    with page.expect_navigation():
        page.get_by_role("button", name="Log in").click()


def search(page: Page, words: str) -> None:
    page.get_by_role("searchbox").fill(words)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Results for “{words}”")


def answer(page: Page, button: Locator, how: str) -> str:
    """Click what asks a question and answer it; the question."""
    questions = list[str]()

    def on_dialog(dialog: Dialog) -> None:
        questions.append(dialog.message)
        dialog.accept() if how == "accept" else dialog.dismiss()

    page.once("dialog", on_dialog)
    button.click()
    return questions[0]


def add_mug_and_bottle(page: Page, url: str) -> None:
    page.goto(url)
    search(page, "mug")
    card(page, "Enamel Mug").get_by_role("button", name="Add to cart").click()
    expect(page.get_by_text("Enamel Mug is in your cart.")).to_be_visible()
    search(page, "bottle")
    card(page, "Steel Bottle").get_by_role("button", name="Add to cart").click()
    expect(page.get_by_text("Steel Bottle 1 L is in your cart.")).to_be_visible()
