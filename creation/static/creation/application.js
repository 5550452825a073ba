/* Copy buttons, and the way from one ticked item to the next that is open. Works without a secure connection too. */
(function () {
  "use strict";
  function select(element) {
    element.hidden = false;
    var range = document.createRange();
    range.selectNodeContents(element);
    var selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }
  function copyByHand(text) {
    var box = document.createElement("textarea");
    box.value = text;
    box.className = "visually-hidden";
    document.body.appendChild(box);
    box.select();
    var done = false;
    try { done = document.execCommand("copy"); } catch (error) { done = false; }
    box.remove();
    return done;
  }
  function say(button, words) {
    if (!button.dataset.words) button.dataset.words = button.innerHTML;
    button.textContent = words;
    window.setTimeout(function () { button.innerHTML = button.dataset.words; delete button.dataset.words; }, 1500);
  }
  function copied(button, element, done) {
    if (done) { say(button, "已复制"); return; }
    select(element);
    say(button, "请按 Ctrl+C");
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    if (!button) return;
    var element = document.getElementById(button.dataset.copy), text = element.textContent;
    if (!navigator.clipboard || !window.isSecureContext) { copied(button, element, copyByHand(text)); button.focus(); return; }
    navigator.clipboard.writeText(text).then(
      function () { copied(button, element, true); },
      function () { copied(button, element, copyByHand(text)); }
    );
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    var item = event.detail.target && document.getElementById(event.detail.target.id);
    if (!item || !item.classList.contains("is-entered")) return;
    var all = Array.prototype.slice.call(document.querySelectorAll(".application-item"));
    var next = all.slice(all.indexOf(item) + 1).filter(function (each) { return each.open && !each.classList.contains("is-entered"); })[0];
    if (!next) return;
    next.scrollIntoView({ block: "start" });
    next.querySelector("summary").focus({ preventScroll: true });
  });
})();
