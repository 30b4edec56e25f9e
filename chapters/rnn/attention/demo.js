/* 수를 읽은 글을 쓰면, 어텐션 모델이 숫자를 하나씩 적으며 글의 어디를 보았는지 보입니다. */
(function () {
  "use strict";
  const dlko = globalThis.dlko;
  const PAD = 0, START = 1, END = 2, FIRST = 3;
  const sigmoid = (z) => 1 / (1 + Math.exp(-z));
  const CHOICES = [12345, 307, 10000003, 98765432, 20060408];

  /* 수를 한글로. 본문의 read와 같습니다. */
  function read(number) {
    const high = Math.floor(number / 10000), names = "영일이삼사오육칠팔구", units = ["천", "백", "십", ""];
    let text = high ? (high > 1 ? read(high) : "") + "만" : "";
    [...String(number % 10000).padStart(4, "0")].forEach((digit, i) => {
      if (digit !== "0") text += (digit === "1" && units[i] ? "" : names[digit]) + units[i];
    });
    return text;
  }

  /* x @ W + b. W의 모양은 (들어오는 수, 나가는 수)입니다. */
  function affine(x, W, b) {
    const out = Float32Array.from(b), size = out.length;
    for (let i = 0; i < x.length; i++) for (let k = 0; k < size; k++) out[k] += x[i] * W[i * size + k];
    return out;
  }
  /* GRU 한 시점. 편향은 두 줄(입력 쪽, 은닉 쪽)이고 게이트는 업데이트, 리셋, 후보의 차례입니다. */
  function gru(x, h, [W, U, b]) {
    const size = h.length, a = affine(x, W, b.subarray(0, 3 * size)), r = affine(h, U, b.subarray(3 * size));
    return h.map((old, k) => {
      const update = sigmoid(a[k] + r[k]), reset = sigmoid(a[size + k] + r[size + k]);
      return update * old + (1 - update) * Math.tanh(a[2 * size + k] + reset * r[2 * size + k]);
    });
  }
  /* 본문의 gru_encoder와 gru_decoder(attention=True). 답과, 글자마다의 어텐션 가중치를 돌려줍니다. */
  function writer(spec) {
    const arrays = Object.entries(dlko.arrays(spec)), pick = (...parts) => arrays.find(([name]) => parts.every((part) => name.includes(part)))[1];
    const cell = (name) => ["/kernel", "/recurrent_kernel", "/bias"].map((end) => arrays.find(([path]) => path.includes(name) && path.endsWith(end))[1]);
    const number = (name) => Number(/dense_?(\d*)\//.exec(name)[1] || 0);
    const dense = arrays.filter(([name]) => name.includes("dense")).sort(([a], [b]) => number(a) - number(b)); // 만든 차례: 쿼리, 키, 합치기, 로짓
    const [askW, askB, keyW, keyB, bothW, bothB, outW, outB] = dense.map(([, data]) => data);
    const letters = pick("letters/", "embeddings"), written = arrays.find(([name]) => name.includes("embeddings") && !name.includes("letters/"))[1];
    const forward = cell("forward_gru"), backward = cell("backward_gru"), scale = pick("attention", "scale");
    const own = arrays.filter(([name]) => name.includes("gru") && !name.includes("forward") && !name.includes("backward"));
    const decoder = ["/kernel", "/recurrent_kernel", "/bias"].map((end) => own.find(([name]) => name.endsWith(end))[1]);
    const size = scale.length, half = size / 2, row = (table, id) => table.subarray(id * size, (id + 1) * size);
    const run = (inputs, cell) => {
      let h = new Float32Array(half);
      return inputs.map((x) => (h = gru(x, h, cell)));
    };
    return (text) => {
      const ids = [...[...text].map((letter) => spec.letters.indexOf(letter) + FIRST), END], inputs = ids.map((id) => row(letters, id));
      const ahead = run(inputs, forward), behind = run([...inputs].reverse(), backward).reverse();
      const states = ahead.map((one, i) => Float32Array.of(...one, ...behind[i])), keys = states.map((one) => affine(one, keyW, keyB));
      let h = Float32Array.of(...ahead.at(-1), ...behind[0]), last = START;
      const answer = [], looks = [], scored = [];
      while (answer.length < spec.longest) {
        h = gru(row(written, last), h, decoder);
        const ask = affine(h, askW, askB), scores = keys.map((key) => key.reduce((sum, value, i) => sum + scale[i] * Math.tanh(ask[i] + value), 0));
        const high = Math.max(...scores), powers = scores.map((x) => Math.exp(x - high)), total = powers.reduce((a, b) => a + b), look = powers.map((x) => x / total);
        const context = h.map((_, i) => look.reduce((sum, p, n) => sum + p * states[n][i], 0));
        const logits = affine(affine(Float32Array.of(...h, ...context), bothW, bothB).map(Math.tanh), outW, outB);
        last = logits.indexOf(Math.max(...logits));
        looks.push(look);
        scored.push(logits);
        if (last === END || last === PAD) break;
        answer.push(last >= FIRST ? spec.letters[last - FIRST] : "?");
      }
      return { answer: answer.join(""), looks, logits: scored };
    };
  }
  dlko.numbers = { read, writer };

  dlko.demos["rnn/attention"] = function (place) {
    const { el, button } = dlko, spec = dlko.given["rnn/attention"], write = writer(spec);
    const input = el("input", { type: "text", class: "dlko-review", "aria-label": "한글로 읽은 수", maxlength: 15, input: () => update() });
    const words = el("p", { class: "dlko-answer", role: "status" });
    const map = el("table", { class: "dlko-story dlko-attention" });
    function update() {
      const text = input.value.replace(/\s/g, "");
      dlko.address.set("number", encodeURIComponent(text));
      const strange = [...text].find((letter) => !spec.letters.includes(letter));
      map.replaceChildren();
      delete place.dataset.answer;
      if (!text) { words.textContent = "수를 한글로 읽은 글을 써 보세요."; return; }
      if (strange) { words.textContent = `이 모델의 사전에 없는 글자(${strange})가 있습니다. 다음 글자만 쓸 수 있습니다: ${[...spec.letters].filter((l) => !/\d/.test(l)).join(" ")}`; return; }
      const { answer, looks } = write(text);
      place.dataset.answer = answer;
      words.textContent = `${text} → ${answer || "(아무것도 적지 않음)"}`;
      map.append(
        el("caption", {}, "줄마다: 그 글자를 적을 때 글의 어디를 보았는지"),
        el("thead", {}, el("tr", {}, el("td"), ...[...text, "끝"].map((letter) => el("th", { scope: "col" }, letter)))),
        el("tbody", {}, ...looks.map((look, i) => el("tr", {}, el("th", { scope: "row" }, answer[i] || "끝"),
          ...look.map((p) => el("td", { class: "dlko-look", style: `background: rgb(0 114 178 / ${Math.round(70 * p)}%)` }, p < 0.005 ? "" : p.toFixed(2).replace(/^0/, "")))))));
    }
    const set = (text) => { input.value = text; update(); };
    place.replaceChildren(
      el("p", { class: "dlko-demo-title" }, "수를 한글로 읽은 글"), input, words,
      el("div", { class: "dlko-demo-buttons" }, ...CHOICES.map((number) => button(number.toLocaleString("ko"), () => set(read(number)))),
        button("아무 수나", () => set(read(Math.floor(10 ** (2 + 6 * Math.random())))))),
      el("div", { class: "dlko-table" }, map),
      el("p", { class: "dlko-demo-note" }, "훈련에 없던 꼴도 써 보세요. ‘일만이천’, ‘백백백’, 또는 거꾸로 쓴 글에는 무엇이라고 답하나요?"));
    let sent = "";
    try { sent = decodeURIComponent(dlko.address.get("number")); } catch { /* 잘린 주소 */ }
    set(sent || read(CHOICES[0]));
  };
})();
