// Go down the page a view at a time, as a reader does in a hurry, and wait for its pictures.
async () => {
  const frame = () => new Promise(resolve => requestAnimationFrame(resolve));
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight) {
    scrollTo({ top: y, behavior: "instant" });
    await frame();
    await frame();
  }
  const seen = [...document.images].filter(image => image.checkVisibility());
  const patience = new Promise(resolve => setTimeout(resolve, 3000));
  await Promise.race([patience, Promise.all(seen.map(image => image.decode().catch(() => null)))]);
  await frame();
  await frame();
}
