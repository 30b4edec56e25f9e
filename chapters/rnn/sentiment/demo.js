/* 영화평을 써 보기: 글자마다 긍정일 확률이 어떻게 바뀌는지, 어절을 빼면 얼마나 달라지는지 봅니다. */
(function () {
  "use strict";
  const dlko = globalThis.dlko;
  const CHOICES = ["처음에는 지루했다. 나중에는 재미있었다.", "처음에는 재미있었다. 나중에는 지루했다.", "이야기는 뻔하지만 배우들의 연기가 정말 훌륭했다", "지루하지 않다고 할 수 없음", "오늘 점심은 김치찌개였다"];
  const sigmoid = (z) => 1 / (1 + Math.exp(-z));

  /* 글 → 자리마다의 토큰 셋. 본문의 clean, split, grams와 같습니다. 파이썬처럼 글자를 코드 포인트로 셉니다. */
  const SPACE = "[\\t-\\r\\x1c- \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
  const strip = (text) => text.replace(new RegExp(`^${SPACE}+|${SPACE}+$`, "g"), "");
  const clean = (text) => strip(text).replace(/([^\n])\1{2,}/gu, "$1$1");
  function grams(text) {
    const letters = Array.from(clean(text));
    return letters.map((_, i) => [1, 2, 3].map((n) => letters.slice(i, i + n).join("")));
  }

  /* 양방향 LSTM 모델. 확률을 돌려주는 함수입니다. */
  function reader(spec) {
    const arrays = dlko.arrays(spec), named = (part) => arrays[Object.keys(arrays).find((name) => name.includes(part))];
    const table = named("embedding/"), ids = new Map(spec.words.map((word, i) => [word, i + 2]));
    const width = Object.entries(spec.arrays).find(([name]) => name.includes("embedding/"))[1].shape[1];
    const sides = ["forward", "backward"].map((side) => ["/kernel", "/recurrent_kernel", "/bias"].map((part) => arrays[Object.keys(arrays).find((name) => name.includes(side) && name.endsWith(part))]));
    const dense = Object.keys(arrays).filter((name) => name.startsWith("dense")), last = arrays[dense.find((name) => name.endsWith("kernel"))], bias = arrays[dense.find((name) => name.endsWith("bias"))];

    /* 한 방향으로 읽으며, 자리마다의 은닉 상태에서 가장 큰 값을 모읍니다 */
    function run(inputs, [kernel, recurrent, start], most) {
      let h = new Float32Array(width), c = new Float32Array(width);
      const four = 4 * width;
      for (const x of inputs) {
        const z = Float32Array.from(start);
        for (let i = 0; i < width; i++)
          for (let k = 0; k < four; k++) z[k] += x[i] * kernel[i * four + k] + h[i] * recurrent[i * four + k];
        const nextH = new Float32Array(width), nextC = new Float32Array(width);
        for (let k = 0; k < width; k++) { // 입력, 망각, 후보, 출력
          nextC[k] = sigmoid(z[width + k]) * c[k] + sigmoid(z[k]) * Math.tanh(z[2 * width + k]);
          nextH[k] = sigmoid(z[3 * width + k]) * Math.tanh(nextC[k]);
          most[k] = Math.max(most[k], nextH[k]);
        }
        h = nextH;
        c = nextC;
      }
    }
    return (text) => {
      const inputs = grams(text).slice(0, spec.longest).map((three) => {
        const sum = new Float32Array(width);
        for (const token of three) {
          const row = (ids.get(token) || 1) * width;
          for (let i = 0; i < width; i++) sum[i] += table[row + i];
        }
        return sum;
      });
      // 글이 가장 긴 길이보다 짧으면 채운 자리의 0도 함께 봅니다.
      const floor = inputs.length < spec.longest ? 0 : -Infinity;
      const most = sides.map(() => new Float32Array(width).fill(floor));
      run(inputs, sides[0], most[0]);
      run([...inputs].reverse(), sides[1], most[1]);
      const together = [...most[0], ...most[1]];
      return sigmoid(together.reduce((sum, value, i) => sum + value * last[i], bias[0]));
    };
  }
  dlko.review = { grams, reader };

  dlko.demos["rnn/sentiment"] = function (place) {
    const { el, button } = dlko, chance = reader(dlko.given["rnn/sentiment"]);
    const WIDTH = 560, HEIGHT = 150;
    const input = el("textarea", { rows: "2", class: "dlko-review", "aria-label": "영화평", maxlength: "120", input: () => update() });
    const words = el("p", { class: "dlko-answer", role: "status" });
    const graph = el("canvas", { class: "dlko-line", width: WIDTH, height: HEIGHT, role: "img", "aria-label": "여기까지 읽었을 때의 긍정일 확률" });
    const pieces = el("p", { class: "dlko-pieces" });
    let timer = 0;

    function draw(chances) {
      const context = graph.getContext("2d"), step = WIDTH / Math.max(2, chances.length), y = (p) => 10 + (1 - p) * (HEIGHT - 20);
      context.fillStyle = "#f3f5f7";
      context.fillRect(0, 0, WIDTH, HEIGHT);
      context.strokeStyle = "#5b5b5b";
      context.setLineDash([5, 5]);
      context.beginPath();
      context.moveTo(0, y(0.5));
      context.lineTo(WIDTH, y(0.5));
      context.stroke();
      context.setLineDash([]);
      context.strokeStyle = context.fillStyle = "#0072b2";
      context.lineWidth = 2;
      context.beginPath();
      chances.forEach((p, i) => context.lineTo((i + 0.5) * step, y(p)));
      context.stroke();
      chances.forEach((p, i) => { context.beginPath(); context.arc((i + 0.5) * step, y(p), 3, 0, 7); context.fill(); });
    }
    function update() {
      clearTimeout(timer);
      timer = setTimeout(show, 60);
    }
    function show() {
      const text = input.value, letters = Array.from(text);
      dlko.address.set("review", encodeURIComponent(text));
      pieces.replaceChildren();
      if (!strip(text)) {
        words.textContent = "영화평을 한 줄 써 보세요. 빈 글에는 답하지 않습니다.";
        delete place.dataset.chance;
        return draw([]);
      }
      const whole = chance(text);
      place.dataset.chance = whole;
      words.textContent = `${whole > 0.5 ? "긍정" : "부정"}이라고 봅니다. 긍정일 확률 ${Math.round(100 * whole)} %`;
      draw(letters.map((_, i) => (strip(letters.slice(0, i + 1).join("")) ? chance(letters.slice(0, i + 1).join("")) : 0.5)));
      const parts = strip(text).split(new RegExp(`${SPACE}+`));
      if (parts.length > 1)
        parts.forEach((part, i) => {
          const change = whole - chance(parts.filter((_, k) => k !== i).join(" "));
          pieces.append(el("span", { class: `dlko-piece ${change >= 0 ? "dlko-up" : "dlko-down"}` }, part, el("small", {}, `${change >= 0 ? "+" : "−"}${Math.abs(Math.round(100 * change))}`)), " ");
        });
    }
    place.replaceChildren(
      el("p", { class: "dlko-demo-title" }, "영화평을 써 보세요"), input, words, graph,
      el("p", { class: "dlko-demo-note" }, "점 하나는 그 글자까지만 읽혔을 때의 확률입니다. 점선이 50 %입니다. 아래의 수는 글 전체의 확률이 그 어절을 뺀 글의 확률보다 몇 %포인트 높은지입니다. 더하기는 긍정 쪽으로, 빼기는 부정 쪽으로 민 어절입니다."),
      pieces,
      el("div", { class: "dlko-demo-buttons" }, ...CHOICES.map((text, i) => button(`보기 ${i + 1}`, () => { input.value = text; show(); }))));
    let sent = "";
    try { sent = decodeURIComponent(dlko.address.get("review")); } catch { /* 잘린 주소 */ }
    input.value = sent || CHOICES[0];
    show();
  };
})();
