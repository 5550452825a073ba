/* Reviewing by mouse or keyboard: decide, continue, look through the evidence. Without this script every button still works. */
import { enableKeys, isTyping, keysEnabled, shortcutKey } from "./common.js";

const WATCH = 4 * 60 * 1000; // a registered viewer expires after ten minutes
const CALM = 500; // a key pressed for the previous page must not decide on this one
const LEAVING = 8000; // after which the server is taken for lost
const opened = Date.now();
let left = 0; // when a key led to another page: the next key is meant for that one
const page = document.querySelector("[data-review]");
const first = document.querySelector("[data-first]");
const dialog = document.getElementById("keys");

function one(selector) { return document.querySelector(selector); }
function press(key) {
  const target = document.querySelector(`[data-key="${key}"]`);
  if (!target || target.hidden) return;
  if (/^[ajk]$/.test(key)) left = Date.now();
  target.click();
}

/* Evidence */
function all() { return [...document.querySelectorAll("[data-piece]")]; }
function current() { return one('[data-piece][aria-current="true"]'); }
function show(piece) {
  all().forEach((each) => { each.removeAttribute("aria-current"); });
  piece.setAttribute("aria-current", "true");
  one("[data-preview-title]").textContent = piece.dataset.title;
  one("[data-preview-place]").textContent = `${all().indexOf(piece) + 1} / ${all().length}`;
  const link = one("[data-download]");
  link.hidden = !(piece.dataset.file || piece.dataset.link);
  link.href = piece.dataset.file || piece.dataset.link || "#preview";
  link.firstChild.textContent = piece.dataset.link ? "打开链接 " : "下载 ";
  if (piece.dataset.link) { link.target = "_blank"; link.rel = "noopener noreferrer"; } else { link.removeAttribute("target"); }
}
function step(by) {
  const pieces = all();
  const next = pieces[pieces.indexOf(current()) + by];
  if (next) next.click();
}

/* Returning */
function openReturn() {
  const form = document.getElementById("return");
  if (!form) return;
  form.open = true;
  form.scrollIntoView({block: "nearest"});
  form.querySelector("select, textarea").focus();
}
function inReturn(event) {
  const form = event.target.closest("#return");
  if (!form) return;
  if (event.key === "Escape") { form.open = false; one("[data-open-return]").focus(); }
  if (event.key === "Enter" && event.ctrlKey) form.querySelector("button.btn-danger").click();
}

/* The list of keys */
function showKeys() { if (dialog && dialog.showModal && !dialog.open) dialog.showModal(); }

document.addEventListener("keydown", (event) => {
  if (page) inReturn(event);
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const key = shortcutKey(event);
  if (key === "?") { showKeys(); return; }
  if (!keysEnabled() || (dialog && dialog.open)) return;
  if (first) { if (key === "j") first.click(); return; }
  if (!page || Date.now() - left < LEAVING) return;
  if (key === "r") { event.preventDefault(); openReturn(); return; }
  if (key === "a" && Date.now() - opened < CALM) return;
  if (/^[1-9]$/.test(key)) { const piece = all()[key - 1]; if (piece) piece.click(); return; }
  if (/^[ajkd[\]]$/.test(key)) press(key);
});
/* Register the viewer again, only while somebody works on the page. */
let watched = Date.now();
function working() {
  if (!page.dataset.watch || Date.now() - watched < WATCH || !window.htmx) return;
  watched = Date.now();
  window.htmx.ajax("POST", page.dataset.watch, {target: "#who", swap: "innerHTML"});
}
/* Prefetch the first evidence of the next task, with its images. */
function ahead() {
  if (!page.dataset.ahead) return;
  fetch(page.dataset.ahead, {credentials: "same-origin", headers: {"HX-Request": "true"}})
    .then((answer) => answer.ok ? answer.text() : "")
    .then((text) => {
      const found = new DOMParser().parseFromString(text, "text/html").querySelectorAll("img[src]");
      [...found].slice(0, 2).forEach((image) => { new Image().src = image.getAttribute("src"); });
    })
    .catch(() => { /* it is only a prefetch */ });
}
function begin() {
  page.classList.add("scripted"); // the form for returning is opened by its button only

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-piece], [data-step], [data-open-return], [data-keys], [data-keys-close]");
    if (!target) return;
    if (target.hasAttribute("data-piece")) {
      show(target);
      if (window.innerWidth < 992) one(".preview-pane").scrollIntoView();
    } else if (target.hasAttribute("data-step")) step(Number(target.dataset.step));
    else if (target.hasAttribute("data-open-return")) { event.preventDefault(); openReturn(); }
    else if (target.hasAttribute("data-keys")) showKeys();
    else dialog.close();
  });
  document.addEventListener("DOMContentLoaded", () => { if (current()) show(current()); });
  if (document.readyState !== "loading" && current()) show(current());

  const keysOn = document.getElementById("keys-on");
  keysOn.checked = keysEnabled();
  keysOn.addEventListener("change", () => { enableKeys(keysOn.checked); });
  ["keydown", "click", "wheel", "touchstart"].forEach((kind) => { document.addEventListener(kind, working, {passive: true}); });
  window.addEventListener("load", () => { setTimeout(ahead, 400); });
}

window.addEventListener("pageshow", () => { left = 0; });
if (page) begin();
