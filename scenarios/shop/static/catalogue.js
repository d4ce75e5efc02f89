// Filters take effect at once; the price chips are no real buttons, as in many a shop.
"use strict";

const filters = document.getElementById("filters");
const max = document.getElementById("max");

function apply() {
  for (const field of filters.elements) field.disabled = field.name === "max" && !field.value;
  filters.submit();
}

document.addEventListener("change", (event) => {
  if (event.target.form === filters) apply();
});

document.getElementById("chips").addEventListener("click", (event) => {
  const chip = event.target.closest(".chip");
  if (!chip) return;
  max.value = max.value === chip.dataset.max ? "" : chip.dataset.max;
  apply();
});
