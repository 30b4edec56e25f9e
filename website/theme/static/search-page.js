/* 검색 쪽: 주소의 ?q= 로 찾아 결과를 그립니다. */
(function () {
  "use strict";
  const find = window.DLKO_FIND;
  const pages = find.prepare(window.DLKO_SEARCH || []);
  const box = document.getElementById("search-results");
  const status = document.getElementById("search-status");
  const form = document.querySelector("#dlko-search-form");
  const input = form.querySelector("input");
  const base = document.documentElement.dataset.content_root || "./";

  function marked(text, regexes) {
    const part = document.createDocumentFragment();
    let last = 0;
    for (const [start, end] of find.hits(text, regexes)) {
      part.append(text.slice(last, start));
      const mark = document.createElement("mark");
      mark.textContent = text.slice(start, end);
      part.append(mark);
      last = end;
    }
    part.append(text.slice(last));
    return part;
  }

  function link(item, section) {
    const words = item.marks.map(encodeURIComponent).join("+");
    return base + item.page.url + "?highlight=" + words + (section && section.id ? "#" + section.id : "");
  }

  function entry(item) {
    const li = document.createElement("li");
    const main = item.sections[0];
    const title = document.createElement("a");
    title.href = link(item, item.isEntry || (main && main.heading && main.heading !== item.page.title) ? main : null);
    title.append(marked(item.isEntry ? main.heading : item.page.title, item.regexes));
    const where = document.createElement("p");
    where.className = "dlko-where";
    const place = item.isEntry ? item.page.title : [item.page.part, main && main.heading !== item.page.title ? main.heading : ""]
      .filter(Boolean).join(" › ");
    where.append(place);
    const head = document.createElement("h2");
    head.append(title);
    li.append(head, where);
    if (main && main.text) {
      const text = document.createElement("p");
      text.className = "context";
      text.append(marked(find.excerpt(main, item.regexes), item.regexes));
      li.append(text);
    }
    const others = item.sections.slice(1).filter((section) => section.heading && section.heading !== item.page.title);
    if (others.length) {
      const list = document.createElement("ul");
      list.className = "dlko-other-sections";
      list.setAttribute("aria-label", item.page.title + "의 다른 절");
      for (const section of others) {
        const inner = document.createElement("li");
        const a = document.createElement("a");
        a.href = link(item, section);
        a.append(marked(section.heading, item.regexes));
        inner.append(a);
        list.append(inner);
      }
      li.append(list);
    }
    return li;
  }

  function show(query) {
    box.replaceChildren();
    if (!query.trim()) {
      status.textContent = "찾을 낱말을 적고 Enter를 누르세요. 두 글자 이상이면 조사가 붙어도 찾습니다.";
      return;
    }
    const results = find.search(pages, query);
    document.title = "검색: " + query + " — " + document.title.split(" — ").pop();
    status.textContent = results.length
      ? "‘" + query + "’(으)로 " + results.length + "쪽을 찾았습니다."
      : "‘" + query + "’이(가) 나오는 쪽이 없습니다. 더 짧은 낱말로 찾아 보세요.";
    const list = document.createElement("ol");
    list.className = "search";
    results.forEach((item) => list.append(entry(item)));
    if (results.length) box.append(list);
  }

  const asked = new URLSearchParams(window.location.search).get("q") || "";
  input.value = asked;
  show(asked);
  if (!asked) input.focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const url = new URL(window.location.href);
    url.searchParams.set("q", input.value);
    try { history.pushState(null, "", url); } catch { /* file://에서 막는 브라우저가 있습니다 */ }
    show(input.value);
  });
  window.addEventListener("popstate", () => {
    input.value = new URLSearchParams(window.location.search).get("q") || "";
    show(input.value);
  });
})();
