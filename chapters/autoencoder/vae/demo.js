/* 잠재 공간을 걸어 보기: 지도 위의 점을 끌면 디코더가 그 자리의 옷을 그립니다. */
(function () {
  "use strict";
  const dlko = window.dlko, { el, button } = dlko;
  const SIZE = 280, REACH = 3; // 지도는 −3에서 3까지. 사전 분포의 거의 전부입니다.
  const SIDE = 9; // 바탕에 깔 그림의 줄 수

  dlko.demos["autoencoder/vae"] = function (place) {
    const net = dlko.net(dlko.given["autoencoder/vae"]);
    const decode = (z) => net.run({ shape: [2], data: Float32Array.from(z) }).at(-1).data.map((logit) => 1 / (1 + Math.exp(-logit)));
    let z = [-1.5, 1], walk = 0;

    const ground = el("canvas", { width: SIDE * 28, height: SIDE * 28 });
    {
      const context = ground.getContext("2d"), tile = el("canvas");
      for (let row = 0; row < SIDE; row++)
        for (let column = 0; column < SIDE; column++) {
          const spot = (index) => (2 * (index + 0.5)) / SIDE - 1;
          dlko.paint(tile, decode([REACH * spot(column), -REACH * spot(row)]), 28, 28);
          context.drawImage(tile, column * 28, row * 28);
        }
    }
    const map = el("canvas", { class: "dlko-plane", width: SIZE, height: SIZE, tabindex: "0", role: "application", "aria-label": "잠재 공간의 지도. 끌거나 화살표로 점을 옮깁니다." });
    const picture = el("canvas", { class: "dlko-view dlko-clothes", role: "img", "aria-label": "그 자리에서 디코더가 그린 옷" });
    const words = el("p", { class: "dlko-answer", role: "status" });
    const toPixel = (value, down) => (((down ? -value : value) + REACH) / (2 * REACH)) * SIZE;

    function show() {
      const context = map.getContext("2d");
      context.globalAlpha = 1;
      context.drawImage(ground, 0, 0, SIZE, SIZE);
      context.strokeStyle = "#56b4e9";
      context.lineWidth = 2;
      for (const radius of [1, 2]) { // 표준 정규 분포의 표준편차 1과 2
        context.beginPath();
        context.arc(SIZE / 2, SIZE / 2, (radius / (2 * REACH)) * SIZE, 0, 7);
        context.stroke();
      }
      context.fillStyle = "#e69f00";
      context.strokeStyle = "#fff";
      context.beginPath();
      context.arc(toPixel(z[0]), toPixel(z[1], true), 8, 0, 7);
      context.fill();
      context.stroke();
      dlko.paint(picture, decode(z), 28, 28);
      words.textContent = `z = (${z.map((value) => value.toFixed(2).replace("-", "−")).join(", ")})`;
      place.dataset.z = z.join(" ");
      dlko.address.set("z", z.map((value) => value.toFixed(2)).join("_"));
    }
    function move(next) { z = next.map((value) => Math.round(100 * Math.min(REACH, Math.max(-REACH, value))) / 100); show(); }
    function stop() { cancelAnimationFrame(walk); walk = 0; }
    function stroll() {
      if (walk) return stop();
      const begun = performance.now();
      const frame = (now) => {
        const t = (now - begun) / 1500;
        move([2 * Math.sin(t), 2 * Math.sin(1.3 * t + 1)]);
        walk = requestAnimationFrame(frame);
      };
      walk = requestAnimationFrame(frame);
    }
    let dragging = false;
    const follow = (event) => {
      const box = map.getBoundingClientRect();
      move([REACH * ((2 * (event.clientX - box.left)) / box.width - 1), -REACH * ((2 * (event.clientY - box.top)) / box.height - 1)]);
    };
    map.addEventListener("pointerdown", (event) => {
      stop();
      dragging = true;
      try { map.setPointerCapture(event.pointerId); } catch { /* 흉내 낸 사건 */ }
      follow(event);
    });
    map.addEventListener("pointermove", (event) => { if (dragging) follow(event); });
    for (const end of ["pointerup", "pointercancel"]) map.addEventListener(end, () => { dragging = false; });
    map.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
      if (!step) return;
      stop();
      event.preventDefault();
      move(z.map((value, i) => value + step[i]));
    });

    place.replaceChildren(
      el("div", { class: "dlko-demo-row" },
        el("div", {}, el("p", { class: "dlko-demo-title" }, "잠재 공간"), map),
        el("div", {}, el("p", { class: "dlko-demo-title" }, "디코더가 그린 옷"), picture, words,
          el("div", { class: "dlko-demo-buttons" }, button("산책 시작과 멈춤", stroll), button("가운데로", () => { stop(); move([0, 0]); })))),
      el("p", { class: "dlko-demo-note" }, "두 원은 표준 정규 분포의 표준편차 1과 2입니다. z를 뽑으면 100번에 86번꼴로 바깥 원의 안에 놓입니다. 원의 안이든 밖이든, 위의 왼쪽 그림에서 점이 없던 곳은 디코더가 훈련에서 거의 만나지 못한 자리입니다."));
    const sent = dlko.address.get("z").split("_").map(Number);
    move(sent.length === 2 && sent.every(Number.isFinite) ? sent : [-1.5, 1]);
  };
})();
