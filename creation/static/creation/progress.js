/* The matrix: one box ticks all units that still owe something. */
(function () {
  "use strict";
  var all = document.querySelector("[data-all-units]");
  if (!all) return;
  var boxes = Array.prototype.slice.call(document.querySelectorAll("input[name=units]:not(:disabled)"));
  all.hidden = false;
  all.setAttribute("aria-label", "选择全部单位");
  all.addEventListener("change", function () {
    boxes.forEach(function (box) { box.checked = all.checked; });
  });
  document.addEventListener("change", function (event) {
    if (event.target.name !== "units") return;
    var picked = boxes.filter(function (box) { return box.checked; }).length;
    all.checked = picked > 0 && picked === boxes.length;
    all.indeterminate = picked > 0 && picked < boxes.length;
  });
})();
