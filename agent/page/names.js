// Roles and accessible names. Source: https://www.w3.org/TR/accname-1.2/ and https://www.w3.org/TR/html-aam-1.0/
const INPUT_ROLES = {
  __proto__: null,
  button: "button",
  file: "button",
  submit: "button",
  reset: "button",
  image: "button",
  checkbox: "checkbox",
  radio: "radio",
  range: "slider",
  number: "spinbutton",
  search: "searchbox",
  email: "textbox",
  tel: "textbox",
  text: "textbox",
  url: "textbox",
};
const TAG_ROLES = {
  __proto__: null,
  article: "article",
  aside: "complementary",
  button: "button",
  caption: "caption",
  datalist: "listbox",
  dd: "definition",
  details: "group",
  dialog: "dialog",
  dt: "term",
  fieldset: "group",
  figure: "figure",
  h1: "heading",
  h2: "heading",
  h3: "heading",
  h4: "heading",
  h5: "heading",
  h6: "heading",
  hr: "separator",
  legend: "legend",
  li: "listitem",
  main: "main",
  menu: "list",
  meter: "meter",
  nav: "navigation",
  ol: "list",
  option: "option",
  optgroup: "group",
  output: "status",
  p: "paragraph",
  progress: "progressbar",
  search: "search",
  table: "table",
  tbody: "rowgroup",
  td: "cell",
  textarea: "textbox",
  tfoot: "rowgroup",
  thead: "rowgroup",
  tr: "row",
  ul: "list",
};
const NAMED_BY_CONTENT = new Set([
  "button",
  "cell",
  "checkbox",
  "columnheader",
  "gridcell",
  "heading",
  "link",
  "menuitem",
  "menuitemcheckbox",
  "menuitemradio",
  "option",
  "radio",
  "row",
  "rowheader",
  "switch",
  "tab",
  "tooltip",
  "treeitem",
]);
const ROLES = new Set([
  ...Object.values(TAG_ROLES),
  ...Object.values(INPUT_ROLES),
  ...NAMED_BY_CONTENT,
  "alert",
  "alertdialog",
  "application",
  "banner",
  "combobox",
  "contentinfo",
  "directory",
  "document",
  "feed",
  "form",
  "generic",
  "grid",
  "img",
  "image",
  "log",
  "marquee",
  "math",
  "menubar",
  "none",
  "note",
  "presentation",
  "radiogroup",
  "region",
  "scrollbar",
  "status",
  "tablist",
  "tabpanel",
  "timer",
  "toolbar",
  "tree",
  "treegrid",
]);
const LABELABLE = new Set(["input", "select", "textarea", "button", "meter", "output", "progress"]);

function explicitRole(el) {
  const text = attr(el, "role");
  if (text === null) return "";
  const words = text.toLowerCase().split(/\s+/);
  const role = words.find((word) => ROLES.has(word)) || "";
  return role === "presentation" || role === "none" ? "" : role;
}

function roleOf(el) {
  return explicitRole(el) || implicitRole(el) || "generic";
}

function implicitRole(el) {
  const tag = localName(el);
  switch (tag) {
    case "a":
    case "area":
      return hasAttr(el, "href") || hasAttr(el, "xlink:href") ? "link" : "";
    case "img":
      return attr(el, "alt") === "" && !hasAttr(el, "title") && !attr(el, "aria-label") ? "presentation" : "img";
    case "svg":
      return "img";
    case "input":
      return inputRole(el);
    case "select":
      return hasAttr(el, "multiple") || Number(attr(el, "size")) > 1 ? "listbox" : "combobox";
    case "th":
      return attr(el, "scope") === "row" ? "rowheader" : "columnheader";
    case "section":
      return hasAttr(el, "aria-label") || hasAttr(el, "aria-labelledby") ? "region" : "";
    case "form":
      return hasAttr(el, "aria-label") || hasAttr(el, "aria-labelledby") || hasAttr(el, "title") ? "form" : "";
    case "header":
      return elementClosest(el, "article,aside,main,nav,section") ? "" : "banner";
    case "footer":
      return elementClosest(el, "article,aside,main,nav,section") ? "" : "contentinfo";
    default:
      return TAG_ROLES[tag] || "";
  }
}

function inputRole(el) {
  const type = inputType(el);
  const listed = hasAttr(el, "list") && ["email", "search", "tel", "text", "url"].includes(type);
  return listed ? "combobox" : INPUT_ROLES[type] || "textbox";
}

// The name that assistive technology would read, whitespace folded.
function nameOf(scene, el) {
  return clip(fold(rawName(scene, el)), 300);
}

const unnamed = () => ({ seen: [], embedded: false, labelled: false, hidden: false });
const rawName = (scene, el) => alternative(scene, el, unnamed());

function alternative(scene, el, walk) {
  if (walk.seen.includes(el) || walk.seen.length > 200) return "";
  walk.seen.push(el);
  return (
    labelledBy(scene, el, walk) ||
    (walk.embedded && embeddedValue(scene, el, walk)) ||
    fold(attr(el, "aria-label") || "") ||
    nativeName(scene, el, walk) ||
    (walk.embedded || NAMED_BY_CONTENT.has(roleOf(el)) || localName(el) === "summary"
      ? contentName(scene, el, walk)
      : "") ||
    fold(attr(el, "title") || "") ||
    placeholderName(el)
  );
}

