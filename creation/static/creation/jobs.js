/* Download the file of a job once it is ready. The query string is removed, so that going back does not download it again. */
function take() {
  const link = document.querySelector("[data-take]");
  if (!link) return;
  link.removeAttribute("data-take");
  window.history.replaceState(null, "", window.location.pathname);
  link.click();
}
document.addEventListener("DOMContentLoaded", take);
document.addEventListener("htmx:afterSettle", take);
