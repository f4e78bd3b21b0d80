(() => {
  const all = [...document.querySelectorAll(".dialogue")];
  const buttons = [...document.querySelectorAll("nav [data-show]")];
  const search = document.querySelector("nav input");
  const picks = [...document.querySelectorAll("nav select")];
  const count = document.querySelector("nav output");
  const none = document.querySelector(".none");
  let show = "all";

  const apply = () => {
    const words = search.value.trim().toLowerCase();
    let seen = 0;
    for (const one of all) {
      const fits =
        (show === "all" || one.classList.contains(show)) &&
        picks.every((pick) => !pick.value || one.dataset[pick.name] === pick.value) &&
        (!words || one.textContent.toLowerCase().includes(words));
      one.hidden = !fits;
      seen += fits;
    }
    count.textContent = `${seen} of ${all.length}`;
    none.hidden = seen > 0;
    for (const button of buttons) button.setAttribute("aria-pressed", button.dataset.show === show);
  };
  for (const button of buttons) button.addEventListener("click", () => { show = button.dataset.show; apply(); });
  for (const pick of picks) pick.addEventListener("change", apply);
  search.addEventListener("input", apply);
  document.querySelector("[data-fold]").addEventListener("click", () => {
    const shown = all.filter((one) => !one.hidden);
    const open = shown.some((one) => !one.open);
    for (const one of shown) one.open = open;
  });
  document.querySelector("[data-light]").addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  apply();
})();