function labelledBy(scene, el, walk) {
  if (walk.labelled || !hasAttr(el, "aria-labelledby")) return "";
  const ids = fold(attr(el, "aria-labelledby")).split(" ");
  const names = ids.map((id) => {
    const target = id && elementById(rootOf(el), id);
    const seen = target === el ? [] : [el];
    return target
      ? alternative(scene, target, { seen, embedded: true, labelled: true, hidden: !scene.nodes.has(target) })
      : "";
  });
  return fold(names.join(" "));
}

// A control inside a label or a heading speaks its value.
function embeddedValue(scene, el, walk) {
  const role = roleOf(el);
  if (role === "textbox" || role === "searchbox") {
    return isSecret(el) ? "" : localName(el) === "input" ? inputValue(el) : fold(textContent(el));
  }
  if (role === "combobox" || role === "listbox") return localName(el) === "select" ? selectedText(el) : "";
  if (role === "slider" || role === "spinbutton") {
    return attr(el, "aria-valuetext") || attr(el, "aria-valuenow") || (localName(el) === "input" ? inputValue(el) : "");
  }
  return "";
}

const selectedText = (el) => fold(Array.from(el.selectedOptions, (option) => textContent(option)).join(" "));
const placeholderName = (el) =>
  localName(el) === "input" || localName(el) === "textarea" || isEditable(el)
    ? fold(attr(el, "placeholder") || (localName(el) === "div" && attr(el, "aria-placeholder")) || "")
    : "";

function nativeName(scene, el, walk) {
  const tag = localName(el);
  if (tag === "input" || LABELABLE.has(tag)) return inputName(scene, el, tag, walk);
  if (tag === "img" || tag === "area") return fold(attr(el, "alt") || "");
  if (tag === "svg" || namespace(el) === SVG_NS) return svgTitle(el);
  const part = NAMING_PARTS.get(tag);
  if (!part) return "";
  const child = elementChildren(el).find((node) => localName(node) === part);
  return child ? alternative(scene, child, { ...walk, embedded: true }) : "";
}

const NAMING_PARTS = new Map([
  ["fieldset", "legend"],
  ["table", "caption"],
  ["figure", "figcaption"],
]);

function svgTitle(el) {
  const title = elementChildren(el).find((child) => localName(child) === "title");
  return title ? fold(textContent(title)) : "";
}

function inputName(scene, el, tag, walk) {
  const type = tag === "input" ? inputType(el) : tag;
  if (type === "submit" || type === "reset" || type === "button") {
    if (tag === "input" && fold(attr(el, "value") || "")) return fold(attr(el, "value"));
    if (type === "submit") return labelsName(scene, el, walk) || "Submit";
    if (type === "reset") return labelsName(scene, el, walk) || "Reset";
  }
  const labels = labelsName(scene, el, walk);
  if (labels || type !== "image") return labels;
  return fold(attr(el, "alt") || attr(el, "title") || "") || "Submit";
}

function labelsName(scene, el, walk) {
  if (walk.embedded && !walk.labelled) return "";
  return fold(
    labelsOf(scene, el)
      .map((label) => alternative(scene, label, { ...walk, embedded: true, labelled: true }))
      .join(" "),
  );
}

// The labels of a control. A control's own `labels` searches the whole document each time it is asked.
function labelsOf(scene, el) {
  if (!scene.labels) {
    scene.labels = new Map();
    for (const root of [document, ...scene.roots, ...scene.closed]) {
      const found = queryAll(root, "label");
      for (let i = 0; i < found.length; i++) {
        const control = labelControl(found[i]);
        if (control) scene.labels.set(control, [...(scene.labels.get(control) || NOTHING), found[i]]);
      }
    }
  }
  return scene.labels.get(el) || NOTHING;
}

function contentName(scene, el, walk) {
  if (!firstElement(el) && !shadowOf(el) && !pseudoFacts(scene, rootOf(el)).text) return spoken(textContent(el));
  const parts = [pseudoText(scene, el, "::before")];
  const inside = { ...walk, embedded: true };
  for (const child of flatChildren(el)) {
    if (nodeType(child) === TEXT) parts.push(nodeValue(child));
    else if (isElement(child)) parts.push(childName(scene, child, inside));
  }
  parts.push(pseudoText(scene, el, "::after"));
  return spoken(parts.join(""));
}

const spoken = (text) => (/\S/.test(text) ? text : "");

function childName(scene, child, walk) {
  const node = scene.nodes.get(child);
  if (localName(child) === "br") return " ";
  if (UNSEEN.has(localName(child))) return "";
  if (!walk.hidden && (!node || !node.visible || attr(child, "aria-hidden") === "true")) return "";
  const text = alternative(scene, child, walk);
  return node && node.display === "inline" ? text : ` ${text} `;
}

// What the one picture in something without name and text is called: its role takes no name from what is in it.
function pictureName(scene, el) {
  const pictures = queryAll(el, "img, svg, [role='img']");
  const node = pictures.length === 1 ? scene.nodes.get(pictures[0]) : null;
  return node && node.visible ? nameOf(scene, pictures[0]) : "";
}

function descriptionOf(scene, el, name) {
  const ids = fold(attr(el, "aria-describedby") || "")
    .split(" ")
    .filter(Boolean);
  const texts = ids
    .map((id) => elementById(rootOf(el), id))
    .filter(Boolean)
    .map((target) => fold(textContent(target)));
  const described = fold(texts.join(" ")) || fold(attr(el, "aria-description") || "");
  const spare = [attr(el, "title"), attr(el, "placeholder"), attr(el, "data-tooltip"), attr(el, "data-original-title")];
  return clip([described, ...spare.map((text) => fold(text || ""))].find((text) => text && text !== name) || "", 200);
}
