"""Rows and cells of tables, and which lists are none of the content.

cells_of(row)            -> its cells, whatever frames they stand in
cell_at(row, 2)          -> the cell that covers the third column, whatever spans before it
is_header_row(row)       -> True for the row of column headers
"""

from magenta_qa.agent.checks.page import Node

CELL_ROLES = frozenset({"cell", "gridcell", "columnheader", "rowheader"})


def cells_of(row: Node) -> list[Node]:
    """The cells of a table row, also those that stand in frames within it: grids put groups of columns into one."""
    cells: list[Node] = []
    for child in row.children:
        if child.tag:
            framed = [] if child.role or child.tag in {"td", "th"} else cells_of(child)
            cells += framed if any(cell.role in CELL_ROLES for cell in framed) else [child]
    return cells


def is_header_row(node: Node) -> bool:
    """Whether a table row holds column headers only, or belongs to the head or foot of its table."""
    if node.parent is not None and node.parent.tag in {"thead", "tfoot"}:
        return True
    cells = cells_of(node)
    heads = [cell for cell in cells if cell.tag == "th" or cell.role == "columnheader"]
    return bool(heads) and all(
        cell in heads or not any(c.tag or c.text.strip() for c in cell.children) for cell in cells
    )


def cell_span(cell: Node) -> int:
    """How many columns a cell covers."""
    span = cell.attributes.get("colspan", "1")
    return max(1, int(span)) if span.isdigit() and len(span) < 4 else 1


def cell_at(row: Node, position: int) -> Node | None:
    """The cell of a row that covers a column."""
    at = 0
    for cell in cells_of(row):
        if at <= position < at + cell_span(cell):
            return cell
        at += cell_span(cell)
    return None


def is_layout_list(node: Node) -> bool:
    """Whether a list is a part of the navigation rather than content."""
    return any(
        a.role in {"navigation", "menubar", "tablist", "menu", "contentinfo", "banner"}
        for a in (node, *node.ancestors())
    )
