// Settings: nothing is stored until "Save changes".
"use strict";

const settings = document.getElementById("settings");
const unsaved = document.getElementById("unsaved");

function chosen(name) {
  return settings.querySelector(`[data-name="${name}"] .dropdown-value`).textContent;
}

function isOn(name) {
  return settings.querySelector(`.switch[data-name="${name}"]`).getAttribute("aria-checked") === "true";
}

settings.addEventListener("chosen", () => {
  unsaved.hidden = false;
});

for (const button of settings.querySelectorAll(".switch")) {
  button.addEventListener("click", () => {
    button.setAttribute("aria-checked", String(!isOn(button.dataset.name)));
    unsaved.hidden = false;
  });
}

document.getElementById("save").addEventListener("click", async () => {
  const wanted = {
    frequency: chosen("frequency"),
    topic: chosen("topic"),
    order_updates: isOn("order_updates"),
    sms: isOn("sms"),
  };
  const answer = await send("POST", "/api/settings", wanted);
  unsaved.hidden = !answer.error;
  toast(answer.error || "Settings saved.");
});
