"""The packing list: ticked, added to, struck out from, and put into another order by dragging."""

from typing import Any

from magenta_qa.scenarios.shop.pages.visit import Visit


def show_packing_list(visit: Visit) -> str:
    """The customer's list."""
    return visit.render("packing.html", items=visit.store.packing_list(visit.require_user()))


def add_item(visit: Visit) -> dict[str, Any]:
    """One more thing to take along."""
    user, name = visit.require_user(), str(visit.json.get("name", "")).strip()[:60]
    if not name:
        return {"error": "What should be packed? Please write it down first."}
    item = visit.store.add_packing_item(user, name)
    return {"error": "", "id": item.id, "name": item.name}


def arrange(visit: Visit) -> dict[str, Any]:
    """The list was put into another order."""
    order = visit.json.get("order")
    ids = [number for number in order if isinstance(number, int)] if isinstance(order, list) else []
    visit.store.arrange_packing_list(visit.require_user(), ids)
    return _counts(visit)


def change_item(visit: Visit, item_id: int) -> dict[str, Any]:
    """A thing was ticked, struck out or brought back."""
    user, sent = visit.require_user(), visit.json
    if "packed" in sent:
        visit.store.tick_packing_item(user, item_id, bool(sent["packed"]))
    if "removed" in sent:
        visit.store.remove_packing_item(user, item_id, bool(sent["removed"]))
    return _counts(visit)


def _counts(visit: Visit) -> dict[str, Any]:
    items = visit.store.packing_list(visit.require_user())
    return {"total": len(items), "packed": sum(item.packed for item in items)}
