// Changes one element for `magenta mutate`: hides, disables or renames it. Unlike every other script here, this one
// writes to the page: that is what it is for. Done once more to an element that was changed already, it changes nothing.
(el, [kind, word]) => {
  const labels = Array.from(el.labels || []);
  const named = (el.getAttribute("aria-labelledby") || "")
    .split(/\s+/)
    .map((id) => id && el.getRootNode().getElementById?.(id))
    .filter(Boolean);

  function hide() {
    for (const each of [el, ...labels]) each.style.setProperty("display", "none", "important");
  }

  function disable() {
    if (el.getAttribute("aria-disabled") === "true") return;
    if ("disabled" in el) el.disabled = true;
    el.setAttribute("aria-disabled", "true");
    // What has no state "disabled", such as a link, just does nothing any more.
    const swallow = (event) => {
      if (!event.composedPath().includes(el)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    for (const type of ["click", "dblclick", "pointerdown", "mousedown", "keydown", "beforeinput"])
      window.addEventListener(type, swallow, true);
  }

  function rename() {
    renameOne(el, !/^(input|select|textarea)$/.test(el.localName) && !el.isContentEditable);
    for (const each of [...labels, ...named]) renameOne(each, true);
  }

  function renameOne(node, withText) {
    const owners = [node, ...(withText ? node.querySelectorAll("[aria-label], [alt], [title]") : [])];
    for (const owner of owners)
      for (const name of ["aria-label", "title", "placeholder", "alt"])
        if (owner.getAttribute(name)) owner.setAttribute(name, word);
    if (node.localName === "input" && /^(button|submit|reset)$/.test(node.type)) node.setAttribute("value", word);
    if (withText) renameText(node);
  }

  function renameText(node) {
    const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) if (walker.currentNode.data.trim() && isName(walker.currentNode)) texts.push(walker.currentNode);
    texts.forEach((text, index) => (text.data = index ? "" : word));
  }

  // Not what a field inside a label holds.
  const isName = (text) => !text.parentElement?.closest("select, textarea, script, style");
  ({ hide, disable, rename })[kind]();
}
