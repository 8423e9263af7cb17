// A list that keeps itself fresh: asked again every 15 seconds while somebody looks, answered with nothing when nothing moved.
const EVERY = 15000;
const list = document.querySelector("[data-live]");
const said = document.querySelector("[data-live-said]");
let mark = "", asking = false;

const refresh = async () => {
  if (document.hidden || asking) return;
  asking = true;
  try {
    const answer = await fetch(location.href, { headers: mark ? { "If-None-Match": mark } : {} });
    if (answer.status !== 200 || answer.redirected) return;
    mark = answer.headers.get("ETag") || "";
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
    if (!fresh || fresh.innerHTML === list.innerHTML) return;
    const at = list.contains(document.activeElement) && document.activeElement.getAttribute("href");
    list.replaceChildren(...fresh.childNodes);
    if (at) list.querySelector(`[href="${CSS.escape(at)}"]`)?.focus();
    said.textContent = "列表有更新";
  } catch {
    // no network just now: the next round tries again
  } finally {
    asking = false;
  }
};

if (list) {
  setInterval(refresh, EVERY);
  document.addEventListener("visibilitychange", refresh);
}
