/* The leaders' board on a whole screen: one part after the other by itself; arrows turn, the space bar stops and goes on, Esc ends. */
const SECONDS = 20;
const board = document.getElementById("board");
const parts = [...document.querySelectorAll(".board-page")];
const start = document.querySelector("[data-board-show]");
let place = 0;
let timer = 0;

function show(next) {
  place = (next + parts.length) % parts.length;
  parts.forEach((part, index) => part.classList.toggle("is-shown", index === place));
}

function run() {
  clearInterval(timer);
  timer = setInterval(() => show(place + 1), SECONDS * 1000);
}

function stop() {
  clearInterval(timer);
  timer = 0;
}

function turn(event) {
  if (!document.fullscreenElement) return;
  const step = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[event.key];
  if (step) {
    show(place + step);
    if (timer) run();
  } else if (event.key === " ") {
    if (timer) stop();
    else run();
  } else return;
  event.preventDefault();
}

if (start && parts.length && board.requestFullscreen) {
  start.hidden = false;
  start.addEventListener("click", () => board.requestFullscreen());
  document.addEventListener("keydown", turn);
  document.addEventListener("fullscreenchange", () => {
    if (document.fullscreenElement) {
      show(0);
      run();
    } else stop();
  });
}
