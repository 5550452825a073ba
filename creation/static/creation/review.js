/* Reviewing by hand or by keys: judge, go on, look through the evidence. Without this script every button still works. */
(function () {
  "use strict";
  var STORE = "review-keys";
  var WATCH = 4 * 60 * 1000; // the mark that somebody reads lasts ten minutes
  var CALM = 500; // a key pressed for the page before must not judge this one
  var opened = Date.now();
  var page = document.querySelector("[data-review]");
  var first = document.querySelector("[data-first]");
  var dialog = document.getElementById("keys");

  function one(selector) { return document.querySelector(selector); }
  function enabled() { try { return localStorage.getItem(STORE) !== "off"; } catch (error) { return true; } }
  function typing(target) { return /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable; }
  function press(key) {
    var target = document.querySelector('[data-key="' + key + '"]');
    if (target && !target.hidden) target.click();
  }

  /* Evidence */
  function all() { return Array.prototype.slice.call(document.querySelectorAll("[data-piece]")); }
  function current() { return one('[data-piece][aria-current="true"]'); }
  function show(piece) {
    all().forEach(function (each) { each.removeAttribute("aria-current"); });
    piece.setAttribute("aria-current", "true");
    one("[data-preview-title]").textContent = piece.dataset.title;
    one("[data-preview-place]").textContent = (all().indexOf(piece) + 1) + " / " + all().length;
    var link = one("[data-download]");
    link.hidden = !(piece.dataset.file || piece.dataset.link);
    link.href = piece.dataset.file || piece.dataset.link || "#preview";
    link.firstChild.textContent = piece.dataset.link ? "打开链接 " : "下载 ";
    if (piece.dataset.link) { link.target = "_blank"; link.rel = "noopener noreferrer"; } else { link.removeAttribute("target"); }
  }
  function step(by) {
    var pieces = all();
    var next = pieces[pieces.indexOf(current()) + by];
    if (next) next.click();
  }

  /* Returning */
  function openReturn() {
    var form = document.getElementById("return");
    if (!form) return;
    form.open = true;
    form.scrollIntoView({block: "nearest"});
    form.querySelector("select, textarea").focus();
  }
  function inReturn(event) {
    var form = event.target.closest("#return");
    if (!form) return;
    if (event.key === "Escape") { form.open = false; one("[data-open-return]").focus(); }
    if (event.key === "Enter" && event.ctrlKey) form.querySelector("button.btn-danger").click();
  }

  /* The table of keys */
  function showKeys() { if (dialog && dialog.showModal && !dialog.open) dialog.showModal(); }

  document.addEventListener("keydown", function (event) {
    if (page) inReturn(event);
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "?") { showKeys(); return; }
    if (!enabled() || (dialog && dialog.open)) return;
    if (first) { if (event.key === "j") first.click(); return; }
    if (!page) return;
    if (event.key === "r") { event.preventDefault(); openReturn(); return; }
    if (event.key === "a" && Date.now() - opened < CALM) return;
    if (/^[1-9]$/.test(event.key)) { var piece = all()[event.key - 1]; if (piece) piece.click(); return; }
    if (/^[ajkd[\]]$/.test(event.key)) press(event.key);
  });
  if (!page) return;
  page.classList.add("scripted"); // the form of returning opens by its button alone

  document.addEventListener("click", function (event) {
    var target = event.target.closest("[data-piece], [data-step], [data-open-return], [data-keys], [data-keys-close]");
    if (!target) return;
    if (target.hasAttribute("data-piece")) {
      show(target);
      if (window.innerWidth < 992) one(".preview-pane").scrollIntoView();
    } else if (target.hasAttribute("data-step")) step(Number(target.dataset.step));
    else if (target.hasAttribute("data-open-return")) { event.preventDefault(); openReturn(); }
    else if (target.hasAttribute("data-keys")) showKeys();
    else dialog.close();
  });
  document.addEventListener("DOMContentLoaded", function () { if (current()) show(current()); });
  if (document.readyState !== "loading" && current()) show(current());

  var keysOn = document.getElementById("keys-on");
  keysOn.checked = enabled();
  keysOn.addEventListener("change", function () {
    try { localStorage.setItem(STORE, keysOn.checked ? "on" : "off"); } catch (error) { /* kept for this page only */ }
  });

  /* Who reads it: said again only while somebody works on the page */
  var watched = Date.now();
  function working() {
    if (Date.now() - watched < WATCH || !window.htmx) return;
    watched = Date.now();
    window.htmx.ajax("POST", page.dataset.watch, {target: "#who", swap: "innerHTML"});
  }
  ["keydown", "click", "wheel", "touchstart"].forEach(function (kind) { document.addEventListener(kind, working, {passive: true}); });

  /* The next one's first piece, fetched ahead with its pictures */
  function ahead() {
    if (!page.dataset.ahead || !window.fetch) return;
    window.fetch(page.dataset.ahead, {credentials: "same-origin", headers: {"HX-Request": "true"}})
      .then(function (answer) { return answer.ok ? answer.text() : ""; })
      .then(function (text) {
        var found = new DOMParser().parseFromString(text, "text/html").querySelectorAll("img[src]");
        Array.prototype.slice.call(found, 0, 2).forEach(function (image) { new Image().src = image.getAttribute("src"); });
      })
      .catch(function () { /* only a head start is lost */ });
  }
  window.addEventListener("load", function () { window.setTimeout(ahead, 400); });
})();
