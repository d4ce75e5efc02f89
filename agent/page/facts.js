// What a candidate is: element type, possible actions, state, hints.
const TYPE_BY_ROLE = {
  __proto__: null,
  button: "button",
  link: "link",
  checkbox: "checkbox",
  switch: "checkbox",
  radio: "radio",
  tab: "tab",
  option: "option",
  treeitem: "option",
  menuitem: "menuitem",
  menuitemcheckbox: "menuitem",
  menuitemradio: "menuitem",
  combobox: "select",
  listbox: "select",
  searchbox: "input:search",
  spinbutton: "input:number",
  slider: "input:range",
  textbox: "input:text",
  img: "image",
  image: "image",
};
const TEXT_TYPES = new Set([
  "text",
  "search",
  "email",
  "tel",
  "url",
  "password",
  "number",
  "date",
  "datetime-local",
  "month",
  "week",
  "time",
]);
const ACTIONS = {
  __proto__: null,
  checkbox: ["click", "check", "uncheck"],
  radio: ["click", "check"],
  select: ["select", "click"],
  "input:file": ["upload", "click"],
  "input:range": ["fill", "press", "click", "drag"],
  "input:color": ["fill", "click"],
  canvas: ["click", "double_click", "right_click", "hover", "drag"],
};
const FIELD_ACTIONS = ["fill", "type", "clear", "press", "click"];

function elementType(el, role) {
  const tag = localName(el);
  if (tag === "select" || tag === "textarea" || tag === "canvas") return tag;
  if (tag === "input") return inputElementType(el, role);
  if (explicitRole(el) && TYPE_BY_ROLE[role]) return editableType(el, TYPE_BY_ROLE[role]);
  if (isEditable(el) && editableRoot(el)) return "textarea";
  if (tag === "img" || tag === "svg" || tag === "area") return "image";
  return tag === "summary" ? "button" : TYPE_BY_ROLE[role] || "other";
}

function inputElementType(el, role) {
  const type = inputType(el);
  if (type === "checkbox" || type === "radio") return explicitRole(el) === "button" ? "button" : type; // opens a menu
  if (type === "submit" || type === "button" || type === "reset" || type === "image")
    return explicitRole(el) && TYPE_BY_ROLE[role] ? TYPE_BY_ROLE[role] : "button";
  if (role === "combobox" && hasAttr(el, "readonly") && explicitRole(el)) return "select"; // nothing can be typed
  return `input:${type}`;
}

const editableType = (el, type) =>
  type === "input:text" && (attr(el, "aria-multiline") === "true" || isEditable(el)) ? "textarea" : type;

function editableRoot(el) {
  const parent = parentElement(el);
  return !parent || !isEditable(parent);
}

// The most usual action first; listeners tell of the unusual ones.
function actionTypes(el, type, reasons) {
  const actions = [...(ACTIONS[type] || defaultActions(el, type)), "hover"];
  const second = reasons & (CLICK | NATIVE | ARIA) ? 1 : 0;
  if (reasons & CONTEXT_MENU) actions.splice(second, 0, "right_click");
  if (reasons & DOUBLE_CLICK) actions.splice(second, 0, "double_click");
  if (reasons === HOVER) actions.unshift("hover");
  if (reasons & (DRAG | DROP)) actions.splice(reasons & ~(DRAG | DROP | POINTER) ? actions.length : 0, 0, "drag");
  return actions.length > 2 ? Array.from(new Set(actions)) : actions;
}

function defaultActions(el, type) {
  if (type === "textarea" || (type.startsWith("input:") && TEXT_TYPES.has(type.slice(6)))) return FIELD_ACTIONS;
  return ["click"];
}

const OPEN_STATES = {
  __proto__: null,
  checkbox: "checked",
  radio: "checked",
  switch: "checked",
  menuitemcheckbox: "checked",
  menuitemradio: "checked",
  option: "selected",
  tab: "selected",
  treeitem: "selected",
  gridcell: "selected",
  row: "selected",
};
const isDisabled = (el) => elementMatches(el, ":disabled") || elementClosest(el, "[aria-disabled='true' i]") !== null;
const SECRET_HINTS = /^(current-password|new-password|one-time-code|cc-number|cc-csc|cc-exp)/;
const SECRET_NAMES = /passw|passcode|\botp\b|one.?time.?code|\bcvv\b|\bcvc\b|card.?number|\bpin\b|secret/i;

function isSecret(el) {
  const tag = localName(el);
  if (tag !== "input" && tag !== "textarea") return false;
  if (tag === "input" && inputType(el) === "password") return true;
  const hints = (attr(el, "autocomplete") || "").toLowerCase().split(/\s+/);
  if (hints.some((hint) => SECRET_HINTS.test(hint))) return true;
  if (tag === "input" && !TEXT_TYPES.has(inputType(el))) return false;
  return SECRET_NAMES.test(`${attr(el, "name") || ""} ${attr(el, "id") || ""}`.replace(/[_-]/g, " "));
}

