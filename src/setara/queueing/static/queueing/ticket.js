// A ticket's page finds itself in the state of the whole queue ("live:state", see live.js): the place, who went before
// and why, how long, whether it is nearly time, what the office says. The server writes the page: when the ticket
// stands elsewhere than the page says, the fragment is fetched anew, and that happens a few times a visit.
(() => {
  const box = document.querySelector("[data-live-as=state]");
  if (!box) return;
  const slot = (name) => box.querySelector(`[data-slot="${name}"]`);
  const fill = (text, values) => text.replace(/{(\w+)}/g, (whole, name) => values[name] ?? whole);
  const put = (name, text) => { const place = slot(name); if (place && place.textContent !== text) place.textContent = text; };
  const made = (tag, className, text) => {
    const part = document.createElement(tag);
    if (className) part.className = className;
    if (text) part.textContent = text;
    return part;
  };

  // Where the label stands: the same words as setara.queueing.tickets.state_key.
  const find = (state, label) => {
    for (const [mine, step, counter, repeats, begun] of state.called) {
      if (mine === label) return { key: `${begun ? "serving" : `called.${repeats}`} ${step} ${counter}` };
    }
    for (const [step, entries] of Object.entries(state.waiting)) {
      const at = entries.findIndex((entry) => entry[0] === label);
      if (at >= 0) return { key: `waiting ${step}`, entry: entries[at], position: at + 1, waiting: entries.length };
    }
    const away = ["absent", "sent_back"].find((name) => state[name].includes(label));
    return { key: away || "gone" };
  };

  const said = (items) => {
    const place = slot("said");
    if (!place || [...place.children].map((e) => e.dataset.said).join() === items.map((one) => one.id).join()) return;
    place.replaceChildren(...items.map((one) => {
      const part = made("div", `notice notice-${one.kind}`), body = made("div", "notice-body"), line = made("p");
      part.dataset.said = one.id;
      line.append(made("strong", "", one.word), ` ${one.text} `, made("span", "hint", one.until));
      body.append(line);
      part.append(body);
      return part;
    }));
    if (items.length) tell(items.map((one) => one.text).join(". "));
  };
  const tell = (text) => box.dispatchEvent(new CustomEvent("live:tell", { detail: text }));

  const show = (state, me, nearly) => {
    const [, before, low, high, reasons] = me.entry;
    const ranked = Object.entries(reasons).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    const passed = ranked.reduce((sum, [, n]) => sum + n, 0);
    put("position", String(me.position));
    put("before", String(before));
    put("passed", String(passed));
    put("line", fill(slot("line").dataset.text, { position: me.position, waiting: me.waiting }));
    const wait = slot("wait").dataset;
    put("wait", low === null ? wait.none : fill(low === high ? wait.one : wait.two, { low, high }));
    slot("nobody").hidden = passed > 0;
    const list = slot("reasons");
    list.hidden = passed === 0;
    const lines = ranked.map(([code, n]) => fill(list.dataset.text, { words: state.words[code], n }));
    if ([...list.children].map((e) => e.textContent).join("\n") !== lines.join("\n")) {
      list.replaceChildren(...lines.map((line) => made("li", "", line)));
    }
    const near = slot("near"), close = me.position <= nearly;
    if (near.hidden && close) tell(near.dataset.say);
    near.hidden = !close;
    document.title = document.title.replace(/^(\(\d+\) )?/, `(${me.position}) `);
  };

  let asked = "";
  box.addEventListener("live:state", (event) => {
    const state = event.detail, page = box.querySelector("[data-ticket]");
    if (!page) return;
    said(state.said);
    const me = find(state, page.dataset.ticket);
    if (me.key === page.dataset.key) {
      asked = "";
      if (me.entry) show(state, me, Number(page.dataset.nearly));
      return;
    }
    if (asked === me.key) return; // on its way already
    asked = me.key;
    document.title = document.title.replace(/^\(\d+\) /, "");
    // At the end of the day all leave at once: not all of them ask at once.
    const later = me.key === "gone" ? Math.random() * 3000 : 0;
    setTimeout(() => { asked = ""; box.dispatchEvent(new CustomEvent("live:ask")); }, later);
  });
})();
