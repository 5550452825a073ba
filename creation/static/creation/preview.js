/* Evidence: answers that hold a form with errors or both texts of a lost race are shown; a page of a preview grows by a click. */
(function () {
  "use strict";
  if (window.creationPreview) return;
  window.creationPreview = true;

  document.addEventListener("htmx:beforeSwap", function (event) {
    var status = event.detail.xhr.status;
    var target = event.detail.target;
    if ((status === 409 || status === 422) && target && target.closest(".evidence-area, .evidence-rows")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  function zoom(image) { image.classList.toggle("zoomed"); }

  document.addEventListener("click", function (event) {
    if (event.target.matches && event.target.matches("[data-zoom]")) zoom(event.target);
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && event.target.matches && event.target.matches("[data-zoom]")) zoom(event.target);
  });
})();
