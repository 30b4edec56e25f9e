/* 모든 쪽의 움직이는 부분: 화면 밝기, 검색 창, 좁은 화면의 차례, 코드 복사, 검색어 강조, 인쇄, 시연의 시작. */
(function () {
  "use strict";
  const root = document.documentElement;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const store = {
    get(key) { try { return localStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { localStorage.setItem(key, value); } catch { /* 저장소를 막은 브라우저 */ } },
  };

  /* 화면 밝기: 자동 → (지금과 다른 것) → 나머지 */
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const MODE_NAMES = { light: "밝게", dark: "어둡게", auto: "기기 설정대로" };
  function setMode(mode, save) {
    root.dataset.mode = mode;
    root.dataset.theme = mode === "auto" ? (dark.matches ? "dark" : "light") : mode;
    if (save) store.set("mode", mode);
    all(".theme-switch-button").forEach((button) => {
      const label = "화면 밝기: " + MODE_NAMES[mode];
      button.setAttribute("aria-label", label);
      button.title = label;
    });
  }
  setMode(root.dataset.mode || "auto", false);
  dark.addEventListener("change", () => setMode(root.dataset.mode, false));
  all(".theme-switch-button").forEach((button) =>
    button.addEventListener("click", () => {
      const order = dark.matches ? ["auto", "light", "dark"] : ["auto", "dark", "light"];
      setMode(order[(order.indexOf(root.dataset.mode) + 1) % 3], true);
    })
  );

  /* 창(dialog): 바깥을 누르면 닫힙니다 */
  function closeOnBackdrop(dialog) {
    dialog.addEventListener("click", (event) => {
      if (event.target !== dialog) return;
      const box = dialog.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside) dialog.close();
    });
  }

  /* 검색 창 */
  const searchDialog = document.getElementById("dlko-search-dialog");
  function openSearch() {
    const onPage = document.getElementById("dlko-search-input");
    if (onPage) { onPage.focus(); onPage.select(); return; }
    if (searchDialog.open) { searchDialog.close(); return; }
    all("dialog[open]").forEach((dialog) => dialog.close());
    searchDialog.showModal();
    searchDialog.querySelector("input").focus();
  }
  closeOnBackdrop(searchDialog);
  all(".search-button__button").forEach((button) => button.addEventListener("click", openSearch));
  if (/^(Mac|iP)/.test(navigator.platform)) all("kbd").forEach((kbd) => { if (kbd.textContent === "Ctrl+K") kbd.textContent = "⌘K"; });
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      openSearch();
    }
  });

  /* 좁은 화면에서는 차례를 창으로, 넓은 화면에서는 책의 차례를 접고 폅니다 */
  function sidebar(buttonSelector, name, wide) {
    const button = document.querySelector(buttonSelector);
    const panel = document.getElementById("pst-" + name + "-sidebar");
    const dialog = document.getElementById("pst-" + name + "-sidebar-modal");
    if (!button || !panel || !dialog) return;
    const move = (from, to) => {
      to.append(...from.childNodes);
      to.classList.add(...from.classList);
      from.removeAttribute("class");
    };
    closeOnBackdrop(dialog);
    dialog.addEventListener("close", () => move(dialog, panel));
    dialog.addEventListener("click", (event) => { if (event.target.closest("a")) dialog.close(); });
    button.addEventListener("click", () => {
      if (wide && matchMedia(wide).matches) {
        panel.classList.toggle("pst-sidebar-hidden");
        return;
      }
      move(panel, dialog);
      dialog.showModal();
    });
  }
  sidebar(".primary-toggle", "primary", "(min-width: 992px)");
  sidebar(".secondary-toggle", "secondary", null);

  /* 책의 차례에서 지금 쪽이 보이게 */
  const current = document.querySelector(".bd-docs-nav .current.active > a, .bd-docs-nav li.active:last-of-type > a");
  const side = document.getElementById("pst-primary-sidebar");
  if (current && side && current.offsetTop > side.clientHeight * 0.7) side.scrollTop = current.offsetTop - side.clientHeight / 3;

  /* 이 쪽의 차례에서 읽고 있는 절을 표시 */
  const tocLinks = new Map(all(".bd-toc-nav a[href^='#']").map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
  const headings = [...tocLinks.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  let waiting = false;
  function follow() {
    waiting = false;
    document.body.classList.toggle("scrolled", scrollY > 10);
    const back = document.getElementById("pst-back-to-top");
    if (back) back.hidden = scrollY < innerHeight * 1.5;
    let now = null;
    for (const heading of headings)
      if (!heading.closest("details:not([open])") && heading.getBoundingClientRect().top < 160) now = heading;
    tocLinks.forEach((link, id) => {
      const active = !!now && now.id === id;
      link.classList.toggle("active", active);
      if (active) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    });
  }
  addEventListener("scroll", () => { if (!waiting) { waiting = true; requestAnimationFrame(follow); } }, { passive: true });
  follow();
  document.getElementById("pst-back-to-top")?.addEventListener("click", () => {
    scrollTo({ top: 0 });
    document.querySelector(".bd-article h1")?.setAttribute("tabindex", "-1");
    document.querySelector(".bd-article h1")?.focus({ preventScroll: true });
  });

  /* 옆으로 넘치는 것은 자판으로도 밀 수 있게 */
  const SCROLLABLE = "pre, .cell_output > .output, .pst-scrollable-table-container, .dlko-table, .katex-display, div.cell_output";
  function reachable() {
    all(SCROLLABLE).forEach((box) => {
      const overflows = box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
      const scrolls = overflows && /auto|scroll/.test(getComputedStyle(box).overflowX + getComputedStyle(box).overflowY);
      if (scrolls) {
        box.tabIndex = 0;
        if (!box.hasAttribute("role") && !box.matches("pre")) {
          box.setAttribute("role", "group");
          box.setAttribute("aria-label", "옆으로 밀어 보는 상자");
        }
      } else if (!box.matches(".dlko-table")) box.removeAttribute("tabindex");
    });
  }
  addEventListener("load", reachable);
  addEventListener("resize", () => { clearTimeout(reachable.timer); reachable.timer = setTimeout(reachable, 200); });
  document.addEventListener("toggle", reachable, true);

  /* 코드 복사 */
  const live = document.createElement("div");
  live.className = "visually-hidden";
  live.setAttribute("role", "status");
  document.getElementById("main-content")?.append(live);
  async function copy(text) {
    try { await navigator.clipboard.writeText(text); return true; } catch { /* 아래 방법을 씁니다 */ }
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
  all(".bd-article div.highlight").forEach((box) => {
    const pre = box.querySelector("pre");
    if (!pre || box.closest(".cell_output") || !pre.textContent.trim()) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "dlko-copy d-print-none";
    button.textContent = "복사";
    button.addEventListener("click", async () => {
      const copied = await copy(pre.textContent.replace(/\n$/, ""));
      button.textContent = copied ? "복사됨" : "복사 실패";
      live.textContent = copied ? "코드를 복사했습니다." : "코드를 복사하지 못했습니다.";
      setTimeout(() => { button.textContent = "복사"; live.textContent = ""; }, 1800);
    });
    box.append(button);
  });

  /* 접힌 것: 주소(#…)나 찾은 말이 가리키는 곳을 폅니다. '더 깊이' 절의 주소는 접힌 상자의 바로 밖에 있습니다 */
  function named(hash) {
    try { return document.getElementById(decodeURIComponent(hash.slice(1))); } catch { return null; }
  }
  function reveal(target) {
    const section = target.closest("section");
    const own = section?.querySelector(":scope > details.dlko-deeper");
    const folds = own && (target === section || target.parentElement === section) ? [own] : [];
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) folds.push(fold);
    const closed = folds.filter((fold) => !fold.open);
    closed.forEach((fold) => { fold.open = true; });
    return closed.length > 0;
  }
  function followAddress() {
    const target = named(location.hash);
    if (target && reveal(target)) target.scrollIntoView();
  }
  followAddress();
  addEventListener("hashchange", followAddress);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.hash === location.hash) followAddress(); // 같은 주소를 다시 눌렀을 때
  });

  /* 검색 결과에서 온 쪽: 찾은 말을 강조합니다 */
  const article = document.querySelector(".bd-article");
  const address = new URL(location.href);
  const terms = (address.searchParams.get("highlight") || "").split(/\s+/).filter(Boolean);
  if (terms.length && article) {
    address.searchParams.delete("highlight");
    try { history.replaceState(null, "", address); } catch { /* file://에서 막는 브라우저 */ }
    const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const regex = new RegExp(terms.sort((a, b) => b.length - a.length).map((term) =>
      /^[가-힣]{2,}$/.test(term) ? [...term].join("\\s?") : /^[a-z0-9]{1,3}$/i.test(term) ? "(?<![a-z0-9])" + escape(term) : escape(term)
    ).join("|"), "gi");
    const walker = document.createTreeWalker(article, NodeFilter.SHOW_TEXT, {
      acceptNode: (node) => node.parentElement.closest("script, style, button, .katex, .headerlink, mark") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
    });
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    let total = 0;
    for (const node of texts) {
      const found = [...node.data.matchAll(regex)].filter((hit) => hit[0]);
      if (!found.length) continue;
      const part = document.createDocumentFragment();
      let last = 0;
      for (const hit of found) {
        part.append(node.data.slice(last, hit.index));
        const mark = document.createElement("mark");
        mark.className = "highlighted";
        mark.textContent = hit[0];
        part.append(mark);
        last = hit.index + hit[0].length;
      }
      part.append(node.data.slice(last));
      node.replaceWith(part);
      total += found.length;
    }
    if (total) {
      const marks = all("mark.highlighted", article);
      const section = named(location.hash);
      const inside = section ? marks.find((mark) => section.contains(mark) || section.closest("dl, section")?.contains(mark)) : null;
      const first = inside || marks[0];
      // 퀴즈의 답은 다른 곳에 찾은 말이 하나도 보이지 않을 때만 엽니다.
      if (first.closest(".dlko-deeper") || marks.every((mark) => mark.closest("details:not([open])"))) reveal(first);
      if (!section) first.scrollIntoView({ block: "center" });
      const off = document.createElement("button");
      off.type = "button";
      off.className = "btn dlko-highlight-off d-print-none";
      off.textContent = "찾은 말 강조 끄기 (" + total + ")";
      off.addEventListener("click", () => {
        marks.forEach((mark) => mark.replaceWith(...mark.childNodes));
        article.normalize();
        off.remove();
      });
      article.prepend(off);
    }
  }

  /* 움직이는 그림: 멈춤 단추. 움직임을 줄이도록 설정한 기기에서는 멈춘 채로 시작합니다 */
  all('.bd-article img[src*=".gif"]').forEach((image) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn dlko-pause d-print-none";
    let still = null;
    const freeze = () => {
      still = document.createElement("canvas");
      still.width = image.naturalWidth;
      still.height = image.naturalHeight;
      still.className = "dlko-still";
      still.setAttribute("role", "img");
      still.setAttribute("aria-label", image.alt);
      still.getContext("2d").drawImage(image, 0, 0);
      image.hidden = true;
      image.after(still);
      button.textContent = "움직임 보기";
    };
    const play = () => {
      still?.remove();
      still = null;
      image.hidden = false;
      button.textContent = "움직임 멈추기";
    };
    button.addEventListener("click", () => (still ? play() : freeze()));
    play();
    image.after(button);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches)
      image.complete && image.naturalWidth ? freeze() : image.addEventListener("load", freeze, { once: true });
  });

  /* 인쇄할 때는 접힌 것을 모두 폅니다 */
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details:not([open])");
    opened.forEach((details) => details.setAttribute("open", ""));
  });
  addEventListener("afterprint", () => opened.forEach((details) => details.removeAttribute("open")));

  /* 시연: 자리가 화면에 가까워지면 그 시연의 파일을 받아 시작합니다. 그 전에는 아무것도 받지 않습니다 */
  const scripts = {}; // 한 쪽에 시연이 여럿이어도 한 번만 받습니다
  function load(address) {
    return (scripts[address] ??= new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = done;
      script.onerror = failed;
      document.head.append(script);
    }));
  }
  async function start(place) {
    try {
      await load(place.dataset.script);
      window.dlko.demos[place.dataset.demo](place);
      place.classList.add("dlko-demo-ready");
    } catch (error) {
      place.querySelector(".dlko-demo-wait").textContent = "시연을 불러오지 못했습니다. 쪽을 다시 열어 보세요.";
      console.error(error);
    }
  }
  const near = new IntersectionObserver((entries) => {
    for (const entry of entries)
      if (entry.isIntersecting) { near.unobserve(entry.target); start(entry.target); }
  }, { rootMargin: "400px" });
  const begin = () => document.querySelectorAll(".dlko-demo").forEach((place) => near.observe(place));
  document.readyState === "complete" ? begin() : addEventListener("load", begin);
})();
