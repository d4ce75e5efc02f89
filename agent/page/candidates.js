// From reasons to candidates: labels merged with their controls, nested and weak ones settled, hidden, clipped and
// covered ones left out.
//
//     potential = { node, el, place, parts, point, inView }   `place` is where it is seen: itself, or its label
const FIELD_SHARE = 0.5;
const FRAME_NODES = 60; // what is larger is no frame of one field
const NO_TEXT_INPUTS = new Set([
  "checkbox",
  "radio",
  "file",
  "range",
  "color",
  "button",
  "submit",
  "reset",
  "image",
  "hidden",
]);
const SEE_THROUGH_INPUTS = new Set(["checkbox", "radio", "file", "range", "color", "date"]);

function potentialsOf(scene) {
  const potentials = [];
  for (const node of scene.list) {
    if (node.strong && (isPartOfControl(node) || isPictureOfButton(scene, node))) [node.strong, node.reasons] = [false, 0];
    if (node.tag === "label") labelPotential(scene, node, potentials);
    if (node.tag === "input") handlePotential(node, potentials);
    if (node.reasons && keepsReasons(node)) potentials.push({ node, el: node.el, place: node, reasons: node.reasons });
  }
  return dropWeak(scene, potentials);
}

const isMereFrame = (node, { viaLabel }) => !viaLabel && (node.reasons & (NATIVE | ARIA | EDITABLE)) === 0;

// A label speaks for its control and is none itself.
function keepsReasons(node) {
  if (node.tag !== "label" || !labelControl(node.el)) return true;
  return (node.reasons & (ARIA | EDITABLE)) !== 0;
}

function labelPotential(scene, label, potentials) {
  const control = labelControl(label.el);
  if (!control || label.reasons & ARIA || !isNative(control, localName(control)) || isReplaced(scene, control)) return;
  const node = scene.nodes.get(control) || hiddenNode(scene, control, label);
  potentials.push({ node, el: control, place: label, reasons: node.reasons, viaLabel: true });
}

const HANDLE_DEPTH = 4;

// A slider that is kept out of sight inside the handle that is drawn for it.
function handlePotential(node, potentials) {
  if (inputType(node.el) !== "range" || !(clippedAway(node) || isDot(edges(boundingRect(node.el))))) return;
  let handle = node.parent;
  for (let up = 1; handle && up < HANDLE_DEPTH && clippedAway(handle); up++) handle = handle.parent;
  if (!handle || isDot(edges(boundingRect(handle.el)))) return;
  if (queryAll(handle.el, 'input[type="range"]').length > 1) return;
  potentials.push({ node, el: node.el, place: handle, reasons: node.reasons, viaLabel: true });
}

// A drop-down that is kept out of sight, while a script draws another one next to it.
function isReplaced(scene, control) {
  if (localName(control) !== "select") return false;
  const node = scene.nodes.get(control);
  if (!node || !node.visible || isDot(edges(boundingRect(control)))) return true;
  return clippedAway(node);
}

function hiddenNode(scene, control, label) {
  if (!scene.unseen) scene.unseen = new Map();
  if (!scene.unseen.has(control)) {
    const style = styleOf(control);
    const node = newNode(control, label.parent, label.index, style, style.display);
    node.reasons = ownReasons(control, node.tag);
    node.strong = true;
    scene.unseen.set(control, node);
  }
  return scene.unseen.get(control);
}

// Weak reasons count only where nothing stronger is inside, or around and of the same size; and what is as large as the
// page and holds its controls is the page itself, whoever listens there.
function dropWeak(scene, potentials) {
  const strong = potentials.filter((potential) => potential.node.strong || potential.viaLabel);
  const places = new Set(strong.filter(({ viaLabel }) => viaLabel).map(({ place }) => place));
  const marks = new Uint32Array(scene.list.length + 1);
  for (const potential of strong) marks[potential.place.index + 1] = 1;
  for (let i = 1; i < marks.length; i++) marks[i] += marks[i - 1];
  return potentials.filter((potential) => {
    const { node } = potential;
    const inside = marks[node.end] - marks[node.index + 1];
    if (inside >= 3 && isPageItself(scene, node)) return false;
    if (inside > 0 && isFilledByField(scene, node)) return false;
    if (isFrameInLabel(node) || (places.has(node) && isMereFrame(node, potential))) return false;
    if (node.strong || potential.viaLabel) return true;
    if (inside > 0 && !(node.reasons & POINTER && hasOwnContent(scene, node))) return false;
    return !strongerAround(node);
  });
}

