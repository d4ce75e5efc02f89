"""Rows and cells of tables, and which lists are none of the content.

cell_at(row, 2)          -> the cell that covers the third column, whatever spans before it
is_header_row(row)       -> True for the row of column headers
"""

from magenta_qa.agent.checks.page import Node


def is_header_row(node: Node) -> bool:
    """Whether a table row holds column headers only, or belongs to the head or foot of its table."""
    if node.parent is not None and node.parent.tag in {"thead", "tfoot"}:
        return True
    cells = [child for child in node.children if child.tag]
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
    for cell in row.children:
        if not cell.tag:
            continue
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
