"""시연을 독자처럼 씁니다: 그리고, 누르고, 자판으로 움직이고, 답을 Keras의 것과 견줍니다."""

import json

import numpy as np
import pytest

from course.bootstrap import BUILD
from course.notebooks import chapters
from tests.site import browser as tools
from tests.test_demos import replay, replay_maps
from website.site import demos

DEMOS = [chapter for chapter in chapters() if demos.source(chapter).exists()]
# 층을 차례로 쌓은 것. 나머지는 저마다의 검사가 견줍니다.
STACKS = [
    one
    for one in DEMOS
    if (left := demos.left_by_run(one, "demo.js")).exists()
    and '"layers":' in left.read_text(encoding="utf-8")
]


@pytest.fixture
def opened(fresh, server):
    """시연이 준비된 쪽을 여는 함수. 주소의 #뒤와, 그 쪽의 몇째 시연인지(0부터) 줄 수 있습니다."""

    def go(name, hash="", number=0):
        fresh.goto(server.address + name + hash)
        place = fresh.locator(".dlko-demo").nth(number)
        place.scroll_into_view_if_needed()
        place.and_(fresh.locator(".dlko-demo-ready")).wait_for()
        return place

    return go


@pytest.mark.parametrize("chapter", STACKS, ids=lambda one: one.name)
def test_the_page_answers_as_keras_did(chapter):
    assert replay(BUILD / "artifacts" / chapter.name) < 1e-3


@pytest.mark.parametrize("chapter", DEMOS, ids=lambda one: one.name)
def test_nothing_is_loaded_before_it_is_needed(chapter, fresh, server):
    """시연이 화면에서 멀면 신경망도 받지 않습니다."""
    asked = []
    fresh.on("request", lambda request: asked.append(request.url))
    fresh.goto(server.address + f"notebooks/{chapter.name}.html")
    fresh.wait_for_timeout(300)
    assert not [one for one in asked if demos.script(chapter) in one]


@pytest.mark.parametrize("chapter", DEMOS, ids=lambda one: one.name)
def test_works_from_disk(chapter, fresh):
    fresh.goto((tools.HTML / "notebooks" / f"{chapter.name}.html").as_uri())
    places = fresh.locator(".dlko-demo").all()
    assert places
    for place in places:
        place.scroll_into_view_if_needed()
        place.and_(fresh.locator(".dlko-demo-ready")).wait_for()


@pytest.mark.parametrize("page", ["index.html", "notebooks/cnn/digits.html"])
def test_a_test_picture_is_answered_as_by_keras(page, opened, fresh):
    place = opened(page)
    folder = BUILD / "artifacts" / "cnn" / "digits"
    outputs = json.loads((folder / "demo-examples.json").read_text(encoding="utf-8"))["outputs"]
    for number in range(3):
        place.get_by_role("button", name=f"테스트 사진 {number + 1}").click()
        chances = [text.strip("% ") for text in place.locator(".dlko-bar-text").all_inner_texts()]
        assert np.abs(np.array(chances, float) / 100 - outputs[number]).max() < 0.006


def test_the_map_on_the_page_is_the_one_of_the_chapter(opened):
    folder = BUILD / "artifacts" / "cnn" / "digits"
    assert replay_maps(folder) < 1e-3
    kept = json.loads((folder / "demo-examples.json").read_text(encoding="utf-8"))
    place = opened("notebooks/cnn/digits.html")
    for number in range(3):
        place.get_by_role("button", name=f"테스트 사진 {number + 1}").click()
        for value, name in (("Grad", "grad_cam"), ("HiRes", "hires_cam")):
            place.get_by_label("점수를 올린 곳을 찾는 방법").select_option(value)
            heat = np.array(place.get_attribute("data-heat").split(), float)
            # 쪽의 보기는 픽셀까지 16비트입니다.
            assert np.abs(heat - np.ravel(kept[name][number])).max() < 0.02


