/* The matrix: one checkbox checks all units with open tasks. */
const all = document.querySelector("[data-all-units]");

function begin() {
  const boxes = [...document.querySelectorAll("input[name=units]:not(:disabled)")];
  all.hidden = false;
  all.setAttribute("aria-label", "选择全部单位");
  all.addEventListener("change", () => {
    boxes.forEach((box) => { box.checked = all.checked; });
  });
  document.addEventListener("change", (event) => {
    if (event.target.name !== "units") return;
    const picked = boxes.filter((box) => box.checked).length;
    all.checked = picked > 0 && picked === boxes.length;
    all.indeterminate = picked > 0 && picked < boxes.length;
  });
}

if (all) begin();
