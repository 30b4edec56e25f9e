"""지어낸 한국어 영화평의 표(src/dlko/data/embedded/reviews.tsv.xz)를 만듭니다.

    python scripts/make_reviews.py

이 강의를 위해 새로 쓴 문장 틀과 낱말로 만들며, 실제 관람객이 쓴 글이 아닙니다. 낱말의 순서가 뜻을 바꾸는 틀(대조,
부정, 이중 부정, 앞과 뒤, 비교)을 일부러 많이 넣었고, 훈련 세트와 테스트 세트는 같은 문장 틀을 나누어 쓰지 않습니다.
표의 열은 part(train이나 test), kind(틀의 종류), label(0이나 1), document입니다. 언제 만들어도 같은 표가 나옵니다.
"""

import lzma
import random
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from dlko.data.sets.reviews import TABLE, load_made_up
from dlko.provenance import content_hash

T = TypeVar("T")

TRAIN_SIZE = 6_000
TEST_SIZE = 1_500

# --- 한국어 형태 -------------------------------------------------------------------------------------------------

HANGUL_FIRST, HANGUL_LAST = 0xAC00, 0xD7A3
FINALS = 28  # 한글 음절 하나에 올 수 있는 받침의 수(받침 없음 포함)
NO_FINAL, FINAL_N, FINAL_M = 0, 4, 16
JOSA = {"은": ("은", "는"), "이": ("이", "가"), "을": ("을", "를"), "과": ("과", "와")}


def final_of(text: str) -> int:
    """마지막 글자의 받침 번호. 받침이 없거나 한글이 아니면 0입니다."""
    code = ord(text[-1])
    return (code - HANGUL_FIRST) % FINALS if HANGUL_FIRST <= code <= HANGUL_LAST else NO_FINAL


def with_final(text: str, final: int) -> str:
    """마지막 글자의 받침을 바꿉니다. `with_final("좋았", NO_FINAL)`은 `"좋아"`입니다."""
    return text[:-1] + chr(ord(text[-1]) - final_of(text) + final)


@dataclass(frozen=True)
class Noun:
    """조사를 받침에 맞게 붙이는 명사. `f"{Noun('연기'):은}"`은 `"연기는"`입니다."""

    text: str

    def __format__(self, josa: str) -> str:
        after_final, after_vowel = JOSA.get(josa, (josa, josa))
        return self.text + (after_final if final_of(self.text) else after_vowel)


@dataclass(frozen=True)
class Predicate:
    """활용하는 서술어. 세 줄기(어간, 과거, 관형형)에서 나머지 꼴을 만듭니다.

    `f"{p:지만}"`, `f"{p:었고}"`, `f"{p:관}"`처럼 꼴 이름으로 부릅니다. `끝`과 `었끝`은 글의 말투를 따릅니다.
    """

    stem: str  # 좋
    past: str  # 좋았
    modifier: str  # 좋은
    plain: str = ""  # 동사의 현재형(빛난다). 비어 있으면 형용사입니다.
    style: str = "다"  # 말투: 다, 요, 음

    @property
    def is_noun(self) -> bool:
        return self.stem.endswith(("적이", "처음이", "거짓말이", "아니"))

    def __format__(self, form: str) -> str:
        if form in ("끝", "었끝"):
            return self._past_end() if form == "었끝" else self._present_end()
        base = self.plain[:-1] if self.plain else self.stem
        quote = base + ("라" if self.is_noun else "다")
        forms = {
            "지": self.stem + "지",
            "지만": self.stem + "지만",
            "고": self.stem + "고",
            "었지만": self.past + "지만",
            "었고": self.past + "고",
            "었는데": self.past + "는데",
            "는데": self.modifier + "데",
            "서": with_final(self.past, NO_FINAL) + "서",
            "어도": with_final(self.past, NO_FINAL) + "도",
            "관": self.modifier,
            "다고": quote + "고",
            "다는": quote + "는",
        }
        return forms[form]

    def _past_end(self) -> str:
        return self.past + ("어요" if self.style == "요" else self.style)

    def _present_end(self) -> str:
        if self.style == "다":
            return self.plain or self.stem + "다"
        if self.style == "요":
            return self.stem + "에요" if self.is_noun else with_final(self.past, NO_FINAL) + "요"
        if self.plain or self.modifier.endswith(("있는", "없는")):
            return self.stem + "음" if final_of(self.stem) else with_final(self.stem, FINAL_M)
        return with_final(self.modifier, FINAL_M)  # 좋은 → 좋음, 아름다운 → 아름다움


Judgement = tuple[list[Predicate], list[Predicate]]  # (좋다는 말, 나쁘다는 말)


def _conjugate(word: str) -> Predicate:
    """낱말 하나를 세 줄기로 풉니다. 규칙으로 알 수 없는 것은 `훌륭하/훌륭했/훌륭한`처럼 모두 적습니다."""
    if "/" in word:
        return Predicate(*word.split("/"))
    stem = word.removesuffix("다")
    if stem.endswith("하"):
        return Predicate(stem, stem[:-1] + "했", stem[:-1] + "한")
    if stem.endswith("적이"):
        return Predicate(stem, stem + "었", stem[:-1] + "인")
    if stem.endswith(("있", "없")):
        return Predicate(stem, stem + "었", stem + "는")
    if stem[-1] in "롭럽답둡쉽랍":  # ㅂ 불규칙: 아름답다 → 아름다웠다
        open_stem = with_final(stem, NO_FINAL)
        return Predicate(stem, open_stem + "웠", open_stem + "운")
    if stem.endswith("리"):
        return Predicate(stem, stem[:-1] + "렸", with_final(stem, FINAL_N))
    raise ValueError(f"활용을 모르는 낱말입니다: {word}")


