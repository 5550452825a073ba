/* The task page: only the chosen mode's fields, the sample text, text boxes that grow, answers of htmx that are not 200. */
(function () {
  "use strict";
  function showMode() {
    var chosen = document.querySelector('input[name="mode"]:checked');
    document.querySelectorAll("[data-mode]").forEach(function (part) {
      part.hidden = !chosen || part.dataset.mode !== chosen.value;
    });
  }
  function grow(area) {
    area.style.height = "auto";
    area.style.height = Math.max(area.scrollHeight + 2, 60) + "px";
  }
  function growAll() { document.querySelectorAll('textarea[form="answer"]').forEach(function (area) { if (area.offsetParent) grow(area); }); }

  document.addEventListener("change", function (event) {
    if (event.target.name === "mode") { showMode(); growAll(); }
  });
  document.addEventListener("input", function (event) {
    if (event.target.matches('textarea[form="answer"]')) grow(event.target);
  });
  document.addEventListener("draft:filled", function () { showMode(); growAll(); });

  document.querySelectorAll(".js-only").forEach(function (part) { part.hidden = false; });
  document.querySelectorAll("[data-fill]").forEach(function (button) {
    button.addEventListener("click", function () {
      var area = document.getElementById(button.dataset.fill);
      var sample = document.getElementById(button.dataset.from).textContent;
      area.value = area.value.trim() ? area.value.trim() + "\n\n" + sample : sample;
      area.dispatchEvent(new Event("input", { bubbles: true }));
      area.focus();
    });
  });

  /* 409 and 422 carry a fragment with the reason */
  document.addEventListener("htmx:beforeSwap", function (event) {
    var status = event.detail.xhr.status;
    if (status === 409 || status === 422) { event.detail.shouldSwap = true; event.detail.isError = false; }
  });
  /* After a new login in another window the page's token is old, the cookie's is not */
  document.addEventListener("htmx:configRequest", function (event) {
    var match = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
    if (match) event.detail.headers["X-CSRFToken"] = match[1];
  });

  showMode();
  growAll();
  var errors = document.getElementById("answer-errors");
  if (errors) errors.focus();
})();
