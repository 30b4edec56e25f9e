"""영화평: 지어낸 한국어 영화평을 만드는 문법과, 진짜 영화평 파일을 읽는 함수.

지어낸 영화평은 이 강의를 위해 새로 쓴 문장 틀과 낱말로 만듭니다. 실제 관람객이 쓴 글이 아닙니다.
낱말의 순서가 뜻을 바꾸는 틀(대조, 부정, 이중 부정, 앞과 뒤, 비교)을 일부러 많이 넣었고,
훈련 세트와 테스트 세트는 같은 문장 틀을 나누어 쓰지 않습니다.
"""

import hashlib
import json
import os
import pickle
import random
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from dlko.data.errors import DataError
from dlko.data.formats import read_table, user_path

Reviews = tuple[np.ndarray, np.ndarray]
T = TypeVar("T")

TRAIN_SIZE = 6_000
TEST_SIZE = 1_500

# --- 한국어 형태 -------------------------------------------------------------------------------------------------

HANGUL_FIRST, HANGUL_LAST = 0xAC00, 0xD7A3
FINALS = 28  # 한글 음절 하나에 올 수 있는 받침의 수(받침 없음 포함)
NO_FINAL, FINAL_N, FINAL_M, FINAL_SS = 0, 4, 16, 20

JOSA = {
    "은": ("은", "는"),
    "이": ("이", "가"),
    "을": ("을", "를"),
    "과": ("과", "와"),
    "이었": ("이었", "였"),
}


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
        return self.past + {"다": "다", "요": "어요", "음": "음"}[self.style]

    def _present_end(self) -> str:
        if self.style == "다":
            return self.plain or self.stem + "다"
        if self.style == "요":
            return self.stem + "에요" if self.is_noun else with_final(self.past, NO_FINAL) + "요"
        if self.plain or self.modifier.endswith(("있는", "없는")):
            return self.stem + "음" if final_of(self.stem) else with_final(self.stem, FINAL_M)
        return with_final(self.modifier, FINAL_M)  # 좋은 → 좋음, 아름다운 → 아름다움


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


def _words(text: str) -> list[Predicate]:
    return [_conjugate(word) for word in text.split(", ")]


# --- 낱말 --------------------------------------------------------------------------------------------------------

