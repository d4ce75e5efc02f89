// Web components: <tarn-stars> and <tarn-quantity> with an open shadow root, <tarn-helpful> with a closed one.
"use strict";

const STAR = "m12 3 2.7 5.8 6.3.7-4.7 4.3 1.3 6.2-5.6-3.2-5.6 3.2 1.3-6.200L3 9.500l6.3-.7z";

class Stars extends HTMLElement {
  connectedCallback() {
    const value = Number(this.getAttribute("value"));
    const count = this.getAttribute("count");
    const star = (at) => `<svg viewBox="0 0 24 24" width="16" height="16">
      <path d="${STAR}" fill="${value >= at - 0.5 ? "#e2a54a" : "#e3ded3"}"/></svg>`;
    this.attachShadow({ mode: "open" }).innerHTML = `
      <style>:host { display: inline-flex; align-items: center; gap: 6px; font-size: 13px; color: #5f6b65 }
        span { display: inline-flex } </style>
      <span role="img" aria-label="${value} out of 5 stars">${[1, 2, 3, 4, 5].map(star).join("")}</span>
      ${count ? `<small>${value.toFixed(1)} (${count})</small>` : ""}`;
  }
}

class Quantity extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({ mode: "open" });
    root.innerHTML = `
      <style>
        :host { display: inline-flex; align-items: center; height: 44px; border: 1px solid #d6d1c5; border-radius: 22px;
                background: #fff; overflow: hidden }
        button { width: 40px; height: 44px; border: 0; background: none; font: 20px/1 inherit; cursor: pointer; color: #1c2521 }
        button:hover { background: #e6efe9; color: #23543f }
        input { width: 34px; border: 0; text-align: center; font: 600 15px/1 inherit; font-family: inherit; background: none }
      </style>
      <button type="button" aria-label="Decrease quantity">−</button>
      <input aria-label="Quantity" inputmode="numeric" value="${Number(this.getAttribute("value")) || 1}">
      <button type="button" aria-label="Increase quantity">+</button>`;
    this.input = root.querySelector("input");
    const [less, more] = root.querySelectorAll("button");
    less.addEventListener("click", () => this.set(this.value - 1));
    more.addEventListener("click", () => this.set(this.value + 1));
    this.input.addEventListener("change", () => this.set(this.value));
  }

  get value() {
    return Number.parseInt(this.input.value, 10) || 1;
  }

  set(value) {
    this.input.value = Math.max(1, Math.min(Number(this.getAttribute("max")) || 20, value));
  }
}

class Helpful extends HTMLElement {
  connectedCallback() {
    const root = this.attachShadow({ mode: "closed" });
    root.innerHTML = `
      <style>button { display: inline-flex; gap: 6px; padding: 4px 12px; border: 1px solid #d6d1c5; border-radius: 14px;
          background: #fff; color: #1c2521; font: 13px/1.4 inherit; font-family: inherit; cursor: pointer }
        button:hover { border-color: #23543f; color: #23543f } button:disabled { color: #23543f; cursor: default }</style>
      <button type="button">Helpful</button>`;
    const button = root.querySelector("button");
    button.addEventListener("click", () => {
      button.disabled = true;
      button.textContent = "✓ Thanks";
      this.dispatchEvent(new CustomEvent("helpful", { bubbles: true }));
    });
  }
}

customElements.define("tarn-stars", Stars);
customElements.define("tarn-quantity", Quantity);
customElements.define("tarn-helpful", Helpful);
