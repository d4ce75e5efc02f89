// The photo studio: a picture on a canvas. What a tool does, only its icon says.
"use strict";

const canvas = document.getElementById("c");
const tools = [...document.getElementById("t").children];

function mountains(pen) {
  pen.fillStyle = "#a9cbd0";
  pen.fillRect(-170, -110, 340, 220);
  pen.fillStyle = "#f2c879";
  pen.beginPath();
  pen.arc(90, -55, 22, 0, 7);
  pen.fill();
  for (const [colour, points] of [
    ["#5b8a76", [[-170, 110], [-60, -60], [20, 40], [80, -20], [170, 110]]],
    ["#2b5a47", [[-170, 110], [-170, 60], [-40, 90], [60, 50], [170, 95], [170, 110]]],
  ]) {
    pen.fillStyle = colour;
    pen.beginPath();
    for (const point of points) pen.lineTo(...point);
    pen.fill();
  }
}

function show(photo) {
  const pen = canvas.getContext("2d");
  pen.resetTransform();
  pen.filter = "none";
  pen.fillStyle = "#efece4";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.translate(canvas.width / 2, canvas.height / 2);
  pen.rotate((photo.angle * Math.PI) / 180);
  pen.scale((photo.mirrored ? -1 : 1) * (photo.zoom / 100), photo.zoom / 100);
  pen.filter = `brightness(${photo.light}%)`;
  mountains(pen);
  if (photo.framed) {
    pen.strokeStyle = "#fff";
    pen.lineWidth = 14;
    pen.strokeRect(-163, -103, 326, 206);
  }
  const parts = [`turned by ${photo.angle}°`, `${photo.zoom} % large`, `${photo.light} % light`];
  if (photo.mirrored) parts.push("seen from behind");
  if (photo.framed) parts.push("with a white edge");
  document.getElementById("s").textContent = `The picture is ${parts.join(", ")}.`;
}

tools.forEach((tool, at) => {
  tool.addEventListener("click", async () => show(await send("POST", "/api/studio", { tool: at })));
});
show(JSON.parse(canvas.dataset.photo));
