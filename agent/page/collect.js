// What Python calls: collect, element, cover, frame and surrounding HTML. Candidates travel as rows of a JSON text,
// with everything that is a default left out.
const api = { __proto__: null };
let last = { places: [], frames: [], trials: [], scene: null, rows: "", stamp: 0 };

// `known` is what Python still has: [generation, number of facts, number of contexts, stamp of the rows]; `hide` are the
// selectors of what is private, or null.
function collect(view, { many, known, hide }) {
  return pristine(() => {
    const scene = readScene();
    scene.trials = [];
    scene.positions = new Map();
    readHandlers(scene);
    const found = findCandidates(scene, view);
    refreshMemory(scene);
    if (memory.partly) memory.same = memory.partly = false;
    const hidden = lookForPrivate(scene, hide, sameWords());
    const rows = found.map((potential) => describe(scene, potential, many));
    const frames = scene.frames.map((node) => frameRow(scene, node));
    const text = JSON.stringify(rows);
    const stamp = text === last.rows ? last.stamp : last.stamp + 1;
    last = {
      places: found.map((potential) => potential.place.el),
      frames: scene.frames,
      trials: scene.trials,
      scene,
      rows: text,
      stamp,
    };
    return answerOf({ ...pageFacts(scene), private: hidden, frames, stamp }, text, known);
  });
}

// The answer as JSON text, without what Python has already.
function answerOf(page, rows, known) {
  const [facts, contexts, stamp] = known[0] === memory.generation ? known.slice(1) : [0, 0, 0];
  const rest = JSON.stringify({
    ...page,
    facts: memory.rows.slice(facts),
    contexts: memory.contexts.slice(contexts),
  });
  return `{"rows":${stamp === page.stamp ? "null" : rows},${rest.slice(1)}`;
}

function pageFacts(scene) {
  const heading =
    scene.list.find((node) => node.tag === "h1" && node.visible) ||
    scene.list.find((node) => explicitRole(node.el) === "heading" && attr(node.el, "aria-level") === "1");
  return {
    key: frameKey,
    generation: memory.generation,
    url: location.href,
    title: pageTitle(document),
    viewport: [window.innerWidth, window.innerHeight],
    dpr: window.devicePixelRatio,
    heading: heading ? visibleText(scene, heading.el, 200) : "",
    modal: modalName(scene),
    suspects: scene.suspects,
    closed: scene.closed.length,
    trials: scene.trials.length,
  };
}

// The dialog in front of everything else, or one that says of itself that it is modal.
function modalName(scene) {
  const inside = scene.curtain ? scene.list.slice(scene.curtain.top.index, scene.curtain.top.end) : NOTHING;
  const isDialog = (node) => node.visible && containerKind(node) === "dialog";
  const dialog =
    inside.find(isDialog) || scene.list.find((node) => attr(node.el, "aria-modal") === "true" && isDialog(node));
  return dialog ? containerName(scene, dialog) || visibleText(scene, dialog.el, 80) : "";
}

const round = (number) => Math.round(number * 100) / 100;

// A candidate as a list, in the order of frames.py's `Row`: shorter than an object, and faster at both ends.
function describe(scene, potential, many) {
  const { el, place, box } = potential;
  const number = factsOf(scene, potential);
  const { role, type } = memory.kinds[number];
  return [
    place.index,
    number,
    [round(box[0]), round(box[1]), round(box[2] - box[0]), round(box[3] - box[1])],
    isOwned(scene, el)
      ? { ...stateOf(el, role, type, potential.disabled), private: true }
      : stateOf(el, role, type, potential.disabled),
    potential.point ? freePoints(scene, potential, many) : NOTHING,
    many && !potential.point ? hiddenSpots(box) : NOTHING,
  ];
}

// The number of the facts about a candidate, in the order of frames.py's `Facts`; a new one if they differ from before.
function factsOf(scene, potential) {
  const { el } = potential;
  const before = memory.numbers.get(el);
  if (memory.same && before !== undefined) return before;
  const base = baseOf(scene, potential);
  const contexts = contextsOf(scene, potential, base.name, base.text);
  const locators = locatorsOf(scene, potential, base.role, base.name);
  const row = [...base.facts, contexts, locators];
  if (before !== undefined && sameFacts(memory.rows[before], row)) return before;
  memory.numbers.set(el, memory.rows.length);
  memory.kinds.push({ role: base.role, type: base.facts[1] });
  memory.rows.push(row);
  return memory.rows.length - 1;
}

