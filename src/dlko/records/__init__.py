"""오래 걸리는 실행을 미리 해 두고 적은 기록. 무엇을, 어떤 데이터로, 언제, 어떤 명령으로 쟀는지 함께 적혀 있습니다.

full/<부>/<장>.json   장을 전체 프로필로 끝까지 실행한 것 (`make full`)
bench/<부>/<장>.json  흔한 방법과 견준 훈련 시간 (`make bench`)
study/<부>/<장>.json  장이 읽는, 따로 오래 잰 것 (`make record`)
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
COMMANDS = {"full": "full", "bench": "bench", "study": "record"}


def recorded(name: str) -> dict[str, Any]:
    """미리 재어 둔 기록을 읽습니다.

    Args:
        name: `"종류/부/장"`. 예: `"study/rnn/sentiment"`, `"bench/autoencoder/fashion"`.

    Returns:
        잰 값들과 출처. 출처는 어느 기록에나 있습니다: `data`(데이터마다 이름과 내용의 SHA-256), `profile`, `device`,
        `processor`, `versions`(패키지마다 버전), `date`, `commit`, 그리고 다시 재는 명령 `command`.
        오래된 기록은 `processor`와 `commit`이 빈 글일 수 있습니다.

    Raises:
        FileNotFoundError: 그런 기록이 없을 때.
    """
    record = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return record | {"command": command(name, record)}


def command(name: str, record: Mapping[str, Any]) -> str:
    """기록을 다시 만드는 명령. 독자가 가져온 데이터로 쟀으면 그 폴더를 알려 줄 자리도 적습니다."""
    kind, _, chapter = name.partition("/")
    own = any(entry.get("source") == "user" for entry in record["data"])
    return f"{'DLKO_DATA_DIR=가져온_폴더 ' if own else ''}python -m course {COMMANDS[kind]} {chapter}"
