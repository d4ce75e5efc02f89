// For those who look at a page at one moment only, such as just before a person or a test acts on an element: that
// element, what surrounds it, what is private, and what is drawn where.
//
//     lookOnce(element or null, { hide: { selectors, typed }, chars: 4000, layout: true, twice: false, whole: false },
//              closed shadow roots)
//         -> { key, url, title, viewport, dpr, private, suspects, layout,
//              element: null | { box, type, role, name, text, value, checked, secret, private, locators, html } }
const INTERACTIVE =
  "a[href],button,input,select,textarea,summary,area[href],label,option,[onclick],[tabindex],[role=button],[role=link]," +
  "[role=tab],[role=menuitem],[role=menuitemcheckbox],[role=menuitemradio],[role=option],[role=checkbox],[role=radio]," +
  "[role=switch],[role=treeitem],[role=combobox],[role=slider],[contenteditable]";

// `twice`: another look follows soon, before and after a picture; the text is watched until then. `whole`: private things
// out of the window are told as well.
function lookOnce(target, { hide, chars, layout: wanted, twice, whole = false }, closed = NOTHING) {
  const words = closed.length ? null : unchangedWords();
  memory = newMemory(); // nobody has watched the page since the last look
  for (const root of closed) weakSet(closedRoots, hostOf(root), root);
  const given = target ? actedOn(target) : null;
  const scene = given ? newScene(nearOrShown(given)) : { nodes: new Map(), list: [], roots: [] };
  scene.window = [0, 0, window.innerWidth, window.innerHeight];
  pagePort(scene, null);
  const hidden = lookForPrivate(scene, hide, words, whole);
  if (twice) watchWords(scene.private.words);
  const el = given && scene.nodes.has(given) ? given : null;
  last = { places: [el], frames: [], trials: [], scene, rows: "", stamp: 0 };
  return JSON.stringify({
    key: `${performance.timeOrigin} ${location.href}`,
    url: location.href,
    title: pageTitle(document),
    viewport: [window.innerWidth, window.innerHeight],
    dpr: window.devicePixelRatio,
    private: hidden,
    suspects: scene.private.words.hollow,
    element: el ? { ...elementFacts(scene, el), html: htmlAround(el, chars) } : null,
    layout: wanted ? layoutNow() : null,
  });
}

let wordsBefore = null; // what a look found in the text that is being watched
const TEXTS = { __proto__: null, subtree: true, childList: true, characterData: true };

function watchWords(words) {
  changes = new Set();
  for (const root of words.roots) watchRoot(watcher, root, TEXTS);
  wordsBefore = words;
}

// What the look before found in the text, if that has not changed since and nothing else shows text.
function unchangedWords() {
  if (!wordsBefore) return null;
  noteChanges(pendingChanges(watcher));
  stopWatching(watcher);
  const { roots } = wordsBefore;
  const same = setSize(changes) === 0 && roots.reduce((sum, root) => sum + shadowsIn(root), 1) === roots.length;
  const words = same ? wordsBefore : null;
  wordsBefore = null;
  return words;
}

// Of a root that an element was given no record tells.
function shadowsIn(root) {
  const found = queryAll(root, "*");
  let count = 0;
  for (let i = 0; i < found.length; i++) if (shadowOf(found[i])) count += 1;
  return count;
}

// The control that an action on an element is meant for: a button around an icon, the field of a label.
function actedOn(el) {
  const node = isElement(el) ? el : parentElement(el);
  for (let at = node, up = 0; at && up < 8; at = flatParent(at), up++) {
    if (!matches(at, INTERACTIVE)) continue;
    const control = localName(at) === "label" ? labelControl(at) : null;
    return control && hasArea(edges(boundingRect(control))) ? control : at;
  }
  return node;
}

// Which elements matter: those in the window, and the element's surroundings wherever they are.
const NEAR_TEXT = 6000;
const NEAR_ELEMENTS = 400;

function nearOrShown(target) {
  const chain = new Set();
  for (let at = target; at; at = flatParent(at)) chain.add(at);
  let near = target;
  for (const at of chain) {
    if (textContent(at).length > NEAR_TEXT || queryAll(at, "*").length > NEAR_ELEMENTS) break;
    near = at;
  }
  return (el) => {
    const rect = edges(boundingRect(el));
    return !hasArea(rect) || inWindow(rect) || chain.has(el) || flatContains(near, el);
  };
}

// Where people see it: a field that is transparent or clipped away is drawn by its first label.
function shownRect(scene, el) {
  const node = scene.nodes.get(el);
  const labels = node && (node.clear || clippedAway(node)) ? labelsOf(scene, el) : NOTHING;
  const rect = labels.length ? edges(boundingRect(labels[0])) : null;
  return rect && hasArea(rect) && inWindow(rect) ? rect : edges(boundingRect(el));
}

function elementFacts(scene, el) {
  const { role, name } = namedAs(scene, el);
  const type = elementType(el, role);
  const tag = localName(el);
  const secret = FIELD_TAGS.has(tag) && isPrivateField(el, tag);
  const value = FIELD_TAGS.has(tag) && !secret ? valueOf(el, type, tag) : null;
  return {
    box: shownRect(scene, el).map(round),
    type,
    role,
    name,
    text: visibleText(scene, el) || (tag === "input" && type === "button" ? name : "") || value || "",
    value,
    checked: elementMatches(el, ":checked"),
    secret,
    private: isOwned(scene, el),
    locators: plainLocators(scene, el),
  };
}

// Test ids, ids and names that mean this element alone.
function plainLocators(scene, el) {
  const found = [];
  for (const name of [...TEST_IDS, "id", "name", "aria-label"]) {
    const value = attr(el, name);
    if (!value || !isStable(value)) continue;
    const selector = `[${name}=${quoted(value)}]`;
    if ([document, ...scene.roots].reduce((sum, root) => sum + queryAll(root, selector).length, 0) === 1)
      found.push(selector);
  }
  return found;
}