# fmt: off
# 평가할 거리마다 어울리는 서술어를 따로 둡니다: (좋다는 말, 나쁘다는 말)
ASPECTS: dict[str, tuple[list[Predicate], list[Predicate]]] = {
    name: (_words(good), _words(bad))
    for name, good, bad in [
        ("연기", "자연스럽다, 섬세하다, 훌륭하다, 인상적이다", "어색하다, 뻣뻣하다, 밋밋하다, 과하다"),
        ("이야기", "탄탄하다, 흥미롭다, 신선하다, 재미있다, 감동적이다", "뻔하다, 엉성하다, 지루하다, 산만하다, 억지스럽다"),
        ("화면", "아름답다, 화려하다, 선명하다, 감각적이다", "어둡다, 촌스럽다, 칙칙하다, 조잡하다, 어수선하다"),
        ("음악", "아름답다, 웅장하다, 감미롭다, 인상적이다", "시끄럽다, 촌스럽다, 단조롭다, 어수선하다"),
        ("대사", "재치 있다, 자연스럽다, 재미있다, 인상적이다", "유치하다, 어색하다, 뻔하다, 오글거리/오글거렸/오글거리는/오글거린다"),
        ("결말", "통쾌하다, 감동적이다, 깔끔하다, 후련하다", "허무하다, 찝찝하다, 뻔하다, 억지스럽다, 답답하다"),
        ("연출", "감각적이다, 섬세하다, 치밀하다, 세련되/세련됐/세련된", "촌스럽다, 산만하다, 투박하다, 밋밋하다"),
        ("주인공", "매력적이다, 사랑스럽다, 듬직하다, 멋지/멋졌/멋진", "답답하다, 밋밋하다, 어설프/어설펐/어설픈, 매력 없다"),
        ("편집", "깔끔하다, 감각적이다, 매끄럽다, 세련되/세련됐/세련된", "산만하다, 거칠/거칠었/거친, 느슨하다, 어수선하다"),
        ("액션", "시원하다, 화려하다, 통쾌하다, 박진감 있다", "시시하다, 조잡하다, 밋밋하다, 어설프/어설펐/어설픈"),
        ("반전", "놀랍다, 짜릿하다, 신선하다, 기막히/기막혔/기막힌", "뻔하다, 억지스럽다, 시시하다, 허무하다"),
        ("설정", "참신하다, 흥미롭다, 신선하다, 치밀하다", "식상하다, 억지스럽다, 황당하다, 허술하다"),
        ("유머", "재치 있다, 유쾌하다, 신선하다, 자연스럽다", "썰렁하다, 유치하다, 불쾌하다, 식상하다"),
        ("분위기", "따뜻하다, 포근하다, 유쾌하다, 매혹적이다", "칙칙하다, 어수선하다, 지루하다, 썰렁하다"),
        ("감정 묘사", "섬세하다, 진솔하다, 절절하다, 자연스럽다", "얄팍하다, 과하다, 억지스럽다, 밋밋하다"),
        ("배우들의 호흡", "완벽하다, 자연스럽다, 유쾌하다, 훌륭하다", "어색하다, 엉성하다, 어수선하다, 어설프/어설펐/어설픈"),
        ("등장인물", "매력적이다, 입체적이다, 생생하다, 사랑스럽다", "평면적이다, 밋밋하다, 진부하다, 답답하다"),
        ("전개", "흥미진진하다, 매끄럽다, 시원하다, 치밀하다", "느리다, 답답하다, 지루하다, 산만하다"),
        ("의상", "화려하다, 아름답다, 감각적이다, 세련되/세련됐/세련된", "촌스럽다, 조잡하다, 칙칙하다, 밋밋하다"),
        ("특수 효과", "화려하다, 정교하다, 놀랍다, 생생하다", "조잡하다, 어색하다, 유치하다, 어설프/어설펐/어설픈"),
    ]
}

# 무엇에나 쓰는 말, 작품 전체에 쓰는 말, '안'을 바로 앞에 붙여도 자연스러운 짧은 말
ANY = (
    _words("훌륭하다, 만족스럽다, 인상적이다, 좋/좋았/좋은, 뛰어나/뛰어났/뛰어난, 멋지/멋졌/멋진"),
    _words("형편없다, 실망스럽다, 아쉽다, 시원찮/시원찮았/시원찮은, 어설프/어설펐/어설픈"),
)
WHOLE = (
    _words("재미있다, 감동적이다, 유쾌하다, 흥미진진하다, 훌륭하다, 알차/알찼/알찬, 좋/좋았/좋은, 매력적이다"),
    _words("지루하다, 재미없다, 유치하다, 뻔하다, 산만하다, 허무하다, 시시하다, 실망스럽다, 나쁘/나빴/나쁜"),
)
SHORT = (
    _words("재미있다, 새롭다, 좋/좋았/좋은, 설레/설렜/설레는/설렌다, 끌리/끌렸/끌리는/끌린다, 웃기/웃겼/웃긴"),
    _words("지루하다, 유치하다, 뻔하다, 어색하다, 시시하다, 졸리/졸렸/졸린, 나쁘/나빴/나쁜"),
)
# fmt: on

