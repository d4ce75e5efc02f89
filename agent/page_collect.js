// What Python calls: collect, element, cover, frame and surrounding HTML. Candidates travel as rows of a JSON text,
// with everything that is a default left out.
const api = { __proto__: null };
let last = { elements: [], places: [], frames: [], trials: [], scene: null };

function collect(view, many) {
  return pristine(() => {
    const scene = readScene();
    scene.contexts = [];
    scene.positions = new Map();
    scene.trials = [];
    readHandlers(scene);
    const found = findCandidates(scene, view);
    scene.index = locatorIndex(scene);
    headingContexts(scene);
    const rows = found.map((potential) => describe(scene, potential, many));
    const frames = scene.frames.map((node) => frameRow(scene, node));
    last = {
      elements: found.map((p) => p.el),
      places: found.map((p) => p.place.el),
      frames: scene.frames,
      trials: scene.trials,
      scene,
    };
    return JSON.stringify({ ...pageFacts(scene), rows, contexts: scene.contexts, frames });
  });
}

// Tells this document from all others, to Python.
const frameKey = crypto.getRandomValues(new Uint32Array(4)).join("-");

function pageFacts(scene) {
  const heading =
    scene.list.find((node) => node.tag === "h1" && node.visible) ||
    scene.headings.find((node) => attr(node.el, "aria-level") === "1");
  return {
    key: frameKey,
    url: location.href,
    title: pageTitle(document),
    viewport: [window.innerWidth, window.innerHeight],
    dpr: window.devicePixelRatio,
    heading: heading ? visibleText(scene, heading.el, 200) : "",
    modal: modalName(scene),
    suspects: scene.suspects,
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

// A candidate as a list, in the order of candidates.py's `Row`: shorter than an object, and faster at both ends.
function describe(scene, potential, many) {
  const { el, node, place, reasons, box } = potential;
  const role = potential.role === undefined ? roleOf(el) : potential.role;
  const name = potential.name === undefined ? nameOf(scene, el) : potential.name;
  const type = elementType(el, role);
  const state = stateOf(el, role, type);
  potential.text = visibleText(scene, place.el);
  return [
    place.index,
    [round(box[0]), round(box[1]), round(box[2] - box[0]), round(box[3] - box[1])],
    node.tag,
    type,
    role,
    name,
    potential.text || (state.value && !state.secret ? state.value : ""),
    state,
    actionTypes(el, type, reasons),
    contextsOf(scene, potential, name),
    locatorsOf(scene, potential, role, name),
    descriptionOf(scene, el, name),
    hintsOf(el),
    popupOf(el),
    node.tag === "select"
      ? Array.from(el.options)
          .slice(0, 200)
          .map((option) => fold(option.label))
      : NOTHING,
    potential.point ? freePoints(scene, potential, many) : NOTHING,
    many && !potential.point ? hiddenSpots(box) : NOTHING,
  ];
}

function popupOf(el) {
  const popup = attr(el, "aria-haspopup") || "";
  return popup === "true" ? "menu" : popup === "false" ? "" : popup;
}

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