def test_a_small_drawing_in_a_corner_is_cut_and_centered(opened, fresh):
    place = opened("notebooks/cnn/digits.html")
    assert "이미 손질된 사진" in place.locator(".dlko-steps").inner_text()
    box = place.locator(".dlko-pad").bounding_box()
    fresh.mouse.move(box["x"] + box["width"] * 0.85, box["y"] + box["height"] * 0.6)
    fresh.mouse.down()
    fresh.mouse.move(box["x"] + box["width"] * 0.85, box["y"] + box["height"] * 0.9, steps=5)
    fresh.mouse.up()
    found, fitted, placed, _ = place.locator(".dlko-steps li").all_inner_texts()
    assert int(found.rpartition("세로 ")[2]) > 80 and fitted.endswith("세로 20")
    assert place.get_attribute("data-answer") == "1" and "신경망이 보는 것" in placed
    place.get_by_label("점수를 올린 곳을 찾는 방법").select_option("HiRes")
    assert "draw=" in fresh.url and "map=HiRes" in fresh.url
    before = place.get_attribute("data-heat")
    again = opened("book/index.html", "#" + fresh.url.partition("#")[2])
    assert again.get_attribute("data-heat") == before
    again.get_by_role("button", name="지우기").click()
    assert "빈 칸" in again.locator(".dlko-steps").inner_text()
    again.get_by_role("button", name="처음으로").click()
    assert "#" not in fresh.url


def test_a_drawn_one_is_read_and_kept_in_the_address(opened, fresh, server):
    place = opened("index.html")
    box = place.locator(".dlko-pad").bounding_box()
    fresh.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.15)
    fresh.mouse.down()
    for part in range(10):
        fresh.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * (0.15 + 0.07 * part))
    fresh.mouse.up()
    assert place.get_attribute("data-answer") == "1"
    answer = place.locator(".dlko-answer").inner_text()
    assert answer.startswith("신경망의 답: 1")
    sent = fresh.url
    assert "#draw=" in sent
    fresh.goto("about:blank")
    fresh.goto(sent)
    fresh.wait_for_selector(".dlko-demo-ready")
    assert fresh.locator(".dlko-answer").inner_text() == answer


def test_drawing_by_keyboard_and_clearing(opened, fresh):
    place = opened("index.html")
    place.get_by_role("button", name="지우기").click()
    assert "빈 칸에는 답하지 않습니다" in place.locator(".dlko-answer").inner_text()
    place.locator(".dlko-pad").focus()
    for key in ["ArrowUp"] * 8 + [" "] + ["ArrowDown"] * 16 + [" "]:
        fresh.keyboard.press(key)
    assert place.locator(".dlko-answer").inner_text().startswith("신경망의 답: 1")
    fresh.keyboard.press("Delete")
    assert "빈 칸에는 답하지 않습니다" in place.locator(".dlko-answer").inner_text()


def test_a_broken_address_does_no_harm(opened):
    place = opened("index.html", "#draw=%%%")
    assert place.locator(".dlko-answer").inner_text().startswith("신경망의 답")


def test_layers_open_and_no_answer_is_called_not_a_digit(opened):
    place = opened("notebooks/cnn/digits.html")
    place.get_by_role("button", name="하트").click()
    assert place.locator(".dlko-answer").inner_text().startswith("신경망의 답")
    place.locator("details.dlko-inside > summary").click()
    assert place.locator("figcaption").first.inner_text() == "Conv2D: 24×24 특성 맵 16장"
    assert place.locator(".dlko-maps").first.evaluate("canvas => canvas.width") == 16 * 25 - 1


