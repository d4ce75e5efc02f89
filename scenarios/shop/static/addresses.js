// The address book: one dialog for new and for existing addresses; stars that make an address the default.
"use strict";

const dialog = document.getElementById("address-dialog");
const EMPTY = { id: 0, label: "", recipient: "", street: "", postcode: "", city: "", country: "Germany" };

function openDialog(address) {
  for (const [name, value] of Object.entries(address)) dialog.querySelector(`[name="${name}"]`).value = value;
  document.getElementById("dialog-title").textContent = address.id ? "Edit address" : "New address";
  dialog.showModal();
}

document.getElementById("new-address").addEventListener("click", () => openDialog(EMPTY));

document.querySelector("table").addEventListener("click", (event) => {
  if (event.target.closest("[data-edit]")) openDialog(JSON.parse(event.target.closest("tr").dataset.address));
  const star = event.target.closest("[data-default]");
  if (star) {
    const form = document.createElement("form");
    form.method = "post";
    form.action = `/account/addresses/${star.dataset.default}/default`;
    document.body.append(form);
    form.submit();
  }
});

for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());
if (dialog.dataset.open) openDialog(JSON.parse(dialog.dataset.open));
