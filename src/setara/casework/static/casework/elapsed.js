// Shows how long the call has lasted. The server says how long it was when the page was made; from there the
// browser only counts on, so that a PC whose clock is wrong shows the right time.
(() => {
  const begun = performance.now();
  const places = document.querySelectorAll("[data-elapsed]");
  const show = () => places.forEach((place) => {
    const seconds = Number(place.dataset.elapsed) + Math.floor((performance.now() - begun) / 1000);
    const minutes = Math.floor(seconds / 60);
    const text = `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
    place.querySelector("[data-shown]").textContent = text;
    place.toggleAttribute("data-over", Boolean(place.dataset.target) && minutes >= Number(place.dataset.target));
  });
  if (places.length) { show(); setInterval(show, 1000); }
})();