# --- 낱말과 문장 틀 -----------------------------------------------------------------------------------------------

WORDS = tomllib.loads(Path(__file__).with_name("review_words.toml").read_text(encoding="utf-8"))


def _pair(pair: list[str]) -> Judgement:
    good, bad = ([_conjugate(word) for word in text.split(", ")] for text in pair)
    return good, bad


ASPECTS = {name: _pair(pair) for name, pair in WORDS["aspects"].items()}
ANY, WHOLE, SHORT = (_pair(WORDS["judgements"][name]) for name in ("any", "whole", "short"))
MOVIES, PEOPLE, ADVERBS = (WORDS["lists"][name] for name in ("movies", "people", "adverbs"))
REMARKS, OCCASIONS = (WORDS["lists"][name] for name in ("remarks", "occasions"))
WATCHED, FACTS = (WORDS["lists"][name] for name in ("watched", "facts"))
SHARES: dict[str, float] = WORDS["shares"]


# --- 만들기 ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MadeUpReview:
    """지어낸 영화평 하나와, 그것이 나온 틀."""

    text: str
    label: int
    kind: str
    frame: str


def make_reviews(part: str, size: int, seed: int = 20_240_917) -> list[MadeUpReview]:
    """지어낸 영화평을 만듭니다. 같은 인수에는 언제나 같은 글이 나오고, 같은 글은 두 번 나오지 않습니다.

    Args:
        part: `"train"` 또는 `"test"`. 두 쪽은 문장 틀이 서로 다릅니다.
        size: 글의 수. 긍정과 부정이 반씩입니다.
        seed: 난수의 씨앗 값.
    """
    # 파이썬 버전이 달라도 같은 글이 나오도록 random()만 씁니다. choice()의 방식은 버전에 따라 바뀔 수 있습니다.
    rng = _Chooser(f"{seed}-{part}")
    reviews: dict[str, MadeUpReview] = {}
    while len(reviews) < size:
        label = len(reviews) % 2
        kind = rng.weighted(SHARES)
        frame = rng.one([f for f in WORDS[part][kind] if not f.startswith("+-"[label])])
        text = _fill(frame, label, rng)
        reviews.setdefault(text, MadeUpReview(text, label, kind, frame))
    return list(reviews.values())


class _Chooser(random.Random):
    """목록에서 하나를 고릅니다."""

    def one(self, items: Sequence[T]) -> T:
        return items[int(self.random() * len(items))]

    def two(self, items: Sequence[str]) -> tuple[str, str]:
        first = self.one(items)
        return first, self.one([item for item in items if item != first])

    def weighted(self, shares: dict[str, float]) -> str:
        point = self.random() * sum(shares.values())
        for name, share in shares.items():
            point -= share
            if point < 0:
                return name
        return name


def _fill(frame: str, label: int, rng: _Chooser) -> str:
    """틀의 빈칸을 채워 글 하나를 만듭니다."""
    style = rng.one(["다", "다", "요", "음"])
    a, b = rng.two(list(ASPECTS))
    slots: dict[str, object] = {
        "a": Noun(a),
        "b": Noun(b),
        "m": Noun(rng.one(MOVIES)),
        "who": Noun(rng.one(PEOPLE)),
        "me": Noun("저" if style == "요" else "나"),
        "adv": rng.one(ADVERBS),
        "아니": Predicate("아니", "아니었", "아닌", style=style),
        "남": Predicate("남", "남았", "남는", "남는다", style=style),
        "거짓말": Predicate("거짓말이", "거짓말이었", "거짓말인", style=style),
        "처음": Predicate("처음이", "처음이었", "처음인", style=style),
    }
    for name, words in {"a": ASPECTS[a], "b": ASPECTS[b], "m": WHOLE, "g": ANY, "s": SHORT}.items():
        same, opposite = (words[0], words[1]) if label else (words[1], words[0])
        slots[name + "p"] = replace(rng.one(same), style=style)
        slots[name + "q"] = replace(rng.one(opposite), style=style)
    body = frame.lstrip("+-").format(**slots)
    fillers = FACTS + WATCHED
    if rng.random() < 0.15:
        body = f"{rng.one(REMARKS)} {body}"
    elif rng.random() < 0.25:
        body = f"{rng.one(OCCASIONS)} {body}"
        fillers = FACTS  # 어떻게 봤는지 두 번 말하지 않게 합니다.
    for filler in rng.two(fillers):
        if rng.random() < 0.25:
            body = f"{filler}. {body}" if rng.random() < 0.5 else f"{body} {filler}."
    # 마지막 문장 부호는 결론과 관계가 없습니다.
    return _end(body, style).removesuffix(".") + rng.one([".", ".", "", "!", "...", "~"])


def _end(text: str, style: str) -> str:
    """물결표를 말투에 맞는 끝으로 바꿉니다."""
    if style == "요":
        return re.sub(r"(않|많)~", r"\1아요", text).replace("~", "어요")
    return text.replace("~", style)


def make_table() -> str:
    """표의 내용. 줄마다 글 하나입니다."""
    parts = {"train": make_reviews("train", TRAIN_SIZE), "test": make_reviews("test", TEST_SIZE)}
    lines = [f"{part}\t{r.kind}\t{r.label}\t{r.text}\n" for part, made in parts.items() for r in made]
    return "part\tkind\tlabel\tdocument\n" + "".join(lines)


def main() -> None:
    TABLE.write_bytes(lzma.compress(make_table().encode(), preset=9 | lzma.PRESET_EXTREME))
    digest = content_hash(*(array for part in load_made_up() for array in part))
    print(f"{TABLE.name}  {TABLE.stat().st_size:,}바이트  내용의 해시 {digest}")


if __name__ == "__main__":
    main()
