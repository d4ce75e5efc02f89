"""Behind the shop: orders and stock."""

from random import Random

from magenta_qa.finetune.corpus.kinds.parts import (
    action,
    headers,
    pagination,
    pick_actions,
    search_bar,
    title_bar,
)
from magenta_qa.finetune.corpus.page import (
    Group,
    Node,
    Page,
    Text,
    button,
    check,
    link,
    select,
    text_field,
)
from magenta_qa.finetune.corpus.vocabulary import World


def orders(r: Random, w: World) -> Page:
    """A table of orders in the back office."""
    names = ["View", "Edit", "Print", "Delete", "Mail", "More", "Download"]
    chosen = r.sample(names, r.randrange(2, 5))
    show = r.choice(["icon", "icon", "text", "both"])
    rows: list[Node] = []
    for n in range(r.randrange(5, 11)):
        number, who = w.number(), w.person()
        thing = f"[the order {number}|order {number}|{who.first}'s order]" if r.random() < 0.5 else f"order {number}"
        state = w.pick("Paid|Open|Shipped|Returned|Cancelled")
        tick = check(
            f"order {number}",
            "",
            False,
            f"[Selects|Ticks|Marks] order {number}[ for an action on several|]",
            f"[Deselects|Unticks] order {number}",
            name="Select",
            row=f"order {number}",
        )
        cells: list[Node] = [
            tick,
            link(
                f"[Opens|Shows] [order {number}|the details of order {number}]",
                f"#{number}",
                f"/orders/{number}",
                name=f"#{number}",
            ),
            Text(who.name),
            Text(w.day(), "muted"),
            Text(state, "badge", "good" if state == "Paid" else ""),
            Text(w.money(r.uniform(9, 900))),
        ]
        mail = f"the customer of order {number}"
        tools = [
            action(
                name, mail if name == "Mail" else thing, f"order {number}", "[from the list|]", show=show, look="ghost"
            )
            for name in chosen
        ]
        rows.append(Group("tr", [*cells, Group("toolbar", [*tools])], id=f"row{n}"))
    all_of = check("all orders", "", False, "[Selects|Ticks] all orders [on this page|in the list]", name="Select all")
    columns = (all_of, *headers(r, ["Order", "Customer", "Date", "Status", "Total"], "orders"), "")
    status = select("status of the orders shown", "Status", ("All", "Paid", "Open", "Shipped"), "Open")
    export = button(
        "[Exports the orders as a file|Downloads the list of orders]", r.choice(["Export", "CSV"]), "download"
    )
    new = button(
        "[Creates|Starts|Adds] a new order", r.choice(["New order", "Add order", "Create"]), "plus", look="primary"
    )
    body: list[Node] = [
        title_bar("Orders", export, new),
        Group("bar", [*search_bar(r, "orders", str(w.number())), status]),
        Group("table", rows, columns=columns),
        pagination(r, "orders"),
    ]
    return Page("order table", "Orders", "/admin/orders", body, current="Orders")


def inventory(r: Random, w: World) -> Page:
    """A stock list whose amounts can be changed in place."""
    rows: list[Node] = []
    show = r.choice(["icon", "icon", "text"])
    for n, item in enumerate(w.products(r.randrange(5, 10))):
        name = item.name
        stock = str(r.randrange(0, 300))
        cells: list[Node] = [
            Text(item.sku, "code"),
            Text(name),
            text_field(
                f"number of {name} in stock",
                "",
                str(r.randrange(5, 300)),
                name="Stock",
                row=name,
                filled=stock,
                input_type="number",
            ),
            check(
                f"the sale of the {name}",
                "",
                r.random() < 0.7,
                f"[Puts the {name} on sale|Makes the {name} available in the shop]",
                f"[Takes the {name} off sale|Hides the {name} in the shop]",
                name="Active",
                row=name,
            ),
            pick_actions(
                r, r.sample(["Edit", "Copy", "Delete", "History"], 2), f"the {name}", name, "from the stock list", show
            ),
        ]
        rows.append(Group("tr", cells, id=f"row{n}"))
    add = button("[Adds a product to the stock list|Creates a new product]", "Add product", "plus", look="primary")
    scan = button("[Scans a bar code|Opens the bar code scanner]", "Scan", "camera")
    table = Group("table", rows, columns=headers(r, ["SKU", "Product", "Stock", "Active", ""], "products"))
    body: list[Node] = [
        title_bar("Inventory", scan, add),
        Group("bar", search_bar(r, "products", w.product().name)),
        table,
        pagination(r, "products"),
    ]
    return Page("inventory", "Inventory", "/inventory", body, current="Inventory")
