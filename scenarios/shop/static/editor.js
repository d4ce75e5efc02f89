// The editor: the browser's own editing, three commands, and a count of letters.
"use strict";

const writing = document.getElementById("writing");
const text = document.getElementById("text");
const commands = [...writing.querySelectorAll("[data-command]")];

function showState() {
  for (const button of commands) {
    button.setAttribute("aria-pressed", String(document.queryCommandState(button.dataset.command)));
  }
  document.getElementById("letters").textContent = `${text.textContent.trim().length} letters`;
}

for (const button of commands) {
  button.addEventListener("mousedown", (event) => event.preventDefault()); // the text keeps focus and selection
  button.addEventListener("click", () => {
    text.focus();
    document.execCommand(button.dataset.command);
    showState();
  });
}
text.addEventListener("input", showState);
document.addEventListener("selectionchange", showState);
writing.addEventListener("submit", () => {
  writing.elements.body.value = text.innerHTML;
});
document.execCommand("defaultParagraphSeparator", false, "p");
showState();
