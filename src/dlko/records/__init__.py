"""오래 걸리는 실행을 미리 해 두고 적은 기록. 무엇을, 어떤 데이터로, 언제, 어떤 명령으로 쟀는지 함께 적혀 있습니다."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


def recorded(name: str) -> dict[str, Any]:
    """장의 기록을 읽습니다. 예: `recorded("rnn/sentiment")`.

    Raises:
        FileNotFoundError: 그 장의 기록이 없을 때.
    """
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
