"""A long session in the demo shop as a person has it: moves of the mouse and presses of keys, which DevTools sends.

    person = Person(page, photo)
    have_session(person)
    person.acts                     # [Act("fill", Box(…)), Act("press", Box(…)), …], what a recording has to hold
    person.dispatch_ms              # how long each press and each release took until the page was through with it
    person.secrets                  # {"PASSWORD": "…"}: what a recording must not hold, by the variable it asks for

It goes through a search, a shadow root, a payment in a frame of another origin, a dialog, a drag, a file, lists, boxes,
a new tab and back, an address that is typed, and the browser's own Back.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Dialog, Locator, Page
from shop_hands import card, row

from magenta_qa.model.schema import Box
from magenta_qa.scenarios.shop import PASSWORD

PAUSE_MS = 600
"""A person looks before acting."""
TYPED_ADDRESS_MS = 1_500
"""An address takes longer to type than a page to lead on to the next."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something that has to be in the log, and where the person saw it."""

    kind: str
    box: Box


class Person:
    """Hands on one tab.

    Args:
        page: The tab.
        photo: A picture to be uploaded.
        keeps: Whether a picture is kept of what is seen before each act.
    """

    def __init__(self, page: Page, photo: Path, *, keeps: bool = False) -> None:
        self.page, self.photo, self.keeps = page, photo, keeps
        self.pictures: list[bytes] = []
        self.acts: list[Act] = []
        self.dispatch_ms: list[float] = []
        self.secrets: dict[str, str] = {}

    def click(self, shown: Locator, kind: str = "click") -> None:
        """Press what is shown; `kind` is what becomes of it, such as "check" for the label of a box."""
        self._note(kind, shown)
        self._press_button(shown)

    def fill(self, field: Locator, text: str, *, secret: str = "") -> None:
        """Type in place of what a field holds; `secret` is the variable that a replay takes it from."""
        self._note("fill", field)
        self._press_button(field)
        self._key("Control+a")
        for letter in text:
            self._key(letter)
        if secret:
            self.secrets[secret] = text

    def press(self, key: str, field: Locator) -> None:
        """Press a key that does something, in a field."""
        self._note("press", field)
        self._key(key)

    def choose(self, drop_down: Locator, option: str) -> None:
        """Choose from a list by its first letters, as the keyboard does."""
        self._note("select", drop_down)
        drop_down.focus()
        for letter in option:
            self._key(letter)

    def upload(self, shown: Locator) -> None:
        """Give the picture to what opens the window for choosing a file."""
        self._note("upload", shown)
        with self.page.expect_file_chooser() as asked:
            self._press_button(shown)
        asked.value.set_files(self.photo)

    def drag(self, grip: Locator, source: Locator, goal: Locator) -> None:
        """Drag something by its grip to the upper edge of something else."""
        self._note("drag", source)
        self.page.mouse.move(*_middle(_box(grip)))
        self._timed(self.page.mouse.down)
        over = _box(goal)
        self.page.mouse.move(over.x + over.width / 2, over.y + over.height / 2, steps=4)
        self.page.mouse.move(over.x + over.width / 2, over.y + 3, steps=4)
        self._timed(self.page.mouse.up)

    def answer(self, button: Locator, how: Callable[[Dialog], None]) -> None:
        """Press what asks a question, and answer it."""
        self.page.once("dialog", how)
        self.click(button)

    def into_new_tab(self, link: Locator) -> "Person":
        """Press a link that opens a tab; the hands on that."""
        with self.page.context.expect_page() as opened:
            self.click(link)
        other = Person(opened.value, self.photo, keeps=self.keeps)
        other.page.wait_for_load_state()
        return other

    def look(self) -> None:
        """Look at what there is before going on."""
        self.page.wait_for_timeout(PAUSE_MS)

    def _note(self, kind: str, shown: Locator) -> None:
        shown.scroll_into_view_if_needed()
        self.look()
        self.acts.append(Act(kind, _box(shown)))
        if self.keeps:
            self.pictures.append(self.page.screenshot())

    def _press_button(self, shown: Locator) -> None:
        self.page.mouse.move(*_middle(_box(shown)))
        self._timed(self.page.mouse.down)
        self._timed(self.page.mouse.up)

    def _key(self, key: str) -> None:
        self._timed(lambda: self.page.keyboard.press(key))

    def _timed(self, send: Callable[[], None]) -> None:
        started = time.perf_counter()
        send()
        self.dispatch_ms.append(1000 * (time.perf_counter() - started))


def _box(shown: Locator) -> Box:
    found = shown.bounding_box()
    assert found is not None, f"{shown} is not shown"
    return Box(found["x"], found["y"], found["width"], found["height"])


def _middle(box: Box) -> tuple[float, float]:
    return box.x + box.width / 2, box.y + box.height / 2