MOVIES = ["이 영화", "이번 영화", "이 작품", "이번 작품", "이 만화 영화", "이 단편 영화"]
PEOPLE = ["친구", "동생", "언니", "부모님", "남편", "후배", "이모", "룸메이트", "짝꿍", "삼촌"]
ADVERBS = ["정말", "아주", "무척", "너무", "진짜", "상당히", "참", "굉장히"]
# 평가와 상관없는 첫마디와 문장들. 물결표(~)에는 말투에 맞는 끝이 들어갑니다.
REMARKS = ["솔직히 말해", "한마디로", "개인적으로", "아무리 생각해도"]
OCCASIONS = [
    "주말에 봤는데", "별생각 없이 봤는데", "퇴근하고 봤는데", "추천을 받아 봤는데", "어제 봤는데", "기대 없이 봤는데",
    "집에서 봤는데", "개봉하자마자 봤는데", "오랜만에 극장에 갔는데",
]  # fmt: skip
WATCHED = [
    "자막으로 봤~", "가족과 함께 봤~", "비 오는 날에 봤~", "맨 앞자리에서 봤~", "조조로 봤~", "팝콘을 먹으면서 봤~",
    "혼자 봤~", "쿠폰이 생겨서 봤~", "학교 숙제로 봤~", "극장에 사람이 많았~", "예매는 하루 전에 했~",
]  # fmt: skip
FACTS = [
    "상영 시간은 두 시간이었~", "배경은 바닷가 마을이었~", "주인공 직업은 형사였~", "포스터를 보고 골랐~",
    "감독 이름은 처음 들었~", "소설을 영화로 옮겼~", "여름에 개봉했~", "시리즈의 세 번째 작품이었~",
    "배우들은 모두 신인이었~",
]  # fmt: skip


# --- 문장 틀 -----------------------------------------------------------------------------------------------------
# p는 글의 결론과 같은 쪽, q는 반대쪽 서술어입니다. 앞 글자는 무엇에 대한 말인지 알립니다.
#   {a:은} {ap:끝}   거리 a와 그 서술어        {b:은} {bp:끝}   다른 거리 b와 그 서술어
#   {mp} {mq} 작품 전체     {gp} {gq} 무엇에나     {sp} {sq} '안'을 붙이는 말     {m} 작품  {who} 사람  {me} 나/저
# 물결표(~)에는 말투에 맞는 끝이 들어갑니다: 않~ → 않다, 않아요, 않음

PLAIN, STRESS, CONTRAST, NEGATION, DOUBLE, ORDER, COMPARE = "단순", "강조", "대조", "부정", "이중 부정", "앞뒤", "비교"  # fmt: skip
KINDS = (PLAIN, STRESS, CONTRAST, NEGATION, DOUBLE, ORDER, COMPARE)
SHARES = {PLAIN: 0.14, STRESS: 0.08, CONTRAST: 0.16, NEGATION: 0.16, DOUBLE: 0.12, ORDER: 0.24, COMPARE: 0.10}

