// One element that a locator has found, as `collect` would describe it: what a replay compares before it acts.
//
//     {"facts": [tag, type, role, name, …], "contexts": [["row", "Summer cabin …"], …], "box": [x, y, width, height],
//      "state": {…}, "point": [x, y] or null}, or null for what nobody could act on: hidden, covered, cut away.
const seek = (el) => pristine(() => told(seenAround(), el));

// What a locator by role and name finds, without Playwright's engine: {found: [el, …], told: the only one, as above}.
// `item` and `text`, where they are given, say what it stands in: "tr", "Summer cabin".
function seekNamed(wanted) {
  return pristine(() => {
    const scene = seenAround();
    const bearers = scene.known.filter((potential) => isNamed(scene, potential) && bears(scene, potential.el, wanted));
    const found = bearers.map(({ el }) => el);
    return { found, told: found.length === 1 ? told(scene, found[0]) : null };
  });
}

function seenAround() {
  const scene = readScene();
  scene.trials = [];
  scene.positions = new Map();
  scene.window = [0, 0, window.innerWidth, window.innerHeight];
  readHandlers(scene);
  pagePort(scene, null);
  findCurtain(scene);
  scene.known = potentialsOf(scene);
  refreshMemory(scene);
  memory.partly ||= !memory.same; // the rest of the page was not looked at: the next collection must
  last = { ...last, scene };
  return scene;
}

function told(scene, el) {
  const potential = potentialOf(scene, el);
  return JSON.stringify(potential && sought(scene, potential));
}

function bears(scene, el, { role, name, item, text }) {
  if (roleOf(el) !== role) return false;
  const named = namedAs(scene, el);
  return named.spelt && named.name === name && (!item || standsIn(el, item, text.toLowerCase()));
}

function standsIn(el, item, text) {
  for (let at = lightParent(el); at; at = lightParent(at)) {
    if (matches(at, item) && fold(textContent(at)).toLowerCase().includes(text)) return true;
  }
  return false;
}

// What an element, or the label that stands for its control, could be acted on as; null if not at all.
function potentialOf(scene, el) {
  const node = scene.nodes.get(el);
  if (!node) return null;
  const found = [];
  if (node.tag === "label") labelPotential(scene, node, found);
  const potential = found[0] || { node, el, place: node, reasons: node.reasons };
  return isSeen(scene, potential) && locate(scene, potential) && uncover(scene, potential) ? potential : null;
}

function sought(scene, potential) {
  const { el, box, point } = potential;
  const { role, name, text, facts } = baseOf(scene, potential);
  return {
    facts,
    contexts: contextsOf(scene, potential, name, text).map((id) => memory.contexts[id]),
    box: [round(box[0]), round(box[1]), round(box[2] - box[0]), round(box[3] - box[1])],
    state: stateOf(el, role, facts[1], potential.disabled),
    point: point ? point.map(round) : null,
  };
}
