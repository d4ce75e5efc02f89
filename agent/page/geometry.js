// Where elements are: boxes, what clips them, what must be scrolled, which points of them are free.
// All rectangles here are [left, top, right, bottom] in CSS pixels of this frame's own viewport.
const overlap = (a, b) => [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
const hasArea = (r) => r[2] - r[0] >= 1 && r[3] - r[1] >= 1;
const edges = (r) => [r.left, r.top, r.right, r.bottom];
const union = (rects) =>
  rects.reduce((a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])]);

// The parts that an element is drawn in: its lines if it wraps; its content if it has no box of its own.
function partsOf(scene, node) {
  if (node.tag === "area") return areaParts(scene, node);
  const own = visibleRects(clientRects(node.el));
  if (own.length) return own;
  const parts = [];
  if (node.display === "contents" || node.style.overflowX === "visible") contentParts(scene, node.el, parts);
  return parts;
}

// A page may show a text in a million lines, and no call takes as many arguments.
const MAX_RECTS = 1000;

function visibleRects(rects) {
  const found = [];
  for (let i = 0; i < rects.length && found.length < MAX_RECTS; i++) {
    const rect = edges(rects[i]);
    if (hasArea(rect)) found.push(rect);
  }
  return found;
}

function contentParts(scene, el, parts) {
  for (const child of flatChildren(el)) {
    if (parts.length > 40) return;
    if (nodeType(child) === TEXT) {
      if (!/\S/.test(nodeValue(child))) continue;
      const range = new Range();
      range.selectNodeContents(child);
      parts.push(...visibleRects(range.getClientRects()));
    } else if (isElement(child) && scene.nodes.has(child)) {
      const own = visibleRects(clientRects(child));
      if (own.length) parts.push(...own);
      else contentParts(scene, child, parts);
    }
  }
}

const imageOfArea = (el) => {
  const map = closest(el, "map");
  const name = map && (attr(map, "name") || attr(map, "id"));
  return name
    ? Array.from(queryAll(rootOf(el), "img[usemap],object[usemap]")).find(
        (img) => attr(img, "usemap").slice(1) === name,
      )
    : null;
};

