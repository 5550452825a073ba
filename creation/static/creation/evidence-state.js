/* What the evidence area has, told where somebody looks: uploads in the bar at the bottom, and the kinds of material still lacking. */
import { queue } from "./upload-queue.js";

const area = document.getElementById("evidence-area");
const bar = document.getElementById("uploads-state");
const list = document.getElementById("upload-queue");
const rows = document.getElementById("evidence-rows");
let finished = 0; // since uploads began

function counted(...states) { return queue.items.filter((item) => states.includes(item.state)).length; }

function tellUploads() {
  const open = counted("waiting", "sending");
  const failed = counted("failed");
  const undeclared = !document.getElementById("declared").checked && queue.items.some((item) => item.state === "waiting" && !item.url);
  if (!open) finished = 0;
  const texts = [];
  if (undeclared) texts.push("所选文件等待上传：请勾选保密声明");
  else if (open) texts.push(`正在上传 ${finished + 1}/${finished + open}`);
  if (failed) texts.push(`${failed} 个文件没有传上，见“印证资料”`);
  const text = texts.join("；");
  if (bar.textContent === text) return;
  bar.textContent = text;
  bar.classList.toggle("is-bad", undeclared || failed > 0);
}

function tellKinds() {
  const there = new Set([...rows.children].map((row) => row.dataset.kind));
  area.querySelectorAll(".expected [data-kind]").forEach((chip) => {
    const found = there.has(chip.dataset.kind);
    chip.className = found ? "there" : "lacking";
    chip.querySelector("i").className = `bi bi-${found ? "check-circle-fill" : "circle"}`;
    chip.querySelector(".visually-hidden").hidden = found;
  });
}

if (area && rows) {
  new MutationObserver(tellKinds).observe(rows, { childList: true });
  if (list && bar) {
    document.addEventListener("upload:finished", () => { finished += 1; });
    new MutationObserver(tellUploads).observe(list, { childList: true, subtree: true, characterData: true, attributes: true });
    document.getElementById("declared").addEventListener("change", tellUploads);
  }
}
