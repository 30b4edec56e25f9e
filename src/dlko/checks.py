"""합격선 검사와 실행 기록."""

import json
import os
from pathlib import Path
from typing import Any

REPORT_FILE = "report.json"


def check_floor(name: str, value: float, floor: float, *, lower_is_better: bool = False) -> None:
    """측정값이 합격선에 닿는지 검사합니다. 닿지 못하면 노트북이 여기서 멈춥니다.

    책을 만드는 중이면 값과 합격선을 실행 보고서에도 남깁니다.

    Args:
        name: 무엇을 쟀는지. 예: `"테스트 정확도"`.
        value: 이번 실행에서 잰 값.
        floor: 합격선.
        lower_is_better: 오차처럼 작을수록 좋은 값이면 True.

    Raises:
        AssertionError: 합격선에 닿지 못했을 때. NaN도 여기에 듭니다.
    """
    record(
        "quality",
        {"name": name, "value": float(value), "floor": float(floor), "lower_is_better": lower_is_better},
    )
    passed = value <= floor if lower_is_better else value >= floor
    if not passed:
        wanted = "이하" if lower_is_better else "이상"
        raise AssertionError(f"불합격: {name} {value:.4f}. 합격선은 {floor:.4f} {wanted}입니다.")
    print(f"합격: {name}")


def note_data(text: str, *, source: str = "package") -> None:
    """`load_data`를 거치지 않고 불러온 데이터의 출처를 한 줄로 알리고 실행 보고서에 남깁니다.

    Args:
        text: 무엇을, 누가 만들었고, 어떤 조건으로 쓰는지. 예: `"scikit-learn의 사진 두 장. 사용 허가: CC BY 2.0"`.
        source: `"package"`(패키지에 든 것)이나 `"user"`(독자가 가져온 것).
    """
    line = f"데이터: {text}"
    record("data", {"name": "", "source": source, "line": line, "sha256": ""})
    print(line)


def record(key: str, entry: Any) -> None:
    """실행 기록(report.json)의 목록 `key`에 한 줄을 더합니다. 환경 변수 DLKO_OUT이 없으면 아무 일도 하지 않습니다.

    같은 내용을 두 번 남기지 않으므로 칸을 다시 실행해도 기록이 늘지 않습니다.
    """
    folder = os.environ.get("DLKO_OUT")
    if not folder:
        return
    path = Path(folder) / REPORT_FILE
    report = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    entries = report.setdefault(key, [])
    if entry not in entries:
        entries.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
