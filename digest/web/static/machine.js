// Completes a machine's name while it is typed. The form works without: its "Find" button asks the server.
"use strict";
(() => {
  const field = document.getElementById("rig"), list = document.getElementById("rig-names");
  if (!field || !list) return;
  let asked = 0, timer = 0;
  const show = (names) => list.replaceChildren(...names.map((name) => Object.assign(document.createElement("option"), { value: name })));
  const ask = async () => {
    const turn = ++asked, typed = field.value.trim();
    if (typed.length < 2) return show([]);
    try {
      const answer = await fetch(`${field.dataset.names}?q=${encodeURIComponent(typed)}`);
      if (answer.ok && turn === asked) show(await answer.json());
    } catch { show([]); }
  };
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 150); });
})();
