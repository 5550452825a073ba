/* Prints the page, and copies the text of the field that `data-copy` names; where the browser forbids it, the text is marked for Ctrl-C. */
(function () {
  "use strict";
  function say(button, text) {
    button.querySelector("[data-copy-label]").textContent = text;
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    if (!button) return;
    var field = document.querySelector(button.dataset.copy);
    field.focus();
    field.select();
    var done = false;
    try { done = document.execCommand("copy"); } catch (error) { done = false; }
    say(button, done ? "已复制" : "请按 Ctrl+C");
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
  });
})();
