"""ImageNet 1,000클래스의 이름."""

from pathlib import Path

TABLE = Path(__file__).with_name("imagenet_names.tsv")  # scripts/make_imagenet_names.py가 만듭니다.


def imagenet_names(language: str = "ko") -> list[str]:
    """ImageNet 1,000클래스의 이름. 번호 순서입니다.

    Args:
        language: `"ko"`면 이 책이 옮긴 이름은 `"궁전(palace)"`처럼 한국어로, 나머지는 영어로 적습니다.
            `"en"`이면 모두 영어입니다.

    Raises:
        ValueError: 모르는 언어일 때.
    """
    if language not in ("ko", "en"):
        raise ValueError(f"language는 'ko'나 'en'이어야 합니다. 받은 값: {language!r}")
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t") for line in lines if not line.startswith("#")]
    return [f"{ko}({en})" if ko and language == "ko" else en for en, ko in pairs]
