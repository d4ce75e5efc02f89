"""Selling: product lists, product pages, carts, checkouts."""

from random import Random

from magenta_qa.finetune.corpus.kinds.parts import action, pagination, title_bar
from magenta_qa.finetune.corpus.page import (
    Control,
    Group,
    Node,
    Page,
    Picture,
    Text,
    area,
    button,
    check,
    link,
    select,
    text_field,
)
from magenta_qa.finetune.corpus.things import Product
from magenta_qa.finetune.corpus.vocabulary import World


def add_to_cart(r: Random, name: str, **more: object) -> Control:
    """Adds a product."""
    says = f"[Adds the {name} to the cart|Puts the {name} into the cart|Places the {name} in the shopping cart|Adds the {name} to the basket]"
    label = r.choice(["Add to cart", "Add to basket", "Buy", "Add", "+ Cart"])
    return button(says, label, r.choice(["cart", "plus"]), row=name, look="primary", does="say:Added to cart", **more)


def listing(r: Random, w: World) -> Page:
    """A grid or list of products with filters."""
    category = r.choice(w.categories(3))
    products = w.products(r.randrange(5, 10), category if r.random() < 0.5 else "")
    show = r.choice(["icon", "", "text"])
    cards: list[Node] = []
    pictures_lead = r.random() < 0.4
    for number, product in enumerate(products):
        name = product.name
        open_it = link(
            f"[Opens|Shows] [the {name}|the product page of the {name}]",
            name,
            f"/p/{product.sku.lower()}",
            row="",
            name=name,
        )
        tools: list[Node] = [add_to_cart(r, name, show=show)]
        if r.random() < 0.7:
            tools.append(action("Favourite", f"the {name}", name, show="icon", look="ghost", on=r.random() < 0.2))
        if number % 3 == 0 and r.random() < 0.5:
            tools.append(
                button(
                    f"[Compares the {name} with other products|Adds the {name} to the comparison]",
                    "Compare",
                    "columns",
                    row=name,
                )
            )
        photo: Node = Picture("photo", name)
        if pictures_lead:
            photo = link(
                f"[Opens|Shows] the page of the {name}",
                "",
                f"/p/{number}/",
                f"photo:{name}",
                name=f"picture of the {name}",
            )
        parts: list[Node] = [photo, open_it, Text(product.price, "price"), Group("row", tools)]
        cards.append(Group("card", parts, id=f"row{number}"))
    sort = select(
        "order of the products", "Sort by", ("Newest", "Price: low to high", "Price: high to low", "Rating"), "Rating"
    )
    filters: list[Node] = [
        check(
            f"only {each.lower()} in the list",
            each,
            r.random() < 0.2,
            f"[Shows|Limits the list to] [only {each.lower()}|products of {each.lower()}]",
            f"Stops limiting the list to {each.lower()}",
        )
        for each in w.categories(4)
    ]
    filters.append(
        text_field("highest price of the products shown", "Max. price", str(r.randrange(20, 200)), input_type="number")
    )
    filters.append(button("[Applies the filters|Filters the products]", "Apply filters", "filter"))
    body: list[Node] = [
        title_bar(category, sort, *_views(r)),
        Group("split", [Group("aside", filters, title="Filter"), Group("main", [Group("grid", cards)])]),
        pagination(r, "products"),
    ]
    return Page("product list", category, f"/shop/{category.lower()}", body, shell="site", current="Shop")


def _views(r: Random) -> list[Node]:
    if r.random() < 0.5:
        return []
    return [
        button("[Shows the products as a grid|Switches to the grid view]", "Grid", "grid", show="icon", on=True),
        button("[Shows the products as a list|Switches to the list view]", "List", "list-ul", show="icon"),
    ]


