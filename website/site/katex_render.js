// 수식을 HTML로 바꿉니다. 한 줄에 하나씩: {"latex", "display"} → {"html"} 또는 {"error"}
// 쓰는 법: node katex_render.js <katex.min.js의 자리>. 표준 입력이 닫히면 끝납니다.
const katex = require(process.argv[2]);
const lines = require("readline").createInterface({ input: process.stdin });

lines.on("line", (line) => {
  const { latex, display } = JSON.parse(line);
  let answer;
  try {
    answer = { html: katex.renderToString(latex, { displayMode: display, throwOnError: true, strict: "ignore" }) };
  } catch (error) {
    answer = { error: String(error.message || error) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
});
lines.on("close", () => process.exit(0));
