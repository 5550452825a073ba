/* The task list: short addresses for filters, and how many rows are picked. */
(function () {
  "use strict";
  function boxes(form) { return Array.prototype.slice.call(form.querySelectorAll("input[name=pick]")); }

  function show(form) {
    var all = boxes(form);
    var picked = all.filter(function (box) { return box.checked; }).length;
    var everything = form.querySelector("[data-everything]");
    var whole = everything && everything.checked;
    form.querySelector("[data-picked]").textContent = whole ? "已选全部" : picked ? "已选 " + picked + " 项" : "勾选任务后可批量操作";
    form.querySelectorAll("button[name=change]").forEach(function (button) { button.disabled = !picked && !whole; });
    form.querySelectorAll("[data-pick-page]").forEach(function (box) {
      box.checked = picked > 0 && picked === all.length;
      box.indeterminate = picked > 0 && picked < all.length;
    });
  }

  document.addEventListener("change", function (event) {
    var form = event.target.closest("[data-bulk]");
    if (!form) return;
    if (event.target.hasAttribute("data-pick-page")) {
      boxes(form).forEach(function (box) { box.checked = event.target.checked; });
    }
    show(form);
  });
  function begin() { document.querySelectorAll("[data-bulk]").forEach(show); }
  document.addEventListener("htmx:afterSwap", begin);
  window.addEventListener("pageshow", begin);

  document.addEventListener("htmx:configRequest", function (event) {
    if (!event.target.matches("[data-filters]")) return;
    var values = event.detail.parameters;
    Object.keys(values).forEach(function (name) { if (values[name] === "") delete values[name]; });
  });
})();