TRAIN_FRAMES: dict[str, list[str]] = {
    PLAIN: [
        "{a:이} {ap:끝}.",
        "{a:이} {ap:었끝}.",
        "{m:은} {a:이} {ap:었끝}.",
        "{m:은} {mp:끝}.",
        "{a:이} {ap:고} {b:도} {bp:끝}.",
        "{mp:관} 영화였~.",
        "{a:과} {b:이} 모두 {gp:끝}.",
        "{a:이} {ap:서} 보는 내내 {mp:었끝}.",
        "생각보다 {mp:었끝}.",
        "{who:과} 봤는데 둘 다 {mp:다고} 했~.",
        "{ap:관} {a:이} 오래 기억에 {남:끝}.",
        "{m:은} {a:도} {ap:고} {b:도} {bp:끝}.",
    ],
    STRESS: [
        "{a:이} {adv} {ap:끝}.",
        "{adv} {mp:관} 영화였~.",
        "{m:은} {adv} {mp:었끝}.",
        "{a:이} {ap:고} {b:은} 더 {bp:었끝}.",
        "이렇게 {mp:관} 영화는 {처음:끝}.",
        "{a:이} {adv} {ap:서} 몇 번이나 놀랐~.",
    ],
    CONTRAST: [
        "{a:은} {aq:지만} {b:은} {bp:끝}.",
        "{a:이} {aq:었지만} {b:이} {bp:었끝}.",
        "{a:은} {aq:는데} {b:이} {bp:끝}.",
        "비록 {a:은} {aq:지만} {m:은} {mp:끝}.",
        "{a:이} {aq:어도} {m:은} {mp:끝}.",
        "{a:과} {b:은} {gq:지만} 전체로 보면 {mp:끝}.",
        "{m:은} {mp:었끝}. {a:은} {aq:었지만}.",
        "{a:은} {aq:었는데} {b:은} {adv} {bp:었끝}.",
        "{a:도} {aq:고} {b:도} {bq:지만} 결국 {mp:었끝}.",
    ],
    NEGATION: [
        "{a:이} {aq:지} 않~.",
        "{m:은} 전혀 {mq:지} 않~.",
        "{m:이} 안 {sq:끝}.",
        "하나도 안 {sq:었끝}.",
        "{a:은} {aq:지} 않고 {b:은} {bp:끝}.",
        "{a:이} {ap:고} {b:도} {bq:지} 않~.",
        "{mq:다고} 할 수 없~.",
        "{a:이} {aq:다고} 할 수는 없~.",
        "{mq:다는} 말에는 동의하지 못하겠~.",
        "{mq:다는} 느낌은 못 받았~.",
        "{mq:지} 않고 {mp:관} 영화였~.",
        "{a:은} 생각보다 {aq:지} 않았~.",
        "{m:은} {a:도} {aq:지} 않~.",
        "{m:은} {a:이} {aq:지} 않고 {b:도} {bp:끝}.",
        "{m:은} 생각보다 안 {sq:끝}.",
        "{who:과} 본 {m:은} {mq:지} 않았~.",
        "{m:은} 안 {sq:고} {mp:끝}.",
        "{m:은} {a:이} {ap:고} 안 {sq:관} 영화였~.",
        "{b:도} {bq:지} 않고 {m:은} {mp:끝}.",
        "{who:도} {me:도} {mq:다고} 느끼지 않았~.",
        "+{m:에서} 눈을 못 뗐~.",
        "+이 감동을 못 잊겠~.",
        "-{m:은} 끝까지 못 보겠~.",
        "-{a} 때문에 집중을 못 했~.",
    ],
    DOUBLE: [
        "{a:이} {ap:지} 않은 것은 {아니:끝}.",
        "{mp:다고} 하지 않을 수 없~.",
        "{m:이} 안 {sp:관} 것은 {아니:끝}.",
        "{mp:지} 않다고 할 수 없~.",
        "{a:이} {ap:지} 않다는 말에는 동의하지 못하겠~.",
        "{a:이} {ap:다는} 것을 부정할 수 없~.",
        "{mp:지} 않다고 하면 {거짓말:끝}.",
    ],
    ORDER: [
        "처음에는 {mq:었끝}. 나중에는 {mp:었끝}.",
        "초반은 {mq:었끝}. 후반은 {mp:었끝}.",
        "전반부는 {a:이} {aq:었끝}. 후반부는 {a:이} {ap:었끝}.",
        "다들 {mq:다고} 했~. {me:은} {mp:다고} 느꼈~.",
        "{me:은} {mp:다고} 느꼈~. 다들 {mq:다고} 했~.",
        "{who:은} {mq:다고} 했~. 하지만 {me:은} {mp:다고} 생각했~.",
        "전편은 {mq:었끝}. 이번 편은 {mp:었끝}.",
        "이번 편은 {mp:었끝}. 전편은 {mq:었끝}.",
        "예고편은 {mq:었끝}. 본편은 {mp:었끝}.",
        "본편은 {a:이} {ap:었끝}. 예고편은 {a:이} {aq:었끝}.",
        "원작은 {mq:었끝}. 영화는 {mp:었끝}.",
        "영화는 {a:이} {ap:었끝}. 원작은 {a:이} {aq:었끝}.",
        "{mq:관} 영화인 줄 알았~. 알고 보니 {mp:관} 영화였~.",
        "{a:은} {aq:끝}. 그런데 {b:은} {bp:끝}.",
        "{m:은} {a:이} {aq:끝}. 하지만 {b:이} {bp:끝}.",
        "첫인상은 {mq:었끝}. 다시 보니 {mp:었끝}.",
    ],
    COMPARE: [
        "이번 편이 전편보다 {mp:끝}.",
        "전편이 이번 편보다 {mq:끝}.",
        "영화가 원작보다 {mp:끝}.",
        "원작이 영화보다 {mq:끝}.",
        "본편은 예고편보다 {mp:었끝}.",
        "{m}보다 {mp:관} 영화는 본 적이 없~.",
        "{m}보다 {mq:관} 영화는 얼마든지 있~.",
        "{a:은} 전편보다 이번 편이 {ap:끝}.",
    ],
}

