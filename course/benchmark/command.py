"""`make bench`: 흔한 튜토리얼의 훈련 코드와 이 책의 훈련 칸을 번갈아 실행해 잽니다.

한 번 잴 때마다 새 커널에서 한쪽만 실행하고, 끝날 때마다 기록에 더합니다. 그래서 멈추어도 이어서 할 수 있습니다.
"""

import argparse
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from course import execute
from course.benchmark import table
from course.benchmark.plan import MAIN_SIDES, Plan, fingerprint, load, planned
from course.bootstrap import BUILD, Stop
from course.notebooks import Chapter, code_cells, has_tag
from course.provenance import commit, processor, provenance, read_record, write_record

TAG = "bench-train"  # 시간을 재는 칸의 태그
TABLE = BUILD / "bench.md"
TOO_LONG = 600  # 한 번에 이보다 오래 걸리는 흔한 방법은 한 번만 끝까지 합니다.
SAME = ("data", "profile", "device", "processor", "versions")  # 이것이 같아야 견줄 수 있습니다.


def bench(*arguments: str) -> int:
    """장마다 두 쪽을 번갈아 재고 src/dlko/records/bench와 _build/bench.md에 씁니다."""
    parser = argparse.ArgumentParser(prog="python -m course bench", add_help=False)
    parser.add_argument("only", nargs="*", help="잴 장. 없으면 모두")
    parser.add_argument("--runs", type=int, default=3, help="쪽마다 몇 번 잴지")
    parser.add_argument("--sides", default="", help="쉼표로 나눈 쪽. 처음 값은 모두")
    parser.add_argument("--again", action="store_true", help="이미 잰 것도 다시 잽니다")
    given = parser.parse_args(arguments)
    known = {chapter.name: chapter for chapter in planned()}
    if unknown := [name for name in given.only if name not in known]:
        raise Stop(f"속도를 재는 장이 아닙니다: {', '.join(unknown)}\n재는 장: {', '.join(known)}")
    commit()  # 커밋하지 않은 변경이 있으면 오래 재기 전에 알립니다.
    start = time.monotonic()
    for name in given.only or known:
        sides = given.sides.split(",") if given.sides else [*MAIN_SIDES, *load(name).VARIANTS]
        try:
            measure(known[name], sides, given.runs, given.again, start)
        except execute.ChapterFailed as error:
            raise Stop(f"■ notebooks/{name}.ipynb: {error}") from None
    rows = {name: record for name in known if (record := read_record("bench", name)).get("threshold")}
    text = table.markdown(rows)
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    TABLE.write_text(text, encoding="utf-8")
    print(f"\n{text}\n[속도] 표: {execute.relative(TABLE)}")
    return 0


def measure(chapter: Chapter, sides: list[str], runs: int, again: bool, start: float) -> None:
    """한 장의 쪽들을 번갈아 잽니다. 같은 컴퓨터에서 같은 코드, 같은 데이터로 이미 잰 것은 다시 재지 않습니다."""
    plan: Plan = load(chapter.name).PLAN
    codes = fingerprints(chapter)
    kept = measured_alike(chapter, codes)
    for seed in range(1, runs + 1):
        for side in sides:
            if not again and any((run["side"], run["seed"]) == (side, seed) for run in kept):
                print(f"[속도] {chapter.name} {side} {seed}번째: 이미 잰 것을 씁니다.")
                continue
            whole = [old for old in kept if old["side"] == side and old["complete"]]
            too_long = any(old["seconds"] > TOO_LONG for old in whole) or side in plan.partial_variants
            steps = plan.partial_steps if too_long and side != "chapter" else None
            run, conditions = run_once(chapter, side, seed, steps)
            kept = [old for old in kept if (old["side"], old["seed"]) != (side, seed)]
            kept.append(run | {"code": codes[side]})
            save(chapter, kept, conditions)
            last = f", 품질 {run['curve'][-1][1]:.4g}" if run["curve"] else f", {run['steps']}스텝만"
            elapsed = time.monotonic() - start
            print(
                f"[속도] {chapter.name} {side} {seed}번째: {run['seconds']:.1f}초{last} "
                f"(시작한 지 {elapsed:.0f}초)"
            )


