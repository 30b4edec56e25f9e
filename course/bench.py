"""속도 비교: 흔한 튜토리얼의 훈련 코드와 이 책의 훈련 칸을 번갈아 실행해 잽니다.

한 번 잴 때마다 새 프로세스에서 한쪽만 실행하고, 끝날 때마다 기록에 더합니다. 그래서 멈추어도 이어서 할 수 있습니다.
"""

import argparse
import ast
import datetime
import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks import notebook, table
from course import execute, full
from course.bootstrap import BUILD, ROOT, Stop

RECORD = ROOT / "book" / "_records" / "bench.json"
TABLE = BUILD / "bench.md"
RECIPES = ROOT / "benchmarks" / "recipes"
MAIN_SIDES = ("recipe", "chapter")
TOO_LONG = 600  # 한 번에 이보다 오래 걸리는 흔한 방법은 한 번만 끝까지 합니다.


def bench(*arguments: str) -> int:
    """`make bench`: 장마다 두 쪽을 번갈아 재고 book/_records/bench.json과 _build/bench.md에 씁니다."""
    parser = argparse.ArgumentParser(prog="python -m course bench", add_help=False)
    parser.add_argument("only", nargs="*", help="잴 장. 없으면 모두")
    parser.add_argument("--runs", type=int, default=3, help="쪽마다 몇 번 잴지")
    parser.add_argument("--sides", default="", help="쉼표로 나눈 쪽. 처음 값은 모두")
    parser.add_argument("--again", action="store_true", help="이미 잰 것도 다시 잽니다")
    given = parser.parse_args(arguments)

    from benchmarks.chapters import PLANS

    unknown = [name for name in given.only if name not in PLANS]
    if unknown:
        raise Stop(f"속도를 재는 장이 아닙니다: {', '.join(unknown)}\n재는 장: {', '.join(PLANS)}")
    start = time.monotonic()
    for name, plan in PLANS.items():
        if given.only and name not in given.only:
            continue
        cells = _timed_cells(name)
        if not cells:
            print(f"[속도] {name}: 아직 그 장이 없거나 bench-train 칸이 없어 건너뜁니다.")
            continue
        sides = given.sides.split(",") if given.sides else [*MAIN_SIDES, *_variants(name)]
        _measure(name, plan, cells, sides, given.runs, given.again, start)
    rows = list(_load().values())
    if not rows:
        print("[속도] 아직 두 쪽을 다 잰 장이 없습니다.")
        return 0
    text = table.markdown([row for row in rows if row.get("threshold") is not None])
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text(text, encoding="utf-8")
    print(f"\n{text}\n[속도] 기록: {execute.relative(RECORD)}, 표: {execute.relative(TABLE)}")
    return 0


def _measure(
    name: str, plan: Any, cells: list[notebook.Cell], sides: list[str], runs: int, again: bool, start: float
) -> None:
    """한 장의 두 쪽을 번갈아 잽니다. 같은 컴퓨터에서 같은 코드, 같은 데이터로 이미 잰 것은 다시 재지 않습니다."""
    codes = _codes(name, plan, cells, [*MAIN_SIDES, *_variants(name)])
    here = {"data": plan.data().sha256, "processor": _processor()}
    for seed in range(1, runs + 1):
        for side in sides:
            recorded = _load().get(name, {}).get("runs", [])
            kept = [
                run
                for run in recorded
                if run["code"] == codes.get(run["side"])
                and {"data": run["data"]["sha256"], "processor": run.get("processor")} == here
            ]
            done = any(run["side"] == side and run["seed"] == seed for run in kept)
            if done and not again:
                print(f"[속도] {name} {side} {seed}번째: 이미 잰 것을 씁니다.")
                continue
            whole = [old for old in kept if old["side"] == side and old["complete"]]
            too_long = any(old["seconds"] > TOO_LONG for old in whole) or side in plan.partial_variants
            steps = plan.partial_steps if too_long and side != "chapter" else None
            run = _run_once(name, side, seed, steps) | {"code": codes[side], "processor": here["processor"]}
            others = [old for old in kept if (old["side"], old["seed"]) != (side, seed)]
            _save(name, plan, [*others, run])
            last = f", 품질 {run['curve'][-1][1]:.4g}" if run["curve"] else f", {run['steps']}스텝만"
            elapsed = time.monotonic() - start
            print(
                f"[속도] {name} {side} {seed}번째: {run['seconds']:.1f}초{last} (시작한 지 {elapsed:.0f}초)"
            )


def _run_once(name: str, side: str, seed: int, steps: int | None) -> dict[str, Any]:
    """새 프로세스에서 한쪽을 한 번 잽니다."""
    output = BUILD / "bench" / f"{name.replace('/', '_')}-{side}-{seed}.json"
    output.parent.mkdir(parents=True, exist_ok=True)
    output.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.one", name, side, str(seed), str(output)]
    if steps:
        command += ["--steps", str(steps)]
    environment = dict(os.environ, **execute.hermetic_environment())
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode or not output.exists():
        tail = "\n".join("    " + line for line in done.stderr.strip().splitlines()[-15:])
        raise Stop(f"{name}의 {side} 쪽을 재다가 실패했습니다.\n{tail}")
    return json.loads(output.read_text(encoding="utf-8"))


