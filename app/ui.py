"""The web page: one tab for each entry of TABS, a theme that needs no network, no state shared between users."""

from __future__ import annotations

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr

from app.desk import Desk
from app.tabs import TABS

FONTS = ["Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "sans-serif"]
CSS = """
.gradio-container {max-width: 1180px !important; margin: 0 auto !important;}
.z-banner {padding: .6rem .9rem; border-radius: .5rem; margin: .4rem 0; border-left: 4px solid #2563eb; background: rgba(37,99,235,.10);}
.z-banner.stop {border-color: #b45309; background: rgba(180,83,9,.12);}
.z-quote {border: 1px solid rgba(128,128,128,.35); border-radius: .5rem; margin: .5rem 0; padding: 0 .9rem;}
.z-quote summary {cursor: pointer; padding: .6rem 0; font-weight: 600; line-height: 1.5;}
.z-text {white-space: pre-wrap; font-family: FangSong, 仿宋, "Noto Serif CJK SC", serif; font-size: 1.06rem; line-height: 1.85; margin: .2rem 0 .5rem;}
.z-meta {font-size: .86rem; opacity: .8; padding-bottom: .5rem;}
.z-badge {display: inline-block; border-radius: 1rem; padding: 0 .6rem; font-size: .8rem; margin-left: .4rem; border: 1px solid currentColor; font-weight: 400;}
.z-live {color: #15803d;} .z-old {color: #b45309;} .z-gone {color: #b91c1c;}
.dark .z-live {color: #4ade80;} .dark .z-old {color: #fbbf24;} .dark .z-gone {color: #f87171;}
.z-button {font-size: .86rem; border: 1px solid rgba(128,128,128,.5); border-radius: .4rem; padding: .15rem .6rem; margin: 0 .4rem .6rem 0; cursor: pointer; background: transparent; color: inherit;}
.z-button:focus-visible, summary:focus-visible {outline: 3px solid #2563eb; outline-offset: 2px;}
ins.z-diff {background: rgba(34,197,94,.28); text-decoration: underline;} del.z-diff {background: rgba(239,68,68,.25);}
.z-toc a {display: block; padding: .1rem 0; color: inherit;} .z-line {display: flex; flex-wrap: wrap; gap: .4rem; align-items: center;}
.z-step {border: 1px solid rgba(128,128,128,.5); border-radius: .5rem; padding: .25rem .6rem;} .z-step.now {border: 2px solid #2563eb;}
.z-scroll {overflow-x: auto;} .z-table {border-collapse: collapse; width: 100%; font-size: .9rem; margin: .4rem 0;}
.z-table th, .z-table td {border-bottom: 1px solid rgba(128,128,128,.35); padding: .25rem .5rem; text-align: left; white-space: nowrap;}
.z-table td:nth-child(2) {white-space: normal;}
.z-bar {display: block; min-width: 4.5rem; padding: 0 .3rem; background: linear-gradient(rgba(37,99,235,.28), rgba(37,99,235,.28)) no-repeat left;}
@media (max-width: 640px) {.z-quote {padding: 0 .6rem;} .z-text {font-size: 1rem;}}
"""
# Copying and jumping are done in the page itself; both read plain attributes, never markup.
SCRIPT = """
() => {
  document.addEventListener('click', (event) => {
    const copy = event.target.closest('[data-copy]');
    if (copy) {
      const text = copy.getAttribute('data-copy');
      const done = () => { copy.textContent = '已复制'; setTimeout(() => { copy.textContent = '复制引文'; }, 1500); };
      const area = document.createElement('textarea');
      area.value = text; document.body.appendChild(area); area.select(); document.execCommand('copy'); area.remove(); done();
    }
    const open = event.target.closest('[data-open]');
    if (open) {
      const box = document.querySelector('#z-open textarea, #z-open input');
      box.value = open.getAttribute('data-open'); box.dispatchEvent(new Event('input', {bubbles: true}));
      setTimeout(() => document.querySelector('#z-open-go').click(), 150);
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !/INPUT|TEXTAREA/.test(document.activeElement.tagName)) {
      const box = document.querySelector('#z-question textarea'); if (box) { box.focus(); event.preventDefault(); }
    }
  });
}
"""


def make_app(desk: Desk) -> gr.Blocks:
    """The page over a desk; every visitor's choices live in components of the visitor's own session."""
    with gr.Blocks(title="执法大家谈", analytics_enabled=False) as page:
        gr.Markdown("# 执法大家谈\n市场监管执法知识库：问一句话，得到现行有效、逐字引用的条文。")
        tabs = gr.Tabs(selected="问答")
        panels = {}
        with tabs:
            for name, tab in TABS.items():
                with gr.Tab(name, id=name):
                    panels[name] = tab.build(desk)
        opener = gr.Textbox(elem_id="z-open", visible="hidden", container=False)
        go = gr.Button(elem_id="z-open-go", visible="hidden")
        laws = panels["法规"]
        go.click(lambda: gr.Tabs(selected="法规"), None, tabs).then(laws.open, [opener], laws.outputs)
        page.load(None, None, None, js=SCRIPT)
    return page  # type: ignore[no-any-return]


def launch(desk: Desk, *, host: str, port: int, wait: bool = True) -> gr.Blocks:
    """Serve the page; returns at once when ``wait`` is false."""
    page = make_app(desk)
    theme = gr.themes.Default(font=FONTS, font_mono=["Consolas", "monospace"])
    page.launch(
        server_name=host,
        server_port=port,
        share=False,
        prevent_thread_lock=not wait,
        quiet=True,
        css=CSS,
        theme=theme,
        footer_links=[],
    )
    return page