def test_filter_sizes_follow_the_formula_and_nan_is_never_shown(opened, fresh):
    place = opened("notebooks/cnn/convolution.html")
    place.get_by_label("스트라이드").select_option("2")
    place.get_by_label("패딩").select_option("1")
    assert place.get_attribute("data-side") == str((64 - 3 + 2) // 2 + 1)
    place.get_by_label("필터 1행 1열").fill("")
    place.get_by_label("필터 2행 2열").fill("7")
    place.locator("canvas.dlko-view").last.focus()
    fresh.keyboard.press("ArrowRight")
    text = place.locator(".dlko-sum").inner_text()
    assert "NaN" not in place.inner_text() and "×7" in text
    sent = fresh.url
    fresh.goto("about:blank")
    fresh.goto(sent)
    fresh.locator(".dlko-demo").scroll_into_view_if_needed()
    fresh.wait_for_selector(".dlko-demo-ready")
    assert fresh.locator(".dlko-demo").get_attribute("data-side") == "32"
    assert fresh.get_by_label("필터 2행 2열").input_value() == "7"


def test_the_blur_is_the_mean_of_nine(opened):
    place = opened("notebooks/cnn/convolution.html")
    place.get_by_role("button", name="흐리게").click()
    text = place.locator(".dlko-sum").inner_text()
    terms, result = text.partition(": ")[2].partition(" (")[0].split(" = ")
    values = [float(term.partition("×")[0]) for term in terms.split(" + ")]
    assert np.mean(values) == pytest.approx(float(result), abs=0.02)


def test_one_neuron_cannot_do_xor_and_four_hidden_ones_can(opened, fresh):
    place = opened("notebooks/basics/perceptron.html")
    assert place.get_attribute("data-wrong") == "2"  # OR의 직선은 AND의 두 점을 틀립니다.
    place.get_by_label("편향 b").fill("-1.5")
    assert place.get_attribute("data-wrong") == "0"
    place.get_by_label("맞힐 점들").select_option("XOR")
    wrongs = set()
    for bias in ("-2", "-0.5", "0.5"):
        place.get_by_label("편향 b").fill(bias)
        wrongs.add(int(place.get_attribute("data-wrong")))
    assert min(wrongs) >= 1
    fresh.emulate_media(reduced_motion="reduce")
    for _ in range(10):
        place.get_by_role("button", name="200스텝 훈련").click()
    assert place.get_attribute("data-wrong") == "0"


def test_points_are_put_by_mouse_and_by_keyboard(opened, fresh):
    place = opened("notebooks/basics/perceptron.html")
    place.locator(".dlko-plane").click(position={"x": 200, "y": 60})
    place.locator(".dlko-plane").focus()
    for key in ("ArrowLeft", "ArrowLeft", " "):
        fresh.keyboard.press(key)
    assert "점 2개" in place.locator(".dlko-answer").inner_text()
    sent = fresh.url
    fresh.goto("about:blank")
    fresh.goto(sent)
    fresh.locator(".dlko-demo").scroll_into_view_if_needed()
    fresh.wait_for_selector(".dlko-demo-ready")
    assert "점 2개" in fresh.locator(".dlko-answer").inner_text()


def test_the_walk_is_the_one_of_the_chapter_and_divergence_is_said(opened, fresh):
    """지도의 경사 하강법은 본문의 NumPy 코드와 같은 손실에 닿습니다."""
    place = opened("notebooks/basics/training.html")
    x = np.arange(1.0, 11.0)
    w, b = 3.4, -5.0
    for _ in range(100):
        error = w * x + b - (2 * x + 1)
        w, b = w - 0.0237 * 2 * (error * x).mean(), b - 0.0237 * 2 * error.mean()
    expected = ((w * x + b - (2 * x + 1)) ** 2).mean()
    assert float(place.get_attribute("data-loss")) == pytest.approx(expected, rel=1e-6)
    place.get_by_label("학습률").fill("1000")
    assert "발산했습니다" in place.locator(".dlko-answer").inner_text()
    place.get_by_label("규칙").select_option("Adam")
    text = place.locator(".dlko-answer").inner_text()
    assert "NaN" not in text and "스텝" in text


def test_the_latent_map_is_dragged_and_walked_by_keys(opened, fresh):
    place = opened("notebooks/autoencoder/vae.html")
    assert place.get_attribute("data-z") == "-1.5 1"
    picture = place.locator(".dlko-clothes")
    before = picture.evaluate("canvas => canvas.toDataURL()")
    box = place.locator(".dlko-plane").bounding_box()
    fresh.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    fresh.mouse.down()
    fresh.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.3)
    fresh.mouse.up()
    assert picture.evaluate("canvas => canvas.toDataURL()") != before
    x = float(place.get_attribute("data-z").split()[0])
    assert x == pytest.approx(3 * 0.8, abs=0.05)
    place.locator(".dlko-plane").focus()
    fresh.keyboard.press("ArrowLeft")
    assert float(place.get_attribute("data-z").split()[0]) == pytest.approx(x - 0.1, abs=1e-6)


