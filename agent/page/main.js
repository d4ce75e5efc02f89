// The door that Python knocks at, and late attachment.
api.collect = collect;
api.seek = seek;
api.seekNamed = seekNamed;
api.cover = cover;
api.frameIndexOf = (el) => pristine(() => frameIndexOf(el));
api.html = surroundingHtml;
api.private = privateNow;
api.layout = layout;
api.key = () => frameKey;
api.element = (index) => (last.places[index] && isConnected(last.places[index]) ? last.places[index] : null);
api.identity = (el) => pristine(() => JSON.stringify([roleOf(el), nameOf(newScene(), el)]));

// Feeds the record with listeners that were added before this ran; `listenersOn` is DevTools' getEventListeners.
api.adopt = (listenersOn) =>
  pristine(() => {
    [window, document].forEach((target) => adoptFrom(target, listenersOn));
    const scopes = [document];
    while (scopes.length) {
      for (const el of Array.from(queryAll(scopes.pop(), "*"))) {
        adoptFrom(el, listenersOn);
        const root = shadowOf(el);
        if (root) scopes.push(root) && adoptFrom(root, listenersOn);
      }
    }
  });

function adoptFrom(target, listenersOn) {
  const found = listenersOn(target);
  for (const type of ownKeys(found)) {
    if (typeof type !== "string" || !isRecorded(RECORDED, type)) continue;
    for (const entry of Array.from(found[type])) {
      if (target[`on${type}`] !== entry.listener)
        record(target, type, entry.listener, { ...entry, capture: entry.useCapture });
    }
  }
}

// A closed root that DevTools found.
api.closedRoot = (root) => {
  weakSet(closedRoots, hostOf(root), root);
  noteRoot(hostOf(root));
};

watchFields();
snapshot();
install();
