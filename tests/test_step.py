"""What English steps are read as; no page is known here."""

import random
import string

import pytest

from magenta_qa.model.language.dates import date_pattern, parse_date, parse_month, write_date
from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.keys import read_key
from magenta_qa.model.language.lexicon import lexicon, stem
from magenta_qa.model.language.spans import mask
from magenta_qa.model.language.step import read_step
from magenta_qa.model.language.target import Target, read_target


def told(intent: Intent) -> str:
    """An intent in one line: `kind: target = value`, leaving out what is not there."""
    line = intent.kind
    if intent.path:
        return f"{line}: {' > '.join(p.phrase for p in intent.path)}"
    line += f": {shown(intent.target)}" if intent.target else ""
    line += f" = {intent.value}" if intent.value is not None else ""
    line += f" -> {shown(intent.to)}" if intent.to else ""
    line += f" / {intent.secret}" if intent.secret else ""
    return f"{line} {intent.way}".strip()


def shown(target: Target) -> str:
    parts = [target.verb, target.phrase, f"#{target.ordinal}" if target.ordinal else ""]
    parts += [
        f"[{r.kind} {r.container} {r.phrase}{f'#{r.ordinal}' if r.ordinal else ''}{r.extreme}]"
        for r in target.relations
    ]
    kinds = f"<{','.join(target.kinds)}>" if target.kinds else ""
    return " ".join(" ".join(f"{' '.join(p for p in parts if p)} {kinds}".split()).replace("[ ", "[").split()).replace(
        " ]", "]"
    )