def test_the_gan_on_the_line_learns_and_can_be_sent(opened, fresh):
    place = opened("notebooks/gan/first_gan.html")
    before = float(place.get_attribute("data-distance"))
    place.get_by_role("button", name="한 스텝").click()
    assert place.get_attribute("data-steps") == "1"
    place.get_by_role("button", name="500스텝").click()
    assert float(place.get_attribute("data-distance")) < before / 2
    place.get_by_label("생성자의 손실").select_option("포화하는 손실")
    assert place.get_attribute("data-steps") == "0" and fresh.url.endswith("#line=1_1")
    place.get_by_role("button", name="처음으로").click()
    assert float(place.get_attribute("data-distance")) == before


def test_the_walk_between_two_noises(opened, fresh):
    place = opened("notebooks/gan/first_gan.html", number=1)
    picture, slider = place.locator(".dlko-clothes"), place.get_by_label("출발에서 도착까지의 자리")
    assert place.get_attribute("data-percent") == "50" and "NaN" not in place.inner_text()
    straight = float(place.get_attribute("data-length"))
    place.get_by_label("길").select_option("길이를 지키는 길")
    assert float(place.get_attribute("data-length")) > straight
    before = picture.evaluate("canvas => canvas.toDataURL()")
    slider.focus()
    fresh.keyboard.press("ArrowRight")
    assert place.get_attribute("data-percent") == "51"
    fresh.keyboard.press("Home")
    assert "출발과 0.00" in place.locator(".dlko-answer").inner_text()
    assert picture.evaluate("canvas => canvas.toDataURL()") != before
    box = place.locator(".dlko-film").bounding_box()
    fresh.mouse.click(box["x"] + box["width"] * 0.97, box["y"] + box["height"] * 0.3)
    assert place.get_attribute("data-percent") == "100"
    place.get_by_role("button", name="다른 도착").click()
    sent, shown = fresh.url, picture.evaluate("canvas => canvas.toDataURL()")
    fresh.goto("about:blank")
    again = opened("notebooks/gan/first_gan.html", "#" + sent.partition("#")[2], number=1)
    assert again.locator(".dlko-clothes").evaluate("canvas => canvas.toDataURL()") == shown
    again.get_by_role("button", name="처음으로").click()
    assert "walk=" not in fresh.url and again.get_attribute("data-percent") == "50"
    fresh.emulate_media(reduced_motion="reduce")
    again.get_by_role("button", name="걷기").click()
    assert again.get_attribute("data-percent") == "64"


