/* Boxes of units by kind: one tick for a kind, one for all, and the number that is ticked; shown while "chosen units" is picked.
   A form that needs a unit says so at the boxes before it is sent, so that chosen files stay chosen. */
import { element } from "./common.js";

function dress(part) {
  const boxes = [...part.querySelectorAll("input[name]")];
  const groups = [...part.querySelectorAll("fieldset")].map((group) => ({ all: group.querySelector("[data-all]"), boxes: [...group.querySelectorAll("input[name]")] }));
  const whole = part.querySelector("[data-whole]");
  const text = part.querySelector("[data-count]");
  function count() {
    groups.forEach((group) => { group.all.checked = group.boxes.every((box) => box.checked); });
    whole.checked = boxes.every((box) => box.checked);
    text.textContent = `已选 ${boxes.filter((box) => box.checked).length} / ${boxes.length} 个`;
    if (boxes.some((box) => box.checked)) part.querySelector("[data-lacking]")?.remove();
  }
  function tick(some, checked) { some.forEach((box) => { box.checked = checked; }); count(); }
  groups.forEach((group) => { group.all.addEventListener("change", () => { tick(group.boxes, group.all.checked); }); });
  whole.addEventListener("change", () => { tick(boxes, whole.checked); });
  part.addEventListener("change", count);
  part.querySelectorAll(".js-only").forEach((line) => { line.hidden = false; });
  count();
  if (part.parentElement.hasAttribute("data-needed")) boxes[0]?.form.addEventListener("submit", (event) => { require(event, part, boxes); });
}

function require(event, part, boxes) {
  if (boxes.some((box) => box.checked)) return;
  event.preventDefault();
  event.stopPropagation();
  if (!part.querySelector("[data-lacking]")) {
    const note = element("p", "invalid-feedback d-block", "请至少选择一个单位。");
    note.dataset.lacking = "";
    note.setAttribute("role", "alert");
    part.prepend(note);
  }
  boxes[0].focus();
  part.scrollIntoView({ block: "center" });
}

function reveal() {
  const chosen = document.querySelector("[data-chosen]");
  const picked = document.querySelector('input[name="audience"]:checked');
  if (chosen) chosen.hidden = !picked || picked.value !== "chosen";
}

function begin() {
  document.querySelectorAll("[data-groups]").forEach(dress);
  const audience = document.querySelectorAll('input[name="audience"]');
  audience.forEach((radio) => { radio.addEventListener("change", reveal); });
  if (audience.length) reveal();
}

document.addEventListener("form:replaced", begin); // by file-forms.js
begin();
