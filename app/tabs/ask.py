"""问答: a question, the day of the act and a region → an answer with quoted articles."""

from __future__ import annotations

from datetime import date
from html import escape

import gradio as gr

from app.answer import Answer, Outcome
from app.desk import Desk
from app.store import CannotKeep, Store
from app.tabs.panel import Panel, quote_block

EXAMPLES = (
    "小超市卖过期饼干罚多少",
    "食安法124条一款五项",
    "广告里写“国家级”怎么处罚",
    "2022年11月抽检韭菜农药超标按哪个法罚",
)
BANNERS = {
    Outcome.FOUND: ("", "有依据"),
    Outcome.NO_ARTICLE: ("stop", "有这部法，没有这一条"),
    Outcome.NO_TEXT_ON_DATE: ("stop", "这一天的文本库内没有"),
    Outcome.OUTSIDE: ("stop", "库内无依据"),
}


def build(desk: Desk) -> Panel:
    """Components and events of the tab."""
    regions = ["不限", *sorted({v.region for v in desk.catalog.all_versions()} - {"全国"})]
    with gr.Row():
        question = gr.Textbox(
            label="问题",
            placeholder="用平常的话问，或直接写条号。按 / 回到这里，回车提问",
            elem_id="z-question",
            scale=4,
            autofocus=True,
        )
        day = gr.Textbox(label="行为发生日（可不填）", placeholder="2022-11-15", scale=1, min_width=160)
        region = gr.Dropdown(regions, value="不限", label="地区", scale=1, min_width=140)
    button = gr.Button("提问", variant="primary", elem_id="z-ask")
    gr.Examples([[example] for example in EXAMPLES], [question], label="试试")
    shown = gr.HTML(elem_id="z-answer")
    with gr.Accordion("这个回答不对？", open=False):
        with gr.Row():
            wanted = gr.Textbox(
                label="应当是哪一条（可不填）", placeholder="食品安全法第一百二十四条", scale=4
            )
            wrong = gr.Button("标错", scale=1, elem_id="z-wrong")
        noted = gr.HTML(elem_id="z-noted")

    def answer(text: str, on: str, place: str) -> str:
        return render(desk, text, on, "" if place == "不限" else place)

    def mark(text: str, on: str, place: str, right: str) -> str:
        return mark_wrong(desk, text, on, "" if place == "不限" else place, right)

    wrong.click(mark, [question, day, region, wanted], noted)
    for event in (question.submit, button.click):
        event(answer, [question, day, region], shown)
    return Panel()


def render(desk: Desk, text: str, on: str, region: str) -> str:
    """An answer as HTML; an impossible date is a sentence, not an error."""
    if not text.strip():
        return '<div class="z-banner stop">请先写下问题。</div>'
    try:
        day = date.fromisoformat(on.strip()) if on.strip() else None
    except ValueError:
        return f'<div class="z-banner stop">“{escape(on)}”不是日期，请写成 2022-11-15 这样。</div>'
    return answer_html(desk.ask(text, on=day, region=region))


def mark_wrong(desk: Desk, text: str, on: str, region: str, wanted: str) -> str:
    """Keep a question whose answer is wrong; says so in a sentence."""
    if not text.strip():
        return '<div class="z-banner stop">请先写下问题。</div>'
    try:
        day = date.fromisoformat(on.strip()) if on.strip() else None
    except ValueError:
        day = None
    outcome = BANNERS[desk.ask(text, on=day, region=region).outcome][1]
    try:
        Store(desk.settings.home).mark_wrong(text, day=day, region=region, outcome=outcome, wanted=wanted)
    except CannotKeep as error:
        return f'<div class="z-banner stop">{escape(str(error))}</div>'
    return '<div class="z-banner">记下了，可以在“评测”里存成题集。</div>'


def answer_html(answer: Answer) -> str:
    """Banner, conclusion, quotes, related articles, warnings, notice."""
    look, name = BANNERS[answer.outcome]
    conclusion = escape(answer.conclusion).replace("\n", "<br>")
    parts = [f'<div class="z-banner {look}"><b>{name}</b>（按 {answer.on} 有效的文本）<br>{conclusion}</div>']
    parts += [f'<div class="z-banner stop">{escape(warning)}</div>' for warning in answer.warnings]
    parts += [quote_block(quote, is_open=at < 2) for at, quote in enumerate(answer.quotes)]
    if answer.related:
        parts.append(
            "<h4>相关条文</h4>" + "".join(quote_block(quote, is_open=False) for quote in answer.related)
        )
    if answer.cases:
        parts.append("<h4>相似案例</h4>" + "".join(quote_block(case, is_open=False) for case in answer.cases))
    return "".join([*parts, f'<div class="z-meta">{escape(answer.notice)}</div>'])
