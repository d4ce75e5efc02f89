"""What every action needs in its hand: the page, the element, the value, and the limits.

hand = Hand(action, candidate, element, page, watch, settings, value="hunter2", secret=True)
hand.page.keyboard.type(hand.value)
"""

from dataclasses import dataclass

from playwright.sync_api import ElementHandle, Page, Position

from magenta_qa.agent.settings import Settings
from magenta_qa.agent.watch import Watch
from magenta_qa.model.errors import ActionError
from magenta_qa.model.schema import Action, Candidate


@dataclass(frozen=True, slots=True)
class Hand:
    """One action on one element, about to be carried out."""

    action: Action
    candidate: Candidate
    element: ElementHandle
    page: Page
    watch: Watch
    settings: Settings
    value: str
    """The action's value with secrets filled in."""
    secret: bool
    """Whether the value must not be shown anywhere."""
    target: ElementHandle | None = None
    """Where a drag ends."""
    fresh: bool = False
    """Whether the candidate was looked at just now, so that its box is where the element is."""

    @property
    def timeout_ms(self) -> float:
        """How long Playwright may wait for the element to be ready."""
        return self.settings.timeout_ms

    def refuse(self, reason: str) -> ActionError:
        """The error that says why this action cannot be carried out."""
        return refusal(self.action, self.candidate, reason)

    def bring_into_view(self, element: ElementHandle) -> None:
        """Scroll until the element can be seen."""
        self.bring_frames_into_view(element)
        element.scroll_into_view_if_needed(timeout=self.timeout_ms)

    def bring_frames_into_view(self, element: ElementHandle) -> None:
        """The frames around an element first: one of another origin draws nothing while it is out of view.

        Playwright waits for two frames drawn alike before it acts, in vain there.
        """
        frame, holders = element.owner_frame(), []
        while frame is not None and frame.parent_frame is not None:
            holders.append(frame.frame_element())
            frame = frame.parent_frame
        for holder in reversed(holders):
            holder.scroll_into_view_if_needed(timeout=self.timeout_ms)

    def position(self) -> Position | None:
        """The free point that was found when observing, relative to the element; None for its middle."""
        box, point = self.candidate.box, self.candidate.point
        if point is None or max(abs(a - b) for a, b in zip(point, box.center, strict=True)) < 1.5:
            return None
        now = self.element.bounding_box()
        if now is None or abs(now["width"] - box.width) > 2 or abs(now["height"] - box.height) > 2:
            return None
        edge = self.element.evaluate("each => [each.clientLeft || 0, each.clientTop || 0]")
        return {"x": point[0] - box.x - edge[0], "y": point[1] - box.y - edge[1]}


def refusal(action: Action, candidate: Candidate, reason: str) -> ActionError:
    """The error that says why an action on a candidate cannot be carried out."""
    name = candidate.name or candidate.text or candidate.description
    label = f'{candidate.element_type} "{name}"' if name else f"the {candidate.element_type}"
    return ActionError(f"cannot {action.kind.replace('_', ' ')} {label}: {reason}")
