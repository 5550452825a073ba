/* The file of long work is fetched as soon as it is there, once: the address loses its wish, so that going back does not fetch again. */
function take() {
  const link = document.querySelector("[data-take]");
  if (!link) return;
  link.removeAttribute("data-take");
  window.history.replaceState(null, "", window.location.pathname);
  link.click();
}
document.addEventListener("DOMContentLoaded", take);
document.addEventListener("htmx:afterSettle", take);