function areaParts(scene, node) {
  const image = imageOfArea(node.el);
  if (!image || !scene.nodes.has(image)) return [];
  const rect = edges(boundingRect(image));
  const xy = (attr(node.el, "coords") || "").split(/[\s,]+/, MAX_RECTS).map(Number);
  const shape = (attr(node.el, "shape") || "rect").toLowerCase();
  if (shape === "default") return [rect];
  const xs = xy.filter((_, i) => i % 2 === 0);
  const ys = xy.filter((_, i) => i % 2 === 1);
  const box = shape.startsWith("circ")
    ? [xy[0] - xy[2], xy[1] - xy[2], xy[0] + xy[2], xy[1] + xy[2]]
    : [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
  const moved = [box[0] + rect[0], box[1] + rect[1], box[2] + rect[0], box[3] + rect[1]];
  return [overlap(moved, rect)].filter(hasArea);
}

const clipsAxis = (value) => value !== "visible";
const scrollsAxis = (value) => value === "auto" || value === "scroll";

// What an element does to the boxes inside it, or null when it lets them all through.
function clipperOf(node) {
  if (node.clipper !== undefined) return node.clipper;
  const { overflowX, overflowY } = node.style;
  const clips = clipsAxis(overflowX) || clipsAxis(overflowY) || node.style.contain.includes("paint");
  node.clipper =
    clips && !scrollsPage(node) && node.display !== "inline" ? scrollPort(node, overflowX, overflowY) : null;
  return node.clipper;
}

// The root's overflow belongs to the viewport; body's does too, unless the root has one of its own.
function scrollsPage(node) {
  if (node.tag === "html") return node.parent === null;
  const root = node.parent;
  if (node.tag !== "body" || !root || root.parent) return false;
  return root.style.overflowX === "visible" && root.style.overflowY === "visible";
}

function scrollPort(node, overflowX, overflowY) {
  const { el } = node;
  const rect = boundingRect(el);
  const scaleX = el.offsetWidth ? rect.width / el.offsetWidth : 1;
  const scaleY = el.offsetHeight ? rect.height / el.offsetHeight : 1;
  const left = rect.left + el.clientLeft * scaleX;
  const top = rect.top + el.clientTop * scaleY;
  const port = [left, top, left + el.clientWidth * scaleX, top + el.clientHeight * scaleY];
  const x = clipsAxis(overflowX) ? 0 : -1e9;
  const y = clipsAxis(overflowY) ? 0 : -1e9;
  const scrollable = [scrollsAxis(overflowX), scrollsAxis(overflowY)];
  const room = scrollable[0] || scrollable[1] ? scrollRoom(el, port, scaleX, scaleY, scrollable) : port;
  return {
    port: [x ? -1e9 : port[0], y ? -1e9 : port[1], x ? 1e9 : port[2], y ? 1e9 : port[3]],
    room: [x ? -1e9 : room[0], y ? -1e9 : room[1], x ? 1e9 : room[2], y ? 1e9 : room[3]],
    scrolls: scrollable[0] || scrollable[1],
    el,
  };
}

// The rectangle that scrolling can bring into the port, at the present scroll position.
function scrollRoom(el, port, scaleX, scaleY, [alongX, alongY]) {
  const spanX = alongX ? el.scrollWidth - el.clientWidth : 0;
  const spanY = alongY ? el.scrollHeight - el.clientHeight : 0;
  const rtl = spanX > 0 && el.scrollLeft <= 0 && styleOf(el).direction === "rtl";
  const before = spanX ? (rtl ? spanX + el.scrollLeft : el.scrollLeft) : 0;
  const above = spanY ? el.scrollTop : 0;
  return [
    port[0] - before * scaleX,
    port[1] - above * scaleY,
    port[2] + (spanX - before) * scaleX,
    port[3] + (spanY - above) * scaleY,
  ];
}

// The page itself as the outermost scroll port.
function pagePort(scene, view) {
  const root = pageScroller(document) || pageRoot(document);
  const port = [0, 0, window.innerWidth, window.innerHeight];
  const overflowOf = (el) => (el ? styleOf(el) : { overflowX: "visible", overflowY: "visible" });
  const html = overflowOf(pageRoot(document));
  const viaBody = html.overflowX === "visible" && html.overflowY === "visible";
  const used = viaBody ? overflowOf(pageBody(document)) : html;
  const free = (value) => value !== "hidden" && value !== "clip";
  const room = root ? scrollRoom(root, port, 1, 1, [free(used.overflowX), free(used.overflowY)]) : port;
  scene.page = { port: overlap(port, view || port), room, scrolls: true, el: root };
}

const CONTAINS_FIXED = ["transform", "perspective", "filter", "backdropFilter", "rotate", "scale", "translate"];

function holdsFixed(node) {
  if (node.fixedHolder === undefined) {
    const { style } = node;
    node.fixedHolder =
      CONTAINS_FIXED.some((name) => style[name] && style[name] !== "none") ||
      /paint|layout|strict|content/.test(style.contain) ||
      /transform|filter|perspective/.test(style.willChange);
  }
  return node.fixedHolder;
}

// The clippers around a node, nearest first; `fixed` is true when nothing scrolls it with the page.
function clippersAround(scene, node) {
  if (node.around !== null) return node.around;
  const mode = node.position;
  let holder = node.parent;
  if (mode === "fixed") while (holder && !holdsFixed(holder)) holder = holder.parent;
  if (mode === "absolute") while (holder && holder.position === "static" && !holdsFixed(holder)) holder = holder.parent;
  if (inTopLayer(node)) holder = null;
  node.around = holder ? clippersWithin(scene, holder) : { list: [], fixed: mode === "fixed" || inTopLayer(node) };
  return node.around;
}

function clippersWithin(scene, holder) {
  if (holder.within === null) {
    const outer = clippersAround(scene, holder);
    const own = clipperOf(holder);
    holder.within = own ? { list: [own, ...outer.list], fixed: outer.fixed } : outer;
  }
  return holder.within;
}

// Style makes everything there absolute or fixed.
function inTopLayer(node) {
  if (node.position !== "absolute" && node.position !== "fixed") return false;
  if (node.tag !== "dialog" && !hasAttr(node.el, "popover")) return false;
  return matches(node.el, ":modal") || matches(node.el, ":popover-open");
}

// Recipes for "visually hidden" leave a box of one pixel.
const isDot = ([left, top, right, bottom]) => (right - left) * (bottom - top) < 4;

// How much of a part can be seen now, and whether scrolling could show it at all.
function exposure(scene, node, part) {
  const { list, fixed } = clippersAround(scene, node);
  let seen = part;
  let reach = part;
  for (const clipper of fixed ? list : [...list, scene.page]) {
    seen = overlap(seen, clipper.port);
    reach = overlap(reach, clipper.room);
    if (!hasArea(reach) || isDot(reach)) return { seen: null, reachable: false };
    const shown = overlap(reach, clipper.port);
    reach = hasArea(shown) ? shown : clipper.port;
  }
  if (fixed) seen = overlap(seen, scene.page.port);
  return { seen: hasArea(seen) ? seen : null, reachable: fixed ? hasArea(overlap(part, scene.window)) : true };
}

// A clip or clip-path that leaves nothing, as "visually hidden" recipes have it.
function clippedAway(node) {
  for (let at = node; at; at = at.parent) {
    if (at.cut === undefined) at.cut = cutsAll(at);
    if (at.cut) return true;
  }
  return false;
}

function cutsAll(node) {
  const { clipPath } = node.style;
  const rect = node.position === "absolute" || node.position === "fixed" ? node.style.clip : "auto";
  if (rect !== "auto") {
    const [top, right, bottom, left] = (rect.match(/-?[\d.]+|auto/g) || []).map((n) =>
      n === "auto" ? NaN : Number(n),
    );
    if (right - left <= 1 || bottom - top <= 1) return true;
  }
  if (!clipPath || clipPath === "none") return false;
  const inset = clipPath.match(/^inset\(\s*([\d.]+)%(?:\s+([\d.]+)%)?/);
  if (inset) return Number(inset[1]) >= 50 || Number(inset[2]) >= 50;
  return /^circle\(0(px|%)?( |\))/.test(clipPath) || /^polygon\((0px 0px,? ?)+\)$/.test(clipPath);
}

const FRACTIONS = [0.5, 0.25, 0.75, 0.1, 0.9];

// Points worth trying inside a rectangle, the middle first.
function pointsIn(rect) {
  const points = [];
  const [x, y, right, bottom] = rect;
  for (const fy of FRACTIONS) for (const fx of FRACTIONS) points.push([x + (right - x) * fx, y + (bottom - y) * fy]);
  points.push([x + 1.5, y + 1.5], [right - 1.5, y + 1.5], [x + 1.5, bottom - 1.5], [right - 1.5, bottom - 1.5]);
  return points;
}

// Points on the line of an SVG shape, whose middle may be empty.
function strokePoints(el) {
  if (!(el instanceof SVGGeometryElement) || !el.getScreenCTM()) return [];
  const matrix = el.getScreenCTM();
  const length = el.getTotalLength();
  return [0.1, 0.3, 0.5, 0.7, 0.9].map((share) => {
    const point = el.getPointAtLength(length * share).matrixTransform(matrix);
    return [point.x, point.y];
  });
}
