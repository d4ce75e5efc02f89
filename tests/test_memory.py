from magenta_qa.agent.memory import Memory, RememberedStep, Target, explain_absence, page_signature, successor_of
from magenta_qa.model.schema import Box, Candidate, Observation, State

NAMES = ("Home", "Cart", "Orders", "Help", "Place order")


def page(*names: str, locators: dict[str, str] | None = None) -> Observation:
    candidates = tuple(
        Candidate(
            mark,
            Box(0, 30 * mark, 80, 20),
            "button",
            "button",
            name,
            name,
            State(),
            ("click",),
            locators=((locators or {}).get(name, f'role=button[name="{name}"s]'),),
        )
        for mark, name in enumerate(names, 1)
    )
    return Observation("http://shop/checkout", "Checkout", (1280, 720), 1, b"", candidates)


def remembered(locator: str = "#buy") -> RememberedStep:
    signature = page_signature(page(*NAMES).candidates)
    return RememberedStep(
        "Place the order", (Target("click", "button", "Place order", "button", (locator,), signature),)
    )


def test_control_renamed_in_place_is_stale() -> None:
    absence = explain_absence(remembered(), 0, page("Home", "Cart", "Orders", "Help", "Confirm purchase"))
    assert absence is not None
    assert absence.verdict == "stale"
    assert "Confirm purchase" in absence.reason


def test_renamed_control_is_known_by_its_locator_among_several_new_ones() -> None:
    now = page("Home", "Cart", "Orders", "Help", "Zap", "Pow", locators={"Pow": "#buy"})
    absence = explain_absence(remembered(), 0, now)
    assert absence is not None
    assert absence.verdict == "stale"
    assert "Pow" in absence.reason


def test_control_without_successor_is_gone_and_fails() -> None:
    absence = explain_absence(remembered(), 0, page("Home", "Cart", "Orders", "Help"))
    assert absence is not None
    assert absence.verdict == "failed"


def test_counter_that_went_on_takes_nobodys_place() -> None:
    before = page("Inbox (2)", "Home", "Cart", "Orders", "Place order")
    step = RememberedStep(
        "x", (Target("click", "button", "Place order", "button", (), page_signature(before.candidates)),)
    )
    absence = explain_absence(step, 0, page("Inbox (3)", "Home", "Cart", "Orders"))
    assert absence is not None
    assert absence.verdict == "failed"


def test_another_page_altogether_is_stuck() -> None:
    absence = explain_absence(remembered(), 0, page("Sign in", "Register"))
    assert absence is not None
    assert absence.verdict == "stuck"


def test_target_that_is_still_there_is_not_explained_away() -> None:
    assert explain_absence(remembered(), 0, page(*NAMES)) is None


def test_positional_locator_does_not_make_a_neighbour_the_successor() -> None:
    now = page("Home", "Cart", "Orders", "Help", locators={"Help": "button:nth-of-type(5)"})
    absence = explain_absence(remembered("button:nth-of-type(5)"), 0, now)
    assert absence is not None
    assert absence.verdict == "failed"


def test_new_name_beside_the_old_one_is_a_successor_only_where_a_mark_says_so() -> None:
    target = remembered("#buy").targets[0]
    renamed = page(*NAMES, "Place an order", locators={"Place an order": "#buy"})
    found = successor_of(target, renamed)
    assert found is not None
    assert found.name == "Place an order"
    assert successor_of(target, page(*NAMES, "Place an order")) is None


def test_changed_text_makes_one_step_new_and_equal_texts_keep_their_order() -> None:
    first, second, other = (RememberedStep(do, (), anew=mark) for do, mark in (("A", "1"), ("A", "2"), ("B", "")))
    memory = Memory((first, second, other))
    assert memory.steps_for(["A", "C", "B", "A", "A"]) == [first, None, other, second, None]
