// Comfort only: while somebody types, the likely categories come to the front, and danger shows whom to call.
// What is typed is sent for this alone and kept nowhere; without an answer the page stays as it is.
const chips = document.querySelector("[data-guess]");
const danger = document.querySelector("[data-danger]");
const box = chips.closest("form").text;
const given = [...chips.children];
let timer = 0, asked = "";

// The drawing of a class, from the same sprite as those that stand there.
function icon(top) {
  const drawing = chips.querySelector(".icon").cloneNode(true), use = drawing.firstElementChild;
  use.setAttribute("href", use.getAttribute("href").replace(/#.*/, `#${top}`));
  return drawing;
}

function chip(leaf) {
  const label = document.createElement("label"), input = document.createElement("input"), words = document.createElement("span");
  label.className = "chip chip-kind chip-guess";
  Object.assign(input, { type: "radio", name: "category", value: leaf.code });
  words.append(leaf.name, Object.assign(document.createElement("small"), { textContent: "像是这个" }));
  label.append(input, icon(leaf.top), words);
  return label;
}

function show({ items, danger: alarm }) {
  const chosen = chips.querySelector(".chip-guess input:checked")?.value;
  const codes = given.map((one) => one.querySelector("input").value);
  const fresh = items.filter((leaf) => !codes.includes(leaf.code)).map(chip);
  const likely = given.filter((one, n) => items.some((leaf) => [leaf.code, leaf.top].includes(codes[n])));
  if (chosen && !items.some((leaf) => leaf.code === chosen)) fresh.unshift(chips.querySelector(`.chip-guess:has([value="${chosen}"])`));
  chips.replaceChildren(...fresh, ...likely, ...given.filter((one) => !likely.includes(one)));
  if (chosen) chips.querySelector(`[value="${chosen}"]`).checked = true;
  danger.hidden = !alarm;
  if (!alarm) return danger.replaceChildren();
  const words = Object.assign(document.createElement("p"), { textContent: `像是“${alarm.name}”。${alarm.text}` });
  const calls = Object.assign(document.createElement("p"), { className: "calls" });
  for (const line of alarm.hotlines.slice(0, 3)) {
    const call = Object.assign(document.createElement("a"), { className: "call", href: `tel:${line.number}` });
    call.append(`${line.name} `, Object.assign(document.createElement("b"), { textContent: line.number }));
    calls.append(call);
  }
  danger.replaceChildren(words, calls);
}

async function ask() {
  const text = box.value.trim();
  if (text.length < 2 || text === asked) return;
  asked = text;
  try {
    const answer = await fetch(chips.dataset.guess, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ text }),
    });
    if (answer.ok && box.value.trim() === text) show(await answer.json());
  } catch {
    // No network: the chips stay as they are.
  }
}

box.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, 600);
});
ask();
