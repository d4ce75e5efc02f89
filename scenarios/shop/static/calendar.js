// The date picker: a month at a time; days that have passed and Sundays cannot be chosen.
"use strict";

const picker = document.querySelector(".picker");
const calendar = picker.querySelector(".calendar");
const opener = picker.querySelector("[aria-haspopup]");
const today = new Date(`${picker.dataset.today}T12:00`);
let month = new Date(today.getFullYear(), today.getMonth(), 1, 12);

function iso(day) {
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}-${String(day.getDate()).padStart(2, "0")}`;
}

function written(day) {
  const weekday = day.toLocaleDateString("en-GB", { weekday: "long" });
  return `${weekday}, ${day.getDate()} ${day.toLocaleDateString("en-GB", { month: "long", year: "numeric" })}`;
}

function cell(day) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = day.getDate();
  button.setAttribute("aria-label", written(day));
  button.dataset.day = iso(day);
  button.disabled = day <= today || day.getDay() === 0;
  button.setAttribute("aria-pressed", String(button.dataset.day === picker.querySelector("[name=day]").value));
  const td = document.createElement("td");
  td.append(button);
  return td;
}

function draw() {
  calendar.querySelector("h2").textContent = month.toLocaleDateString("en-GB", { month: "long", year: "numeric" });
  const body = calendar.querySelector("tbody");
  body.replaceChildren();
  const day = new Date(month);
  let row = body.insertRow();
  for (let blank = (day.getDay() + 6) % 7; blank > 0; blank--) row.insertCell();
  for (; day.getMonth() === month.getMonth(); day.setDate(day.getDate() + 1)) {
    if (row.cells.length === 7) row = body.insertRow();
    row.append(cell(new Date(day)));
  }
  calendar.querySelector('[data-turn="-1"]').disabled = month <= today;
}

function open(yes) {
  calendar.hidden = !yes;
  opener.setAttribute("aria-expanded", String(yes));
  if (yes) draw();
}

function choose(day) {
  picker.querySelector("[name=day]").value = day;
  picker.querySelector("#day").value = written(new Date(`${day}T12:00`));
  open(false);
  opener.focus();
}

for (const part of [opener, picker.querySelector("#day")]) part.addEventListener("click", () => open(calendar.hidden));
calendar.addEventListener("click", (event) => {
  const turn = event.target.closest("[data-turn]");
  const button = event.target.closest("[data-day]");
  if (turn) {
    month = new Date(month.getFullYear(), month.getMonth() + Number(turn.dataset.turn), 1, 12);
    draw();
  }
  if (button) choose(button.dataset.day);
});
document.addEventListener("click", (event) => {
  if (!event.composedPath().includes(picker)) open(false);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") open(false);
});
const sent = picker.querySelector("[name=day]").value;
if (sent) choose(sent);