def _timed_cells(name: str) -> list[notebook.Cell]:
    path = notebook.NOTEBOOKS / f"{name}.ipynb"
    return notebook.read_cells(path) if path.exists() else []


def _recipe_file(name: str) -> Path:
    return RECIPES / f"{name.replace('/', '_')}.py"


def _variants(name: str) -> dict[str, str]:
    """흔한 방법을 한 군데씩 고친 것들의 이름과 설명."""
    return {side: label for side, (label, _) in _variant_nodes(name).items()}


def _variant_nodes(name: str) -> dict[str, tuple[str, str]]:
    """변형마다 (설명, 함수 이름). TensorFlow를 불러오지 않도록 파일을 읽기만 합니다."""
    for node in ast.parse(_recipe_file(name).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "VARIANTS":
            pairs = zip(node.value.keys, node.value.values, strict=True)  # type: ignore[attr-defined]
            return {key.value: (value.elts[0].value, value.elts[1].id) for key, value in pairs}
    return {}


def _codes(name: str, plan: Any, cells: list[notebook.Cell], sides: list[str]) -> dict[str, str]:
    """쪽마다 코드의 지문. 코드가 바뀌면 먼저 잰 것을 쓰지 않습니다."""
    codes = {"chapter": notebook.fingerprint(cells, plan.skip)}
    return codes | {side: _recipe_code(name, side) for side in sides if side != "chapter"}


def _recipe_code(name: str, side: str) -> str:
    """흔한 방법(또는 변형)의 함수와, 그것이 부르는 같은 파일의 함수들의 지문."""
    tree = ast.parse(_recipe_file(name).read_text(encoding="utf-8"))
    parts = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    todo, used = ["recipe" if side == "recipe" else _variant_nodes(name)[side][1]], set()
    while todo:
        part = todo.pop()
        if part in parts and part not in used:
            used.add(part)
            todo += [node.id for node in ast.walk(parts[part]) if isinstance(node, ast.Name)]
    text = "\n".join(ast.unparse(parts[part]) for part in sorted(used))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _load() -> dict[str, dict[str, Any]]:
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}


def _save(name: str, plan: Any, runs: list[dict[str, Any]]) -> None:
    """기록에서 이 장의 줄만 바꿉니다. 다른 컴퓨터나 다른 데이터로 잰 것은 버립니다."""
    newest = runs[-1]
    same = ("data", "device", "processor", "versions")
    runs = [run for run in runs if all(run.get(key) == newest[key] for key in same)]
    about = {
        "measure": plan.measure,
        "lower_is_better": plan.lower_is_better,
        "tolerance": plan.tolerance,
        "recipe": plan.recipe,
        "variant_labels": _variants(name),
        "data": newest["data"],
        "profile": newest["profile"],
        "machine": f"{newest['device']}, {newest['processor']}",
        "versions": newest["versions"],
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": full.commit(),
        "command": f"{_own_data()}python -m course bench {name}",
    }
    rows = _load() | {name: table.summarize(name, about, runs) or about | {"chapter": name, "runs": runs}}
    order = [field for field in _plan_names() if field in rows]
    RECORD.parent.mkdir(parents=True, exist_ok=True)
    temporary = RECORD.with_suffix(".tmp")
    temporary.write_text(_dump({key: rows[key] for key in order}), encoding="utf-8")
    temporary.replace(RECORD)


def _own_data() -> str:
    """가져온 데이터로 쟀으면 다시 할 때도 그 폴더를 알려 주어야 합니다."""
    return "DLKO_DATA_DIR=가져온_폴더 " if os.environ.get("DLKO_DATA_DIR") else ""


def _plan_names() -> list[str]:
    from benchmarks.chapters import PLANS

    return list(PLANS)


def _dump(rows: dict[str, Any]) -> str:
    """사람이 읽을 JSON. 곡선의 숫자들은 한 줄에 적습니다."""
    packed: list[str] = []

    def pack(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: pack(part) for key, part in value.items()}
        if isinstance(value, list) and value and not isinstance(value[0], dict):
            packed.append(json.dumps(value, ensure_ascii=False))
            return f"@{len(packed) - 1}@"
        return [pack(part) for part in value] if isinstance(value, list) else value

    text = json.dumps(pack(rows), ensure_ascii=False, indent=1)
    for index, line in enumerate(packed):
        text = text.replace(f'"@{index}@"', line, 1)
    return text + "\n"


def _processor() -> str:
    """프로세서의 이름. 알 수 없으면 종류만 적습니다."""
    path = Path("/proc/cpuinfo")
    if path.exists():
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
