// One pass over everything that is drawn: the flat tree as a list, with the few style facts that the rest needs.
//
//     scene = { nodes: Map(element → node), list: [node…] in reading order, frames: [iframe…], docs… }
//     node  = { el, tag, parent, index, end, inline, visible, clear, pointer, inert }
//
// `end` is the index just behind the node's last descendant: list.slice(index, end) is its subtree.
function newNode(el, parent, index) {
  const style = styleOf(el);
  const display = style.display;
  return {
    __proto__: null,
    el,
    tag: localName(el),
    parent,
    index,
    end: index + 1,
    display,
    inline: isInline(display),
    visible: style.visibility === "visible",
    clear: style.opacity === "0" || Boolean(parent && parent.clear),
    pointer: style.cursor === "pointer",
    inert: hasAttr(el, "inert") || Boolean(parent && parent.inert),
    hidesContent: style.contentVisibility === "hidden",
    style,
  };
}

// Children that can be drawn: a closed <details> shows its first <summary> alone.
function drawnChildren(node) {
  if (node.hidesContent || node.tag === "select" || UNSEEN.has(node.tag)) return [];
  const children = elementChildren(node.el);
  if (node.tag !== "details" || hasAttr(node.el, "open")) return children;
  const summary = children.find((child) => localName(child) === "summary");
  return summary ? [summary] : [];
}

function readScene() {
  const scene = { __proto__: null, nodes: new Map(), list: [], frames: [], roots: [], suspects: false };
  const root = pageRoot(document);
  const stack = root ? [[root, null]] : [];
  while (stack.length) {
    const [el, parent] = stack.pop();
    if (el === null) {
      parent.end = scene.list.length;
      continue;
    }
    visit(scene, stack, el, parent);
  }
  return scene;
}

function visit(scene, stack, el, parent) {
  if (scene.nodes.has(el)) return;
  const node = newNode(el, parent, scene.list.length);
  if ((node.display === "none" && node.tag !== "area") || UNSEEN.has(node.tag)) return;
  scene.nodes.set(el, node);
  scene.list.push(node);
  if (node.tag === "iframe" || node.tag === "frame" || node.tag === "object") scene.frames.push(node);
  const root = shadowOf(el);
  if (root && openRoot(el)) scene.roots.push(root);
  if (!root && mayHideRoot(node)) scene.suspects = true;
  const children = drawnChildren(node);
  if (!children.length) return;
  stack.push([null, node]);
  for (let i = children.length - 1; i >= 0; i--) stack.push([children[i], node]);
}

const HOSTS = new Set(["div", "span", "section", "article", "main", "header", "footer", "nav", "aside", "p", "blockquote", "body"]);

// A closed root that the parser made (<template shadowrootmode>) shows in nothing but a box without visible content.
function mayHideRoot(node) {
  if (node.tag.includes("-")) return true;
  return HOSTS.has(node.tag) && !firstElement(node.el) && !fold(textContent(node.el)) && node.el.offsetHeight > 0;
}
