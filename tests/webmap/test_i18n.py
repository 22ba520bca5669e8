"""Words for people: every sentence has its Chinese, and says the same things."""

import json
import re

import pytest
from flask import Flask

from webmap import catalogs, i18n

PLACEHOLDER = re.compile(r"\{\w+\}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")

# Between digits and Latin words they are what they should be, as in 8:30 or {west,south}.
HALF_WIDTH = re.compile(
    r"(?<=[\u4e00-\u9fff（）“”《》])[,;:!?]|[,;:!?](?=[\u4e00-\u9fff（）“”《》])"
)
ONE_WORD = {
    "专用链接": "专属链接",
    "私人链接": "专属链接",
    "歇业": "暂停营业",
    "磁贴": "图标",
    "更正": "修改",
    "一次性": "动态口令",
    "验证码": "动态口令",
}


def ids(message):
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def strings(message):
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


@pytest.fixture
def app():
    app = Flask(__name__)
    i18n.init_app(app)
    return app


@pytest.fixture(scope="module")
def said():
    return {ids(message): message for message in catalogs.said() if message.id}


@pytest.fixture(scope="module")
def chinese():
    return {ids(message): message for message in i18n.catalog("zh") if message.id}


class TestChinese:
    def test_every_sentence_that_is_said_has_its_chinese(self, said, chinese):
        missing = [sentence for sentence in said if sentence not in chinese]
        assert missing == [], "run: python -m webmap.catalogs"
        assert [sentence for sentence in said if not all(strings(chinese[sentence]))] == []

    def test_nothing_is_kept_that_nobody_says_any_more(self, said, chinese):
        assert [sentence for sentence in chinese if sentence not in said] == []

    def test_the_page_gets_every_word_that_its_scripts_say(self, said):
        told = json.loads(re.search(r"freeze\((.*)\)", i18n.words("zh").script).group(1))
        for sentence, message in said.items():
            if any(path.startswith("static/js/") for path, _ in message.locations):
                assert sentence[0] in told

    def test_what_is_said_inside_of_a_template_literal_is_heard(self, said):
        places = {path for path, _ in said[("optional",)].locations}
        assert "static/js/review-dialogs.js" in places

    def test_a_translation_has_the_placeholders_of_its_sentence(self, chinese):
        for sentence, message in chinese.items():
            wanted = set(PLACEHOLDER.findall(sentence[-1]))
            for form in strings(message):
                assert set(PLACEHOLDER.findall(form)) == wanted, sentence

    def test_a_translation_is_chinese(self, chinese):
        for sentence, message in chinese.items():
            assert all(CHINESE.search(form) for form in strings(message)), sentence

    def test_no_half_width_sign_stands_beside_a_chinese_one(self, chinese):
        for message in chinese.values():
            assert [form for form in strings(message) if HALF_WIDTH.search(form)] == []

    @pytest.mark.parametrize("not_this, but_this", ONE_WORD.items())
    def test_a_thing_has_one_word(self, chinese, not_this, but_this):
        every = [form for message in chinese.values() for form in strings(message)]
        assert [form for form in every if not_this in form] == []
        assert any(but_this in form for form in every)

    def test_what_is_said_in_the_code_is_english(self, said):
        assert [sentence for sentence in said if not re.search("[a-z]", sentence[0])] == []


class TestSaying:
    def test_chinese_is_said_unless_the_address_asks_for_english(self, app):
        for address, word in {"/": "地图", "/?lang=en": "Map", "/?lang=xx": "地图"}.items():
            with app.test_request_context(address):
                assert i18n.gettext("Map") == word

    def test_a_command_line_is_spoken_to_in_chinese(self):
        assert i18n.gettext("Map") == "地图"

    def test_english_knows_one_from_many_and_chinese_does_not_care(self, app):
        with app.test_request_context("/?lang=en"):
            told = [i18n.ngettext("{n} place here", "{n} places here", n) for n in (1, 2)]
        assert told == ["1 place here", "2 places here"]
        assert i18n.ngettext("{n} place here", "{n} places here", 2) == "此处 2 家"

    @pytest.mark.parametrize("text", ["{n}", "{{7*7}}", "%(x)s", "{0.__class__}", "</script>"])
    def test_a_value_is_put_in_as_it_is_and_never_read_again(self, text):
        assert i18n.gettext("Call {name}", name=text, n=1) == f"拨打{text}的电话"

    def test_a_placeholder_without_a_value_stays(self):
        assert "{name}" in i18n.gettext("Call {name}")


class TestWordsOfThePage:
    def test_an_address_by_content_is_cached_for_ever(self, app):
        with app.test_request_context("/"):
            address = i18n.words_url()
        answer = app.test_client().get(address)

        assert answer.cache_control.immutable
        assert answer.mimetype == "text/javascript"

    def test_another_address_is_asked_again_and_answered_with_304(self, app):
        client = app.test_client()
        first = client.get("/words.js?v=old")

        again = client.get("/words.js?v=old", headers={"If-None-Match": first.headers["ETag"]})

        assert first.cache_control.no_cache
        assert again.status_code == 304

    def test_the_two_languages_have_words_of_their_own(self, app):
        client = app.test_client()
        assert "打烊" in client.get("/words.js").text
        assert "打烊" not in client.get("/words.js?lang=en").text


class TestMoments:
    @pytest.mark.parametrize(
        "address, said",
        [("/", "2026年11月29日 00:05"), ("/?lang=en", "Nov 29, 2026 00:05")],
    )
    def test_a_moment_is_told_as_the_clock_shows_it_in_china(self, app, address, said):
        with app.test_request_context(address):
            assert i18n.moment("2026-11-28T16:05:09Z") == said
            assert i18n.moment("") == ""
