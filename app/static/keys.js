// Keys for the desk, beside the mouse: j and k walk the queue, 1 to 3 pick a suggested category, Enter goes on, u goes back.
const lines = () => [...document.querySelectorAll(".desk-line")];
const picks = document.querySelectorAll("#triage input[name=category]");
const go = document.querySelector("[data-go]");
const isTyping = (it) => it.matches("textarea, select, summary, button, a, input:not([type=radio], [type=checkbox])");

const walk = (step) => {
  const all = lines(), at = all.indexOf(document.activeElement);
  all[at < 0 ? 0 : Math.min(Math.max(at + step, 0), all.length - 1)]?.focus();
};
const actions = {
  j: () => walk(1),
  k: () => walk(-1),
  u: () => { if (!lines().length) location.assign("/desk"); },
  Enter: () => (lines()[0] || go)?.click(),
};
for (const number of [1, 2, 3]) {
  actions[number] = () => { const pick = picks[number - 1]; if (pick) { pick.click(); pick.focus(); } };
}

document.addEventListener("keydown", (event) => {
  const at = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  const walking = at.matches(".desk-line") && event.key !== "Enter";
  if (!(event.key in actions) || (isTyping(at) && !walking)) return;
  if (event.key === "Enter" && at !== document.body && !at.matches("#triage [type=radio]")) return;
  event.preventDefault();
  actions[event.key]();
});
for (const hint of document.querySelectorAll("[data-keys]")) hint.hidden = !matchMedia("(hover: hover) and (min-width: 50rem)").matches;
