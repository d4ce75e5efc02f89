// Tells the server which outlined control was chosen, or which box was drawn. `element`, `trigger` are Gradio's.
const LEAST_PX = 6;
let from = null;
let drawn = null;

const stage = () => element.querySelector(".stage[data-width]");

/** Where the pointer is, in CSS pixels of the page that the picture shows. */
function place(event) {
  const svg = stage().querySelector("svg");
  const area = svg.getBoundingClientRect();
  const bounded = (value, most) => Math.min(Math.max(value, 0), most);
  const width = Number(stage().dataset.width);
  const height = Number(stage().dataset.height);
  return {
    x: bounded(((event.clientX - area.left) / area.width) * width, width),
    y: bounded(((event.clientY - area.top) / area.height) * height, height),
  };
}

const boxOf = (a, b) => ({
  x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y),
});

function choose(mark) {
  trigger("select", { mark: Number(mark) });
}

element.addEventListener("pointerdown", (event) => {
  if (!stage() || !event.target.closest("svg") || event.button) return;
  from = place(event);
  stage().setPointerCapture(event.pointerId);
  event.preventDefault();
});

element.addEventListener("pointermove", (event) => {
  if (!from) return;
  const box = boxOf(from, place(event));
  if (!drawn && Math.max(box.width, box.height) < LEAST_PX) return;
  if (!drawn) {
    drawn = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    drawn.setAttribute("class", "drawn");
    stage().querySelector("svg").append(drawn);
  }
  for (const [name, value] of Object.entries(box)) drawn.setAttribute(name, value);
});

element.addEventListener("pointerup", (event) => {
  if (!from) return;
  const box = boxOf(from, place(event));
  const wasDrawn = Boolean(drawn);
  drawn?.remove();
  from = drawn = null;
  if (wasDrawn && box.width >= LEAST_PX && box.height >= LEAST_PX) {
    trigger("select", { box: [box.x, box.y, box.width, box.height] });
    return;
  }
  const hit = document.elementsFromPoint(event.clientX, event.clientY).find((each) => each.dataset?.mark);
  if (hit) choose(hit.dataset.mark);
});

element.addEventListener("pointercancel", () => {
  drawn?.remove();
  from = drawn = null;
});

element.addEventListener("keydown", (event) => {
  const mark = event.target.dataset?.mark;
  if (!mark || (event.key !== "Enter" && event.key !== " ")) return;
  event.preventDefault();
  choose(mark);
});
