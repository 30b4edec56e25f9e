"""사진의 특성 꾸러미: 실을 수 없는 사진 대신, 그 사진을 특성 추출기에 넣어 얻은 숫자만 담았습니다.

꾸러미는 scripts/make_feature_pack.py가 만듭니다. 특성 1,280개를 저마다 4비트로 적었습니다.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from dlko.checks import record
from dlko.data.spec import DataError, Part
from dlko.provenance import content_hash

FOLDER = Path(__file__).parent / "embedded" / "features"
LEVELS = 15  # 4비트로 적을 수 있는 가장 큰 수


def load_features(name: str) -> tuple[Part, Part, list[str]]:
    """사진의 특성을 불러오고 출처를 한 줄로 알립니다. 사진은 들어 있지 않습니다.

    Args:
        name: `"flowers"`(꽃 다섯 가지), `"scenes"`(풍경 여섯 가지), `"fruits"`(돌아가는 과일 열다섯 가지).

    Returns:
        `(x_train, y_train), (x_test, y_test), 클래스 이름`. x는 `(장수, 1280)` float32(0에서 6 사이), y는 `(장수,)` int64.
        테스트 세트는 클래스마다 다섯에 하나이고, 사진 파일의 해시로 정해져 있습니다(`dlko.data.photos.held_out_fifth`).

    Raises:
        DataError: 그런 꾸러미가 없을 때.
    """
    pack = _read(name)
    about, features, labels, test = (pack[key] for key in ("about", "features", "labels", "test"))
    line = (
        f"데이터: {about['title']}의 특성(훈련 {(~test).sum():,}장, 테스트 {test.sum():,}장). 사진은 들어 있지 않습니다. "
        f"출처: {about['source']}. 사용 허가: {about['licence']}"
    )
    print(line)
    train, held_out = (features[~test], labels[~test]), (features[test], labels[test])
    digest = content_hash(*train, *held_out)
    record("data", {"name": f"{name}_features", "source": "embedded", "line": line, "sha256": digest})
    return train, held_out, list(about["names"])


def about_features(name: str) -> dict[str, Any]:
    """꾸러미의 출처: title, source, licence, names, side(사진 한 변), extractor, script, credits(사진을 찍은 사람들).

    Raises:
        DataError: 그런 꾸러미가 없을 때.
    """
    return dict(_read(name)["about"])


def _read(name: str) -> dict[str, Any]:
    known = sorted(path.stem for path in FOLDER.glob("*.npz"))
    if name not in known:
        raise DataError(f"모르는 특성 꾸러미입니다: {name!r}. 쓸 수 있는 이름: {', '.join(known)}")
    with np.load(FOLDER / f"{name}.npz", allow_pickle=False) as file:
        return {
            "about": json.loads(file["about"].tobytes().decode("utf-8")),
            "features": unpack_bits(file["codes"], float(file["top"]), len(file["labels"])),
            "labels": file["labels"].astype("int64"),
            "test": file["test"],
            "hashes": file["hashes"],
        }


def pack_bits(features: np.ndarray) -> tuple[np.ndarray, float]:
    """특성을 0에서 15까지의 수로 바꾸어 두 개를 한 바이트에 담습니다. 아주 큰 값(1,000에 하나)은 잘라 냅니다.

    Returns:
        `(1280, 장수의 반)` uint8과, 15에 해당하는 특성의 값. 같은 특성끼리 이어 두어야 더 작게 압축됩니다.
    """
    top = float(np.quantile(features, 0.999))
    codes = np.round(np.clip(features / top, 0, 1) * LEVELS).astype(np.uint8).T
    codes = np.pad(codes, ((0, 0), (0, len(features) % 2)))
    return np.ascontiguousarray(codes[:, ::2] << 4 | codes[:, 1::2]), top


def unpack_bits(packed: np.ndarray, top: float, count: int) -> np.ndarray:
    """`pack_bits`를 되돌립니다. `(count, 1280)` float32."""
    codes = np.stack([packed >> 4, packed & LEVELS], axis=-1).reshape(len(packed), -1)
    return np.ascontiguousarray(codes.T[:count].astype(np.float32)) * np.float32(top / LEVELS)