STEPS = [
    ('Set the price to "12.50" in the row of Ada', "fill: price [in row Ada] = 12.50"),
    ("Set the stars to 5 for the review by Ada", "fill: stars [in listitem Ada] = 5"),
    ("Set the alarm to 8 in the morning", "fill: alarm = 8 in the morning"),
    ("Choose Travel among the available genres", "select: available genres = Travel"),
    ("Show only the published books", "only: Show only the published books"),
    ("Only show active users", "only: Only show active users"),
    ("List open issues only", "only: List open issues only"),
    ("Jump to the last page", "open: last page"),
    ("Return to the last page", "back"),
    ("Go to the previous page", "back"),
    ("Leave the name empty", "clear: name"),
    ("Submit the form without filling it in", "act: submit form"),
    ("Edit Ben's phone number to \"555-1234\"", "fill: phone number [of Ben] = 555-1234"),
    ("Increase the quantity to 3", "fill: quantity = 3"),
    ("Drag the slider to 70", "fill: <slider> = 70"),
    # clicking
    ("Click Save", "click: Save"),
    ("click on Save", "click: Save"),
    ("Click the Save button", "click: Save <button>"),
    ("Click on the 'Save' button.", "click: Save <button>"),
    ("Click button “Save”", "click: Save <button>"),
    ("Click the button labelled Save", "click: Save <button>"),
    ("Click the link with the text Terms", "click: Terms <link>"),
    ("Tap Continue", "click: Continue"),
    ("Hit the Submit button", "click: Submit <button>"),
    ("Press the Save button", "click: Save <button>"),
    ("Push Start", "click: Start"),
    ("Please click Save", "click: Save"),
    ("The user clicks on Checkout", "click: Checkout"),
    ("I click on Checkout", "click: Checkout"),
    ("You should click Checkout", "click: Checkout"),
    ("Then, click Next", "click: Next"),
    ("Now please tap on Next", "click: Next"),
    ("Go ahead and click Next", "click: Next"),
    ("Follow the link Contact us", "click: Contact us <link>"),
    ("Click Sign in", "click: Sign in"),
    ("Click Add to cart", "click: Add to cart"),
    ("Click the second Edit", "click: Edit #2"),
    ("Click the 3rd checkbox", "click: #3 <checkbox>"),
    ("Click the last Delete button", "click: Delete #-1 <button>"),
    ("Click Edit #2", "click: Edit #2"),
    ("Click the first name field", "click: first name <field>"),
    ("Click Delete in the row of Ada", "click: Delete [in row Ada]"),
    ("Click Delete in Ada's row", "click: Delete [in row Ada]"),
    ("Click Ada's Edit button", "click: Edit [of Ada] <button>"),
    ("Click the icon next to Total", "click: [next to Total] <icon>"),
    ("Click Save in the dialog", "click: Save [in dialog]"),
    ("Click Edit in the third row", "click: Edit [in row #3]"),
    ("Click Add to cart of the cheapest product", "click: Add to cart [of listitem cheapest]"),
    ("Click Add to cart for the Blue backpack", "click: Add to cart [of Blue backpack]"),
    ("Click the search icon in the header", "click: search [in header] <icon>"),
    ("Click the button below Billing", "click: [below Billing] <button>"),
    ("Click the button to the left of Total", "click: [left of Total] <button>"),
    ("Click 'Salt, pepper and click here'", "click: Salt, pepper and click here"),
    ("Click File > Export", "path: File > Export"),
    ("File > Export > PDF", "path: File > Export > PDF"),
    ("Double click the file report.txt", "double_click: file report.txt"),
    ("Double-click on report.txt", "double_click: report.txt"),
    ("Right click on the Invoices folder", "right_click: Invoices folder"),
    ("Hover over the Products menu", "hover: Products <menu>"),
    ("Move the mouse over Products", "hover: Products"),
    # filling
    ("Type hello into the search box", "fill: search <field> = hello"),
    ("Type 'a and b, then click' into Notes", "fill: Notes = a and b, then click"),
    ("Type “hello” in the Title field", "fill: Title <field> = hello"),
    ("Type hello", "fill = hello"),
    ("Type ${NAME} into the user name field", "fill: user name <field> = ${NAME}"),
    ("Enter ada@x.org in the e-mail field", "fill: e-mail <field> = ada@x.org"),
    ("Enter Berlin as the city", "fill: city = Berlin"),
    ("Enter the city as Berlin", "fill: city = Berlin"),
    ("Enter 12 for quantity", "fill: quantity = 12"),
    ("Enter the name: Ada", "fill: name = Ada"),
    ('Enter the username "ada"', "fill: username = ada"),
    ("Enter username ada", "fill: username = ada"),
    ("Fill the e-mail with ada@x.org", "fill: e-mail = ada@x.org"),
    ("Fill in 'Ada' as the name", "fill: name = Ada"),
    ("Fill in Rosa Klein as customer", "fill: customer = Rosa Klein"),
    ("Set the customer as Rosa Klein", "fill: customer = Rosa Klein"),
    ("Describe the complaint as Headache", "fill: complaint = Headache"),
    ("Search the customer Lena", "search = Lena"),
    ("Rate the pain 4 of 5", "rate: pain = 4"),
    ("Give the trip four stars", "rate: trip = 4"),
    ("Give 3 stars to The Lantern", "rate: Lantern = 3"),
    ("Rate it with 5 stars", "rate = 5"),
    ("Choose 2:30 pm as the time", "select: time = 2:30 pm"),
    ("Choose 2 out of 5 stars for the service", "rate: service = 2"),
    ('Fill "Postcode" with "1030"', "fill: Postcode = 1030"),
    ("Fill out the name field with Ada Miller", "fill: name <field> = Ada Miller"),
    ("Set the quantity to 3", "fill: quantity = 3"),
    ("Set Quantity = 3", "fill: Quantity = 3"),
    ("Change the name to Bob", "fill: name = Bob"),
    ("Change the name from Ada to Bob", "fill: name = Bob"),
    ("Update the title to 'Back to the future'", "fill: title = Back to the future"),
    ("Set the title to Back to the future", "fill: title = Back to the future"),
    ("Put 5 in the quantity field", "fill: quantity <field> = 5"),
    ("Write 'Thanks' into the comment box", "fill: comment <field> = Thanks"),
    ("Input 42 into Age", "fill: Age = 42"),
    ("Clear the search field", "clear: search <field>"),
    ("Empty the Notes field", "clear: Notes <field>"),
    ("Set the due date to 2027-03-15", "fill: due date = 2027-03-15"),
    ("Enter 5 in the quantity of the Blue backpack", "fill: quantity [of Blue backpack] = 5"),
    # choosing
    ("Choose Large from the Size dropdown", "select: Size <select> = Large"),
    ("Select 'Red' in Colour", "select: Colour = Red"),
    ("Select Red as the colour", "select: colour = Red"),
    ("Pick Red for Colour", "select: Colour = Red"),
    ("Select the role Admin", "select: role = Admin"),
    ("Choose the option Large", "select = Large"),
    ("Select Large", "select = Large"),
    ('Choose "Express" delivery', "select: delivery = Express"),
    ('Choose the address "Office"', "select: address = Office"),
    ('Choose "Repairs and care" in the "What about" drop-down', "select: What about <select> = Repairs and care"),
    ("Choose 15 March 2027 as the start date", "select: start date = 15 March 2027"),
    # ticking
    ("Tick the newsletter checkbox", "check: newsletter <checkbox>"),
    ("Check the box 'I agree, and accept'", "check: I agree, and accept <field>"),
    ("Untick Newsletter", "uncheck: Newsletter"),
    ("Uncheck 'Remember me'", "uncheck: Remember me"),
    ("Turn on dark mode", "check: dark mode"),
    ("Turn the dark mode off", "uncheck: dark mode"),
    ("Switch notifications on", "check: notifications"),
    ("Enable two-factor authentication", "check: two-factor authentication"),
    ("Toggle Wi-Fi", "toggle: Wi-Fi"),
    ("Expand Advanced", "expand: Advanced"),
    ("Collapse the Advanced section", "collapse: Advanced section"),
    # keys
    ("Press Enter", "press: Enter = Enter"),
    ("Press the Escape key", "press = Escape"),
    ("Hit Esc", "press = Escape"),
    ("Hit the Escape key", "press = Escape"),
    ("Press Ctrl+A", "press = Control+a"),
    ("Press Control + Shift + K", "press = Control+Shift+k"),
    ("Press Tab", "press = Tab"),
    ("Press Page Down", "press = PageDown"),
    ("Press the down arrow", "press: down arrow = ArrowDown"),
    ("Press F5", "press = F5"),
    ("Press Enter in the search field", "press: Enter [in search field] = Enter -> search <field>"),
    ("Press the key x", "press = x"),
    # going about
    ("Open the cart", "open: cart"),
    ("Open the Blue backpack", "open: Blue backpack"),
    ("View the order details", "open: order details"),
    ("Go to the cart page", "open: cart page"),
    ("Navigate to Settings", "open: Settings"),
    ("Go to Settings > Users", "path: Settings > Users"),
    ("Go to /cart", "goto = /cart"),
    ("Open https://example.org/a?b=c", "goto = https://example.org/a?b=c"),
    ("Visit https://example.org", "goto = https://example.org"),
    ("Navigate to the URL /admin/users", "goto = /admin/users"),
    ("Go back", "back"),
    ("Go back to the previous page", "back"),
    ("Reload the page", "reload"),
    ("Refresh", "reload"),
    ("Switch to the new tab", "switch_tab: new <tab> = new"),
    ("Switch to tab 2", "switch_tab: tab 2 = 2"),
    ('Switch to the browser tab "Order 7 · Tarn"', "switch_tab = order 7 · tarn"),
    ("Switch to the Orders tab", "click: Orders <tab>"),
    ("Scroll down", "scroll = down"),
    ("Scroll to the bottom of the page", "scroll = bottom"),
    ("Scroll to the top", "scroll = top"),
    ("Scroll to the newsletter form", "scroll: newsletter form"),
    ("Scroll until Load more is visible", "scroll: Load more"),
    ("Scroll down to Reviews", "scroll: Reviews"),
    ("Wait 3 seconds", "wait = 3"),
    ("Wait for 500 ms", "wait = 0.5"),
    ("Wait two seconds", "wait = 2"),
    ("Wait until the spinner disappears", "wait: spinner = gone"),
    ("Wait for the results to appear", "wait: results"),
    ("Wait until the page has loaded", "wait = 1"),
    # several actions
    ("Search for backpack", "search = backpack"),
    ('Search the catalogue for "rain coat"', "search: catalogue = rain coat"),
    ("Search for boots in the search box", "search: search <field> = boots"),
    ("Log in as ada@x.org with password ${PASSWORD}", "login = ada@x.org / ${PASSWORD}"),
    ("Sign in with ada / secret", "login = ada / secret"),
    ("Log in as ada with the password Fjord-52!", "login = ada / Fjord-52!"),
    ("Log in as admin with the password fjord-52", "login = admin / fjord-52"),
    ("Log in as user ada with the password fjord-52", "login = ada / fjord-52"),
    ('Set "Items per page" to 5', "fill: Items per page = 5"),
    ("Go to Reports, then Sales", "open: Reports | open: Sales"),
    ("Open the settings again", "open: settings"),
    ("Tick the boxes of wen and felix", "check: [of wen] <field> | check: [of felix] <field>"),
    ("Sign in as ada / Fjord-52! and open the menu", "login = ada / Fjord-52! | open: <menu>"),
    ("Set the password to Fjord-52!.", "fill: password = Fjord-52!"),
    ('Log in with username "ada" and password "x y"', "login = ada / x y"),
    ("Authenticate as ada@x.org using ${password}", "login = ada@x.org / ${password}"),
    ("Login as ada", "login = ada"),
    ("Log in", "act: log in"),
    ("Log out", "act: log out"),
    ("Sign out of the application", "act: log out"),
    ("Sort by price", "sort = price"),
    ("Sort by price, low to high", "sort = price ascending"),
    ("Sort the table by name descending", "sort: table = name descending"),
    ('Sort by "Price, low to high"', "sort = Price, low to high"),
    ("Upload cv.pdf to the résumé field", "upload: résumé <field> = cv.pdf"),
    ("Upload the file 'my cv.pdf'", "upload = my cv.pdf"),
    ("Attach /tmp/a.png", "upload = /tmp/a.png"),
    ("Drag Alpha above Beta", "drag: Alpha = above -> Beta"),
    ("Drag 'Task 1' to Done", "drag: Task 1 = on -> Done"),
    ("Drag and drop Alpha onto Beta", "drag: Alpha = on -> Beta"),
    ("Accept the dialog", "dialog: accept dialog = accept"),
    ("Dismiss the alert", "dialog: dismiss alert = dismiss"),
    ("Confirm", "dialog: confirm = accept"),
    ("Say yes to the question", "dialog: say yes to question = accept"),
    ("Say no to the question", "dialog: say no to question = dismiss"),
    ("Close the sidebar", "close: close sidebar"),
    # verbs of the application
    ("Remove the blue backpack", "act: remove blue backpack"),
    ("Delete Ada", "act: delete Ada"),
    ("Delete in the row of Ada", "act: delete [in row Ada]"),
    ("Add the Blue backpack to the cart", "act: add Blue backpack [to region]"),
    ("Archive the project Apollo", "act: archive project Apollo"),
    ("Frobnicate the widget", "act: Frobnicate widget"),
    ("Call off T-1039", "act: call off T-1039"),
    ("Get rid of the mug", "act: get rid of mug"),
    ("Mark the lantern as a favourite", "act: favourite lantern"),
    ("Mark the mail as read", "act: read mail"),
    ("Submit the form", "act: submit form"),
    ("Accept the terms", "act: accept terms"),
    ("Download the invoice of March", "act: download invoice [of March]"),
    ("Add the cheapest product to the cart", "act: add product [of listitem cheapest] [to region]"),
    # compound
    ("Type hello into the search box and press Enter", "fill: search <field> = hello | press: Enter = Enter"),
    ("Open the menu and choose Export", "open: <menu> | select = Export"),
    ("Click Edit, change the name to Bob, then click Save", "click: Edit | fill: name = Bob | click: Save"),
    ("Select A and B and click Submit", "select = A | select = B | click: Submit"),
    ("Tick 'A, b' and 'C'", "check: A, b | check: C"),
    (
        "Fill in the form with name Ada, e-mail ada@x.org and role Admin",
        "fill: name = Ada | fill: e-mail = ada@x.org | fill: role = Admin",
    ),
    (
        "Fill in the form with: first name Ada, last name Miller, phone 123 and click Save",
        "fill: first name = Ada | fill: last name = Miller | fill: phone = 123 | click: Save",
    ),
    (
        'Enter the username "x" and the password "y" into the text fields and press login',
        "fill: username = x | fill: password = y | click: login",
    ),
    (
        "Enter ada@x.org in the e-mail field, secret in the password field and click Sign in",
        "fill: e-mail <field> = ada@x.org | fill: password <field> = secret | click: Sign in",
    ),
    ("Set name to Ada and e-mail to a@b.org", "fill: name = Ada | fill: e-mail = a@b.org"),
    ("Find the contact Ada and call her", "find: contact Ada | act: call [about contact Ada]"),
    (
        "Expand the sections below and click the link “Foo”",
        "expand: sections below | click: Foo <link>",
    ),
    ("Click Save. Then wait 2 seconds.", "click: Save | wait = 2"),
    ("Press Tab twice", "press = Tab | press = Tab"),
    ("Name: Ada", "fill: Name = Ada"),
    # no requests for an action
    ("Verify that the cart is empty", "unknown"),
    ("Check that the total is 5", "unknown"),
    ("The page should be blue", "unknown"),
    ("Nothing happens", "unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("step", "wanted"), STEPS, ids=[s[:50] for s, _ in STEPS])
def test_step_is_read_as(step: str, wanted: str) -> None:
    assert " | ".join(told(i) for i in read_step(step)) == wanted


def test_the_table_is_large() -> None:
    assert len(STEPS) >= 150


def test_names_on_the_page_keep_a_compound_label_whole() -> None:
    assert [told(i) for i in read_step("Click Save and close", ["Save and close"])] == ["click: Save and close"]
    assert [told(i) for i in read_step("Click Save and close")] == ["click: Save", "dialog: close = dismiss"]


def test_a_name_with_before_in_it_is_no_second_request() -> None:
    step = "Double-click the note Ask Jonas before changing"
    assert [told(i) for i in read_step(step, ["Ask Jonas before changing"])] == [
        "double_click: Ask Jonas before changing"
    ]
    assert len(read_step(step)) == 2


def test_names_on_the_page_can_begin_a_pair() -> None:
    (intent,) = read_step("Enter Favourite dish Risotto", ["Favourite dish"])
    assert (intent.target and intent.target.phrase, intent.value) == ("Favourite dish", "Risotto")


def noise(seed: int) -> str:
    rng = random.Random(seed)
    alphabet = string.printable + "“”‘’«»ßéü漢字🗑\u200b\ue000\uf8ff${}\\" + " " * 20
    words = [
        "click",
        "and",
        "then",
        "the",
        "row of",
        "fill",
        "with",
        "'",
        '"',
        "> ",
        "select",
        "${X}",
        "from",
        "to",
        "first",
        "’s",
    ]
    parts = [rng.choice(words) if rng.random() < 0.5 else rng.choice(alphabet) for _ in range(rng.randrange(1, 120))]
    return rng.choice(["", " "]).join(parts)


@pytest.mark.parametrize("seed", range(300))
def test_no_text_is_too_strange_to_be_read(seed: int) -> None:
    assert isinstance(read_step(noise(seed)), tuple)


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t", "a" * 10_000, "click " * 2_000, "'" * 10_000, "and " * 2_500, ", " * 5_000, "\0"]
)
def test_long_and_empty_texts_are_read(text: str) -> None:
    assert isinstance(read_step(text), tuple)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Type \"a 'b' c\"", ["a 'b' c"]),
        ("Type 'it's'", ["it's"]),
        ("Don't click Ada's 'x'", ["x"]),
        ("${A_1} and ${B}", ["${A_1}", "${B}"]),
        ("see https://a.b/c?d=e, or", ["https://a.b/c?d=e"]),
        ("„Grüße“ «oui» `code`", ["Grüße", "oui", "code"]),
    ],
)
def test_protected_parts_are_taken_as_they_stand(text: str, values: list[str]) -> None:
    assert list(mask(text).values) == values


