// The words of a drawing that a shape without words of its own is called by: flow charts, boards of nodes, timelines.
//
//     shapeText(scene, node)    -> "Boiler"           drawn on the shape, or alone with it in its group
//     shapeContext(scene, node) -> [group "Boiler"]   drawn on another shape of its group: the handle of a box
//                               -> []                 no one text could be meant
//                               -> null               the drawing has no words
//
// Where something stands in the document does not tell where it is drawn: what comes before a shape is another one.
const DRAWN_NODES = 800; // a drawing with more elements than that is not searched as one group
const LABEL_LINES = 3; // of a label that is drawn as several texts

const isShape = (el) => namespace(el) === SVG_NS && localName(el) !== "svg";
const holds = ([left, top, right, bottom], [x, y]) => left <= x && x <= right && top <= y && y <= bottom;
const areaOf = ([left, top, right, bottom]) => (right - left) * (bottom - top);

function shapeText(scene, node) {
  const pieces = isShape(node.el) ? nearestPieces(scene, node) : NOTHING;
  const own = pieces.filter(({ owner }) => owner === node);
  if (own.length) return own.length > LABEL_LINES ? "" : wordsOf(own);
  return pieces.length === 1 && !pieces[0].owner ? pieces[0].text : "";
}

function shapeContext(scene, node) {
  if (!isShape(node.el)) return null;
  const pieces = nearestPieces(scene, node);
  if (!pieces.length) return null;
  return pieces.length === 1 ? [addContext("group", pieces[0].text)] : [];
}

// Those of the innermost group with words.
function nearestPieces(scene, node) {
  for (let at = node.parent; at && namespace(at.el) === SVG_NS; at = at.parent) {
    const pieces = drawnPieces(scene, at);
    if (pieces.length) return pieces;
  }
  return NOTHING;
}

const wordsOf = (pieces) => clip(pieces.map(({ text }) => text).join(" "), BESIDE_LENGTH);

// The texts within a group, each with the smallest shape to act on that it is drawn on.
function drawnPieces(scene, at) {
  if (at.end - at.index > DRAWN_NODES) return NOTHING;
  if (!scene.drawn) scene.drawn = new Map();
  let pieces = scene.drawn.get(at);
  if (!pieces) {
    const nodes = scene.list.slice(at.index + 1, at.end);
    const shapes = nodes.filter(isDrawnControl).map((each) => ({ node: each, rect: edges(boundingRect(each.el)) }));
    shapes.sort((a, b) => areaOf(a.rect) - areaOf(b.rect));
    pieces = nodes.filter((each) => isDrawnText(each)).map((each) => drawnPiece(scene, each, shapes));
    pieces = pieces.filter(({ text }) => hasWords(text));
    scene.drawn.set(at, pieces);
  }
  return pieces;
}

const isDrawnText = ({ el, tag, visible }) => visible && isShape(el) && (tag === "text" || tag === "foreignObject");
const isDrawnControl = ({ el, tag, reasons, visible }) => reasons !== 0 && visible && isShape(el) && tag !== "text";

function drawnPiece(scene, { el }, shapes) {
  const [left, top, right, bottom] = edges(boundingRect(el));
  const middle = [(left + right) / 2, (top + bottom) / 2];
  const on = shapes.find(({ rect }) => holds(rect, middle));
  return { text: visibleText(scene, el, BESIDE_LENGTH), owner: on ? on.node : null };
}