const sameList = (a, b) => a.length === b.length && a.every((item, i) => item === b[i]);
const sameFacts = (a, b) => a.every((fact, i) => fact === b[i] || (Array.isArray(fact) && sameList(fact, b[i])));

// What does not depend on the rest of the page.
function baseOf(scene, { el, node, place, reasons }) {
  const { role, name } = namedAs(scene, el);
  const known = memory.bases.get(el);
  if (known && known.reasons === reasons && known.name === name && known.role === role) return known;
  const type = elementType(el, role);
  const text = visibleText(scene, place.el) || (node.tag === "input" && type === "button" ? name : shapeText(scene, node));
  const options = node.tag === "select" ? optionsOf(el) : NOTHING;
  const actions = actionTypes(el, type, reasons);
  const description = descriptionOf(scene, el, name) || (name || text ? "" : pictureName(scene, el));
  const facts = [
    node.tag,
    type,
    role,
    name,
    text,
    actions,
    description,
    hintsOf(el),
    popupOf(el),
    options,
    addressOf(el),
  ];
  const base = { role, name, text, reasons, facts };
  memory.bases.set(el, base);
  return base;
}

// Role and name, and whether the name is spelt as Playwright has it.
function namedAs(scene, el) {
  let named = memory.names.get(el);
  if (!named) {
    const raw = rawName(scene, el);
    // Playwright keeps what we leave out of a name, and does not shorten it.
    const role = roleOf(el);
    const name = replacedName(scene, el, role) || withoutGlyphs(scene, el, fold(raw));
    const spelt = raw.length <= 300 && raw.search(PRIVATE_USE) < 0 && name === fold(raw);
    named = { role, name: clip(name, 300), spelt };
    memory.names.set(el, named);
  }
  return named;
}

// What the hidden drop-down is called whose place a drawn one has taken; its own name is the option that it shows.
function replacedName(scene, el, role) {
  if (!DROPDOWN_ROLES.has(role) || localName(el) === "select" || localName(el) === "input") return "";
  for (let at = el, up = 0; at && up < 3; at = parentElement(at), up++) {
    const before = previousElement(at);
    const inside = up > 0 ? null : firstOf(queryAll(el, "select"));
    const native = before && localName(before) === "select" ? before : inside;
    if (native && isReplaced(scene, native)) return fold(nativeName(scene, native, unnamed()));
  }
  return "";
}

const DROPDOWN_ROLES = new Set(["combobox", "listbox", "button", "link", "generic"]);
const firstOf = (list) => (list.length ? list[0] : null);

// "delete Delete selected" is called "Delete selected"; where an icon's name is all there is, it stays.
function withoutGlyphs(scene, el, name) {
  if (!name.includes(" ") || !firstElement(el)) return name;
  for (const icon of Array.from(queryAll(el, "[class*='icon' i],[class*='symbol' i]")).slice(0, 6)) {
    const node = scene.nodes.get(icon);
    if (!node || !isGlyph(node)) continue;
    const word = fold(textContent(icon));
    if (name.startsWith(`${word} `)) name = name.slice(word.length + 1);
    else if (name.endsWith(` ${word}`)) name = name.slice(0, -word.length - 1);
  }
  return name;
}

// Absolute address of a link, or of a button that only goes to an address as a link does.
function addressOf(el) {
  if (el instanceof HTMLAnchorElement) return hasAttr(el, "href") ? anchorAddress(el) : "";
  if (el instanceof HTMLAreaElement) return hasAttr(el, "href") ? areaAddress(el) : "";
  const goes = el instanceof HTMLButtonElement && GOES_TO.exec(attr(el, "onclick") || "");
  return goes ? (goes[2].startsWith("/") ? `${location.origin}${goes[2]}` : goes[2]) : "";
}

