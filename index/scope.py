"""What a collection of Chinese statutes cannot answer: foreign law, figures of technical standards, lists not held.

Looks at the wording of the question and at the titles held; says in a sentence what is missing and
where it may be found. Says nothing about questions it does not recognise.
"""

from __future__ import annotations

import re
from collections.abc import Collection

COUNTRIES = (
    "日本|韩国|美国|英国|法国|德国|俄罗斯|印度|泰国|越南|新加坡|马来西亚|加拿大|澳大利亚|澳洲|新西兰|意大利|西班牙|荷兰|"
    "瑞士|巴西|墨西哥|欧盟|欧洲|国外|外国|境外"
)
FOREIGN = re.compile(
    rf"(?:{COUNTRIES})[^。？！]{{0,40}}?(?:他们国家|他们的法|该国的?法|当地的?法|按当地|日元|韩元|美元|美金|欧元|英镑|卢布|泰铢)"
    rf"|按(?:{COUNTRIES})的?法"
)
CODE = re.compile(
    r"(?<![a-z])(gb(?:/t|/z)?|tsg|jjg|jjf|db\d{2}(?:/t)?|qb/t|sb/t|ny/t|yy/t)[\s-]*[a-z]?\d*", re.I
)
STANDARD = re.compile(r"国标|国家标准|强制性标准|安全标准|技术规范|检定规程|审查细则")
FIGURE = re.compile(
    r"每公斤|毫克|(?:多少|几)(?:克|度|级|项|类|厘米|毫米|公斤|瓦|伏|个点)|数值|哪几项|列(?:个|一下|出)|限量是|最多能?(?:放|加|含)"
)
PUNISH = re.compile(r"罚|处理|违法|违反|责任|吊销|没收|哪条|依据|规定了?吗")
LISTS = re.compile(
    r"裁量(?:权)?(?:基准|标准|规则)|(?:轻微)?(?:免罚|免予处罚|不予处罚|首违不罚|轻罚)[^，。？]{0,3}清单|权责清单|权力清单|负面清单|负面目录"
)
CONTENT = re.compile(r"具体|列(?:了|个|一下|出)|哪[几些]|几(?:万|十|项)|多少|那一档|什么条件")


def outside(question: str, titles: Collection[str]) -> str:
    """A sentence saying why a question lies outside, or "".

    >>> outside("酱油里苯甲酸最多能放多少，把GB 2760的数值列一下", [])[:12]
    '标准的技术指标不在库内：'
    >>> outside("不符合GB 7718的标签怎么罚", [])
    ''
    """
    if FOREIGN.search(question):
        return "外国的法律不在库内：这里只收中国的法律、法规、规章和政策文件。"
    code = CODE.search(question)
    if (code or STANDARD.search(question)) and FIGURE.search(question) and not PUNISH.search(question):
        name = code[0].strip().upper() if code else ""
        if not (name and any(name in title.upper() for title in titles)):
            where = "全国标准信息公共服务平台或国家卫生健康委的食品安全国家标准检索平台"
            return f"标准的技术指标不在库内：{name or '标准、技术规范的'}文本请查{where}。"
    wanted = LISTS.search(question)
    if wanted and CONTENT.search(question):
        noun = re.sub(r"^轻微", "", wanted[0])
        if not any(noun in title or wanted[0] in title for title in titles):
            return f"“{wanted[0]}”没有收进知识库；请导入当地公布的文件后再问。"
    return ""