def product(r: Random, w: World) -> Page:
    """One product."""
    it = w.product()
    name = it.name
    colors = w.some("Black|White|Sand|Navy|Green|Red|Grey|Orange", 4)
    sizes = w.some("XS|S|M|L|XL|XXL", 4)
    swatches: list[Node] = [
        button(f"[Chooses|Selects|Picks] {each.lower()} as the colour of the {name}", each, on=n == 0, does="pick")
        for n, each in enumerate(colors)
    ]
    fits: list[Node] = [
        button(f"[Chooses|Selects|Picks] size {each} of the {name}", each, on=n == 1, name=f"size {each}", does="pick")
        for n, each in enumerate(sizes)
    ]
    amount = _product_amount(r, name)
    pictures = _product_pictures(name)
    facts: list[Node] = [
        Text(name, "heading"),
        Text(it.price, "price"),
        Text(w.sentence(14)),
        Text("Colour", "label"),
        Group("row", swatches),
    ]
    facts += [
        Text("Size", "label"),
        Group("row", fits),
        Group("row", amount),
        Group("row", [add_to_cart(r, name), action("Favourite", f"the {name}", "", look="plain")]),
    ]
    facts.append(
        Group(
            "row",
            [action("Share", f"the {name}", ""), link("[Opens|Shows] the size guide", "Size guide", "/size-guide")],
        )
    )
    tabs = Group(
        "tabs", [_tab(each, name, n == 0) for n, each in enumerate(["Description", "Reviews", "Delivery", "Questions"])]
    )
    rate: list[Node] = [
        button(
            f"[Rates the {name} with {n} of 5 stars|Gives the {name} {n} of 5 stars|Rates the {name} {n} out of five]",
            "",
            "star",
            name=f"{n} star{'s' * (n > 1)}",
            show="icon",
            look="ghost",
        )
        for n in range(1, 6)
    ]
    reviews: list[Node] = [_review(r, w, n) for n in range(3)]
    body: list[Node] = [
        Group(
            "breadcrumb",
            [
                link("Goes to the start page", "Home", "/"),
                link(f"[Shows|Opens] all {it.category.lower()}", it.category, "/c"),
            ],
        ),
        Group("split", [Group("main", pictures), Group("main", facts)]),
        tabs,
        Group("row", rate),
        *reviews,
        area(f"review of the {name}", "Your review", "Sturdy and light."),
        button(f"[Publishes|Submits|Posts|Sends] the review of the {name}", "Send review", "send"),
    ]
    return Page("product", name, f"/p/{it.sku.lower()}", body, shell="site", current="Shop")


def _product_amount(r: Random, name: str) -> list[Node]:
    """How many of a product."""
    return [
        button(
            f"[Decreases|Lowers|Reduces] the quantity of the {name}[ by one|]",
            "−",
            "minus",
            name="Less",
            show=r.choice(["icon", "text"]),
        ),
        text_field(
            f"quantity of the {name}",
            "",
            str(r.randrange(2, 9)),
            name="Quantity",
            filled="1",
            input_type=r.choice(["number", "text"]),
        ),
        button(
            f"[Increases|Raises] the quantity of the {name}[ by one|]",
            "+",
            "plus",
            name="More",
            show=r.choice(["icon", "text"]),
        ),
    ]


def _product_pictures(name: str) -> list[Node]:
    """The pictures of a product and what moves through them."""
    return [
        Group("row", [Picture("photo", name, 380, 280)]),
        Group(
            "row",
            [
                button(
                    "[Shows the previous picture of the product|Goes back to the previous photo]",
                    "Previous",
                    "chevron-left",
                    show="icon",
                    name="Previous picture",
                ),
                button(
                    "[Shows the next picture of the product|Goes on to the next photo]",
                    "Next",
                    "chevron-right",
                    show="icon",
                    name="Next picture",
                ),
                button(f"[Enlarges the picture of the {name}|Zooms into the photo]", "Zoom", "zoom-in", show="icon"),
            ],
        ),
    ]


