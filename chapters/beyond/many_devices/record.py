"""코어 둘에서 한 스텝의 시간: 한 프로세스가 코어 하나, 둘을 쓸 때와 워커 둘이 하나씩 쓸 때. 한 번 띄워 다섯 번씩 잽니다.

노트북의 함수로 워커를 띄우고, 이 폴더의 speed.py를 실행하게 합니다. 다른 일을 하지 않는 컴퓨터에서 재세요.
"""

import json
import os
from pathlib import Path

from course.kernel import rounded

CELLS = ("setup", "logical", "config", "load", "build", "folder", "ports", "launch")
SCRIPT = Path(__file__).parent / "speed.py"
# 이름 → (프로세스의 수, 프로세스마다의 스레드)
KINDS = {"한 프로세스, 코어 하나": (1, 1), "한 프로세스, 코어 둘": (1, 2), "두 워커, 코어 하나씩": (2, 1)}
PIECES = KINDS


def measure(v, piece):
    """프로세스를 띄워 재고 읽습니다."""
    count, threads = KINDS[piece]
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else -1.0  # 다른 일이 함께 돌고 있었는지
    codes = v["run_workers"](SCRIPT, threads, "speed", count=count, limit=115)
    if any(code != 0 for code in codes):
        logs = [v["text"](f"err{index}.txt")[-2000:] for index in range(count)]
        raise RuntimeError(f"워커가 실패했습니다: {codes}\n" + "\n".join(logs))
    about = {"kind": piece, "load": load}
    return rounded([about | row | derived(row, count) for row in json.loads(v["text"]("speed.json"))])


def derived(row, count):
    """표에 적을 이름과 값: 1초에 훈련한 사진의 수, 한 스텝에서 올리듀스의 몫(%), 사진 천 장에 쓴 CPU 초(모두 더한 것)."""
    return {
        "case": f"너비 {row['width']}, 배치 {row['batch']}",
        "per_second": row["batch"] / row["step_ms"] * 1000,
        "share": row["reduce_ms"] / row["step_ms"] * 100,
        "cpu": row["step_cpu_ms"] * count / row["batch"],
    }


def summarize(v, pieces):
    return {
        "clock": "벽시계와 CPU 밀리초",
        "results": [row for rows in pieces.values() for row in rows],
    }
