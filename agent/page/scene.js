// One pass over everything that is drawn: the flat tree as a list, with the few style facts that the rest needs.
//
//     scene = { nodes: Map(element → node), list: [node…] in reading order, frames: [iframe…],
//               roots: [open shadow roots…], closed: [closed ones…] }
//     node  = { el, tag, parent, index, end, display, inline, visible, clear, pointer, inert, position, style, … }
//
// `end` is the index just behind the node's last descendant: list.slice(index, end) is its subtree.
function newNode(el, parent, index, style, display) {
  return {
    el,
    tag: localName(el),
    parent,
    index,
    end: index + 1,
    style,
    display,
    inline: isInline(display),
    visible: style.visibility === "visible",
    clear: (parent !== null && parent.clear) || style.opacity === "0",
    pointer: style.cursor === "pointer",
    position: style.position,
    inert: (parent !== null && parent.inert) || hasAttr(el, "inert"),
    reasons: 0,
    strong: false,
    listened: false,
    focusable: false,
    frameworkRoot: false,
    backdrop: false,
    role: null,
    around: null,
    within: null,
    clipper: undefined,
    cut: undefined,
    contexts: null,
    exposed: undefined,
    key: null,
  };
}

// Children that can be drawn: a closed <details> shows its first <summary> alone.
function drawnChildren(node) {
  const { el, tag } = node;
  if (tag === "select" || UNSEEN.has(tag)) return NO_CHILDREN;
  const children = elementChildren(el);
  if (!children.length || node.style.contentVisibility === "hidden") return NO_CHILDREN;
  if (tag !== "details" || hasAttr(el, "open")) return children;
  const summary = children.find((child) => localName(child) === "summary");
  return summary ? [summary] : NO_CHILDREN;
}

const NO_CHILDREN = [];

function readScene() {
  const scene = { nodes: new Map(), list: [], frames: [], roots: [], closed: [], suspects: false };
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
  if (scene.nodes.has(el)) return;
  const style = styleOf(el);
  const display = style.display;
  if ((display === "none" && localName(el) !== "area") || UNSEEN.has(localName(el))) return;
  const node = newNode(el, parent, scene.list.length, style, display);
  scene.nodes.set(el, node);
  scene.list.push(node);
  if (FRAME_TAGS.has(node.tag)) scene.frames.push(node);
  const root = shadowOf(el);
  if (root) (openRoot(el) ? scene.roots : scene.closed).push(root);
  if (!root && mayHideRoot(node)) scene.suspects = true;
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

// A closed root that the parser made (<template shadowrootmode>) shows in nothing but a box without visible content.
function mayHideRoot({ el, tag }) {
  if (!HOSTS.has(tag)) return tag.includes("-");
  return firstElement(el) === null && !/\S/.test(textContent(el)) && el.offsetHeight > 0;
}
