"""Places of China: province, its cities, and which place a title or a question names.

Province → prefecture-level cities, prefectures and leagues as of the Ministry of Civil Affairs' list
(2023); county-level places are listed where the held local regulations come from. Knows names only:
whether a rule applies in a place is ``applies``'s business, what it says is not.
"""

from __future__ import annotations

import re
from functools import cache

NATIONAL = "全国"
CITIES: dict[str, str] = {
    "北京市": "",
    "天津市": "",
    "上海市": "",
    "重庆市": "",
    "河北省": "石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水",
    "山西省": "太原 大同 阳泉 长治 晋城 朔州 晋中 运城 忻州 临汾 吕梁",
    "内蒙古自治区": "呼和浩特 包头 乌海 赤峰 通辽 鄂尔多斯 呼伦贝尔 巴彦淖尔 乌兰察布",
    "辽宁省": "沈阳 大连 鞍山 抚顺 本溪 丹东 锦州 营口 阜新 辽阳 盘锦 铁岭 朝阳 葫芦岛",
    "吉林省": "长春 吉林 四平 辽源 通化 白山 松原 白城",
    "黑龙江省": "哈尔滨 齐齐哈尔 鸡西 鹤岗 双鸭山 大庆 伊春 佳木斯 七台河 牡丹江 黑河 绥化",
    "江苏省": "南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁",
    "浙江省": "杭州 宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水",
    "安徽省": "合肥 芜湖 蚌埠 淮南 马鞍山 淮北 铜陵 安庆 黄山 滁州 阜阳 宿州 六安 亳州 池州 宣城",
    "福建省": "福州 厦门 莆田 三明 泉州 漳州 南平 龙岩 宁德",
    "江西省": "南昌 景德镇 萍乡 九江 新余 鹰潭 赣州 吉安 宜春 抚州 上饶",
    "山东省": "济南 青岛 淄博 枣庄 东营 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城 滨州 菏泽 莱芜",
    "河南省": "郑州 开封 洛阳 平顶山 安阳 鹤壁 新乡 焦作 濮阳 许昌 漯河 三门峡 南阳 商丘 信阳 周口 驻马店 济源",
    "湖北省": "武汉 黄石 十堰 宜昌 襄阳 鄂州 荆门 孝感 荆州 黄冈 咸宁 随州",
    "湖南省": "长沙 株洲 湘潭 衡阳 邵阳 岳阳 常德 张家界 益阳 郴州 永州 怀化 娄底",
    "广东省": "广州 韶关 深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 梅州 汕尾 河源 阳江 清远 东莞 中山 潮州 揭阳 云浮",
    "广西壮族自治区": "南宁 柳州 桂林 梧州 北海 防城港 钦州 贵港 玉林 百色 贺州 河池 来宾 崇左",
    "海南省": "海口 三亚 三沙 儋州",
    "四川省": "成都 自贡 攀枝花 泸州 德阳 绵阳 广元 遂宁 内江 乐山 南充 眉山 宜宾 广安 达州 雅安 巴中 资阳",
    "贵州省": "贵阳 六盘水 遵义 安顺 毕节 铜仁",
    "云南省": "昆明 曲靖 玉溪 保山 昭通 丽江 普洱 临沧",
    "西藏自治区": "拉萨 日喀则 昌都 林芝 山南 那曲",
    "陕西省": "西安 铜川 宝鸡 咸阳 渭南 延安 汉中 榆林 安康 商洛",
    "甘肃省": "兰州 嘉峪关 金昌 白银 天水 武威 张掖 平凉 酒泉 庆阳 定西 陇南",
    "青海省": "西宁 海东",
    "宁夏回族自治区": "银川 石嘴山 吴忠 固原 中卫",
    "新疆维吾尔自治区": "乌鲁木齐 克拉玛依 吐鲁番 哈密",
}
COUNTIES: dict[str, str] = {
    "济南市": "历下 历城 章丘 长清 平阴 商河 济阳",
    "青岛市": "市南 市北 黄岛 崂山 李沧 城阳 即墨 胶州 平度 莱西 西海岸",
    "淄博市": "淄川 博山 临淄 周村 桓台 高青 沂源",
    "枣庄市": "峄城 台儿庄 滕州",
    "东营市": "垦利 利津 广饶",
    "烟台市": "芝罘 福山 牟平 莱山 蓬莱 龙口 莱阳 莱州 招远 栖霞 海阳",
    "潍坊市": "寒亭 坊子 奎文 青州 诸城 寿光 安丘 高密 昌邑 临朐 昌乐",
    "济宁市": "任城 兖州 曲阜 邹城 微山 鱼台 嘉祥 汶上 泗水 梁山",
    "泰安市": "岱岳 新泰 肥城 宁阳 东平",
    "威海市": "文登 荣成 乳山",
    "日照市": "岚山 五莲 莒县",
    "临沂市": "沂南 郯城 沂水 兰陵 费县 平邑 莒南 蒙阴 临沭",
    "德州市": "陵城 乐陵 禹城 宁津 庆云 临邑 齐河 平原县 夏津 武城",
    "聊城市": "茌平 临清 阳谷 莘县 东阿 冠县 高唐",
    "滨州市": "沾化 邹平 惠民县 阳信 无棣 博兴",
    "菏泽市": "定陶 曹县 单县 成武 巨野 郓城 鄄城 东明",
}
# short names that are everyday words or goods too: they need their 市
ALSO_WORDS = set(
    re.findall(
        r"\S+",
        "大同 长治 朝阳 东方 中山 三明 普洱 安康 百色 玉林 黄山 武威 白银 平凉 金华 来宾 海东 平顶山 景德镇 商洛 宁德 "
        "吉安 铜陵 广安 内江 白山 本溪 市南 市北 东平 东明 梁山 东阿 任城 高青 阳信 平原 惠民",
    )
)


