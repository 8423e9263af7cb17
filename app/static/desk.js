// Comfort only: every page of the desk works without it. page.js looks after photos and after forms marked data-busy.

// One tap is enough. The button is let go again when the browser brings the page back from its memory.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button && event.target.method === "post" && !event.target.dataset.busy) setTimeout(() => { button.disabled = true; }, 0);
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("button:disabled")) button.disabled = false;
});

// The list of all categories wins over the quick choices, so choosing in one clears the other.
const other = document.getElementById("triage-other");
if (other) {
  const quick = document.querySelectorAll("#triage input[name=category]");
  other.addEventListener("change", () => other.value && quick.forEach((radio) => { radio.checked = false; }));
  quick.forEach((radio) => radio.addEventListener("change", () => { other.value = ""; }));
}

for (const button of document.querySelectorAll("[data-copy-from]")) {
  const source = document.getElementById(button.dataset.copyFrom);
  button.hidden = false;
  button.addEventListener("click", async () => {
    source.select();
    try {
      await navigator.clipboard.writeText(source.value);
    } catch {
      document.execCommand("copy"); // plain http on the local network has no clipboard
    }
    document.querySelector("[data-copied]").hidden = false;
  });
}

// What can be taken back only for some seconds goes when they are over; without this the server says that it is too late.
for (const brief of document.querySelectorAll("[data-gone-in]")) setTimeout(() => { brief.hidden = true; }, brief.dataset.goneIn * 1000);

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// While somebody speaks: the categories follow the words, and what is typed for a stairwell finds it in the list.
const taking = document.querySelector("form[data-guess]");
if (taking) {
  const words = taking.elements.text, place = taking.elements.place, list = taking.elements.stairwell;
  const hint = document.querySelector("[data-place-found]");
  let waiting, asked = 0;
  const suggest = async () => {
    const mine = ++asked, sent = new FormData(taking);
    const answer = await fetch(taking.dataset.guess, { method: "POST", body: sent }).catch(() => null);
    if (!answer || !answer.ok || mine !== asked) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#guesses .chips-row");
    const shown = taking.querySelector("[data-chips]"), focused = shown.contains(document.activeElement);
    if (fresh && !focused) shown.replaceChildren(fresh);
  };
  words.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(suggest, 600); });
  const plain = (text) => text.normalize("NFKC").replace(/(\d)\s+(?=\d)/g, "$1-").replace(/\s/g, "").replace(/[栋座#]|号楼/g, "幢");
  const short = (text) => plain(text).replace(/单元|幢$/g, "").replace(/幢-?|[.,/]/g, "-");
  place.addEventListener("input", () => {
    const typed = short(place.value);
    const found = [...list.options].find((one) => one.value && typed && short(one.text) === typed);
    list.value = found ? found.value : "";
    hint.textContent = found ? `✓ ${found.text}` : "";
  });
  list.addEventListener("change", () => { place.value = ""; hint.textContent = ""; });
}

// On a phone the tabs are wider than the screen: the one that is open shows itself.
document.querySelector(".desk-tabs [aria-current=page]")?.scrollIntoView({ inline: "center", block: "nearest" });
