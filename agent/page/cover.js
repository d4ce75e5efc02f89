// What would cover an element that is out of view, where no hit test reaches: boxes laid over it, by CSS's painting
// order. Source: https://www.w3.org/TR/CSS2/zindex.html
const BAND = 64; // px; coverers are looked up by horizontal bands
const LAID_OVER = new Set(["absolute", "relative"]);

function isCoverer(node) {
  const { style, parent, position } = node;
  if (!parent || !node.visible || node.tag === "body") return false;
  if (position !== "static") return LAID_OVER.has(position) && takesClicks(node); // fixed and sticky ones move along
  if (node.inline) return false;
  const moved = parent.display === "grid" || style.marginTop.startsWith("-") || style.marginLeft.startsWith("-");
  return moved && takesClicks(node);
}

const takesClicks = (node) => !node.inert && node.style.pointerEvents !== "none";

// Bands → [{ node, rect, entries: its place in the painting order, ports: inner containers that scroll it, pseudo }].
function coverersOf(scene) {
  if (scene.coverers) return scene.coverers;
  scene.coverers = new Map();
  for (const node of scene.list) {
    if (!isCoverer(node)) continue;
    const around = clippersAround(scene, node);
    const rect = withinClippers(edges(boundingRect(node.el)), around);
    addCoverer(scene, { node, rect, entries: null, ports: scrollPorts(around), pseudo: false });
  }
  for (const coverer of pseudoCoverers(scene)) addCoverer(scene, coverer);
  return scene.coverers;
}

function addCoverer(scene, coverer) {
  const [, top, , bottom] = coverer.rect;
  if (!hasArea(coverer.rect) || bottom - top > 1e5) return;
  for (let band = Math.floor(top / BAND); band <= Math.floor(bottom / BAND); band++) {
    if (!scene.coverers.has(band)) scene.coverers.set(band, []);
    scene.coverers.get(band).push(coverer);
  }
}

const scrollPorts = ({ list }) => list.filter((clipper) => clipper.scrolls);

// A box as far as containers that do not scroll let it out.
function withinClippers(rect, { list }) {
  return list.reduce((shown, clipper) => (clipper.scrolls ? shown : overlap(shown, clipper.port)), rect);
}

function isStackingContext(node) {
  const { style, parent } = node;
  if (!parent || inTopLayer(node)) return true;
  if (node.position === "fixed" || node.position === "sticky") return true;
  const flexed = /flex|grid/.test(parent.display);
  if (style.zIndex !== "auto" && (node.position !== "static" || flexed)) return true;
  return (
    style.opacity !== "1" ||
    style.isolation === "isolate" ||
    style.clipPath !== "none" ||
    style.mixBlendMode !== "normal" ||
    holdsFixed(node)
  );
}

// [[z-index, document order], …] from the root inwards: compared entry by entry it gives the painting order.
function paintKey(node) {
  if (node.key) return node.key;
  const outer = node.parent ? paintKey(node.parent) : { contexts: [], entry: null };
  const context = isStackingContext(node);
  const layered = context || node.position !== "static";
  const z = Number(node.style.zIndex) || 0;
  if (!layered) node.key = outer;
  else if (context) node.key = { contexts: [...outer.contexts, [z, node.index]], entry: null };
  else node.key = { contexts: outer.contexts, entry: [z, node.index] };
  return node.key;
}

function paintsOver(upper, lower) {
  const a = upper.entries || entriesOf(upper.node);
  const b = entriesOf(lower);
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (!a[i]) return b[i][0] < 0;
    if (!b[i]) return a[i][0] >= 0;
    if (a[i][0] !== b[i][0]) return a[i][0] > b[i][0];
    if (a[i][1] !== b[i][1]) return a[i][1] > b[i][1];
  }
  return upper.node.index > lower.index;
}

function entriesOf(node) {
  const key = paintKey(node);
  return key.entry ? [...key.contexts, key.entry] : key.contexts;
}

function isUnder(scene, node, point) {
  const ports = scrollPorts(clippersAround(scene, node));
  const bands = new Set(
    [point, ...ports.map((_, i) => intoPorts(ports.slice(0, i + 1), point))].map(([, y]) => Math.floor(y / BAND)),
  );
  for (const band of bands) {
    const over = coverersOf(scene).get(band) || [];
    if (over.some((coverer) => covers(coverer, node, point, ports))) return true;
  }
  return false;
}

// Inner containers that hold only one of the two clip it, or will have been scrolled to it.
function covers(coverer, node, point, ports) {
  const { node: over, rect, ports: around, pseudo } = coverer;
  if (over.index >= node.index && over.index < node.end) return false;
  if (node.index >= over.index && node.index < over.end && !pseudo) return false;
  const [x, y] = intoPorts(
    ports.filter((port) => !flatContains(port.el, over.el)),
    point,
  );
  const foreign = around.filter((port) => !flatContains(port.el, node.el));
  const [left, top, right, bottom] = foreign.reduce((shown, { port }) => overlap(shown, port), rect);
  if (x < left || x >= right || y < top || y >= bottom) return false;
  if (over.tag === "label" && labelControl(over.el) === node.el) return false;
  return paintsOver(coverer, node);
}

// Where a point would show up once these containers are scrolled to it: in their middle, as far as they can be scrolled.
const intoPorts = (ports, point) =>
  ports.reduce(
    ([x, y], { port, room }) => [
      intoSpan(x, port[0], port[2], room[0], room[2]),
      intoSpan(y, port[1], port[3], room[1], room[3]),
    ],
    point,
  );

function intoSpan(at, low, high, least, most) {
  if (at >= low && at < high) return at;
  const middle = (low + high) / 2;
  const moved = at < low ? Math.min(middle, at + low - least) : Math.max(middle, at - (most - high));
  return Math.min(Math.max(moved, low + 2), high - 2);
}

// Whether some point of the parts, in view or not, is not under anything.
function hasFreePoint(scene, node, parts) {
  if (!coverersOf(scene).size) return true;
  return parts.some((part) => pointsIn(part).some((point) => !isUnder(scene, node, point)));
}
