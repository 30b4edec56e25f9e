"""기록의 출처: 어느 커밋의 코드로, 언제, 무엇으로 쟀는지. 모든 기록이 이 함수 하나로 적습니다."""

import datetime
import json
import platform
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from course.bootstrap import ROOT, Stop

RECORDS = ROOT / "src" / "dlko" / "records"
KINDS = ("full", "bench", "study")


def commit() -> str:
    """지금 커밋. git 저장소가 아니면 빈 글입니다.

    Raises:
        Stop: 커밋하지 않은 변경이 있을 때. 어느 코드로 잰 것인지 말할 수 없으므로 기록하지 않습니다. 기록 파일의 변경은
            괜찮습니다.
    """
    try:
        changed = _git("status", "--porcelain", "--", ".", f":!{RECORDS.relative_to(ROOT).as_posix()}")
        if not changed:
            return _git("rev-parse", "--short=12", "HEAD")
    except (OSError, subprocess.CalledProcessError):
        return ""
    raise Stop(f"커밋하지 않은 변경이 있어 기록하지 않습니다. 먼저 커밋하세요.\n{changed}")


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def provenance(report: Mapping[str, Any]) -> dict[str, Any]:
    """기록에 함께 적을 출처.

    Args:
        report: 노트북을 실행하며 남은 것(report.json): profile, device, versions, data.
    """
    kept = {name: report[name] for name in ("data", "profile", "device", "versions") if name in report}
    return {
        "data": [],
        **kept,
        "processor": processor(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": commit(),
    }


def processor() -> str:
    """프로세서의 이름. 알 수 없으면 종류만 적습니다."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def record_path(kind: str, chapter: str) -> Path:
    """기록 하나의 파일. 예: `record_path("study", "rnn/sentiment")`."""
    assert kind in KINDS, kind
    return RECORDS / kind / f"{chapter}.json"


def read_record(kind: str, chapter: str) -> dict[str, Any]:
    """기록. 없으면 빈 사전입니다."""
    path = record_path(kind, chapter)
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write_record(kind: str, chapter: str, record: Mapping[str, Any]) -> Path:
    """기록을 사람이 읽을 JSON으로 씁니다. 숫자만 든 목록은 한 줄에 적습니다."""
    path = record_path(kind, chapter)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(_dump(record), encoding="utf-8", newline="\n")
    temporary.replace(path)
    return path


def _dump(record: Any) -> str:
    packed: list[str] = []

    def pack(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: pack(part) for key, part in value.items()}
        if isinstance(value, list | tuple):
            if value and not any(isinstance(part, dict | str) for part in value):
                packed.append(json.dumps(value, ensure_ascii=False))
                return f"@{len(packed) - 1}@"
            return [pack(part) for part in value]
        return value

    text = json.dumps(pack(record), ensure_ascii=False, indent=1)
    for index, line in enumerate(packed):
        text = text.replace(f'"@{index}@"', line, 1)
    return text + "\n"
