"""Closed shadow roots in what DevTools says of a document.

closed_roots_by_frame(session.send("DOM.getDocument", {"depth": -1, "pierce": True})["root"])    -> {"": [17, 23]}
"""

from typing import Any


def closed_roots_by_frame(document: dict[str, Any]) -> dict[str, list[int]]:
    """Frame's id → backend ids of its closed shadow roots; the outermost frame is called ""."""
    found: dict[str, list[int]] = {}
    stack = [(document, "")]
    while stack:
        node, frame = stack.pop()
        if node.get("shadowRootType") == "closed":
            found.setdefault(frame, []).append(node["backendNodeId"])
        stack += [(child, frame) for key in ("children", "shadowRoots") for child in node.get(key, ())]
        if "contentDocument" in node:
            stack.append((node["contentDocument"], node.get("frameId", "?")))
    return found