// Only what differs from State's defaults. On a page as it was, only fields and the focus have another state than before.
function stateOf(el, role, type, disabled) {
  const tag = localName(el);
  const native = tag === "input" || tag === "textarea" || tag === "select";
  let state = native ? undefined : memory.states.get(el);
  if (state === undefined) {
    state = stateApartFromFocus(el, role, type, tag, native, disabled);
    memory.states.set(el, state);
  }
  return elementMatches(el, ":focus") ? { ...state, focused: true } : state;
}

function stateApartFromFocus(el, role, type, tag, native, disabled) {
  const state = {};
  const names = attrNames(el);
  if (native || OPEN_STATES[role] || tag === "summary" || names.some(isStateAttribute))
    readStates(state, el, role, native, tag);
  if (disabled) state.disabled = true;
  const sorted = attr(elementClosest(el, "[aria-sort]") || el, "aria-sort");
  if (sorted === "ascending" || sorted === "descending") state.sorted = sorted;
  if (native) {
    if (hasAttr(el, "readonly") && (type === "textarea" || TEXT_TYPES.has(type.slice(6)))) state.readonly = true;
    if (hasAttr(el, "required")) state.required = true;
    if (!hasAttr(el, "aria-invalid") && elementMatches(el, ":user-invalid")) state.invalid = true;
  }
  if (isSecret(el)) state.secret = true;
  else if (native || isEditable(el) || hasAttr(el, "aria-valuenow")) readValue(state, el, type, tag);
  return state;
}

const isStateAttribute = (name) => name.startsWith("aria-");

function readStates(state, el, role, native, tag) {
  readFlags(state, el, role, native ? inputTypeOr(el) : "");
  const pressed = tristate(attr(el, "aria-pressed"));
  if (pressed !== null) state.pressed = pressed === true;
  const expanded = tristate(attr(el, "aria-expanded"));
  if (expanded !== null) state.expanded = expanded === true && !(role === "combobox" && hasUndrawnList(el));
  else if (tag === "summary") state.expanded = hasAttr(parentElement(el), "open");
  if (attr(el, "aria-readonly") === "true") state.readonly = true;
  if (attr(el, "aria-required") === "true") state.required = true;
  const invalid = attr(el, "aria-invalid");
  if (invalid && invalid !== "false") state.invalid = true;
}

// Some say that they are open though nothing has come up: no entry of their list fits what was typed.
function hasUndrawnList(el) {
  const id = attr(el, "aria-controls") || attr(el, "aria-owns");
  const list = id ? elementById(rootOf(el), id) : null;
  return list !== null && styleOf(list).display === "none";
}

const tristate = (text) => (text === "mixed" ? "mixed" : text === "true" ? true : text === "false" ? false : null);

// What a native checkbox says over which something else is drawn; undefined where it and its ARIA state disagree.
function checkedOf(el, type) {
  const checked = type === "checkbox" && elementMatches(el, ":indeterminate") ? "mixed" : elementMatches(el, ":checked");
  const said = type === "checkbox" && Number(styleOf(el).opacity) < 0.05 ? tristate(attr(el, "aria-checked")) : null;
  return said === null || said === "mixed" || said === checked ? checked : undefined;
}

function readFlags(state, el, role, type) {
  if (type === "checkbox" || type === "radio") {
    const checked = checkedOf(el, type);
    if (checked !== undefined) state.checked = checked;
    return;
  }
  const word = OPEN_STATES[role];
  if (!word) return;
  const flag = tristate(attr(el, `aria-${word}`));
  if (word === "checked") state.checked = flag === null ? false : flag;
  else if (flag !== null || role === "tab" || role === "option") state.selected = flag === true;
}

const inputTypeOr = (el) => (localName(el) === "input" ? inputType(el) : "");

function readValue(state, el, type, tag) {
  const value = valueOf(el, type, tag);
  if (value !== null) state.value = clip(value, 300);
}

function valueOf(el, type, tag) {
  if (tag === "select") return selectedText(el);
  if (tag === "textarea") return el.value;
  if (tag !== "input") return fold(attr(el, "aria-valuetext") || attr(el, "aria-valuenow") || textContent(el));
  if (!type.startsWith("input:")) return null;
  return type === "input:file" ? Array.from(el.files || [], (file) => file.name).join(", ") : inputValue(el);
}

const HINT_ATTRS = new Set([
  "id",
  "class",
  "name",
  "data-testid",
  "data-test-id",
  "data-test",
  "data-cy",
  "data-qa",
  "data-action",
  "data-icon",
  "data-lucide",
  "data-feather",
  "icon",
  "type",
]);
const NOISE = new RegExp(
  "^(?:" +
    "css|sc|jsx|svelte|ng|v|tw|js|btn|button|icon|icons|fa|fas|far|fab|bi|mdi|ti|material|symbols|outlined|is|has|" +
    "el|div|span|svg|html?|www|[a-z]|[a-z]*\\d[a-z\\d]*" +
    ")$",
);

