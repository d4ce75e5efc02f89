// What style sheets draw beside the elements: text in ::before and ::after, and boxes laid over others.
const EMPTY_CONTENT = new Set(["", '""', "none", "normal"]);
// Style sheet → { rules: their number, text: whether one has content, overlays: [[selector, pseudo]],
//                 written: [[selector, pseudo]] whose content comes from elsewhere, or has an address or number in it }
const sheetFacts = new WeakMap();

// The facts of all sheets of a document or shadow root, together.
function pseudoFacts(scene, root) {
  scene.pseudo ||= new Map();
  if (!scene.pseudo.has(root)) {
    const facts = { text: false, overlays: [], written: [] };
    for (const sheet of [...Array.from(root.styleSheets || []), ...Array.from(root.adoptedStyleSheets || [])]) {
      addFacts(facts, factsOfSheet(sheet));
    }
    scene.pseudo.set(root, facts);
  }
  return scene.pseudo.get(root);
}

function addFacts(facts, { text, overlays, written }) {
  facts.text ||= text;
  for (const overlay of overlays) facts.overlays.push(overlay);
  for (const each of written) facts.written.push(each);
}

function factsOfSheet(sheet) {
  let rules;
  try {
    rules = sheet.cssRules;
  } catch {
    return { text: true, overlays: NOTHING, written: NOTHING }; // another origin's sheet cannot be read
  }
  const known = sheetFacts.get(sheet);
  if (known && known.rules === rules.length) return known;
  const facts = { rules: rules.length, text: false, overlays: [], written: [] };
  readRules(rules, facts);
  sheetFacts.set(sheet, facts);
  return facts;
}

function readRules(rules, facts) {
  for (let i = 0; i < rules.length; i++) {
    const rule = rules[i];
    if (rule.selectorText !== undefined && /:(before|after)/.test(rule.selectorText)) readPseudoRule(rule, facts);
    if (rule.styleSheet) {
      addFacts(facts, factsOfSheet(rule.styleSheet));
    } else if (rule.cssRules && rule.cssRules.length) readRules(rule.cssRules, facts);
  }
}

function readPseudoRule(rule, facts) {
  const { content, position } = rule.style;
  if (!EMPTY_CONTENT.has(content)) facts.text = true;
  const written = /\b(attr|var)\(/.test(content) || privateSpans(quotedText(content)).length > 0;
  if (position !== "absolute" && !written) return;
  for (const selector of rule.selectorText.split(/,(?![^(]*\))/)) {
    const match = /^(.*?)::?(before|after)\s*$/.exec(selector.trim());
    if (!match) continue;
    const found = [match[1] || "*", `::${match[2]}`];
    if (position === "absolute") facts.overlays.push(found);
    if (written) facts.written.push(found);
  }
}

// Text of a ::before or ::after, asked for only where a style sheet of that tree has such rules at all.
function pseudoText(scene, el, pseudo) {
  if (!pseudoFacts(scene, rootOf(el)).text) return "";
  const content = styleOf(el, pseudo).content;
  if (!content || content === "none" || content === "normal") return "";
  const spoken = content.includes(" / ") ? content.slice(content.lastIndexOf(" / ") + 3) : content;
  return quotedText(spoken);
}

const quotedText = (content) =>
  (content.match(/"(?:[^"\\]|\\.)*"/g) || []).map((quoted) => quoted.slice(1, -1).replace(/\\(.)/g, "$1")).join("");

// Boxes that ::before and ::after lay over what is around them, such as the click area of a "stretched link".
function pseudoCoverers(scene) {
  const found = [];
  for (const root of [document, ...scene.roots, ...scene.closed]) {
    for (const [selector, pseudo] of pseudoFacts(scene, root).overlays) {
      for (const el of matching(root, selector)) {
        const node = scene.nodes.get(el);
        const coverer = node && node.visible ? pseudoCoverer(scene, node, pseudo) : null;
        if (coverer) found.push(coverer);
      }
    }
  }
  return found;
}

function pseudoCoverer(scene, node, pseudo) {
  const style = styleOf(node.el, pseudo);
  if (
    style.content === "none" ||
    style.position !== "absolute" ||
    style.pointerEvents === "none" ||
    style.display === "none"
  )
    return null;
  let holder = node;
  while (holder.parent && holder.position === "static" && !holdsFixed(holder)) holder = holder.parent;
  const around = boundingRect(holder.el);
  const left = around.left + (holder.el.clientLeft || 0) + parseFloat(style.left);
  const top = around.top + (holder.el.clientTop || 0) + parseFloat(style.top);
  const rect = [left, top, left + parseFloat(style.width), top + parseFloat(style.height)];
  const { contexts } = paintKey(node);
  const order = pseudo === "::after" ? node.end - 0.5 : node.index + 0.5;
  const entries = [...contexts, [Number(style.zIndex) || 0, order]];
  return {
    node,
    pseudo: true,
    rect: withinClippers(rect, clippersWithin(scene, holder)),
    entries,
    ports: scrollPorts(clippersWithin(scene, holder)),
  };
}
