/* 글의 첫머리를 쓰면 언어 모델이 매긴 다음 토큰의 확률을 보이고, 온도와 상위 k, 상위 p를 바꾸며 이어 씁니다. */
(function () {
  "use strict";
  const dlko = globalThis.dlko;
  const END = 1, SHOWN = 8, HEADS = 4, EPSILON = 0.001;
  const STARTS = ["이 영화는", "연기가", "처음에는", "비록 이야기는", "현관 암호는", "자전거 암호는"];

  /* 글을 토큰의 번호로. 본문의 words, cut과 같습니다: 배운 차례대로 합칩니다. */
  function cutter({ tokens, merges }) {
    const ids = new Map(tokens.map((token, i) => [token, i]));
    const merge = (parts, [a, b]) => {
      if (!parts.includes(a)) return parts;
      const merged = [];
      for (let i = 0; i < parts.length; i++) {
        if (parts[i] === a && parts[i + 1] === b) { merged.push(a + b); i++; } else merged.push(parts[i]);
      }
      return merged;
    };
    const cut = (word) => merges.reduce(merge, [...word]);
    return (text) => (text.match(/ ?[^ ]+/g) || []).flatMap(cut).map((token) => ids.get(token) ?? -1);
  }

  /* x @ W + b. W의 모양은 (들어오는 수, 나가는 수)입니다. */
  function affine(x, W, b) {
    const out = Float32Array.from(b), size = out.length;
    for (let i = 0; i < x.length; i++) for (let k = 0; k < size; k++) out[k] += x[i] * W[i * size + k];
    return out;
  }
  function softmax(scores) {
    const high = Math.max(...scores), powers = Array.from(scores, (x) => Math.exp(x - high)), total = powers.reduce((a, b) => a + b, 0);
    return powers.map((x) => x / total);
  }

  /* 본문의 build. 토큰을 하나 넣을 때마다(push) 다음 토큰의 로짓을 돌려줍니다. 지나온 자리의 키와 값은 간직합니다. */
  function reader(spec) {
    const arrays = Object.entries(dlko.arrays(spec));
    const group = (kind) => { // 이름이 kind, kind_1, …인 층들의 가중치를 만든 차례로
      const found = new Map(), name = new RegExp(`^${kind}(?:_(\\d+))?/(.+)$`);
      for (const [path, data] of arrays) {
        const match = name.exec(path);
        if (!match) continue;
        const number = Number(match[1] || 0);
        found.set(number, { ...found.get(number), [match[2]]: data });
      }
      return [...found].sort(([a], [b]) => a - b).map(([, weights]) => weights);
    };
    const tokens = group("tokens")[0].embeddings, places = group("places")[0].embeddings;
    const looks = group("multi_head_attention"), norms = group("layer_normalization"), denses = group("dense");
    const width = norms[0].gamma.length, part = width / HEADS;
    const dense = (x, { kernel, bias }) => affine(x, kernel, bias);
    const norm = (x, { gamma, beta }) => {
      const mean = x.reduce((a, b) => a + b, 0) / width, spread = x.reduce((a, b) => a + (b - mean) ** 2, 0) / width;
      return x.map((value, i) => ((value - mean) / Math.sqrt(spread + EPSILON)) * gamma[i] + beta[i]);
    };
    const add = (x, y) => x.map((value, i) => value + y[i]);
    return () => {
      const kept = looks.map(() => ({ keys: [], values: [] }));
      let place = 0;
      return function push(id) {
        let h = tokens.slice(id * width, (id + 1) * width).map((value, i) => value + places[place * width + i]);
        place += 1;
        looks.forEach((look, n) => {
          const x = norm(h, norms[2 * n]), { keys, values } = kept[n];
          const make = (name) => affine(x, look[`${name}/kernel`], look[`${name}/bias`]);
          const query = make("query"), mixed = new Float32Array(width);
          keys.push(make("key"));
          values.push(make("value"));
          for (let from = 0; from < width; from += part) {
            const weights = softmax(keys.map((key) => {
              let score = 0;
              for (let i = from; i < from + part; i++) score += query[i] * key[i];
              return score / Math.sqrt(part);
            }));
            weights.forEach((weight, t) => { for (let i = from; i < from + part; i++) mixed[i] += weight * values[t][i]; });
          }
          h = add(h, affine(mixed, look["attention_output/kernel"], look["attention_output/bias"]));
          const hidden = dense(norm(h, norms[2 * n + 1]), denses[2 * n]).map((value) => Math.max(0, value));
          h = add(h, dense(hidden, denses[2 * n + 1]));
        });
        return dense(norm(h, norms.at(-1)), denses.at(-1));
      };
    };
  }

  /* 본문의 narrow: 온도로 나누고, 상위 k개와 상위 p만 남긴 확률. 채움(0번)은 쓰지 않습니다. */
  function narrow(logits, temperature, k, p) {
    const chances = softmax(Array.from(logits, (x, i) => (i === 0 ? -Infinity : x / temperature)));
    const order = chances.map((_, i) => i).sort((a, b) => chances[b] - chances[a]);
    const kept = new Array(chances.length).fill(0);
    let before = 0, total = 0;
    order.forEach((id, n) => {
      if (n < k && (n === 0 || before < p)) { kept[id] = chances[id]; total += chances[id]; }
      before += chances[id];
    });
    return kept.map((chance) => chance / total);
  }
  dlko.language = { cutter, reader, narrow };

  dlko.demos["rnn/language_model"] = function (place) {
    const { el, button } = dlko, spec = dlko.given["rnn/language_model"];
    const cut = cutter(spec), start = reader(spec), name = (id) => (id === END ? "끝" : spec.tokens[id].replace(" ", "␣"));
    let random = dlko.random(1);
    const input = el("input", { type: "text", class: "dlko-review", "aria-label": "글의 첫머리", maxlength: 60, input: () => update() });
    const heat = el("input", { type: "range", min: "0.1", max: "2", step: "0.1", value: "1", "aria-label": "온도", input: () => update() });
    const heatText = el("span", {}), choose = (label, options) => el("select", { "aria-label": label, change: () => update() }, ...options.map(([value, text]) => el("option", { value }, text)));
    const topK = choose("상위 k", [["9999", "모두"], ["1", "1"], ["3", "3"], ["10", "10"]]);
    const topP = choose("상위 p", [["1", "모두"], ["0.9", "0.9"], ["0.5", "0.5"]]);
    const words = el("p", { class: "dlko-answer", role: "status" }), chips = el("p", {}), chart = el("div", {});
    let chances = null, drawn = "";

    const settings = () => [Number(heat.value), Number(topK.value), Number(topP.value)];
    function update() {
      const text = input.value.replace(/\s+/g, " ").replace(/^ /, "");
      const read = text === drawn ? text : text.trimEnd(), ids = cut(read); // 손으로 친 끝의 빈칸은 읽지 않습니다
      if (read.endsWith(" ")) ids.push(spec.tokens.indexOf(" "));
      const [temperature, k, p] = settings();
      heatText.textContent = temperature.toFixed(1);
      dlko.address.set("write", `${temperature}_${k}_${p}_${encodeURIComponent(text)}`);
      chips.replaceChildren();
      chart.replaceChildren();
      chances = null;
      delete place.dataset.next;
      const strange = [...text].find((letter) => !spec.tokens.includes(letter));
      if (strange) { words.textContent = `훈련한 글에 없던 글자(${strange})가 있어 모델이 읽지 못합니다.`; return; }
      if (ids.length + 1 >= spec.longest) { words.textContent = "글이 너무 깁니다. 모델이 읽을 수 있는 길이를 넘었습니다."; return; }
      const push = start();
      let logits = push(END), bits = 0;
      for (const id of ids) {
        const surprise = -Math.log2(softmax(logits)[id]);
        bits += surprise;
        chips.append(el("span", { class: "dlko-piece" }, name(id), el("small", {}, surprise.toFixed(1))), " ");
        logits = push(id);
      }
      chances = narrow(logits, temperature, k, p);
      const order = chances.map((_, i) => i).filter((i) => chances[i] > 0).sort((a, b) => chances[b] - chances[a]);
      const shown = order.slice(0, SHOWN), bars = dlko.bars(shown.map(name), "다음 토큰의 확률");
      bars.set(shown.map((id) => chances[id]));
      chart.append(bars.node);
      place.dataset.next = name(shown[0]);
      words.textContent = `다음 토큰으로 가장 그럴듯한 것은 ‘${name(shown[0])}’입니다. 뽑힐 수 있는 토큰 ${order.length}가지.` +
        (ids.length ? ` 여기까지 글자마다 ${(bits / [...read].length).toFixed(2)}비트 놀랐습니다.` : "");
    }
    /* 토큰 하나를 뽑아 붙입니다. 끝을 뽑았거나 더 쓸 수 없으면 거짓. */
    function more() {
      if (!chances) return false;
      let left = random(), id = chances.findIndex((chance) => (left -= chance) < 0);
      if (id < 0) id = chances.indexOf(Math.max(...chances));
      if (id === END) { words.textContent = `‘끝’을 뽑았습니다. ${input.value}`; return false; }
      const text = input.value.replace(/\s+/g, " ");
      input.value = drawn = (text === drawn ? text : text.trimEnd()) + spec.tokens[id];
      drawn = drawn.replace(/\s+/g, " ");
      update();
      return true;
    }
    const set = (text) => { input.value = text; update(); };
    function reset() { random = dlko.random(1); heat.value = "1"; topK.value = "9999"; topP.value = "1"; set(STARTS[0]); }
    place.replaceChildren(
      el("p", { class: "dlko-demo-title" }, "글의 첫머리"), input,
      el("div", { class: "dlko-demo-buttons" }, ...STARTS.map((text) => button(text, () => set(text)))),
      el("label", { class: "dlko-slider" }, "온도 ", heatText, heat),
      el("div", { class: "dlko-demo-buttons" }, el("label", {}, "상위 k ", topK), el("label", {}, "상위 p ", topP),
        button("한 토큰 더", more), button("끝까지", () => { for (let n = 0; n < spec.longest && more(); n++); }), button("처음으로", reset)),
      words, chart, chips,
      el("p", { class: "dlko-demo-note" }, "토큰 옆의 수는 모델이 그 토큰에 놀란 만큼(비트)입니다. ␣는 빈칸입니다."));
    const [temperature, k, p, ...rest] = dlko.address.get("write").split("_");
    let sent = "";
    try { sent = decodeURIComponent(rest.join("_")); } catch { /* 잘린 주소 */ }
    if (temperature >= 0.1 && temperature <= 2) heat.value = temperature;
    if ([...topK.options].some((one) => one.value === k)) topK.value = k;
    if ([...topP.options].some((one) => one.value === p)) topP.value = p;
    set(sent || STARTS[0]);
  };
})();
