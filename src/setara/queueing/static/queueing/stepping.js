// Arrow keys step through a published day, by the page's own links; not while somebody types, nor with a modifier.
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.target.closest("input, textarea, select")) return;
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  const link = rel && document.querySelector(`nav a[rel=${rel}]`);
  if (link) link.click();
});