// Classes that only say how something looks, as utility style sheets and component libraries write them: "px-2",
// "hover:bg-gray-100", "inline-flex", "items-center", "MuiButton-sizeLarge".
const MEASURES =
  "[mp][trblxyse]?|[wh]|min-[wh]|max-[wh]|z|gap(?:-[xy])?|space-[xy]|inset(?:-[xy])?|translate-[xy]|basis|order|" +
  "opacity|leading|tracking|duration|delay|grid-cols|(?:col|row)-span";
const STYLES =
  "text|bg|border|rounded|font|shadow|ring|outline|divide|flex|grid|items|justify|content|self|place|overflow|cursor|" +
  "pointer|whitespace|break|transition|ease|animate|shrink|grow|appearance|resize|object";
const STYLE_VALUES =
  "\\d\\w*|[xytrblse]|xs|sm|md|lg|xl|base|full|auto|none|wrap|nowrap|center|start|end|between|around|evenly|baseline|" +
  "stretch|row|col|column|reverse|hidden|visible|scroll|pointer|default|events|bold|medium|semibold|normal|light|" +
  "smaller|larger|colors|all|out|in|transparent|current|inherit|primary|secondary|muted|foreground|background|" +
  "accent|white|black|gray|grey|slate|zinc|neutral|stone|red|orange|amber|yellow|lime|green|emerald|teal|cyan|sky|" +
  "blue|indigo|violet|purple|fuchsia|pink|rose";
const LOOKS = new RegExp(
  "[:[\\]/!]|" +
    `^-?(?:${MEASURES})-(?:\\d[\\w.]*|px|full|auto|screen|fit|min|max|none|first|last)$|` +
    `^(?:${STYLES})(?:-(?:${STYLE_VALUES}))+$|` +
    "^(?:inline|inline-flex|inline-block|flex|grid|block|hidden|relative|absolute|fixed|sticky|static|truncate|" +
    "uppercase|lowercase|capitalize|italic|antialiased|container|rounded|border|shadow|transition|sr-only)$|" +
    "^Mui\\w+-(?:root|base|(?:size|color|font|text|outlined|contained|variant|edge|adorned|input)\\w*)$",
);

// Classes without those.
function telling(classes) {
  return (classes || "")
    .split(/\s+/)
    .filter((name) => !LOOKS.test(name))
    .join(" ");
}

const wordCache = new Map(); // text → its words; class names repeat

function words(text) {
  let found = wordCache.get(text);
  if (found) return found;
  const split = text
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  found = split.filter((word) => word && !NOISE.test(word));
  if (wordCache.size > 5000) wordCache.clear();
  wordCache.set(text, found);
  return found;
}

// Words that programmers left on the element and on its icons: "trash", "cart", "remove".
function hintsOf(el) {
  const found = [];
  const add = (text) => {
    if (text) for (const word of words(text)) if (!found.includes(word)) found.push(word);
  };
  for (const name of attrNames(el)) {
    if (name === "class") add(telling(attr(el, name)));
    else if (HINT_ATTRS.has(name)) add(attr(el, name));
    else if (name === "href" || name === "xlink:href") add(tailOf(attr(el, name)));
  }
  if (firstElement(el)) iconHints(el, add);
  return found.slice(0, 24).join(" ");
}

// The last two parts of a link's path, and its fragment; what it leads to where it has none.
function tailOf(href) {
  if (/^\s*(?:mailto|tel|sms):/i.test(href)) return /mailto/i.test(href) ? "email" : "phone";
  const root = /^\s*(?:https?:)?(?:\/\/([^/?#]*))?\/?$/i.exec(href);
  if (root && href.trim() && (!root[1] || root[1] === location.host)) return "home";
  const [path, fragment] = href.replace(/^[a-z]+:\/\/[^/]*/, "").split("#");
  const parts = path.split("?")[0].split("/");
  return `${parts.slice(-2).join(" ")} ${fragment || ""}`;
}

function iconHints(el, add) {
  Array.from(queryAll(el, "svg,use,i,img,[class*='icon'],[data-icon]"))
    .slice(0, 6)
    .forEach((icon) => {
      ["id", "data-icon", "data-lucide", "data-testid", "name", "icon"].forEach((name) => add(attr(icon, name) || ""));
      add(telling(attr(icon, "class")));
      const drawn = firstElement(icon) ? "" : textContent(icon); // by a font, in place of the icon's name
      if (/^\s*[a-z0-9_]{2,40}\s*$/.test(drawn)) add(drawn);
      const source = attr(icon, "src") || "";
      add((attr(icon, "href") || attr(icon, "xlink:href") || "").split("#").pop() || "");
      if (!source.startsWith("data:")) add((source.split(/[?#]/)[0].split("/").pop() || "").replace(/\.\w+$/, ""));
    });
}
