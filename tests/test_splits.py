import pytest
from dataset_rows import encoded, foreign_rows, picture_bytes

from magenta_qa.finetune.row import Row
from magenta_qa.finetune.splits import assign_splits, group_of, look_of, page_of
from magenta_qa.model.schema import Box


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("http://shop.test/cart", "/cart"),
        ("http://shop.test/orders/1174/items?page=2", "/orders/{n}/items"),
        ("http://shop.test/orders/1174/items/", "/orders/{n}/items"),
        ("http://x/users/3f2504e0-4f89-11d3-9a0c-0305e82c3301", "/users/{id}"),
        ("http://x/c/5fb3c1a09e", "/c/{id}"),
        ("http://x/r/order-20261122", "/r/order-{n}"),
        ("http://x/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit", "/d/{id}/edit"),
        ("http://x/app#/tasks/12?tab=2", "/app/tasks/{n}"),
        ("http://x/app#!/tasks/12", "/app/tasks/{n}"),
        ("http://x/help#section-2", "/help"),
        ("http://x", "/"),
        ("", "/"),
    ],
)
def test_page_is_the_path_without_numbers_and_ids(url, page):
    assert page_of(url) == page


def row(**fields):
    return Row("1", picture_bytes(), "click", "button", "", "", "Saves.", **fields)


def test_port_of_a_test_server_makes_no_other_page():
    first = group_of(row(url="http://127.0.0.1:8000/cart"), "page")
    assert first == group_of(row(url="http://127.0.0.1:41234/cart"), "page") == "127.0.0.1 /cart"
    assert group_of(row(site="shop", url="http://127.0.0.1:1/cart", box=Box(1, 1, 2, 2)), "site") == "shop"


def test_groups_are_held_out_whole_and_about_a_tenth_each():
    sizes = {f"page {number}": 10 for number in range(100)}
    splits = assign_splits(sizes, {})
    held = [sum(sizes[g] for g, split in splits.items() if split == name) for name in ("train", "validation", "test")]
    assert held == [800, 100, 100]
    assert splits == assign_splits(dict(reversed(sizes.items())), {})


def test_groups_of_a_tenth_each_are_held_out_once_a_split():
    splits = assign_splits({f"page {number}": 257 + number % 2 for number in range(10)}, {})
    assert sorted(splits.values()) == ["test", *["train"] * 8, "validation"]


def test_group_stays_where_an_earlier_version_has_put_it():
    earlier = assign_splits({f"page {number}": 10 for number in range(50)}, {})
    later = assign_splits({f"page {number}": 12 for number in range(200)}, earlier)
    assert {group: later[group] for group in earlier} == earlier
    assert sum(split == "test" for split in later.values()) == 20


@pytest.mark.parametrize(
    ("sizes", "held"),
    [
        ({"one": 5}, {"train": 1}),
        ({"one": 5, "two": 1}, {"train": 1, "test": 1}),
        ({"one": 900, "two": 40, "three": 60}, {"train": 1, "test": 1, "validation": 1}),
        ({}, {}),
    ],
)
def test_few_groups_leave_one_to_train_on(sizes, held):
    splits = assign_splits(sizes, {})
    assert {name: list(splits.values()).count(name) for name in splits.values()} == held
    assert splits.get("one", "train") == "train"


def test_page_that_has_most_rows_is_not_held_out():
    for number in range(20):  # whatever its name
        splits = assign_splits({f"huge {number}": 1000} | {f"page {n}": 5 for n in range(40)}, {})
        assert splits[f"huge {number}"] == "train"


def test_pictures_look_alike_with_another_outline_and_unlike_on_another_page():
    plain = picture_bytes(3)
    outlined = encoded(foreign_rows(4)["image"][3])
    assert look_of(plain) == look_of(outlined)
    assert look_of(plain) != look_of(picture_bytes(0))
