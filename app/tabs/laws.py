"""法规: browse and filter laws, read one with its contents, compare an article's versions, see who cites it."""

from __future__ import annotations

from html import escape
from typing import Any

import gradio as gr

from app.answer import full_title, status_on
from app.desk import Desk
from app.tabs.panel import Panel, badge, difference
from index.catalog import ProvisionRecord, VersionRecord
from ingest.norms import Kind, Status

LISTED = 200


def build(desk: Desk) -> Panel:
    """Components and events of the tab."""
    catalog, today = desk.catalog, desk.settings.today
    regions = sorted({v.region for v in catalog.versions_by_id.values()} - {"全国"})
    domains = sorted({d for v in catalog.versions_by_id.values() for d in v.domains})
    with gr.Row():
        name = gr.Textbox(label="名称", placeholder="法规名称里的字", elem_id="z-law-name")
        kind = gr.Dropdown(["全部", *[k.value for k in Kind]], value="全部", label="类别")
        status = gr.Dropdown(["全部", *[s.value for s in Status]], value=Status.IN_FORCE.value, label="时效")
        region = gr.Dropdown(["全部", "全国", *regions], value="全部", label="地区")
        domain = gr.Dropdown(["全部", *domains], value="全部", label="领域", elem_id="z-law-domain")
    version = gr.Dropdown(
        choose(desk, status=Status.IN_FORCE.value),
        value=None,
        label="法规与版本",
        elem_id="z-version",
    )
    with gr.Row():
        with gr.Column(scale=1, min_width=260):
            article = gr.Dropdown([], label="目录", value=None, elem_id="z-article")
        with gr.Column(scale=2, min_width=300):
            reading = gr.HTML(elem_id="z-reading")
    whole = gr.Accordion("全文", open=False)
    with whole:
        body = gr.HTML()

    def filtered(*values: str) -> Any:
        return gr.Dropdown(choose(desk, *values), value=None)

    filters: list[Any] = [name, kind, status, region, domain]
    for component in filters:
        component.change(filtered, filters, version)

    def contents(version_id: str | None) -> tuple[Any, str, str]:
        if not version_id:
            return gr.Dropdown([], value=None), "", ""
        record = catalog.version(version_id)
        provisions = catalog.provisions(version_id)
        return gr.Dropdown(_choices(provisions), value=None), version_html(record, desk), _whole(provisions)

    version.input(contents, version, [article, reading, body])
    article.input(lambda chosen: article_html(desk, chosen) if chosen else "", article, reading)

    def open_article(provision_id: str) -> tuple[Any, Any, str, str]:
        record = catalog.provision(provision_id)
        found = catalog.version(record.version_id)
        provisions = catalog.provisions(found.id)
        choices = choose(desk, found.law)
        return (
            gr.Dropdown(choices, value=found.id),
            gr.Dropdown(_choices(provisions), value=record.id),
            article_html(desk, record.id),
            _whole(provisions),
        )

    assert today is not None
    return Panel([version, article, reading, body], open_article)


def choose(
    desk: Desk,
    name: str = "",
    kind: str = "全部",
    status: str = "全部",
    region: str = "全部",
    domain: str = "全部",
) -> list[tuple[str, str]]:
    """Versions that fit the filters: (shown, id), exact titles first."""
    today = desk.settings.today
    plain = name.strip()
    fits = [
        v
        for v in desk.catalog.versions_by_id.values()
        if plain in v.law
        and kind in ("全部", v.kind.value)
        and region in ("全部", v.region)
        and (domain == "全部" or domain in v.domains)
        and status in ("全部", v.status(today).value)
    ]
    fits.sort(key=lambda v: (v.law != plain, list(Kind).index(v.kind), v.law, v.date))
    shown = fits[:LISTED]
    return [
        (f"{v.law}（{v.date or '日期不详'}，{v.kind.value}，{status_on(v, today)}）", v.id) for v in shown
    ]


def _choices(provisions: list[ProvisionRecord]) -> list[tuple[str, str]]:
    return [(f"{p.label}　{p.headings.split(' / ')[-1]}".strip(), p.id) for p in provisions]