def _tab(label: str, name: str, on: bool) -> Control:
    from magenta_qa.finetune.corpus.page import tab

    return tab(f"[Shows|Opens|Switches to] the {label.lower()} of the {name}", label, on, does="pick")


def _review(r: Random, w: World, n: int) -> Group:
    who = w.person()
    thing = f"{who.first}'s review"
    up = button(
        f"[Marks {thing} as helpful|Votes for {thing}|Says that {thing} was helpful]",
        "Helpful",
        "thumb-up",
        row=f"{who.name}'s review",
        does="toggle",
    )
    report = action("Flag", thing, f"{who.name}'s review", label="Report")
    return Group(
        "card",
        [
            Group("row", [Picture("avatar", who.name), Text(who.name, "strong"), Text(w.day(), "muted")]),
            Text(w.sentence(12)),
            Group("row", [up, report]),
        ],
        id=f"row{n}",
    )


def cart(r: Random, w: World) -> Page:
    """A shopping cart."""
    items = w.products(r.randrange(2, 7))
    place = r.choice(["cart", "cart", "basket", "bag"])
    show = r.choice(["icon", "text", "", "icon"])
    stepper = r.random() < 0.5
    rows = _cart_rows(r, items, stepper, show, place)
    code = text_field("discount code", r.choice(["Discount code", "Voucher", "Promo code"]), "SPRING10")
    apply = button(
        "[Applies the discount code|Redeems the voucher|Checks the discount code and applies it]",
        "Apply",
        "",
        does="say:Applied",
    )
    totals: list[Node] = [
        Text("Summary", "subheading"),
        Group("between", [Text("Total"), Text(w.money(r.uniform(40, 600)), "price")]),
        Group("row", [code, apply]),
        button(
            f"[Starts the checkout|Goes on to the checkout|Proceeds to pay for what is in the {place}]",
            r.choice(["Check out", "Proceed to checkout", "Continue", "Go to checkout"]),
            "arrow-right",
            look="primary",
        ),
        link("[Goes back to the shop|Returns to shopping|Goes on shopping]", "Continue shopping", "/shop"),
    ]
    empty = button(
        f"[Empties the {place}|Removes everything from the {place}|Clears the {place}]",
        r.choice(["Empty cart", "Clear all", "Remove all"]),
        "trash",
    )
    heading = {"cart": "Your cart", "basket": "Shopping basket", "bag": "Your bag"}[place]
    table = Group("table", rows, columns=("Item", "Quantity", "Price", ""))
    body: list[Node] = [
        title_bar(heading, empty),
        Group("split", [Group("main", [table]), Group("aside", [Group("card", totals)])]),
    ]
    return Page("cart", heading, f"/{place}", body, shell="site", current="Shop")


def _cart_rows(r: Random, items: list[Product], stepper: bool, show: str, place: str) -> list[Node]:
    """What is in a cart, each with its buttons."""
    rows: list[Node] = []
    for number, item in enumerate(items):
        name, amount = item.name, str(r.randrange(1, 5))
        quantity: list[Node] = [
            text_field(
                f"quantity of the {name}",
                "",
                str(r.randrange(2, 9)),
                name="Quantity",
                row=name,
                filled=amount,
                input_type=r.choice(["number", "text"]),
            )
        ]
        if stepper:
            less = button(
                f"[Decreases|Lowers|Reduces] the quantity of the {name} in the {place}",
                "−",
                "minus",
                name="Less",
                row=name,
                show=r.choice(["icon", "text"]),
            )
            more = button(
                f"[Increases|Raises] the quantity of the {name} in the {place}",
                "+",
                "plus",
                name="More",
                row=name,
                show=r.choice(["icon", "text"]),
            )
            quantity = [less, Text(amount), more] if r.random() < 0.5 else [less, *quantity, more]
        tools: list[Node] = [action("Remove", f"the {name}", name, f"from the {place}", show=show, look="ghost")]
        if r.random() < 0.5:
            tools.append(
                button(
                    f"[Saves the {name} for later|Moves the {name} from the {place} to the wish list]",
                    "Save for later",
                    "heart",
                    row=name,
                    does="remove",
                )
            )
        title = link(f"[Opens|Shows] the [page of the |]{name}", name, f"/p/{number}")
        cells: list[Node] = [
            Group("row", [Picture("photo", name, 56, 44), title]),
            Group("toolbar", quantity),
            Text(item.price, "price"),
            Group("toolbar", tools),
        ]
        rows.append(Group("tr", cells, id=f"row{number}"))
    return rows


