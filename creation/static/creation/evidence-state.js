/* What the evidence area has, told where somebody looks: in the bar at the bottom, in the heads of the steps, below each piece and in the
   kinds of material still lacking. The words come from the server, after each change and while files are being read. */
import { queue } from "./upload-queue.js";

const POLL = 2000; // at first; later less often
const LONGEST = 10 * 60 * 1000; // of polling, since the last change

const area = document.getElementById("evidence-area");
const bar = document.getElementById("uploads-state");
const list = document.getElementById("upload-queue");
const rows = document.getElementById("evidence-rows");
const said = new WeakMap(); // what the server said last, by row
let finished = 0; // since uploads began
let timer = 0;
let changed = Date.now();
let asked = 0;

function counted(...states) { return queue.items.filter((item) => states.includes(item.state)).length; }

function tellUploads() {
  const open = counted("waiting", "sending");
  const failed = counted("failed");
  if (!open) finished = 0;
  const texts = [];
  if (open) texts.push(`正在上传 ${finished + 1}/${finished + open}`);
  if (failed) texts.push(`${failed} 个文件没有传上，见“材料”`);
  const text = texts.join("；");
  if (bar.textContent === text) return;
  bar.textContent = text;
  bar.classList.toggle("is-bad", failed > 0);
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

/* Replace what is said below a row, if it differs. A row whose content has a new version comes anew, with its preview. */
function tellRow(key, html, version) {
  const row = document.getElementById(`citation-${key}`);
  const form = row?.querySelector("form.piece");
  if (!form) return;
  if (String(version) !== row.dataset.version) { window.htmx.ajax("GET", form.action, { target: row, swap: "outerHTML" }); return; }
  if (said.get(row) === html) return;
  said.set(row, html);
  const holder = document.createElement("template");
  holder.innerHTML = html;
  row.querySelector("[data-notes]").replaceWith(holder.content.querySelector("[data-notes]"));
}

function tell(state) {
  document.querySelectorAll("[data-shows=evidence]").forEach((part) => { part.textContent = state.summary; });
  Object.entries(state.notes).forEach(([key, html]) => { tellRow(key, html, state.versions[key]); });
  document.dispatchEvent(new Event("evidence:said"));
  if (state.reading && Date.now() - changed < LONGEST) timer = setTimeout(ask, POLL + (Date.now() - changed) / 10);
}

function ask() {
  clearTimeout(timer);
  asked += 1;
  const mine = asked; // an answer that a later question has overtaken says what is no longer so
  fetch(area.dataset.state, { credentials: "same-origin", redirect: "manual", headers: { "Accept": "application/json", "X-Polling": "1" } })
    .then((response) => (response.status === 200 ? response.json() : null))
    .then((state) => { if (state && mine === asked) tell(state); })
    .catch(() => {}); // offline: asked again when the network is back
}

function change() {
  changed = Date.now();
  clearTimeout(timer);
  timer = setTimeout(ask, 50);
}

if (area?.dataset.state && rows) {
  new MutationObserver((found) => { tellKinds(); if (found.some((each) => each.addedNodes.length || each.removedNodes.length)) change(); }).observe(rows, { childList: true });
  document.addEventListener("evidence:changed", change);
  window.addEventListener("online", change);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") change(); });
  if (rows.querySelector("[data-reading]")) change();
  if (list && bar) {
    document.addEventListener("upload:finished", () => { finished += 1; });
    new MutationObserver(tellUploads).observe(list, { childList: true, subtree: true, characterData: true, attributes: true });
  }
}