TEST_FRAMES: dict[str, list[str]] = {
    PLAIN: [
        "{m:은} {a:부터} {ap:끝}.",
        "{m:은} {b:이} {bp:고} 전체로 보면 {mp:끝}.",
        "다시 생각해도 {mp:관} 영화였~.",
        "{a:과} {b:도} {gp:었끝}.",
        "{who:은} {a:이} {ap:다고} 했~. {me:도} {mp:다고} 느꼈~.",
    ],
    STRESS: [
        "{a:도} {b:도} {adv} {gp:었끝}.",
        "{m:은} {adv} {ap:관} {a:이} 기억에 {남:끝}.",
        "{a:이} 이렇게 {ap:관} 영화는 {처음:끝}.",
    ],
    CONTRAST: [
        "{m:의} {a:은} {aq:지만} {b:은} {adv} {bp:끝}.",
        "{a:도} {aq:고} {b:도} {bq:었지만} {m:은} {mp:었끝}.",
        "비록 {a:이} {aq:어도} {b:은} {bp:끝}.",
        "{b:은} {adv} {bp:었끝}. {a:은} {aq:지만}.",
    ],
    NEGATION: [
        "{m:은} {a:이} {aq:지} 않~.",
        "{a:도} {aq:지} 않고 {b:도} {bq:지} 않~.",
        "생각보다 안 {sq:었끝}.",
        "{m:을} 두고 {mq:다고} 할 수는 없~.",
        "{who:과} 봤는데 {mq:다는} 느낌은 못 받았~.",
    ],
    DOUBLE: [
        "{a:이} {ap:지} 않다고 할 수 없~.",
        "{m:이} {mp:다고} 하지 않을 수 없~.",
        "{m:은} {mp:지} 않은 것은 {아니:끝}.",
    ],
    ORDER: [
        "{a:은} 처음에는 {aq:었끝}. 나중에는 {ap:었끝}.",
        "초반은 {a:이} {aq:었끝}. 후반은 {b:이} {bp:었끝}.",
        "{who:은} {mq:다고} 했~. {me:은} {mp:다고} 느꼈~.",
        "이번 편은 {a:이} {ap:었끝}. 전편은 {a:이} {aq:었끝}.",
        "예고편은 {a:이} {aq:었끝}. 본편은 {b:이} {bp:었끝}.",
        "영화는 {mp:었끝}. 원작은 {mq:었끝}.",
        "{m:은} {mq:관} 영화인 줄 알았~. 하지만 알고 보니 {mp:관} 영화였~.",
        "{a:이} {aq:끝}. 하지만 {b:은} {bp:끝}.",
    ],
    COMPARE: [
        "{m:은} 전편이 이번 편보다 {mq:끝}.",
        "{a:은} 원작보다 영화가 {ap:끝}.",
        "이번 편은 {a:이} 전편보다 {ap:끝}.",
    ],
}


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
    frames = {"train": TRAIN_FRAMES, "test": TEST_FRAMES}[part]
    # 파이썬 버전이 달라도 같은 글이 나오도록 random()만 씁니다. choice()의 방식은 버전에 따라 바뀔 수 있습니다.
    rng = _Chooser(random.Random(f"{seed}-{part}"))
    reviews: dict[str, MadeUpReview] = {}
    while len(reviews) < size:
        label = len(reviews) % 2
        kind = rng.weighted(SHARES)
        frame = rng.one([f for f in frames[kind] if not f.startswith("+-"[label])])
        text = _fill(frame, label, rng)
        reviews.setdefault(text, MadeUpReview(text, label, kind, frame))
    return list(reviews.values())


