"""이 책의 스크립트로 미리 훈련해 둔 모델."""

import json
import os
import socket
import warnings
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dlko.data.fetch import unpack_to_cache

FOLDER = Path(__file__).parent
MAX_BYTES = 20_000_000

# tensorflow_hub 0.16은 불러올 때 pkg_resources가 곧 없어진다는 경고를 냅니다. 독자가 고칠 수 있는 일이 아닙니다.
warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)
warnings.filterwarnings("ignore", message="Deprecated call to `pkg_resources", category=DeprecationWarning)


def extractor_path() -> str:
    """CIFAR-10으로 훈련한 작은 특성 추출기의 SavedModel 폴더. `tensorflow_hub.load`에 그대로 넣습니다.

    TF Hub가 모델을 압축 꾸러미로 나누어 주듯이 dlko에도 압축한 채로 들어 있습니다. 처음 부를 때 한 번 캐시 폴더에
    풉니다. 훈련 기록은 `cifar10_extractor/card.json`, 훈련 프로그램은 scripts/train_extractor.py에 있습니다.

    불러온 모듈의 입력은 `(장수, 높이, 너비, 3)` float32 RGB 사진(0–1, 높이와 너비는 자유)입니다.

    - `module(images, training=False)`: 특성 `(장수, 384)` float32. 세 블록의 평균 풀링 64 + 128 + 192개입니다.
    - `module.classify(images)`: CIFAR-10 열 클래스의 로짓 `(장수, 10)`.
    - `module.class_names()`: 열 클래스의 이름(UTF-8 바이트) `(10,)`.
    - `module.variables`, `module.trainable_variables`: float32 변수. 동결하거나 이어서 훈련할 수 있습니다.

    Raises:
        DataError: 모델을 풀 자리가 없을 때.
    """
    archive = FOLDER / "cifar10_extractor" / "savedmodel.tar.xz"
    return str(unpack_to_cache(archive, "models/cifar10_extractor", max_bytes=MAX_BYTES))


def model_card(name: str) -> dict[str, Any]:
    """모델을 어떤 데이터로, 언제, 어떤 명령으로 훈련했는지 적은 기록. 예: `model_card("cifar10_extractor")`.

    Raises:
        FileNotFoundError: 그 모델의 기록이 없을 때.
    """
    return json.loads((FOLDER / name / "card.json").read_text(encoding="utf-8"))


def can_reach(address: str, seconds: float = 5.0) -> bool:
    """인터넷 주소의 서버에 닿는지 `seconds`초 안에 알아봅니다. 닿지 않으면 까닭을 한 줄로 알립니다.

    Args:
        address: `https://`로 시작하는 주소.
        seconds: 기다릴 시간. 이름을 찾는 시간까지 넣습니다.
    """
    host = urlsplit(address).hostname or ""
    if os.environ.get("DLKO_NETWORK", "").strip().lower() == "off":
        print(f"{host}에 접속하지 않았습니다(DLKO_NETWORK=off).")
        return False
    worker = ThreadPoolExecutor(1)
    try:
        # 이름 찾기(DNS)에는 시간제한을 걸 수 없어 다른 일꾼에게 맡기고 기다리기를 그만둡니다.
        worker.submit(socket.create_connection, (host, 443), seconds).result(seconds).close()
        return True
    except (OSError, TooLate):
        print(f"{host}에 닿지 못했습니다. 인터넷 연결을 확인하고 다시 실행하세요.")
        return False
    finally:
        worker.shutdown(wait=False)