// Tells a backdrop, which acts by itself, from a wrapper around everything.
function isPageItself(scene, node) {
  if (node.reasons & ~(ACTIVATION | WEAK | DROP) || node.backdrop) return false;
  const { width, height } = boundingRect(node.el);
  return width >= 0.9 * window.innerWidth && height >= 0.9 * window.innerHeight;
}

// The frame that component libraries draw around a text field: a click on it is a click into the field.
function isFilledByField(scene, node) {
  if (node.reasons & (NATIVE | ARIA | EDITABLE | DRAG) || node.end - node.index > FRAME_NODES) return false;
  const field = scene.list.slice(node.index + 1, node.end).find((at) => at.reasons && isTextField(at));
  if (!field) return false;
  const [outer, inner] = [boundingRect(node.el), boundingRect(field.el)];
  return inner.width * inner.height >= FIELD_SHARE * outer.width * outer.height;
}

// What component libraries put between a label and the control in it: the label stands for all of it.
function isFrameInLabel(node) {
  if (node.reasons & (NATIVE | ARIA | EDITABLE | DRAG)) return false;
  for (let at = node.parent; at; at = at.parent) {
    if (at.tag !== "label") continue;
    const control = labelControl(at.el);
    return control !== null && flatContains(node.el, control);
  }
  return false;
}

// Handles, tracks and ripples: whatever listens inside a control that is drawn is a part of it.
// Source: https://www.w3.org/TR/wai-aria-1.2/#childrenArePresentational
const DRAWN_ROLES = new Set(["checkbox", "radio", "scrollbar", "slider", "switch"]);

function isPartOfControl(node) {
  if (node.reasons & (NATIVE | ARIA | EDITABLE)) return false;
  for (let at = node.parent; at; at = at.parent) if (at.reasons & ARIA) return DRAWN_ROLES.has(explicitRole(at.el));
  return false;
}

// What listens around the picture of a button that shows nothing else, as component libraries draw it.
function isPictureOfButton(scene, node) {
  if (node.reasons & (NATIVE | ARIA | EDITABLE) || /\S/.test(textContent(node.el))) return false;
  let button = node.parent;
  while (button && button.tag !== "button") button = button.parent;
  if (!button) return false;
  for (let i = button.index; i < button.end; i++) {
    if (i === node.index) i = node.end - 1;
    else if (isDrawn(scene.list[i])) return false;
  }
  return true;
}

const isDrawn = ({ tag, el }) => tag === "img" || tag === "svg" || tag === "canvas" || hasOwnText(el);

const isTextField = ({ el, tag, reasons }) =>
  tag === "textarea" || (tag === "input" && !NO_TEXT_INPUTS.has(inputType(el))) || (reasons & EDITABLE) !== 0;

// Text or pictures of its own, beside the controls in it: a card rather than a wrapper.
function hasOwnContent(scene, node) {
  for (let i = node.index; i < node.end; i++) {
    const at = scene.list[i];
    if (i > node.index && at.strong) i = at.end - 1;
    else if (isDrawn(at)) return true;
  }
  return false;
}

function hasOwnText(el) {
  for (let child = firstChild(el); child; child = nextSibling(child)) {
    if (nodeType(child) === TEXT && /\S/.test(nodeValue(child))) return true;
  }
  return false;
}

function strongerAround(node) {
  for (let at = node.parent; at; at = at.parent) {
    if (at.tag === "label" && labelControl(at.el)) return true;
    if (!at.strong) continue;
    return (at.reasons & (NATIVE | ARIA | EDITABLE)) !== 0 || sameSize(node, at);
  }
  return false;
}

function sameSize(inner, outer) {
  const a = boundingRect(inner.el);
  const b = boundingRect(outer.el);
  return a.width * a.height >= 0.8 * b.width * b.height;
}

// Whether the eye can find it: not hidden, not transparent, not of no size, not cut away.
function isSeen(scene, potential) {
  const { node, place, viaLabel } = potential;
  if (place.inert || !place.visible) return false;
  if (viaLabel && (place.clear || (localName(potential.el) === "button" && !isLeftToLabel(node)))) return false;
  if (!viaLabel && node.clear && !seeThrough(node)) return false;
  potential.parts = partsOf(scene, place);
  return potential.parts.some((part) => !isDot(part)) && place.style.interactivity !== "inert" && !clippedAway(place);
}

