/* A group's checkbox checks all of its boxes; the list of units is shown while "chosen units" is picked. */
document.querySelectorAll("[data-groups] fieldset").forEach((group) => {
  const all = group.querySelector("[data-all]"); const boxes = group.querySelectorAll("input[name]");
  function count() { all.checked = Array.prototype.every.call(boxes, (box) => box.checked); }
  all.addEventListener("change", () => { boxes.forEach((box) => { box.checked = all.checked; }); });
  group.addEventListener("change", count);
  count();
});

const chosen = document.querySelector("[data-chosen]"); const audience = document.querySelectorAll('input[name="audience"]');
function reveal() {
  const picked = document.querySelector('input[name="audience"]:checked');
  chosen.hidden = !picked || picked.value !== "chosen";
}
if (chosen && audience.length) {
  audience.forEach((radio) => { radio.addEventListener("change", reveal); });
  reveal();
}