def measured_alike(chapter: Chapter, codes: dict[str, str]) -> list[dict[str, Any]]:
    """기록에 있는 것 가운데 지금 다시 재어도 같은 것을 재게 될 것들."""
    record = read_record("bench", chapter.name)
    runs = [run for run in record.get("runs", []) if run["code"] == codes.get(run["side"])]
    if not runs or record["processor"] != processor():
        return []
    with _kernel(chapter, "recipe", 0, None) as (_, _, conditions):
        now = conditions | {"processor": processor()}
    return runs if all(record[key] == now[key] for key in SAME) else []


@contextmanager
def _kernel(
    chapter: Chapter, side: str, seed: int, steps: int | None
) -> Iterator[tuple[execute.Session, dict[str, NotebookNode], dict[str, Any]]]:
    """새 커널에서 데이터의 칸까지 실행하고 (커널, 노트북의 칸들, 데이터와 장치와 버전)을 줍니다."""
    plan: Plan = load(chapter.name).PLAN
    out = BUILD / "bench" / chapter.name / f"{side}-{seed}"
    with execute.chapter_session(chapter, out, DLKO_PROFILE=plan.profile) as (kernel, notebook):
        cells = {cell.id: cell for cell in code_cells(notebook)}
        start = f"_bench = Side({chapter.name!r}, {side!r}, {seed}, {steps})"
        # dlko를 keras보다 먼저 불러옵니다.
        kernel.run_code(f"import dlko\nfrom course.benchmark.inside import Side\n{start}", "속도를 잴 준비")
        for name in plan.data_cells:
            kernel.run(cells[name])
        yield kernel, cells, kernel.value("_bench.take_data()", "데이터")


def run_once(
    chapter: Chapter, side: str, seed: int, steps: int | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """새 커널에서 한쪽을 한 번 재어 (잰 것, 데이터와 장치와 버전)을 돌려줍니다."""
    with _kernel(chapter, side, seed, steps) as (kernel, cells, conditions):
        if side == "chapter":
            for cell in chapter_cells(chapter, cells):
                if has_tag(cell, TAG):
                    kernel.run_code(f"_bench.run_timed({cell.source!r})", f"칸 {cell.id}")
                else:
                    kernel.run(cell)
        else:
            kernel.run_code("_bench.train_recipe()", f"흔한 방법({side})")
        return kernel.value("_bench.result()", "품질"), conditions


def chapter_cells(chapter: Chapter, cells: dict[str, NotebookNode]) -> list[NotebookNode]:
    """장의 쪽에서 데이터의 칸 다음에 실행할 칸들. 노트북의 차례대로입니다."""
    plan: Plan = load(chapter.name).PLAN
    return [cell for name, cell in cells.items() if name in plan.cells or has_tag(cell, TAG)]


def fingerprints(chapter: Chapter) -> dict[str, str]:
    """쪽마다 코드와 재는 법의 지문. 어느 것이든 바뀌면 먼저 잰 것을 쓰지 않습니다."""
    recipe = load(chapter.name)
    cells = {cell.id: cell for cell in code_cells(chapter.read())}
    used = [*(cells[name] for name in recipe.PLAN.data_cells), *chapter_cells(chapter, cells)]
    text = "\n".join(f"{has_tag(cell, TAG)} {cell.source}" for cell in used)
    functions = {"recipe": recipe.recipe} | {side: made for side, (_, made) in recipe.VARIANTS.items()}
    codes = {side: fingerprint(function) for side, function in functions.items()} | {"chapter": text}
    ruler = Path(__file__).with_name("inside.py").read_text(encoding="utf-8")
    return {side: hashlib.sha256((ruler + code).encode()).hexdigest()[:16] for side, code in codes.items()}


def save(chapter: Chapter, runs: list[dict[str, Any]], conditions: dict[str, Any]) -> None:
    """잰 것들과, 두 쪽이 다 있으면 거기서 셈한 기준과 배수를 적습니다."""
    recipe = load(chapter.name)
    about = {
        "measure": recipe.PLAN.measure,
        "lower_is_better": recipe.PLAN.lower_is_better,
        "tolerance": recipe.PLAN.tolerance,
        "recipe": recipe.PLAN.recipe,
        "variant_labels": {side: label for side, (label, _) in recipe.VARIANTS.items()},
    }
    record = provenance(conditions) | about | table.summarize(about, runs) | {"runs": runs}
    write_record("bench", chapter.name, record)
