// What every page needs: calls to the server, toasts, badges, hearts and "Add to cart" on product cards.
"use strict";

async function send(method, path, body) {
  const response = await fetch(path, {
    method,
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}`);
  return response.json();
}

// `more` is a link ({ text, href }) or a button ({ text, act }) behind the text.
function toast(text, more) {
  const note = document.createElement("div");
  note.className = "toast";
  note.append(text);
  if (more) {
    const control = document.createElement(more.href ? "a" : "button");
    if (more.href) control.href = more.href;
    control.textContent = more.text;
    if (more.act) {
      control.addEventListener("click", () => {
        note.remove();
        more.act();
      });
    }
    note.append(control);
  }
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), 8000);
}

function showBadge(id, count) {
  const badge = document.getElementById(id);
  badge.textContent = count;
  badge.hidden = count === 0;
}

async function addToCart(product, quantity, variant) {
  const added = await send("POST", "/api/cart", { product, quantity, variant });
  showBadge("cart-count", added.count);
  toast(`${added.name} is in your cart.`, { href: "/cart", text: "View" });
}

async function toggleWish(heart) {
  const answer = await send("POST", `/api/wishes/${heart.dataset.wish}`);
  for (const same of document.querySelectorAll(`[data-wish="${heart.dataset.wish}"]`)) {
    same.setAttribute("aria-pressed", String(answer.wished));
    same.setAttribute("aria-label", answer.wished ? "Remove from wishlist" : "Add to wishlist");
  }
  showBadge("wish-count", answer.count);
  if (location.pathname === "/wishlist") location.reload();
}

document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-add]");
  const heart = event.target.closest("[data-wish]");
  if (add) addToCart(Number(add.dataset.add), 1, "");
  if (heart) toggleWish(heart);
});