def test_private_characters_of_the_step_cannot_stand_for_a_part() -> None:
    assert mask("\ue000 'x'").restore("\ue000") == "x"


def test_words_lose_their_inflection() -> None:
    assert len({stem(w) for w in ("save", "saves", "saved", "saving")}) == 1
    assert len({stem(w) for w in ("category", "categories")}) == 1
    assert stem("settings") != stem("set")
    assert stem("need") == "need"


def test_lexicon_holds_general_sets() -> None:
    words = lexicon()
    assert len({n for names in words.concepts.values() for n in names}) > 200
    assert words.concepts[("bin",)] & words.concepts[("delet",)]
    assert words.concepts[("yes",)], "yes must not be read as a truth value"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("enter", "Enter"),
        ("ctrl + a", "Control+a"),
        ("Cmd-S", "Meta+s"),
        ("Arrow Down", "ArrowDown"),
        ("the Save button", None),
        ("hello", None),
    ],
)  # fmt: skip
def test_keys_are_spelled_as_playwright_does(text: str, key: str | None) -> None:
    found = read_key(text)
    assert (found.name if found else None) == key


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("15 March 2027", "2027-03-15"),
        ("March 15, 2027", "2027-03-15"),
        ("the 15th of March 2027", "2027-03-15"),
        ("2027-03-15", "2027-03-15"),
        ("15.3.2027", "2027-03-15"),
        ("03/15/2027", "2027-03-15"),
        ("15-Mar-2027", "2027-03-15"),
        ("31 February 2027", None),
        ("tomorrow", None),
        ("hello", None),
    ],
)
def test_dates_are_parsed(text: str, iso: str | None) -> None:
    day = parse_date(text)
    assert (day.isoformat() if day else None) == iso


def test_dates_are_written_as_the_field_shows() -> None:
    day = parse_date("5 March 2027")
    assert day is not None
    assert write_date(day, date_pattern("Date (dd.mm.yyyy)")) == "05.03.2027"
    assert write_date(day, date_pattern("MM/DD/YYYY")) == "03/05/2027"
    assert parse_month("‹ March 2027 ›") == (2027, 3)
    assert parse_month("2027-12") == (2027, 12)


def test_a_quoted_name_stays_whole_beside_nouns_and_relations() -> None:
    masked = mask('the "Log in to A, or B" button in the row of "Ada, Countess"')
    target = read_target(masked.text, masked)
    assert target.quoted
    assert target.phrase == "Log in to A, or B"
    assert target.relations[0].phrase == "Ada, Countess"
    assert target.relations[0].exact


def test_value_that_is_also_a_name_on_the_page_stays_the_value() -> None:
    (intent,) = read_step("Enter Oslo as the destination", ["Destination", "Oslo"])
    assert (intent.value, intent.target and intent.target.full) == ("Oslo", "destination")
    (intent,) = read_step("Enter destination as Oslo", ["Destination", "Oslo"])
    assert (intent.value, intent.target and intent.target.full) == ("Oslo", "destination")