// A button that is ticked or chosen and kept out of sight, while its label is drawn as a card.
const isLeftToLabel = (node) =>
  DRAWN_ROLES.has(explicitRole(node.el)) && (clippedAway(node) || isDot(edges(boundingRect(node.el))));

// Native controls are often made transparent over something that is drawn instead.
function seeThrough(node) {
  if (node.parent && node.parent.clear) return false;
  return node.tag === "select" || isClearSearch(node) || (node.tag === "input" && SEE_THROUGH_INPUTS.has(inputType(node.el)));
}

// The field of a drop-down over the choice that is drawn instead: it opens the list, a click on its label does not.
const isClearSearch = (node) => node.clear && node.tag === "input" && explicitRole(node.el) === "combobox";

function locate(scene, potential) {
  const { place, node } = potential;
  const seen = [];
  let reachable = false;
  for (const part of potential.parts) {
    const shown = exposure(scene, place, part);
    reachable ||= shown.reachable;
    if (shown.seen) seen.push(shown.seen);
  }
  potential.box = union(potential.parts);
  potential.disabled = isDisabled(node.el);
  if (!reachable) return false;
  if (place.style.pointerEvents === "none" && !potential.disabled && !seen.length) return false;
  if (!seen.length) return behindNothing(scene, potential);
  potential.seen = seen;
  return true;
}

function behindNothing(scene, { place, parts }) {
  if (isBehindCurtain(scene, place)) return false;
  return hasFreePoint(scene, place, parts);
}

// Finds a free point; without one the candidate stays only if scrolling would uncover it.
function uncover(scene, potential) {
  if (!potential.seen) return true;
  let cover = null;
  for (const rect of potential.seen) {
    const tries = [...pointsIn(rect), ...strokePoints(potential.place.el)];
    for (const [x, y] of tries) {
      const hit = elementAt(x, y);
      if (hit && belongs(scene, potential, hit)) {
        potential.point = middleOfLink(scene, potential) || [x, y];
        return true;
      }
      cover ||= hit;
    }
  }
  return Boolean(cover) && (scrollsAway(scene, potential, cover) || goesOn(scene, potential));
}

// Whether a click on `hit` is a click on the candidate, and not on another one inside it.
function belongs(scene, potential, hit) {
  const { el, place, viaLabel } = potential;
  if (place.tag === "area") return hit === imageOfArea(place.el) || hit === el;
  if (potential.disabled && place.style.pointerEvents === "none")
    return flatContains(hit, place.el) || flatContains(place.el, hit);
  for (let at = hit; at; at = flatParent(at)) {
    if (at === place.el || at === el) return true;
    const node = scene.nodes.get(at);
    if (node && node.strong && node.el !== el && !(viaLabel && flatContains(at, el))) return false;
    if (localName(at) === "label" && labelControl(at) === el) return true;
  }
  return false;
}

// The middle of a tab or entry of a menu that is made of a link and does nothing by itself: its rim is dead.
const LINK_FRAMES = new Set(["tab", "menuitem", "option"]);

function middleOfLink(scene, { place, seen }) {
  if (place.reasons & ~(ARIA | WEAK) || !LINK_FRAMES.has(explicitRole(place.el))) return null;
  const [left, top, right, bottom] = union(seen);
  const middle = [(left + right) / 2, (top + bottom) / 2];
  let node = scene.nodes.get(elementAt(...middle));
  while (node && node.tag !== "a" && node !== place) node = node.parent;
  return node && node !== place && flatContains(place.el, node.el) && sameSize(node, place) ? middle : null;
}

// A sticky or fixed bar covers only what happens to lie under it now.
function scrollsAway(scene, potential, cover) {
  if (isBehindCurtain(scene, potential.place)) return false;
  let bar = scene.nodes.get(cover);
  while (bar && bar.position !== "fixed" && bar.position !== "sticky") bar = bar.parent;
  if (!bar || flatContains(bar.el, potential.place.el)) return false;
  const { list, fixed } = clippersAround(scene, potential.place);
  const port =
    list.find((clipper) => clipper.scrolls && !flatContains(bar.el, clipper.el)) || (fixed ? null : scene.page);
  if (!port) return false;
  const at = boundingRect(bar.el);
  const box = potential.box;
  const down = at.bottom - box[1] <= port.port[1] - port.room[1] && at.bottom < port.port[3] - 8;
  const up = box[3] - at.top <= port.room[3] - port.port[3] && at.top > port.port[1] + 8;
  return down || up;
}

