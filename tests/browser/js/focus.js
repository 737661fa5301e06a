// Where the focus is, and what is wrong with how it is shown there.
() => {
  const element = document.activeElement;
  if (!element || element === document.body || element === document.documentElement) return null;
  const faults = [];
  const shown = [element, ...(element.labels ?? [])];
  const opaque = colour => !/^(transparent|rgba\(.*, 0\))$/.test(colour);
  const drawn = box => {
    const style = getComputedStyle(box);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1
      && opaque(style.outlineColor);
  };
  if (!shown.some(drawn) && window.looks(element) === window.plain.get(element))
    faults.push("focus can't be seen");
  const boxes = shown.flatMap(box => [...box.getClientRects()]).filter(r => r.width > 1 && r.height > 1);
  const hit = (x, y) => {
    const there = document.elementFromPoint(x, y);
    return there && shown.some(box => box.contains(there) || there.contains(box));
  };
  const first = boxes[0];
  if (!first) faults.push("has no box");
  else {
    const x = (Math.max(first.left, 0) + Math.min(first.right, innerWidth)) / 2;
    const inset = Math.min(3, first.height / 4);
    const tall = first.height > innerHeight / 2;
    const heights = tall ? [first.top + inset] : [first.top + inset, first.top + first.height / 2, first.bottom - inset];
    const lost = heights.filter(y => !hit(x, y));
    if (lost.length) {
      const over = document.elementFromPoint(x, lost[0]);
      faults.push(`hidden at ${x},${lost} of ${innerWidth}×${innerHeight} by ${over?.outerHTML.slice(0, 60)}`);
    }
  }
  const whole = shown.map(box => box.getBoundingClientRect());
  const width = Math.max(...whole.map(r => r.width)), height = Math.max(...whole.map(r => r.height));
  const inline = getComputedStyle(element).display === "inline"
    && element.parentElement.textContent.trim() !== element.textContent.trim();
  if (!inline && (width < 23.5 || height < 23.5))
    faults.push(`target of ${width.toFixed(1)} × ${height.toFixed(1)}`);
  const scrolls = element.scrollHeight > element.clientHeight || element.scrollWidth > element.clientWidth;
  const said = element.outerHTML.replace(/\s+/g, " ").slice(0, 110);
  return { at: window.stops.indexOf(element), scrolls, faults: faults.map(fault => `${fault}: ${said}`), said };
}
