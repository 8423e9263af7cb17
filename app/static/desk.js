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
