// Where secret values stand in one frame, as text or in a field: runs in a world of its own, where the page's scripts
// see neither it nor the values. `closed` are the closed shadow roots, which only DevTools can hand over.
//
//     -> [[left, top, right, bottom], …] in the frame's own viewport
(function findSecrets(values, ...closed) {
  const rects = [];
  const add = (list) => {
    for (const rect of list)
      if (rect.width > 0 && rect.height > 0) rects.push([rect.left, rect.top, rect.right, rect.bottom]);
  };
  const skipped = "script,style,noscript,template";

  function textNodes(scope) {
    const nodes = [];
    const walker = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (!node.parentElement || !node.parentElement.closest(skipped)) nodes.push(node);
    }
    return nodes;
  }

  // A value may be spread over several elements, so it is looked for in the text of all of them together.
  function findText(scope) {
    const nodes = textNodes(scope);
    const text = nodes.map((node) => node.data).join("");
    for (const value of values) {
      for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + 1))
        coverText(nodes, at, at + value.length);
    }
  }

  function coverText(nodes, from, to) {
    let start = 0;
    for (const node of nodes) {
      const end = start + node.length;
      if (end > from && start < to) {
        const range = new Range();
        range.setStart(node, Math.max(from, start) - start);
        range.setEnd(node, Math.min(to, end) - start);
        add(range.getClientRects());
      }
      if (end >= to) return;
      start = end;
    }
  }

  function findFields(scope) {
    for (const field of scope.querySelectorAll("input,textarea,select")) {
      const shown = [
        field.value,
        field.placeholder || "",
        ...Array.from(field.selectedOptions || [], (option) => option.label),
      ];
      if (values.some((value) => shown.some((text) => text.includes(value)))) add([field.getBoundingClientRect()]);
    }
  }

  const scopes = [document, ...closed];
  for (const scope of scopes) {
    for (const el of scope.querySelectorAll("*")) if (el.shadowRoot) scopes.push(el.shadowRoot);
    findText(scope);
    findFields(scope);
  }
  return rects;
});
