// Selectors that find an element again: test id, role and name, label, text, CSS. Each is counted over the whole
// frame, as Playwright would match it, and offered only if it means this element alone.
const TEST_IDS = ["data-testid", "data-test-id", "data-test", "data-cy", "data-qa", "data-pw"];
const CSS_ATTRIBUTES = ["id", "name", "href", "placeholder", "aria-label", "title", "alt", "for"];
const cssEscape = CSS.escape;

// Values that a program made up anew: long digit runs, hashes, React's and other frameworks' counters.
const MAKERS = "ember|mui|radix|headlessui|react-select|mat-|cdk-|ng-|yui|ext-|gen|auto|uid|id|el|input|field";
const GENERATED = new RegExp(
  [
    "\\d{4,}",
    "[0-9a-f]{8,}",
    "^:?[rR]\\w*:",
    "«",
    `^(?:${MAKERS})[-_:]*[a-z-]*\\d+`,
    "[-_:]\\d+[-_:]\\w*\\d",
    "__\\w{5,}",
    "^[a-z]+-?\\d{2,}$",
  ].join("|"),
);
const isStable = (value) => value !== "" && value.length <= 120 && !(/[\d«:]/.test(value) && GENERATED.test(value));
const needsEscape = /["\\\n]/;
const quoted = (value) => (needsEscape.test(value) ? escaped(value) : `"${value}"`);
const escaped = (value) => `"${value.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\a ")}"`;

function locatorIndex(scene) {
  return { attributes: new Map(), anchors: new Map(), labels: null, roles: roleCounts(scene), texts: null };
}

// How often each value of an attribute stands in the frame.
function countsOf(scene, name) {
  const { attributes } = scene.index;
  if (!attributes.has(name)) {
    const counts = new Map();
    for (const root of [document, ...scene.roots]) {
      const found = queryAll(root, `[${name}]`);
      for (let i = 0; i < found.length; i++) {
        const value = attr(found[i], name);
        counts.set(value, (counts.get(value) || 0) + 1);
      }
    }
    attributes.set(name, counts);
  }
  return attributes.get(name);
}

function labelCounts(scene) {
  if (!scene.index.labels) {
    scene.index.labels = new Map();
    for (const root of [document, ...scene.roots]) {
      const found = queryAll(root, "label,[aria-label],[aria-labelledby]");
      for (let i = 0; i < found.length; i++) countLabel(root, found[i], scene.index.labels);
    }
  }
  return scene.index.labels;
}

function countLabel(root, el, labels) {
  const add = (text) => text && labels.set(text, (labels.get(text) || 0) + 1);
  if (localName(el) === "label" && labelControl(el)) add(fold(textContent(el)));
  else if (hasAttr(el, "aria-labelledby")) {
    for (const id of fold(attr(el, "aria-labelledby")).split(" ")) {
      const target = id && elementById(root, id);
      if (target) add(fold(textContent(target)));
    }
  } else if (hasAttr(el, "aria-label")) add(fold(attr(el, "aria-label")));
}

function isExposed(node) {
  if (node.exposed === undefined) {
    node.exposed = attr(node.el, "aria-hidden") !== "true" && (!node.parent || isExposed(node.parent));
  }
  return node.exposed;
}

// What can be found by its role and name, as Playwright finds it.
const isNamed = (scene, { node, viaLabel }) =>
  !viaLabel && node.visible && scene.nodes.has(node.el) && isExposed(node) && node.tag !== "area";

function roleCounts(scene) {
  const counts = new Map();
  for (const potential of scene.known) {
    if (!isNamed(scene, potential)) continue;
    const { role, name } = namedAs(scene, potential.el);
    if (!WIDGET_ROLES.has(role) && role !== "listbox") continue;
    const key = `${role} ${name}`;
    counts.set(key, (counts.get(key) || 0) + 1);
  }
  return counts;
}

function textCounts(scene) {
  const counts = new Map();
  const count = (text) => text && counts.set(text, (counts.get(text) || 0) + 1);
  for (const root of [pageBody(document), ...scene.roots]) {
    if (!root) continue;
    const walker = walkTree(document, root, 4);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) count(fold(nodeValue(node)));
  }
  return counts;
}