def test_noise_becomes_clothes_step_by_step(opened, fresh):
    place = opened("notebooks/gan/diffusion.html")
    picture = place.locator(".dlko-clothes").first
    slider = place.get_by_label("지금 스텝")
    slider.fill("0")
    assert "잡음의 몫 100 %" in place.locator(".dlko-answer").inner_text()
    start = picture.evaluate("canvas => canvas.toDataURL()")
    slider.focus()
    fresh.keyboard.press("ArrowRight")
    assert place.get_attribute("data-at") == "1"
    slider.fill("20")
    assert "잡음의 몫 0 %" in place.locator(".dlko-answer").inner_text()
    assert picture.evaluate("canvas => canvas.toDataURL()") != start
    place.get_by_label("클래스").select_option("맡김")
    free = place.get_attribute("data-code")
    assert place.get_by_label("가이던스").is_disabled()  # 주문이 없으면 세게 할 것도 없습니다.
    place.get_by_label("클래스").select_option("가방")
    ordered = place.get_attribute("data-code")
    place.get_by_label("가이던스").fill("4")
    strong = place.get_attribute("data-code")
    assert len({free, ordered, strong}) == 3
    place.get_by_label("스텝의 수").select_option("50")
    assert place.get_attribute("data-at") == "50" and "NaN" not in place.get_attribute("data-code")
    sent, kept = fresh.url, place.get_attribute("data-code")
    place.get_by_role("button", name="새 잡음").click()
    assert place.get_attribute("data-code") != kept
    fresh.goto("about:blank")
    fresh.goto(sent)
    fresh.locator(".dlko-demo").scroll_into_view_if_needed()
    fresh.wait_for_selector(".dlko-demo-ready")
    place = fresh.locator(".dlko-demo")
    assert place.get_attribute("data-code") == kept
    place.get_by_role("button", name="처음으로").click()
    assert place.get_attribute("data-at") == "12"
    place.get_by_role("button", name="재생과 멈춤").click()
    fresh.wait_for_function("document.querySelector('.dlko-demo').dataset.at === '20'")


def test_reviews_get_the_probability_that_keras_gave(opened, fresh):
    place = opened("notebooks/rnn/sentiment.html")
    folder = BUILD / "artifacts" / "rnn" / "sentiment"
    outputs = np.ravel(json.loads((folder / "demo-examples.json").read_text(encoding="utf-8"))["outputs"])
    texts = fresh.evaluate("dlko.given['rnn/sentiment'].texts")
    fresh.evaluate("() => { window.chance = dlko.review.reader(dlko.given['rnn/sentiment']); }")
    ours = [fresh.evaluate("text => window.chance(text)", text) for text in texts]
    assert np.abs(np.array(ours) - outputs).max() < 1e-3
    box = place.get_by_label("영화평")
    box.fill("재미있었다 😀 ㅋㅋㅋㅋㅋ")
    fresh.wait_for_function("document.querySelectorAll('.dlko-piece').length === 3")
    assert "NaN" not in place.inner_text()
    box.fill("   ")
    fresh.wait_for_function("document.querySelector('.dlko-demo .dlko-answer').textContent.includes('빈 글')")


def test_numbers_are_written_as_keras_wrote_them(opened, fresh):
    place = opened("notebooks/rnn/attention.html")
    folder = BUILD / "artifacts" / "rnn" / "attention"
    kept = json.loads((folder / "demo-examples.json").read_text(encoding="utf-8"))
    letters = fresh.evaluate("dlko.given['rnn/attention'].letters")
    fresh.evaluate("() => { window.write = dlko.numbers.writer(dlko.given['rnn/attention']); }")
    for read, teacher, outputs in zip(*kept["inputs"], kept["outputs"], strict=True):
        text = "".join(letters[one - 3] for one in read if one > 2)
        logits = fresh.evaluate("text => window.write(text).logits.map((one) => [...one])", text)
        for step, ours in enumerate(logits):  # 정답을 보며 쓴 것과 앞이 같은 데까지
            assert np.abs(np.array(ours) - outputs[step]).max() < 1e-3
            if step + 1 == len(teacher) or np.argmax(ours) != teacher[step + 1]:
                break
    box = place.get_by_label("한글로 읽은 수")
    box.fill("삼백칠")
    assert place.get_attribute("data-answer") and place.locator(".dlko-look").count() > 4
    rows = place.locator("tbody tr").first.locator("td").all_inner_texts()
    assert sum(float(one or 0) for one in rows) == pytest.approx(1, abs=0.06)
    box.fill("하이")
    assert "사전에 없는 글자" in place.locator(".dlko-answer").inner_text()
    box.fill("")
    assert "써 보세요" in place.locator(".dlko-answer").inner_text()


