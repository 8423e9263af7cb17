"""What an eye and a thumb would find wrong with a page, measured in the browser."""

_FINDINGS = """([least, letters]) => {
  const wide = document.documentElement.clientWidth, found = [];
  const name = (it) => it.outerHTML.replace(/\\s+/g, ' ').slice(0, 100);
  const box = (it) => it.getBoundingClientRect();
  const aside = (it) => it.closest('.off-screen, .skip, svg');
  const scrolls = (it) => {
    for (let at = it; at; at = at.parentElement) {
      const { overflowX, textOverflow } = getComputedStyle(at);
      if (['auto', 'scroll'].includes(overflowX) || textOverflow === 'ellipsis') return true;
    }
    return false;
  };
  const seen = (it) => it.checkVisibility({ visibilityProperty: true }) && !aside(it) && box(it).width > 1;
  const over = document.documentElement.scrollWidth - wide;
  if (over > 0) found.push(`scrolls sideways by ${over}`);
  const all = [...document.querySelectorAll('body *')].filter(seen);
  for (const it of all) {
    if (box(it).right > wide + 1 && !scrolls(it)) found.push(`sticks out: ${name(it)}`);
    const own = [...it.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
    if (own && ['hidden', 'clip'].includes(getComputedStyle(it).overflowX) && it.scrollWidth > it.clientWidth + 1)
      found.push(`cut off: ${name(it)}`);
    if (own && letters && parseFloat(getComputedStyle(it).fontSize) < letters)
      found.push(`letters of ${getComputedStyle(it).fontSize}: ${name(it)}`);
  }
  const inline = (it) => it.matches('a') && getComputedStyle(it).display === 'inline';
  const inLabel = (it) => it.matches('[type=radio], [type=checkbox]') && it.closest('label');
  const tapped = 'a, button, input:not([type=hidden]), textarea, select, summary, label:has(input)';
  const taps = all.filter((it) => it.matches(tapped) && !inline(it) && !inLabel(it));
  for (const it of taps) if (least && (box(it).height < least - 0.5 || box(it).width < 43.5))
    found.push(`${Math.round(box(it).width)} x ${Math.round(box(it).height)}: ${name(it)}`);
  const floats = (it) => {
    for (let at = it; at; at = at.parentElement)
      if (['sticky', 'fixed'].includes(getComputedStyle(at).position)) return true;
    return false;
  };
  const still = taps.filter((it) => !floats(it)); // what floats is scrolled from under
  still.forEach((a, n) => still.slice(n + 1).forEach((b) => {
    if (a.contains(b) || b.contains(a)) return;
    const [p, q] = [box(a), box(b)];
    const across = Math.min(p.right, q.right) - Math.max(p.left, q.left);
    const down = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
    if (across > 2 && down > 2) found.push(`one over the other: ${name(a)} | ${name(b)}`);
  }));
  return found;
}"""


def unfold(page):
    """Opens every fold, so that what is inside is looked at too."""
    page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")


def findings(page, *, least_target=0, least_letters=0):
    """Sideways scrolling, what is cut off or lies one over the other, targets and letters (px) that are too small."""
    return page.evaluate(_FINDINGS, [least_target, least_letters])
