"""잰 것들에서 기준, 시간, 배수를 셈하고 표로 적습니다. TensorFlow 없이 계산만 합니다."""

import math
from statistics import median
from typing import Any

Run = dict[str, Any]
Row = dict[str, Any]
Spread = dict[str, float]


def reached(curve: list[list[float]], threshold: float, lower_is_better: bool) -> tuple[float, int] | None:
    """품질이 처음으로 기준에 닿은 때의 (초, 스텝). 닿지 못했으면 None입니다."""
    for seconds, value, steps in curve:
        if value <= threshold if lower_is_better else value >= threshold:
            return seconds, int(steps)
    return None


def spread(values: list[float], digits: int = 6) -> Spread | None:
    """중앙값과 가장 작은 값, 가장 큰 값."""
    if not values:
        return None
    three = {"median": median(values), "low": min(values), "high": max(values)}
    return {name: round(value, digits) for name, value in three.items()}


def estimate(run: Run, steps: float) -> float:
    """`steps`스텝까지 걸릴 시간. 첫 스텝(준비와 계산 그래프 만들기가 든)은 한 번만 셉니다."""
    each = (run["seconds"] - run["first_step"]) / (run["steps"] - 1)
    return run["first_step"] + each * (steps - 1)


def seconds_to(threshold: float, runs: list[Run], lower_is_better: bool) -> Spread | None:
    """기준에 닿기까지 걸린 초. 절반 넘게 닿지 못했으면 None입니다.

    스텝만 잰 실행이 섞여 있으면, 끝까지 한 실행이 기준에 닿은 스텝 수를 저마다의 한 스텝 시간으로 걸어 봅니다.
    """
    complete = [run for run in runs if run["complete"]]
    hits = [reached(run["curve"], threshold, lower_is_better) for run in complete]
    found = [hit for hit in hits if hit]
    if len(complete) < len(runs):
        if not found:
            return None
        steps = median(hit[1] for hit in found)
        return spread([estimate(run, steps) for run in runs], 2)
    times = [hit[0] if hit else math.inf for hit in hits]
    if not times or math.isinf(median(times)):
        return None
    finite = [time for time in times if math.isfinite(time)]
    return {"median": round(median(times), 2), "low": min(finite), "high": max(finite)}


def summarize(about: dict[str, Any], runs: list[Run]) -> Row:
    """잰 것들에서 셈한 기준, 시간, 배수. 두 쪽 가운데 하나라도 끝까지 한 실행이 없으면 빈 사전입니다.

    Args:
        about: 재는 법(lower_is_better, tolerance, variant_labels).
        runs: 잰 것들.
    """
    sides: dict[str, list[Run]] = {}
    for run in runs:
        sides.setdefault(run["side"], []).append(run)
    lower = about["lower_is_better"]

    def final(side: str) -> list[float]:
        return [run["curve"][-1][1] for run in sides.get(side, []) if run["complete"]]

    if not final("recipe") or not final("chapter"):
        return {}
    tolerance = about["tolerance"]
    threshold = median(final("recipe")) + (tolerance if lower else -tolerance)
    times = {side: seconds_to(threshold, side_runs, lower) for side, side_runs in sides.items()}
    totals = {
        side: spread([run["seconds"] for run in side_runs if run["complete"]])
        for side, side_runs in sides.items()
    }
    recipe, chapter = _middle(times["recipe"]), _middle(times["chapter"])
    better = min if lower else max
    return {
        "threshold": round(threshold, 6),
        "recipe_seconds": recipe,
        "chapter_seconds": chapter,
        "ratio": round(recipe / chapter, 2) if recipe and chapter else None,
        "recipe_quality": spread(final("recipe")),
        "chapter_quality": spread(final("chapter")),
        "recipe_best_quality": median(
            better(point[1] for point in run["curve"]) for run in sides["recipe"] if run["complete"]
        ),
        "seconds_spread": {side: times[side] for side in ("recipe", "chapter")},
        "total_seconds": {side: totals[side] for side in ("recipe", "chapter")},
        "variants": {
            side: _variant(about, sides, side, threshold)
            for side in sides
            if side not in ("recipe", "chapter")
        },
        "recipe_timed_in_part": not all(run["complete"] for run in sides["recipe"]),
        "counts": {side: len(side_runs) for side, side_runs in sides.items()},
    }


def _variant(
    about: dict[str, Any], sides: dict[str, list[Run]], side: str, threshold: float
) -> dict[str, Any]:
    """흔한 방법을 한 군데 고친 것 하나. 스텝만 쟀으면 흔한 방법과 같은 스텝에서 닿는다고 봅니다."""
    runs, lower = sides[side], about["lower_is_better"]
    complete = [run for run in runs if run["complete"]]
    times = seconds_to(threshold, runs, lower)
    if not complete:
        hits = [reached(run["curve"], threshold, lower) for run in sides["recipe"] if run["complete"]]
        steps = median(hit[1] for hit in hits if hit)
        times = spread([estimate(run, steps) for run in runs], 2)
    return {
        "label": about["variant_labels"].get(side, side),
        "seconds": _middle(times),
        "estimated": not complete,
        "quality": spread([run["curve"][-1][1] for run in complete]),
    }


def _middle(values: Spread | None) -> float | None:
    return None if values is None else values["median"]


def geometric_mean(ratios: list[float]) -> float:
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def markdown(rows: dict[str, Row]) -> str:
    """사람이 읽을 표. 장의 이름마다 한 줄입니다."""
    lines = [
        "| 장 | 품질 | 기준 | 흔한 방법(초) | 이 책(초) | 배 | 흔한 방법의 품질 | 이 책의 품질 | 끝까지(초) |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, row in rows.items():
        sign = "이하" if row["lower_is_better"] else "이상"
        note = " (일부만 잼)" if row["recipe_timed_in_part"] else ""
        total = row["total_seconds"]
        lines.append(
            f"| {name} | {row['measure']} | {row['threshold']:.4g} {sign} | "
            f"{_seconds(row['seconds_spread']['recipe'])}{note} | {_seconds(row['seconds_spread']['chapter'])} | "
            f"{row['ratio'] or '–'} | {_quality(row['recipe_quality'])} | {_quality(row['chapter_quality'])} | "
            f"{_total(total['recipe'])} → {_total(total['chapter'])} |"
        )
        for variant in row["variants"].values():
            seconds = "닿지 못함" if variant["seconds"] is None else f"{variant['seconds']:.1f}"
            seconds += " (스텝의 시간으로 셈)" if variant["estimated"] else ""
            lines.append(f"| | {variant['label']} | | {seconds} | | | {_quality(variant['quality'])} | | |")
    ratios = [row["ratio"] for row in rows.values() if row["ratio"]]
    if ratios:
        lines.append(f"\n기하평균 {geometric_mean(ratios):.1f}배. 괄호 안은 가장 작은 값과 가장 큰 값입니다.")
    return "\n".join(lines) + "\n"


def _seconds(values: Spread | None) -> str:
    if values is None:
        return "닿지 못함"
    return f"{values['median']:.1f} ({values['low']:.1f}–{values['high']:.1f})"


def _quality(values: Spread | None) -> str:
    return "–" if values is None else f"{values['median']:.4g} ({values['low']:.4g}–{values['high']:.4g})"


def _total(values: Spread | None) -> str:
    return "–" if values is None else f"{values['median']:.1f}"
