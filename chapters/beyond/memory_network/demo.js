/* 이야기를 지어 물어보기: 문장 열 개를 골라 짓고, 홉마다 어느 문장을 읽고 답하는지 봅니다. */
(function () {
  "use strict";
  const dlko = globalThis.dlko;
  const softmax = (scores) => {
    const high = Math.max(...scores), powers = scores.map((x) => Math.exp(x - high)), sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((x) => x / sum);
  };
  /* 받침이 없으면 뒤의 조사. '으로'는 받침이 ㄹ이어도 '로'입니다. */
  function particle(word, full, bare) {
    const final = (word.charCodeAt(word.length - 1) - 0xac00) % 28;
    return word + (final === 0 || (full === "으로" && final === 8) ? bare : full);
  }

  /* 이야기와 질문(낱말 주머니) → 답의 점수와 홉마다 읽은 몫. 본문의 MemN2N.read와 같습니다. */
  function reader(spec) {
    const number = (name) => Number(/dense_?(\d*)\//.exec(name)[1] || 0), count = spec.words.length;
    const tables = Object.entries(dlko.arrays(spec)).sort(([a], [b]) => number(a) - number(b)).map(([, data]) => data), size = tables[0].length / count;
    const look = (table, bag) => {
      const sum = new Float32Array(size);
      bag.forEach((times, word) => { if (times) for (let i = 0; i < size; i++) sum[i] += times * table[word * size + i]; });
      return sum;
    };
    const dot = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0);
    return (story, question) => {
      let u = look(tables[0], question), m = story.map((bag) => look(tables[0], bag));
      const looks = [];
      for (const table of tables.slice(1)) {
        const c = story.map((bag) => look(table, bag)), share = softmax(m.map((one) => dot(u, one)));
        looks.push(share);
        u = u.map((value, i) => value + share.reduce((sum, p, n) => sum + p * c[n][i], 0));
        m = c;
      }
      const last = tables.at(-1);
      return { scores: Array.from({ length: count }, (_, w) => dot(u, last.subarray(w * size, (w + 1) * size))), looks };
    };
  }
  dlko.story = { reader, particle };

  dlko.demos["beyond/memory_network"] = function (place) {
    const { el, button } = dlko, spec = dlko.given["beyond/memory_network"], read = reader(spec);
    const id = (word) => spec.words.indexOf(word), targets = [...spec.places, ...spec.things];
    const bars = dlko.bars(spec.places, "장소마다의 확률");
    const answer = el("p", { class: "dlko-answer", role: "status" });
    const pick = (values, label) => el("select", { "aria-label": label, change: () => update() }, ...values.map((value) => el("option", {}, value)));
    const rows = Array.from({ length: spec.lines }, (_, n) => {
      const who = pick(spec.names, `문장 ${n + 1}의 사람`), what = pick(targets, `문장 ${n + 1}의 장소나 물건`), sentence = el("span", { class: "visually-hidden" });
      const looks = Array.from({ length: spec.hops }, () => el("td", { class: "dlko-look" }));
      return { who, what, sentence, looks, node: el("tr", {}, el("th", { scope: "row" }, who, " ", what, sentence), ...looks) };
    });
    const asked = pick(spec.things, "물을 물건");
    const table = el("table", { class: "dlko-story" }, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "문장"), ...Array.from({ length: spec.hops }, (_, k) => el("th", { scope: "col" }, `${k + 1}홉`)))), el("tbody", {}, ...rows.map(({ node }) => node)));

    function update() {
      const bag = (words) => spec.words.map((word) => words.filter((one) => one === word).length);
      const story = rows.map(({ who, what, sentence }, n) => {
        const thing = spec.things.includes(what.value);
        sentence.textContent = `${particle(who.value, "은", "는")} ${thing ? `${particle(what.value, "을", "를")} 집었습니다.` : `${particle(what.value, "으로", "로")} 갔습니다.`}`;
        return bag([who.value, what.value, thing ? "집었습니다" : "갔습니다", `나이 ${spec.lines - 1 - n}`]);
      });
      const { scores, looks } = read(story, bag([asked.value, "어디에", "있습니까"]));
      const chances = softmax(scores), places = spec.places.map((word) => chances[id(word)]);
      bars.set(places);
      const best = spec.places[places.indexOf(Math.max(...places))];
      answer.textContent = `${particle(asked.value, "은", "는")} 어디에 있습니까? 답: ${best}`;
      place.dataset.answer = best;
      looks.forEach((share, k) => share.forEach((p, n) => {
        rows[n].looks[k].textContent = p.toFixed(2);
        rows[n].looks[k].style.background = `rgb(0 114 178 / ${Math.round(60 * p)}%)`;
      }));
      dlko.address.set("story", [...rows.flatMap(({ who, what }) => [who.selectedIndex, what.selectedIndex]), asked.selectedIndex].join("_"));
    }
    function set(numbers) {
      rows.forEach(({ who, what }, n) => { who.selectedIndex = numbers[2 * n]; what.selectedIndex = numbers[2 * n + 1]; });
      asked.selectedIndex = numbers[2 * spec.lines];
      update();
    }
    const ready = spec.stories;
    place.replaceChildren(
      answer,
      el("div", { class: "dlko-demo-row" }, el("div", {}, el("p", {}, el("label", {}, "무엇이 어디에 있는지 물을까요? ", asked)), table), el("div", { class: "dlko-grow" }, bars.node)),
      el("div", { class: "dlko-demo-buttons" }, ...ready.map((story, i) => button(`이야기 ${i + 1}`, () => set(story)))),
      el("p", { class: "dlko-demo-note" }, "장소를 고르면 ‘갔습니다’, 물건을 고르면 ‘집었습니다’가 됩니다. 칸이 진할수록 그 홉에서 많이 읽은 문장입니다. 물은 물건을 아무도 집지 않은 이야기도 지어 보세요. 그래도 답은 나옵니다."));
    const sent = dlko.address.get("story").split("_").map(Number);
    const good = sent.length === 2 * spec.lines + 1 && sent.every((value, i) => Number.isInteger(value) && value >= 0 && value < (i === 2 * spec.lines ? spec.things : i % 2 ? targets : spec.names).length);
    set(good ? sent : ready[0]);
  };
})();