const GOES_TO = /^\s*(?:(?:window|document|self)\.)?location(?:\.href)?\s*=\s*(['"])(https?:\/\/[^'"\\]+|\/(?:[^/'"\\][^'"\\]*)?)\1\s*;?\s*$/;

const anchorAddress = getter(HTMLAnchorElement, "href");
const areaAddress = getter(HTMLAreaElement, "href");
const optionsOf = (el) =>
  Array.from(el.options)
    .slice(0, 200)
    .map((option) => fold(option.label));

function popupOf(el) {
  const popup = attr(el, "aria-haspopup") || popupBeside(el);
  return popup === "true" ? "menu" : popup === "false" ? "" : popup;
}

// Of a part that shows what is chosen, in a mere wrapper that says that it opens the list beside it.
function popupBeside(el) {
  const around = parentElement(el);
  const opens = WRAPPERS.has(localName(el)) && around && WRAPPERS.has(localName(around)) && firstElement(around) === el;
  return opens && nextElement(el) && !explicitRole(around) ? attr(around, "aria-haspopup") || "" : "";
}

const WRAPPERS = new Set(["div", "span"]);

// Frames need several points: some may be covered by the parent page.
function freePoints(scene, potential, many) {
  const points = [potential.point.map(round)];
  if (!many) return points;
  for (const [x, y] of potential.seen.flatMap(pointsIn)) {
    if (points.length >= 8) break;
    const hit = elementAt(x, y);
    if (hit && belongs(scene, potential, hit)) points.push([x, y]);
  }
  return points;
}

// Where in this frame's window an element will be once the frame is scrolled to it.
function hiddenSpots([left, top, right, bottom]) {
  const across = (low, high, size) =>
    high <= 0 || low >= size
      ? [size / 2, size / 4, (size * 3) / 4]
      : [0.5, 0.2, 0.8].map((f) => Math.min(Math.max(low + (high - low) * f, 1), size - 1));
  const xs = across(left, right, window.innerWidth);
  return across(top, bottom, window.innerHeight).flatMap((y) => xs.map((x) => [x, y]));
}

// Maps a frame's own coordinates to this page's: [a, b, c, d, e, f], and how much of it can be seen.
function frameRow(scene, node) {
  const { el } = node;
  const rect = boundingRect(el);
  const hidden = !node.visible || node.inert || node.clear || rect.width < 2 || rect.height < 2 || clippedAway(node);
  const shown = hidden ? { seen: null, reachable: false } : exposure(scene, node, edges(rect));
  const under = isBehindCurtain(scene, node);
  const blocked = under || node.style.pointerEvents === "none";
  return {
    at: node.index,
    name: nameOf(scene, el) || attr(el, "name") || "",
    matrix: frameMatrix(node, rect),
    seen: shown.seen,
    reachable: shown.reachable && !blocked && (Boolean(shown.seen) || hasFreePoint(scene, node, [edges(rect)])),
    context: contextsWithin(scene, node),
  };
}

// The middle of a transformed box is the middle of its bounding rectangle; the linear part is that of all ancestors.
function frameMatrix(node, rect) {
  const { el, style } = node;
  let linear = new DOMMatrix();
  for (let at = node; at; at = at.parent) linear = ownTransform(at.style).multiply(linear);
  const zoom = el.currentCSSZoom || 1;
  const { a, b, c, d } = linear;
  const x = el.clientLeft + parseFloat(style.paddingLeft) - el.offsetWidth / 2;
  const y = el.clientTop + parseFloat(style.paddingTop) - el.offsetHeight / 2;
  const e = rect.left + rect.width / 2 + (a * x + c * y) * zoom;
  const f = rect.top + rect.height / 2 + (b * x + d * y) * zoom;
  return [a * zoom, b * zoom, c * zoom, d * zoom, e, f];
}

function ownTransform(style) {
  let matrix = new DOMMatrix();
  if (style.rotate && style.rotate !== "none") matrix = matrix.multiply(new DOMMatrix(`rotate(${style.rotate})`));
  if (style.scale && style.scale !== "none")
    matrix = matrix.multiply(new DOMMatrix(`scale(${style.scale.split(" ").slice(0, 2).join(",")})`));
  if (style.transform && style.transform !== "none") matrix = matrix.multiply(new DOMMatrix(style.transform));
  matrix.e = 0;
  matrix.f = 0;
  return matrix;
}

// Which of the points, in this page's coordinates, show the frame (or will, once scrolled to), and nothing over it.
function cover(frameIndex, points) {
  return pristine(() => {
    const frame = last.frames[frameIndex];
    const [left, top, right, bottom] = last.scene.page.port;
    const shows = ([x, y]) => {
      if (x >= left && y >= top && x < right && y < bottom) return elementAt(x, y) === frame.el;
      return !isUnder(last.scene, frame, [x, y]);
    };
    return JSON.stringify(points.map((point) => Boolean(frame) && shows(point)));
  });
}

const frameIndexOf = (el) => last.frames.findIndex((node) => node.el === el);
