// The recording beside a story. Its controls are drawn on canvases: nothing but the picture says what they do.
"use strict";

const player = document.getElementById("player");
const state = {
  playing: player.dataset.playing === "1",
  muted: player.dataset.muted === "1",
  second: Number(player.dataset.second),
};
const total = Number(player.dataset.total);
const controls = [...player.querySelectorAll("button")];

function clock(second) {
  return `${Math.floor(second / 60)}:${String(second % 60).padStart(2, "0")}`;
}

function polygon(pen, ...points) {
  pen.beginPath();
  points.forEach(([x, y], at) => (at ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  pen.closePath();
  pen.fill();
}

function jump(pen, way) {
  for (const x of [12, 26]) {
    if (way > 0) polygon(pen, [x, 12], [x + 12, 24], [x, 36]);
    else polygon(pen, [x + 12, 12], [x, 24], [x + 12, 36]);
  }
}

function loudspeaker(pen) {
  polygon(pen, [8, 19], [15, 19], [25, 10], [25, 38], [15, 29], [8, 29]);
  pen.beginPath();
  if (state.muted) {
    for (const [from, to] of [[18, 30], [30, 18]]) {
      pen.moveTo(30, from);
      pen.lineTo(42, to);
    }
  } else {
    for (const radius of [7, 13]) {
      pen.moveTo(29 + radius * Math.cos(-0.8), 24 + radius * Math.sin(-0.8));
      pen.arc(29, 24, radius, -0.8, 0.8);
    }
  }
  pen.stroke();
}

const DRAWN = [
  (pen) => {
    if (state.playing) [13, 27].forEach((x) => pen.fillRect(x, 11, 8, 26));
    else polygon(pen, [15, 10], [38, 24], [15, 38]);
  },
  (pen) => jump(pen, -1),
  (pen) => jump(pen, 1),
  loudspeaker,
];

function show() {
  controls.forEach((control, at) => {
    const pen = control.firstElementChild.getContext("2d");
    pen.clearRect(0, 0, 48, 48);
    pen.fillStyle = pen.strokeStyle = "#23543f";
    pen.lineWidth = 3;
    DRAWN[at](pen);
  });
  player.querySelector(".bar-track i").style.width = `${(100 * state.second) / total}%`;
  const sound = state.muted ? " · without sound" : "";
  player.querySelector(".clock").textContent = `${state.playing ? "Playing" : "Stopped"} at ${clock(state.second)} of ${clock(total)}${sound}`;
}

controls.forEach((control, at) => {
  control.addEventListener("click", async () => {
    Object.assign(state, await send("POST", "/api/player", { control: at }));
    show();
  });
});
show();