function locatorsOf(scene, potential, role, name) {
  scene.index ||= locatorIndex(scene);
  const target = potential.viaLabel ? potential.place : potential.node;
  const { el } = target;
  if (scene.closed.length && inClosedRoot(el)) return [];
  const found = [];
  const testId = testIdOf(scene, el);
  if (testId) found.push(testId);
  if (!potential.viaLabel && name && namedAs(scene, el).spelt && scene.index.roles.get(`${role} ${name}`) === 1) {
    found.push(`role=${role}[name=${quoted(name)}s]`);
  }
  const label = potential.viaLabel ? "" : labelText(scene, el);
  if (label && labelCounts(scene).get(label) === 1) found.push(`internal:label=${quoted(label)}s`);
  if (found.length < 2) found.push(...textLocator(scene, el));
  if (found.length < 3) found.push(...attributeLocators(scene, el, target.tag, 3 - found.length));
  if (found.length < 2) found.push(pathTo(scene, el));
  return found;
}

function testIdOf(scene, el) {
  const name = TEST_IDS.find((id) => hasAttr(el, id) && isUnique(scene, id, attr(el, id)));
  return name ? `[${name}=${quoted(attr(el, name))}]` : "";
}

const isUnique = (scene, name, value) => countsOf(scene, name).get(value) === 1 && isStable(value);

function inClosedRoot(el) {
  for (let root = rootOf(el); isShadow(root); root = rootOf(hostOf(root))) if (!openRoot(hostOf(root))) return true;
  return false;
}

function labelText(scene, el) {
  const labels = labelsOf(scene, el);
  return labels.length === 1 && !firstElement(labels[0]) ? fold(textContent(labels[0])) : "";
}

function textLocator(scene, el) {
  const only = firstChild(el);
  if (!only || nextSibling(only) || nodeType(only) !== TEXT) return [];
  const text = fold(nodeValue(only));
  if (!text || text.length > 80) return [];
  scene.index.texts ||= textCounts(scene);
  return scene.index.texts.get(text) === 1 ? [`text=${quoted(text)}`] : [];
}

function attributeLocators(scene, el, tag, most) {
  const found = [];
  for (const name of CSS_ATTRIBUTES) {
    const value = attr(el, name);
    if (value === null || !isUnique(scene, name, value)) continue;
    found.push(name === "id" ? `#${cssEscape(value)}` : `${tag}[${name}=${quoted(value)}]`);
    if (found.length === most) break;
  }
  return found;
}

// Child by child from the nearest ancestor with an id of its own; through open shadow roots as Playwright reads it.
function pathTo(scene, el) {
  const steps = [];
  for (let at = el; at; at = lightParent(at)) {
    const anchor = at === el ? "" : anchorOf(scene, at);
    steps.unshift(anchor || stepOf(scene, at));
    if (anchor) break;
  }
  return steps.join(" > ");
}

function anchorOf(scene, el) {
  const { anchors } = scene.index;
  if (!anchors.has(el)) {
    const id = attr(el, "id");
    anchors.set(el, id !== null && isUnique(scene, "id", id) ? `#${cssEscape(id)}` : testIdOf(scene, el));
  }
  return anchors.get(el);
}

function lightParent(el) {
  const parent = parentOf(el);
  return !parent ? null : isElement(parent) ? parent : isShadow(parent) ? hostOf(parent) : null;
}

function stepOf(scene, el) {
  const tag = localName(el);
  if (tag === "html" || tag === "body") return tag;
  const parent = parentOf(el);
  if (!parent) return cssEscape(tag);
  if (!scene.positions.has(parent)) scene.positions.set(parent, positionsIn(parent));
  const [nth, total] = scene.positions.get(parent).get(el);
  return total.count > 1 ? `${cssEscape(tag)}:nth-of-type(${nth})` : cssEscape(tag);
}

function positionsIn(parent) {
  const positions = new Map();
  const totals = new Map();
  for (let child = firstChild(parent); child; child = nextSibling(child)) {
    if (!isElement(child)) continue;
    const tag = localName(child);
    if (!totals.has(tag)) totals.set(tag, { count: 0 });
    const total = totals.get(tag);
    total.count += 1;
    positions.set(child, [total.count, total]);
  }
  return positions;
}