class _Chooser:
    """목록에서 하나를 고릅니다."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def chance(self, probability: float) -> bool:
        return self._rng.random() < probability

    def one(self, items: Sequence[T]) -> T:
        return items[int(self._rng.random() * len(items))]

    def two(self, items: Sequence[str]) -> tuple[str, str]:
        first = self.one(items)
        return first, self.one([item for item in items if item != first])

    def weighted(self, shares: dict[str, float]) -> str:
        point = self._rng.random() * sum(shares.values())
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
    if rng.chance(0.15):
        body = f"{rng.one(REMARKS)} {body}"
    elif rng.chance(0.25):
        body = f"{rng.one(OCCASIONS)} {body}"
        fillers = FACTS  # 어떻게 봤는지 두 번 말하지 않게 합니다.
    for filler in rng.two(fillers):
        if rng.chance(0.25):
            body = f"{filler}. {body}" if rng.chance(0.5) else f"{body} {filler}."
    return _punctuate(_end(body, style), rng)


def _end(text: str, style: str) -> str:
    """물결표를 말투에 맞는 끝으로 바꿉니다."""
    if style == "요":
        return re.sub(r"(않|많)~", r"\1아요", text).replace("~", "어요")
    return text.replace("~", {"다": "다", "음": "음"}[style])


def _punctuate(text: str, rng: _Chooser) -> str:
    """마지막 문장 부호를 여러 가지로 바꿉니다. 부호는 결론과 관계가 없습니다."""
    return text.removesuffix(".") + rng.one([".", ".", "", "!", "...", "~"])


def load_made_up() -> tuple[Reviews, Reviews]:
    """지어낸 영화평의 훈련 세트와 테스트 세트."""
    train, test = make_reviews("train", TRAIN_SIZE), make_reviews("test", TEST_SIZE)
    return _arrays((r.text, r.label) for r in train), _arrays((r.text, r.label) for r in test)


def review_kinds(texts: Iterable[str]) -> np.ndarray:
    """영화평마다 어떤 글인지 이름을 붙입니다.

    지어낸 테스트 세트의 글이면 그 글을 만든 틀의 종류(단순, 부정, 앞뒤 등)이고, 다른 글이면 길이입니다.
    """
    known = {review.text: review.kind for review in make_reviews("test", TEST_SIZE)}
    return np.array([known.get(text) or _length_name(len(text)) for text in texts])


def _length_name(length: int) -> str:
    for limit in (20, 40, 80, 140):
        if length <= limit:
            return f"{limit}자까지"
    return "140자 넘음"


# --- 파일 읽기 ---------------------------------------------------------------------------------------------------


def load_reviews(data: str | tuple[str, str] = "reviews") -> tuple[Reviews, Reviews]:
    """영화평을 불러오고 어디서 왔는지 한 줄로 알립니다.

    Args:
        data: `"reviews"`(한국어 영화평), `"imdb"`(영어 영화평), 또는 내 파일 두 개 `("훈련.tsv", "테스트.tsv")`.
            파일은 NSMC처럼 열 id, document, label이 탭으로 나뉜 표이고 `.gz`로 압축해도 됩니다. 환경 변수
            DLKO_DATA_DIR 폴더에 `…reviews_train.tsv`와 `…reviews_test.tsv`를 두면 `"reviews"`가 그 파일을 씁니다.

    Returns:
        `((훈련 글, 훈련 정답), (테스트 글, 테스트 정답))`. 정답은 0(부정)이나 1(긍정)입니다.

    Raises:
        DataError: 파일이 없거나 꼴이 다를 때, 또는 공식 데이터를 준비하지 못했을 때.
    """
    from dlko import data as registry  # 목록(catalogue)이 이 파일의 읽는 함수를 쓰므로 여기서 불러옵니다.

    paths = _brought_files() if data == "reviews" else None
    if not isinstance(data, str):
        paths = (Path(data[0]), Path(data[1]))
    if paths is None:
        return registry.load_data(str(data))
    train, test = read_tsv(paths[0]), read_tsv(paths[1])
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()
    registry.announce_own("reviews", f"{paths[0].name}, {paths[1].name}", digest, (train, test))
    return train, test


def _brought_files() -> tuple[Path, Path] | None:
    """DLKO_DATA_DIR 폴더에 독자가 가져다 둔 영화평 표 두 개. 없으면 None입니다."""
    if os.environ.get("DLKO_DATA", "auto").strip().lower() == "embedded":
        return None
    for folder in (user_path("reviews"), user_path()):
        if folder is not None and folder.is_dir():
            train, test = (sorted(folder.glob(f"*reviews_{part}.tsv*")) for part in ("train", "test"))
            if train and test:
                return train[0], test[0]
    return None


def read_tsv(path: Path) -> Reviews:
    """NSMC와 같은 꼴의 표를 읽습니다: 탭으로 나눈 열 id, document, label.

    Raises:
        DataError: 파일이 없거나, 열이 다르거나, label이 0과 1이 아닐 때.
    """
    if not path.is_file():
        raise DataError(f"영화평 파일이 없습니다: {path}")
    pairs = []
    for number, (document, label) in enumerate(read_table(path, ("document", "label")), start=2):
        if label not in ("0", "1"):
            raise DataError(f"{path.name} {number}째 줄: label은 0(부정)이나 1(긍정)이어야 합니다.")
        if document.strip():  # NSMC에는 본문이 빈 줄이 몇 개 있습니다.
            pairs.append((document.strip(), int(label)))
    if not pairs:
        raise DataError(f"{path.name}: 영화평이 하나도 없습니다.")
    return _arrays(pairs)


def read_nsmc(paths: Mapping[str, Path]) -> tuple[Reviews, Reviews]:
    """NSMC 공식 파일 두 개를 읽습니다."""
    return read_tsv(paths["ratings_train.txt"]), read_tsv(paths["ratings_test.txt"])


def read_imdb(paths: Mapping[str, Path]) -> tuple[Reviews, Reviews]:
    """Keras의 imdb.npz를 영어 글로 되돌립니다. 문장 부호와 대문자는 이 파일을 만들 때 이미 사라졌습니다."""
    words = json.loads(paths["imdb_word_index.json"].read_text(encoding="utf-8"))
    word_of = {number: word for word, number in words.items()}
    parts = []
    for part in ("train", "test"):
        sequences = _read_number_lists(paths["imdb.npz"], f"x_{part}")
        labels = _read_number_lists(paths["imdb.npz"], f"y_{part}")
        # 이 파일은 부정 글이 먼저, 긍정 글이 나중입니다. 앞쪽만 쓸 때 치우치지 않도록 고정된 차례로 섞습니다.
        order = sorted(range(len(labels)), key=lambda row: hashlib.sha256(f"{part} {row}".encode()).digest())
        parts.append(
            _arrays(
                (" ".join(word_of.get(n, "?") for n in sequences[row]), int(labels[row])) for row in order
            )
        )
    return parts[0], parts[1]


class _NumberListUnpickler(pickle.Unpickler):
    """숫자 목록의 배열만 되살립니다. 다른 것을 만들라는 파일은 거절하므로 코드가 실행되지 않습니다."""

    ALLOWED = frozenset({("numpy", "ndarray"), ("numpy", "dtype")})

    def find_class(self, module: str, name: str) -> object:
        if (module, name) in self.ALLOWED:
            return getattr(np, name)
        if name == "_reconstruct" and module in ("numpy.core.multiarray", "numpy._core.multiarray"):
            return np.array([]).__reduce__()[0]
        raise DataError(f"숫자 목록이 아닌 것이 들어 있어서 읽지 않습니다: {module}.{name}")


def _read_number_lists(path: Path, name: str) -> np.ndarray:
    """npz에서 배열 하나를 읽습니다. 길이가 다른 목록들은 파이썬 객체로 저장되므로 따로 안전하게 읽습니다."""
    with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as file:
        version = np.lib.format.read_magic(file)
        read_header = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }
        _, _, dtype = read_header[version](file)
        if dtype.hasobject:
            return _NumberListUnpickler(file, encoding="latin1").load()
    with np.load(path, allow_pickle=False) as arrays:
        return arrays[name]


def _arrays(pairs: Iterable[tuple[str, int]]) -> Reviews:
    texts, labels = zip(*pairs, strict=True)
    return np.array(texts, dtype=object), np.array(labels, dtype=np.int64)
