// The place for a file: shows what was chosen, and takes what is dropped on it.
"use strict";

const drop = document.querySelector(".drop");
const field = drop.querySelector("input");

function showFile() {
  const [file] = field.files;
  drop.classList.toggle("full", Boolean(file));
  const text = drop.querySelector(".drop-text");
  if (file) text.replaceChildren(file.name, Object.assign(document.createElement("small"), { textContent: size(file) }));
}

function size(file) {
  return file.size < 1000 ? `${file.size} bytes` : `${Math.round(file.size / 1000)} kB`;
}

field.addEventListener("change", showFile);
drop.addEventListener("dragover", (event) => event.preventDefault());
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  field.files = event.dataTransfer.files;
  showFile();
});