def have_session(person: Person) -> None:
    """The session, from the shop's first page on."""
    _buy(person)
    _pay(person)
    _call_off(person)
    _pack(person)
    _book_repair(person)
    _follow_parcel(person)


def _buy(person: Person) -> None:
    page = person.page
    person.click(page.locator("label").filter(has_text="Kitchen"), "check")
    page.get_by_text("5 products").wait_for()
    person.choose(page.get_by_label("Sort by"), "Name")
    page.wait_for_url("**sort=name**")
    person.fill(page.get_by_role("searchbox"), "backpack")
    person.press("Enter", page.get_by_role("searchbox"))
    page.get_by_role("heading", name="Results for").wait_for()
    person.click(page.get_by_role("link", name="Ridge 45 Backpack"))
    person.click(page.get_by_text("Moss green"), "check")
    person.fill(page.get_by_label("Quantity", exact=True), "2")
    person.click(page.get_by_role("tab", name="Specifications"))
    person.click(page.get_by_role("button", name="Add to cart").first)
    page.locator("#cart-count").filter(has_text="2").wait_for()
    person.click(page.get_by_role("link", name="Cart"))
    person.click(row(page, "Ridge 45 Backpack").get_by_label("One more"))
    row(page, "Ridge 45 Backpack").locator("output").filter(has_text="3").wait_for()
    person.click(page.get_by_role("link", name="Check out"))
    person.fill(page.get_by_label("E-mail address"), "ada@example.com", secret="E_MAIL_ADDRESS")
    person.fill(page.get_by_label("Password"), PASSWORD, secret="PASSWORD")
    person.click(page.get_by_role("button", name="Log in"))


def _pay(person: Person) -> None:
    page = person.page
    person.click(page.locator("label").filter(has_text="Office"), "check")
    person.click(page.locator("label").filter(has_text="Express"), "check")
    payment = page.frame_locator("#payment")
    person.fill(payment.get_by_label("Card number"), "4242 4242 4242 4242", secret="CARD_NUMBER")
    person.fill(payment.get_by_label("Expiry date"), "12/28")
    person.fill(payment.get_by_label("Security code"), "123", secret="SECURITY_CODE")
    person.click(payment.get_by_role("button", name="Authorise payment"))
    payment.get_by_text("Payment authorised").wait_for()
    person.click(page.get_by_role("button", name="Place order"))
    person.click(page.get_by_role("link", name="All orders"))


def _call_off(person: Person) -> None:
    page = person.page
    button = row(page, "T-1039").get_by_role("button")
    person.answer(button, lambda dialog: dialog.dismiss())
    person.answer(button, lambda dialog: dialog.accept())
    row(page, "T-1039").get_by_text("Cancelled").wait_for()


def _pack(person: Person) -> None:
    page = person.page
    page.wait_for_timeout(TYPED_ADDRESS_MS)
    page.goto(page.url.rpartition("/orders")[0] + "/packing")
    torch, bag = (page.locator("li").filter(has_text=name) for name in ("Head torch", "Sleeping bag"))
    person.drag(torch.locator(".grip"), torch, bag)
    person.click(page.locator("label").filter(has_text="Rain jacket"), "check")
    field = page.get_by_label("One more thing")
    person.fill(field, "Spare socks")
    person.press("Enter", field)
    page.locator("li").filter(has_text="Spare socks").wait_for()


def _book_repair(person: Person) -> None:
    page = person.page
    person.click(page.get_by_role("link", name="Repairs", exact=True).first)
    person.click(page.get_by_role("link", name="Book a repair"))
    person.choose(page.get_by_label("Article"), "Ridge")
    person.click(page.get_by_role("button", name="Open calendar"))
    person.click(page.get_by_role("button", name="Next month"))
    person.click(page.get_by_role("button", name="Tuesday, 9 June 2026"))
    person.click(page.locator("label").filter(has_text="Afternoon"), "check")
    person.upload(page.locator("label.drop"))
    page.get_by_text(person.photo.name).wait_for()
    person.fill(page.get_by_label("What is broken?"), "The left shoulder strap is torn.")
    person.click(page.get_by_role("button", name="Book pick-up"))
    page.get_by_text("Repair R-209 is booked.").wait_for()


def _follow_parcel(person: Person) -> None:
    page = person.page
    person.click(page.get_by_role("link", name="Orders", exact=True))
    person.click(row(page, "T-1034").get_by_role("link", name="View"))
    other = person.into_new_tab(page.get_by_role("link", name="Track parcel"))
    other.look()
    other.page.close()
    person.click(page.get_by_role("link", name="Journal"))
    page.wait_for_timeout(TYPED_ADDRESS_MS)
    page.go_back()
    person.click(page.get_by_role("link", name="Wishlist"))
    person.click(card(page, "Nook 2 Tent").get_by_role("button").first)
    person.look()
