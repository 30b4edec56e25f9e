"""기록을 만드는 스크립트들이 함께 쓰는 것: 노트북의 칸을 읽고 실행하기, 출처 적기, 파일로 남기기."""

import datetime
import json
import platform
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RECORDS = ROOT / "src" / "dlko" / "records"

sys.path.insert(0, str(ROOT))  # 파이썬은 scripts 폴더에서만 찾습니다. benchmarks는 그 위에 있습니다.
from benchmarks.notebook import compile_cell  # noqa: E402

Variables = dict[str, Any]


def read_cells(chapter: str) -> dict[str, str]:
    """노트북의 코드 칸들. 이름에서 코드로, 노트북에 나오는 차례대로입니다. `chapter`의 예: `"gan/losses"`."""
    notebook = json.loads((ROOT / "notebooks" / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    return {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"}


def run_cell(name: str, code: str, variables: Variables) -> None:
    """칸 하나를 실행합니다. 만든 변수는 `variables`에 남습니다."""
    exec(compile_cell(name, code), variables)


def provenance(command: str) -> dict[str, str]:
    """기록에 함께 적을 장치, 날짜, 버전, 되풀이하는 명령."""
    import dlko
    from dlko.environment import software_versions

    return {
        "device": f"{dlko.device()}, {platform.machine()}",
        "date": datetime.date.today().isoformat(),
        "versions": ", ".join(f"{name} {version}" for name, version in software_versions().items()),
        "command": command,
    }


def rounded(value: Any, digits: int = 4) -> Any:
    """안에 든 실수(NumPy의 것도)를 모두 소수점 아래 `digits`자리로 줄여, 기록을 읽기 쉽게 합니다."""
    if isinstance(value, dict):
        return {key: rounded(inner, digits) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(inner, digits) for inner in value]
    is_real = hasattr(value, "__float__") and not isinstance(value, int)
    return round(float(value), digits) if is_real else value


def record_path(name: str) -> Path:
    return RECORDS / f"{name}.json"


def write_record(name: str, record: dict[str, Any]) -> None:
    path = record_path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"기록했습니다: {path.relative_to(ROOT)}")
