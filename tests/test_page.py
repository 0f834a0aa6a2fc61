"""The page in a real browser: ask, open the article, compare versions, phone width."""

import shutil
import socket

import pytest

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def url(desk):
    from app.ui import launch

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    page = launch(desk, host="127.0.0.1", port=port, wait=False)
    yield f"http://127.0.0.1:{port}"
    page.close()


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("没有找到 Chromium，跳过网页测试。")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


def ask(page, url, question):
    page.goto(url)
    box = page.locator("#z-question textarea")
    box.wait_for(timeout=30_000)
    box.fill(question)
    box.press("Enter")
    page.locator("#z-answer .z-banner").first.wait_for(timeout=20_000)


def test_ask_open_compare(browser, url):
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    hosts = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2].split(":")[0]))
    ask(page, url, "茶点管理法第二条")
    assert "《中华人民共和国茶点管理法》第二条" in page.locator("#z-answer").inner_text()
    page.locator("#z-answer [data-copy]").first.click()
    page.get_by_text("已复制").wait_for()
    page.locator("#z-answer [data-open]").first.click()
    page.locator("#z-reading del.z-diff, #z-reading ins.z-diff").first.wait_for(timeout=20_000)
    reading = page.locator("#z-reading").inner_text()
    assert "2010-03-01" in reading
    assert hosts <= {"127.0.0.1", ""}
    page.close()


def test_phone_width_does_not_scroll_sideways(browser, url):
    page = browser.new_page(viewport={"width": 390, "height": 800})
    ask(page, url, "隔夜糕团怎么罚")
    assert page.evaluate("document.documentElement.scrollWidth") <= 392
    page.close()


def test_markup_in_a_question_stays_text(browser, url):
    page = browser.new_page()
    ask(page, url, "<img src=x onerror=document.title='坏'> 茶点")
    assert page.title() == "执法大家谈"
    page.close()


def test_a_question_set_is_assessed_and_a_wrong_answer_kept(browser, url, tmp_path):
    gold = '[{"law": "茶点管理法", "date": "2020-05-06", "article": "第四条"}]'
    questions = tmp_path / "题.jsonl"
    questions.write_text(
        f'{{"qid": "1", "query": "隔夜糕团罚多少", "kind": "数字", "gold": {gold}}}\n', encoding="utf-8"
    )
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    ask(page, url, "隔夜糕团怎么罚")
    page.get_by_text("这个回答不对？").click()
    page.get_by_label("应当是哪一条（可不填）").fill("茶点管理法第四条")
    page.locator("#z-wrong").click()
    page.get_by_text("记下了").wait_for(timeout=20_000)
    page.get_by_role("tab", name="评测").click()
    page.locator("#z-set input[type=file]").set_input_files(str(questions))
    page.get_by_text("题.jsonl").first.wait_for(timeout=20_000)
    page.locator("#z-assess").click()
    page.locator("#z-report .z-table").first.wait_for(timeout=30_000)
    assert "首条命中" in page.locator("#z-report").inner_text()
    page.get_by_text("用户标错的问题").click()
    page.get_by_role("button", name="刷新").click()
    page.locator("#z-marked .z-table").wait_for(timeout=20_000)
    assert "隔夜糕团怎么罚" in page.locator("#z-marked").inner_text()
    page.close()
