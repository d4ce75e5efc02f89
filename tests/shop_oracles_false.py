"""Oracles for the scenarios with a false expectation: their steps were carried out; see shop_oracles.py."""

from collections.abc import Callable

from shop_evidence import Evidence

_CART = "SELECT p.name, c.quantity FROM cart_items c JOIN products p ON p.id = c.product_id"

Oracle = Callable[[Evidence], bool]


def filled_small_cart(evidence: Evidence) -> bool:
    """A mug and a bottle are in the guest's cart."""
    cart = evidence.rows(f"{_CART} WHERE c.owner = 0 ORDER BY c.id")
    return cart == [("Enamel Mug", 1), ("Steel Bottle 1 L", 1)] and evidence.path == "/cart"


def used_good_voucher(evidence: Evidence) -> bool:
    """Ben's voucher is in use after one attempt."""
    used = evidence.rows("SELECT user_id, voucher FROM session") == [(2, "WELCOME5")]
    return used and evidence.written == [("POST", "/api/voucher")]


def refused_login(evidence: Evidence) -> bool:
    """One attempt, and nobody is logged in."""
    tried = [r for r in evidence.requests if (r["method"], r["path"]) == ("POST", "/login")]
    return len(tried) == 1 and evidence.rows("SELECT user_id FROM session") == [(None,)]


def opened(path: str, user: int | None = None, status: int = 200, extra: str = "") -> Oracle:
    """The page was opened by that user, nothing was changed, and `extra` was asked for besides."""

    def oracle(evidence: Evidence) -> bool:
        seen = bool(evidence.asked("GET", path, status)) and (not extra or bool(evidence.asked("GET", extra)))
        return seen and evidence.rows("SELECT user_id FROM session") == [(user,)] and evidence.written == []

    return oracle


FALSE_ORACLES: dict[str, Oracle] = {
    "free_delivery": filled_small_cart,
    "absent_text": opened("/cart", 2),
    "wrong_url": opened("/cart"),
    "wrong_title": opened("/journal"),
    "wrong_page": opened("/wishlist"),
    "wrong_value": opened("/account/addresses", 1),
    "wrong_amount": opened("/orders/T-1034", 1),
    "wrong_number": opened("/cart", 2),
    "not_empty": opened("/account/addresses", 1),
    "wrong_state": opened("/account/settings", 1),
    "not_enabled": opened("/checkout", 2),
    "not_there": opened("/orders/T-1034", 1),
    "wrong_count": opened("/orders", 1),
    "wrong_sorting": lambda evidence: any(r["query"] == "category=Kitchen" for r in evidence.asked("GET", "/")),
    "wrong_sequence": opened("/orders", 1),
    "wrong_cell": opened("/orders", 1),
    "wrong_question": opened("/account/addresses", 1),
    "wrong_download": opened("/orders/T-1021", 1, extra="/orders/T-1021/receipt"),
    "no_tab": opened("/orders/T-1021", 1),
    "console_error": opened("/track/T-9999", 1, status=404),
    "failed_request": opened("/products/flying-carpet", status=404),
    "wrong_status": opened("/desk", 2, status=403),
    "no_error_shown": used_good_voucher,
    "error_shown": refused_login,
    "half_true": opened("/orders/T-1039", 1),
    "still_open": opened("/account/addresses", 1),
}
