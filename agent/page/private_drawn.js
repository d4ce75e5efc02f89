// What is private and drawn, although it is no text of the page: what style sheets write beside elements, the words of
// pictures that did not come, those in drawings that an address brings along, and copies of drawn text.
const PICTURES = "img,input[type=image],object,embed,image";
const DRAWING = /^data:image\/svg\+xml/i;
const LONGEST_DRAWING = 200000;
const imageWidth = getter(HTMLImageElement, "naturalWidth");
const imageLoaded = getter(HTMLImageElement, "complete");
const drawings = new Map(); // address → whether something private is drawn

function findDrawn(found, root) {
  for (const el of Array.from(queryAll(root, PICTURES))) {
    const missing = el instanceof HTMLImageElement && imageLoaded(el) && imageWidth(el) === 0;
    if (missing && noteSpans(found, attr(el, "alt") || "")) found.drawn.push(el);
    else if (["src", "data", "href", "xlink:href"].some((name) => showsPrivate(attr(el, name)))) found.drawn.push(el);
  }
  for (const el of Array.from(queryAll(root, "use"))) {
    const id = /^#(.+)$/.exec(attr(el, "href") || attr(el, "xlink:href") || "");
    const copied = id && elementById(rootOf(el), id[1]);
    if (copied && noteSpans(found, textContent(copied))) found.drawn.push(el);
  }
  for (const [selector, pseudo] of pseudoFacts({}, root).written) {
    for (const el of matchingAll(root, selector)) {
      if (noteSpans(found, quotedText(styleOf(el, pseudo).content))) found.drawn.push(el);
    }
  }
}

function noteSpans(found, text) {
  const spans = privateSpans(text);
  spans.forEach(([start, end]) => note(found, text.slice(start, end)));
  return spans.length > 0;
}

function matchingAll(root, selector) {
  try {
    return Array.from(queryAll(root, selector));
  } catch {
    return NOTHING; // a selector that means something in style sheets only
  }
}

// Whether an address is a drawing with something private in its text.
function showsPrivate(address) {
  if (!address || !DRAWING.test(address) || address.length > LONGEST_DRAWING) return false;
  if (!drawings.has(address)) {
    if (drawings.size > 500) drawings.clear();
    drawings.set(address, privateSpans(drawnText(address)).length > 0);
  }
  return drawings.get(address);
}

function drawnText(address) {
  const comma = address.indexOf(",");
  try {
    const content = address.slice(comma + 1);
    return (/;base64$/i.test(address.slice(0, comma)) ? atob(content) : decodeURIComponent(content)).replace(/<[^>]*>/g, "\n");
  } catch {
    return ""; // it is no drawing then, and nothing is drawn
  }
}