// Covered where it can be seen, but there is more of it to scroll to.
function goesOn(scene, potential) {
  const [left, top, right, bottom] = union(potential.seen);
  const rest = [];
  for (const [x0, y0, x1, y1] of potential.parts) {
    rest.push([x0, y0, x1, Math.min(y1, top)], [x0, Math.max(y0, bottom), x1, y1]);
    rest.push([x0, y0, Math.min(x1, left), y1], [Math.max(x0, right), y0, x1, y1]);
  }
  const beyond = rest.filter((rect) => rect[2] - rect[0] >= 4 && rect[3] - rect[1] >= 4);
  const reachable = beyond.filter((rect) => exposure(scene, potential.place, rect).reachable);
  return reachable.length > 0 && behindNothing(scene, { place: potential.place, parts: reachable });
}

const CURTAIN_SPOTS = [
  [0.5, 0.5],
  [0.02, 0.02],
  [0.98, 0.02],
  [0.02, 0.98],
  [0.98, 0.98],
  [0.5, 0.02],
  [0.5, 0.98],
];

// Fixed layers over the whole window: what is behind them cannot be scrolled out from under them.
//
//     scene.curtain = { top: the layer in the middle, layers: Set, modal: whether it is a modal <dialog> } | null
function findCurtain(scene) {
  scene.curtain = null;
  const modals = scene.list.filter((node) => node.tag === "dialog" && matches(node.el, ":modal"));
  if (modals.length) {
    const top = modals[modals.length - 1];
    scene.curtain = { top, layers: new Set([top]), modal: true };
  } else if (hasArea(scene.page.port)) {
    const [left, top, right, bottom] = scene.page.port;
    const layers = CURTAIN_SPOTS.map(([fx, fy]) =>
      layerOf(scene.nodes.get(elementAt(left + (right - left) * fx, top + (bottom - top) * fy))),
    );
    if (layers.every(Boolean)) scene.curtain = { top: layers[0], layers: new Set(layers), modal: false };
  }
}

// The outermost fixed box around a node, if any.
function layerOf(node) {
  let layer = null;
  for (let at = node || null; at; at = at.parent) if (at.position === "fixed" || inTopLayer(at)) layer = at;
  return layer;
}

function isBehindCurtain(scene, node) {
  const { curtain } = scene;
  if (!curtain || flatContains(curtain.top.el, node.el)) return false;
  const layer = curtain.modal ? null : layerOf(node);
  return !layer || !(curtain.layers.has(layer) || paintsOver({ node: layer, entries: null }, curtain.top));
}

// A drop-down around a field that is one as well is the same one: what can be typed into is kept.
function isAroundItself({ el }, found) {
  if (explicitRole(el) !== "combobox" || !firstElement(el)) return false;
  return Array.from(queryAll(el, '[role="combobox"]')).some((inner) => found.has(inner));
}

// A control stands for itself if it can be seen, else its first label does.
function isBetter(potential, other) {
  if (potential.viaLabel) return !other.viaLabel && other.node.clear && !isClearSearch(other.node);
  return other.viaLabel && (!potential.node.clear || isClearSearch(potential.node));
}

// Every candidate, in reading order. Scene gets `known`: all that a role locator could mean, seen or covered.
function findCandidates(scene, view) {
  scene.window = [0, 0, window.innerWidth, window.innerHeight];
  pagePort(scene, view);
  findCurtain(scene);
  const potentials = potentialsOf(scene);
  scene.known = potentials;
  const found = new Map();
  for (const potential of potentials) {
    const better = found.get(potential.el);
    if (better && !isBetter(potential, better)) continue;
    if (!isSeen(scene, potential) || !locate(scene, potential) || !uncover(scene, potential)) continue;
    potential.inView = Boolean(potential.point);
    found.set(potential.el, potential);
  }
  const all = Array.from(found.values());
  return all.filter((potential) => !isAroundItself(potential, found)).sort((a, b) => a.place.index - b.place.index);
}