def test_tokens_get_the_chances_that_keras_gave(opened, fresh):
    place = opened("notebooks/rnn/language_model.html")
    folder = BUILD / "artifacts" / "rnn" / "language_model"
    kept = json.loads((folder / "demo-examples.json").read_text(encoding="utf-8"))
    fresh.evaluate("() => { window.read = dlko.language.reader(dlko.given['rnn/language_model']); }")
    for row, outputs in zip(kept["inputs"], kept["outputs"], strict=True):
        logits = fresh.evaluate("row => { const push = read(); return row.map((id) => [...push(id)]); }", row)
        assert np.abs(np.array(logits) - outputs).max() < 1e-3
    assert "NaN" not in place.inner_text()
    sharp = place.locator(".dlko-bar-text").first.inner_text()
    place.get_by_label("온도").fill("2")
    assert int(place.locator(".dlko-bar-text").first.inner_text().strip(" %")) < int(sharp.strip(" %"))
    place.get_by_label("상위 k").select_option("1")
    assert place.locator(".dlko-bar-text").all_inner_texts() == ["100 %"]
    place.get_by_role("button", name="끝까지").click()
    text = place.get_by_label("글의 첫머리").input_value()
    assert "‘끝’을 뽑았습니다" in place.locator(".dlko-answer").inner_text() and len(text) > 10
    sent = fresh.url
    fresh.goto("about:blank")
    fresh.goto(sent)
    fresh.locator(".dlko-demo").scroll_into_view_if_needed()
    fresh.wait_for_selector(".dlko-demo-ready")
    assert fresh.get_by_label("글의 첫머리").input_value() == text
    assert fresh.get_by_label("온도").input_value() == "2"
    place = fresh.locator(".dlko-demo")
    place.get_by_label("글의 첫머리").fill("뷁")
    assert "없던 글자" in place.locator(".dlko-answer").inner_text()
    place.get_by_label("글의 첫머리").fill("")
    assert place.locator(".dlko-bar").count() == 1
    place.get_by_role("button", name="처음으로").click()
    assert place.locator(".dlko-bar").count() == 8


def test_stories_are_answered_as_keras_answered_them(opened, fresh):
    place = opened("notebooks/beyond/memory_network.html")
    folder = BUILD / "artifacts" / "beyond" / "memory_network"
    kept = json.loads((folder / "demo-examples.json").read_text(encoding="utf-8"))
    fresh.evaluate("() => { window.read = dlko.story.reader(dlko.given['beyond/memory_network']); }")
    for story, question, output in zip(*kept["inputs"], kept["outputs"], strict=True):
        scores = fresh.evaluate("([s, q]) => window.read(s, q).scores", [story, question])
        assert np.abs(np.array(scores) - output).max() < 1e-3
    before = place.get_attribute("data-answer")
    place.get_by_role("button", name="이야기 2").click()
    place.get_by_role("button", name="이야기 1").click()
    assert place.get_attribute("data-answer") == before
    shares = [float(text) for text in place.locator("tbody tr td.dlko-look:nth-child(2)").all_inner_texts()]
    assert sum(shares) == pytest.approx(1, abs=0.06)


def test_the_agent_balances_and_the_reader_can_play(opened, fresh):
    place = opened("notebooks/beyond/dqn.html")
    lasted = []
    for _ in range(5):
        place.get_by_role("button", name="에이전트만 끝까지").click()
        lasted.append(int(place.get_attribute("data-agent")))
        place.get_by_role("button", name="다른 시작 상태").click()
    assert sorted(lasted)[2] >= 200
    place.get_by_role("button", name="시작", exact=True).click()
    fresh.keyboard.press("ArrowLeft")
    fresh.wait_for_function(
        "document.querySelectorAll('.dlko-track-words')[1].textContent.includes('쓰러짐')"
    )