@cache
def _places() -> dict[str, str]:
    """Every name a place goes by → its full name, longest names first."""
    names: dict[str, str] = {}
    for province, cities in CITIES.items():
        short = re.sub(r"(省|市|壮族自治区|回族自治区|维吾尔自治区|自治区)$", "", province)
        names[province] = province
        for city in cities.split():
            full = f"{city}市"
            names[full] = full
            if city not in ALSO_WORDS and city != short:
                names[city] = full
        names.setdefault(short, province)
    for city, counties in COUNTIES.items():
        for county in counties.split():
            if county not in ALSO_WORDS:
                names.setdefault(county, city)
            names.setdefault(f"{county}区", city)
    return dict(sorted(names.items(), key=lambda pair: (-len(pair[0]), pair[0])))


@cache
def province_of(place: str) -> str:
    """Province of a place, "" where the list does not know it.

    >>> province_of("青岛市"), province_of("深圳经济特区"), province_of("山东省")
    ('山东省', '广东省', '山东省')
    """
    if place in CITIES:
        return place
    for province, cities in CITIES.items():
        if any(place.startswith(city) for city in cities.split()):
            return province
    return ""


def find_place(text: str) -> tuple[str, int, int] | None:
    """The narrowest place a text names: (full name, start, end).

    >>> find_place("胶州一家海鲜店短斤少两")
    ('青岛市', 0, 2)
    """
    found = [(name, full, at) for name, full in _places().items() if (at := text.find(name)) >= 0]
    if not found:
        return None
    name, full, at = min(found, key=lambda f: (f[1] in CITIES, f[2], -len(f[0])))
    return full, at, at + len(name)


@cache
def place_of_title(title: str) -> str:
    """The place whose rule a title says it is, "" for a national one.

    >>> place_of_title("青岛市城市供水条例"), place_of_title("景宁畲族自治县立法条例"), place_of_title("国家标准管理办法")
    ('青岛市', '景宁畲族自治县', '')
    """
    for name, full in _places().items():
        if title.startswith(name) and (name == full or title.startswith(("经济特区", "市"), len(name))):
            return full
    match = re.match(r"[\u4e00-\u9fff]{2,12}?(?:自治[州县]|特别行政区)", title)
    return match[0] if match else ""


def applies(region: str, asked: str) -> bool:
    """Whether a rule of ``region`` can apply at the place asked about ("" for no place named)."""
    if region == NATIONAL:
        return True
    if not asked or asked == NATIONAL:
        return False
    if region == asked or region == province_of(asked):
        return True
    return asked in CITIES and province_of(region) == asked
