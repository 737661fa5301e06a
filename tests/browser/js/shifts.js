// Write down whatever changes its place without being asked to.
() => {
  new PerformanceObserver(list => {
    for (const shift of list.getEntries()) {
      const moved = shift.sources.map(({ node }) => {
        const element = node?.nodeType === Node.TEXT_NODE ? node.parentElement : node;
        return element?.outerHTML?.slice(0, 80);
      });
      window.shifts.push(`${shift.value.toFixed(4)} ${moved}`);
    }
  }).observe({ type: "layout-shift", buffered: true });
}