def _whole(provisions: list[ProvisionRecord]) -> str:
    return "".join(
        f'<div class="z-text">{escape(p.text or f"{p.label}（要旨，非原文）{p.gist}")}</div>'
        for p in provisions
    )


def version_html(version: VersionRecord, desk: Desk) -> str:
    """What is known of a version."""
    facts = {
        "类别": version.kind.value,
        "制定机关": version.issuer,
        "文号": version.number,
        "公布": version.promulgated,
        "施行": version.since,
        "失效": version.until,
        "废止依据": version.repealed_by,
        "地区": version.region,
        "来源": "、".join(version.sources),
    }
    lines = "".join(f"<div>{escape(k)}：{escape(str(v))}</div>" for k, v in facts.items() if v)
    return f"<h3>{escape(full_title(version))}{badge(status_on(version, desk.settings.today))}</h3>{lines}"


def article_html(desk: Desk, provision_id: str) -> str:
    """One article: wording, versions on a time line, what changed, who cites whom."""
    catalog, today = desk.catalog, desk.settings.today
    record = catalog.provision(provision_id)
    version = catalog.version(record.version_id)
    wording = record.text or f"（要旨，非原文）{record.gist}"
    parts = [
        f"<h3>《{escape(full_title(version))}》{escape(record.label)}{badge(status_on(version, today))}</h3>",
        f'<div class="z-meta">{escape(record.headings)}</div><div class="z-text">{escape(wording)}</div>',
    ]
    if record.gist and record.text:
        parts.append(f'<div class="z-meta">要旨（非原文）：{escape(record.gist)}</div>')
    parts.append(_time_line(desk, record, version))
    cites = [(r.law, r.key, r.relation, "") for r in catalog.references_from(record.id)]
    cited = [
        (r.source_id.split("@")[0], r.source_id.split("#")[-1], r.relation, r.source_id)
        for r in catalog.references_to(record.law, record.key)
    ]
    parts += [_links("它引用", cites), _links("被引用", cited)]
    return "".join(parts)


def _time_line(desk: Desk, record: ProvisionRecord, version: VersionRecord) -> str:
    versions = desk.catalog.versions(record.law)
    if len(versions) < 2:
        return ""
    since = desk.catalog.wording_since(record)
    steps = []
    for v in versions:
        now = "now" if v.id == version.id else ""
        steps.append(
            f'<button class="z-button z-step {now}" data-open="{escape(f"{v.id}#{record.key}")}">{escape(v.date)} '
            f"{escape(status_on(v, desk.settings.today))}</button>"
        )
    parts = [f'<h4>版本</h4><div class="z-line">{" → ".join(steps)}</div>']
    if since is not None and since != version.since:
        parts.append(f'<div class="z-meta">这一条自 {since} 起文字未变，之后的修改没有动它。</div>')
    at = next(i for i, v in enumerate(versions) if v.id == version.id)
    other = versions[at - 1] if at else versions[1]
    pair = [(other, version), (version, other)][0 if at else 1]
    texts = []
    for v in pair:
        try:
            texts.append(desk.catalog.provision(f"{v.id}#{record.key}").text)
        except KeyError:
            texts.append("")
    parts.append(f"<h4>对比：{escape(pair[0].date)} → {escape(pair[1].date)}</h4>")
    parts.append(
        '<div class="z-meta">两个版本的同一条号，文字相同。</div>'
        if texts[0] == texts[1]
        else difference(texts[0], texts[1])
    )
    return "".join(parts)


def _links(title: str, entries: list[tuple[str, str, str, str]]) -> str:
    unique = list(dict.fromkeys(entries))[:30]
    if not unique:
        return ""
    rows = []
    for law, key, relation, target in unique:
        label = f"《{law}》{'第' + key + '条' if key and key[0].isdigit() else ''}（{relation}）"
        opener = f' data-open="{escape(target)}"' if target else ""
        rows.append(
            f'<button class="z-button"{opener}>{escape(label)}</button>'
            if target
            else f"<span>{escape(label)}　</span>"
        )
    return f"<h4>{title}</h4><div>{''.join(rows)}</div>"
