"""A bulk action is done to all rows that were ticked and were alike."""

from magenta_qa.agent.explore.bulk import alike, changed_column, left_out
from magenta_qa.model.schema import Box, Candidate, Context, State

STATES = {"T-1": "New", "T-2": "Done", "T-3": "New", "T-4": "New"}


def rows(**states: str) -> list[dict[str, object]]:
    now = {**STATES, **{name.replace("_", "-"): state for name, state in states.items()}}
    return [{"name": name, "text": f"{name} {state}", "cells": [name, state]} for name, state in now.items() if state]


def box(mark: int, row: str) -> Candidate:
    context = (Context("row", row, mark),)
    return Candidate(
        mark, Box(0, 0, 9, 9), "checkbox", "checkbox", f"Select {row}", "", State(), ("check",), context=context
    )


def test_rows_that_are_alike_are_ticked():
    boxes = [box(mark, name) for mark, name in enumerate(STATES, 1)]
    assert [each["name"] for _, each in alike(boxes, rows(), None)] == ["T-1", "T-3", "T-4"]
    assert [each["name"] for _, each in alike([box(9, "heading"), *boxes], rows(), 1)] == ["T-1", "T-3", "T-4"]


def test_a_row_is_left_out_if_it_was_as_one_that_has_changed():
    ticked = ("T-1", "T-3", "T-4")
    left = left_out(ticked, rows(), rows(T_1="Sent", T_3="Sent"))
    assert left is not None and (left.row, left.was, left.became) == ("T-4", "New", "Sent")
    assert left_out(ticked, rows(), rows(T_1="Sent", T_3="Sent", T_4="Sent")) is None
    assert left_out(("T-1", "T-2"), rows(), rows(T_1="Sent")) is None  # what was done already may stay as it is
    assert left_out(ticked, rows(), rows()) is None  # nothing was done at all: that is another matter
    gone = left_out(ticked, rows(), rows(T_1="", T_3=""))
    assert gone is not None and (gone.row, gone.became) == ("T-4", "")


def test_the_column_that_changes_is_found():
    assert changed_column(("T-1", "T-2"), rows(), rows(T_1="Sent")) == 1
    assert changed_column(("T-2",), rows(), rows(T_1="Sent")) is None