def checkout(r: Random, w: World) -> Page:
    """Address, delivery, payment."""
    who = w.person()
    address: list[Node] = [
        text_field("full name of the buyer", "Full name", who.name, filled=who.name if r.random() < 0.3 else ""),
        text_field(
            "e-mail address for the order confirmation",
            r.choice(["E-mail", "Email address"]),
            who.email,
            input_type="email",
        ),
        text_field("street of the delivery address", r.choice(["Street", "Address line 1"]), w.fake.street_address()),
        text_field(
            "postal code of the delivery address", r.choice(["Postcode", "ZIP code", "Postal code"]), w.fake.postcode()
        ),
        text_field("city of the delivery address", "City", who.city),
        select("country that the order is delivered to", "Country", w.countries(), w.country()),
        text_field("phone number for the delivery", "Phone", w.fake.phone_number(), input_type="tel"),
    ]
    delivery = [("Standard", "3–5 days"), ("Express", "next day"), ("Pick-up", "in the shop")]
    ways: list[Node] = [
        _choice(f"[Chooses|Selects|Picks] {name.lower()} delivery", f"{name} ({days})", name, n == 0, "delivery")
        for n, (name, days) in enumerate(delivery)
    ]
    pay: list[Node] = [
        _choice(f"[Chooses|Selects|Sets] {name.lower()} as the way to pay", name, name, n == 0, "payment")
        for n, name in enumerate(w.some("Credit card|Bank transfer|Invoice|Gift card|Cash on delivery", 3))
    ]
    card: list[Node] = [
        text_field("card number", "Card number", "4111 1111 1111 1111", placeholder="0000 0000 0000 0000"),
        text_field("day on which the card expires", "Expires", "09/28", placeholder="MM/YY"),
        text_field("security code of the card", "CVC", "123"),
    ]
    order = button(
        "[Places the order|Buys what is in the cart|Orders and pays]",
        r.choice(["Place order", "Pay now", "Buy now", "Order with obligation to pay"]),
        "lock",
        look="primary",
        does="say:Thank you",
    )
    terms = check(
        "acceptance of the terms",
        "I accept the terms",
        False,
        "[Accepts|Agrees to] the terms [of sale|and conditions]",
        "Withdraws the consent to the terms",
    )
    gift = check(
        "gift wrapping",
        "This is a gift",
        False,
        "[Has the order wrapped as a gift|Marks the order as a gift]",
        "Orders without gift wrapping",
    )
    back = link("[Goes back|Returns] to the cart", "Back to cart", "/cart", "arrow-left")
    body: list[Node] = [
        Text("Checkout", "heading"),
        Group(
            "split",
            [
                Group(
                    "main",
                    [
                        Group("form", [Group("fields", address)], title="Delivery address"),
                        Group("card", ways, title="Delivery"),
                        Group("card", [*pay, *card], title="Payment"),
                    ],
                ),
                Group(
                    "aside",
                    [Group("card", [Text(f"Total {w.money(r.uniform(20, 400))}", "price"), gift, terms, order, back])],
                ),
            ],
        ),
    ]
    return Page("checkout", "Checkout", "/checkout", body, shell="site", current="Shop")


def _choice(says: str, label: str, name: str, on: bool, group: str) -> Control:
    made = check(name, label, on, says)
    made.role = "radio"
    return Control("radio", made.meaning, label, on=on)
