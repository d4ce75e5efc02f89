// One pass over everything that is drawn: the flat tree as a list, with the few style facts that the rest needs.
//
//     scene = { nodes: Map(element → node), list: [node…] in reading order, frames: [iframe…],
//               roots: [open shadow roots…], closed: [closed ones…],
//               hollow: [nodes that may have a root unknown to us…], undrawn: [styles of what is not drawn…] }
//     node  = { el, tag, parent, index, end, display, inline, visible, clear, pointer, inert, position, style, … }
//
// `end` is the index just behind the node's last descendant: list.slice(index, end) is its subtree.
function newNode(el, parent, index, style, display) {
  const node = { el, tag: localName(el), parent, index, end: index + 1, style, display, inline: isInline(display) };
  node.inert = (parent !== null && parent.inert) || hasAttr(el, "inert");
  node.contentVisibility = undefined;
  node.own = null; // reasons that its attributes give, until one is set
  node.focusable = false;
  lookAt(node);
  return node;
}

// What may differ from look to look though the tree stays as it is.
function lookAt(node) {
  const { style, parent } = node;
  node.visible = style.visibility === "visible";
  node.clear = (parent !== null && parent.clear) || style.opacity === "0";
  node.pointer = style.cursor === "pointer";
  node.position = style.position;
  node.reasons = 0;
  node.strong = false;
  node.listened = false;
  node.frameworkRoot = false;
  node.backdrop = false;
  node.around = null;
  node.within = null;
  node.clipper = undefined;
  node.cut = undefined;
  node.contexts = null;
  node.exposed = undefined;
  node.fixedHolder = undefined;
  node.key = null;
}

// Children that can be drawn: a closed <details> shows its first <summary> alone.
function drawnChildren(node) {
  const { el, tag } = node;
  if (tag === "select" || UNSEEN.has(tag)) return NO_CHILDREN;
  const children = elementChildren(el);
  if (!children.length) return NO_CHILDREN;
  node.contentVisibility = node.style.contentVisibility;
  if (node.contentVisibility === "hidden") return NO_CHILDREN;
  if (tag !== "details" || hasAttr(el, "open")) return children;
  const summary = children.find((child) => localName(child) === "summary");
  return summary ? [summary] : NO_CHILDREN;
}

const NO_CHILDREN = [];

function readScene() {
  noteChanges(pendingChanges(watcher));
  const again = last.scene && !rebuilt && sameScene(last.scene);
  const scene = again || newScene();
  scene.suspects = scene.hollow.some(mayHideRoot);
  return scene;
}

// The scene of the last look with styles read anew, or null where these draw other elements than then.
function sameScene({ nodes, list, frames, roots, closed, hollow, undrawn, designMode }) {
  if (!list.length || list[0].el !== pageRoot(document)) return null;
  if (undrawn.some((style) => style.display !== "none")) return null;
  if (roots.some((root) => root.slotAssignment === "manual")) return null;
  const untouched = setSize(changes) === 0 && pageDesign(document) === designMode;
  for (const node of list) {
    const { style, contentVisibility } = node;
    if (style.display !== node.display) return null;
    if (contentVisibility !== undefined && style.contentVisibility !== contentVisibility) return null;
    lookAt(node);
    if (!untouched) node.own = null;
  }
  return { nodes, list, frames, roots, closed, hollow, undrawn, designMode };
}

// `keeps` says which elements are looked at, with what they contain; all are where it is not given.
function newScene(keeps) {
  const scene = { keeps, nodes: new Map(), list: [], frames: [], roots: [], closed: [], hollow: [], undrawn: [] };
  scene.designMode = pageDesign(document);
  const root = pageRoot(document);
  const open = []; // nodes whose subtrees are being read, with their children and how far these are
  if (root) openNode(scene, open, root, null);
  while (open.length) {
    const top = open[open.length - 1];
    if (top.next < top.children.length) {
      openNode(scene, open, top.children[top.next++], top.node);
    } else {
      top.node.end = scene.list.length;
      open.pop();
    }
  }
  return scene;
}

function openNode(scene, open, el, parent) {
  if (scene.nodes.has(el) || (scene.keeps && !scene.keeps(el))) return;
  const style = styleOf(el);
  const display = style.display;
  if (UNSEEN.has(localName(el))) return;
  if (display === "none" && localName(el) !== "area") {
    scene.undrawn.push(style);
    return;
  }
  const node = newNode(el, parent, scene.list.length, style, display);
  scene.nodes.set(el, node);
  scene.list.push(node);
  if (FRAME_TAGS.has(node.tag)) scene.frames.push(node);
  const root = shadowOf(el);
  if (root) (openRoot(el) ? scene.roots : scene.closed).push(root);
  if (!root && isHost(node)) scene.hollow.push(node);
  const children = drawnChildren(node);
  if (children.length) open.push({ node, children, next: 0 });
}

const FRAME_TAGS = new Set(["iframe", "frame", "object", "embed"]);
const HOSTS = new Set([
  "div",
  "span",
  "section",
  "article",
  "main",
  "header",
  "footer",
  "nav",
  "aside",
  "p",
  "blockquote",
  "body",
]);

const isHost = ({ el, tag }) => (HOSTS.has(tag) ? firstElement(el) === null : tag.includes("-"));

// A closed root that the parser made (<template shadowrootmode>) shows in nothing but a box without visible content.
function mayHideRoot({ el, tag }) {
  return !HOSTS.has(tag) || (!/\S/.test(textContent(el)) && el.offsetHeight > 0);
}
