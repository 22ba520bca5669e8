"""The words of offices' tables: headings, categories and states, as people write them.

Pure data. A line below is looked up after `plain` has taken case, spaces,
punctuation and full-width letters away, so only spellings that differ in
their letters need a word of their own.
"""

import re
import unicodedata
from enum import StrEnum


class Kind(StrEnum):
    """What the rows of a table are."""

    MERCHANTS = "merchants"
    HOMES = "homes"
    AREAS = "areas"
    ELDERS = "elders"


WRITTEN: dict[str, tuple[str, str]] = {
    "id": ("编号", "id"),
    "code": ("代码", "code"),
    "home": ("楼栋", "home"),
    "name": ("名称", "name"),
    "level": ("级别", "level"),
    "parent": ("上级代码", "parent"),
    "category": ("类别", "category"),
    "lon": ("经度", "lon"),
    "lat": ("纬度", "lat"),
    "datum": ("坐标系", "datum"),
    "address": ("地址", "address"),
    "phones": ("电话", "phones"),
    "hours": ("营业时间", "hours"),
    "note": ("经营内容", "note"),
    "area": ("区划代码", "area"),
    "households": ("户数", "households"),
    "residents": ("人口", "residents"),
    "elders_alone": ("独居老人数", "elders_alone"),
    "status": ("状态", "status"),
    "closed_until": ("暂停营业至", "closed_until"),
    "geometry": ("边界", "geometry"),
    "row": ("行号", "row"),
    "severity": ("程度", "severity"),
    "field": ("栏目", "field"),
    "reason": ("问题", "reason"),
    "mend": ("如何改正", "mend"),
    "value": ("原值", "value"),
    "hint": ("提示", "hint"),
}
"""Field → the heading that an export writes, in Chinese and in English."""

_POSITION = {
    "lon": "经度 东经 lon lng long longitude 横坐标 x坐标 坐标x x",
    "lat": "纬度 北纬 lat latitude 纵坐标 y坐标 坐标y y",
    "position": """
        坐标 经纬度 位置坐标 坐标位置 经纬度坐标 定位 定位坐标 地理坐标
        lonlat lnglat latlon latlng location coordinates coordinate coords position gps""",
    "datum": "坐标系 坐标系统 坐标类型 坐标系类型 datum coordinatesystem",
    "geometry": "边界 几何 wkt geometry geom thegeom",
}
_PLACE = {
    **_POSITION,
    "address": """
        地址 详细地址 经营地址 店铺地址 商户地址 营业地址 联系地址 所在地址 楼栋地址 门牌地址
        位置 地点 address addr""",
    "area": "区划代码 所属区划 区划 社区代码 areacode area",
}

# The first word that a heading fits wins over later ones, so the most exact come first.
HEADINGS: dict[Kind, dict[str, str]] = {
    Kind.MERCHANTS: {
        "id": "编号 商户编号 服务点编号 id merchantid",
        "name": """
            名称 商户名称 店铺名称 门店名称 网点名称 机构名称 单位名称 店名 店铺 商铺 门店
            商户 商家 字号 招牌 name merchantname shopname storename merchant shop store
            title 标题""",
        "category": """
            类别 商户类别 服务类别 经营类别 类型 商户类型 服务类型 经营类型 店铺类型 分类
            行业 业态 行业类别 行业分类 经营范围 category type kind class""",
        "phones": """
            电话 联系电话 手机 手机号 手机号码 电话号码 联系方式 固定电话 座机 服务电话
            联系人电话 phones phone tel telephone mobile phonenumber contactphone""",
        "hours": """
            营业时间 营业时段 服务时间 开放时间 经营时间 工作时间
            openinghours hours businesshours openhours opentime""",
        "note": """
            经营内容 备注 说明 简介 描述 服务内容 note notes remark remarks comment description""",
        "status": "状态 营业状态 经营状态 status",
        "closed_until": "暂停营业至 停业至 恢复营业日期 closeduntil",
        **_PLACE,
    },
    Kind.HOMES: {
        "id": "编号 楼栋编号 id homeid",
        "name": """
            名称 楼栋 楼栋名称 楼栋号 楼号 楼名 楼宇 楼宇名称 小区 小区名称
            name building home title""",
        "households": "户数 总户数 住户数 居民户数 households household flats",
        "residents": """
            人口 常住人口 人口数 总人口 人数 居民数 居住人数 居住人口
            residents population people""",
        "elders_alone": """
            独居老人数 独居老人 独居老人人数 独居 独居老年人 独居老年人数 空巢老人 空巢老人数
            eldersalone elderslivingalone eldersaloneliving elders""",
        **_PLACE,
    },
    Kind.AREAS: {
        "code": """
            代码 区划代码 区划编码 行政区划代码 统计用区划代码 编码
            code adcode areacode divisioncode gbcode id""",
        "name": """
            名称 区划名称 区域名称 社区名称 街道名称 网格名称 name areaname title""",
        "level": "级别 层级 区划级别 level",
        "parent": "上级代码 上级 父级代码 parent parentcode",
        "residents": """
            人口 常住人口 人口数 总人口 常住人口数 人数 居民数 residents population""",
        "datum": _POSITION["datum"],
        "geometry": _POSITION["geometry"],
    },
    # The name is a person's here, and the address a flat in the building.
    Kind.ELDERS: {
        "home": """
            楼栋 楼栋编号 楼栋名称 楼栋号 楼号 楼名 楼宇 楼宇名称 所在楼栋 居住楼栋
            home homeid homename building""",
        "name": "姓名 老人姓名 独居老人姓名 名字 独居老人 老人 名称 name fullname elder",
        "address": """
            地址 门牌 门牌号 房号 房间号 室号 单元房号 单元门牌 住址 详细地址 家庭住址 居住地址
            address flat room door""",
        "phones": """
            电话 联系电话 手机 手机号 手机号码 电话号码 联系方式 本人电话 固定电话 座机
            phones phone tel telephone mobile phonenumber""",
        "note": "备注 说明 情况说明 注意事项 note notes remark remarks comment 经营内容",
    },
}
"""Kind → field → the words of a heading that mean it."""

CATEGORIES: dict[str, str] = {
    "shopping": """
        购物 购 shop store supermarket conveniencestore convenience grocery
        便利店 超市 小超市 大超市 商店 商铺 小卖部 小卖店 食杂店 食品店 百货 百货店 商场
        杂货店 仓买 烟酒店 水果店 蔬菜店 果蔬店 生鲜店 菜店 菜市场 农贸市场 市场 粮油店
        五金店 文具店 书店 服装店 花店 零售 零售店 零售业 购物点""",
    "clinic": """
        诊所 医 医疗 医疗点 就医 卫生所 卫生室 卫生站 卫生服务站 卫生服务中心 卫生院
        社区卫生服务站 社区卫生服务中心 医务室 门诊 门诊部 医院 社区医院 口腔诊所 口腔门诊
        牙科 牙科诊所 中医诊所 中医馆 西医诊所 clinics hospital doctor healthcentre healthcenter""",
    "repair": """
        维修 修 修理 维修点 维修店 修理部 维修部 修理店 修理铺 家电维修 电器维修 水电维修
        管道维修 管道疏通 开锁 换锁 配钥匙 修锁 修鞋 修鞋铺 修车 修车铺 修车点 自行车维修
        电动车维修 汽车维修 汽修 摩托车维修 手机维修 电脑维修 钟表维修 修表 修伞 家具维修
        缝补 裁缝 织补 改衣 repairs repairshop fix""",
    "barber": """
        理发 理 美发 理发店 美发店 理发馆 理发厅 理发室 美发厅 发廊 发艺 美容美发 剪发
        理发点 barbershop barbers hairdresser haircut hairsalon salon""",
    "canteen": """
        社区食堂 食 食堂 老年食堂 老年餐厅 长者食堂 长者饭堂 助餐点 老年助餐点 长者餐厅""",
    "care": """
        养老服务中心 养 养老 养老院 养老服务 养老服务站 养老机构 敬老院 日间照料中心
        日间照料站 托老所 居家养老服务中心 区域养老服务中心""",
    "centre": """
        党群服务中心 党 党群服务站 党群中心 社区服务中心 便民服务中心 社区居委会 居委会
        社区党群服务中心 servicecenter servicecentre""",
    "shelter": "避难场所 避 应急避难场所 避难所 避难点 应急避难所 防空洞 人防工程",
    "aed": "aed 急 自动体外除颤器 自动体外除颤仪 除颤器 除颤仪 体外除颤仪 defibrillator",
}
"""Category id → what people call it, beside its own id, names and glyph.

A pharmacy (药店) is none of these on purpose: it is not a clinic, and whether it
counts as a shop is the office's choice, so it is told as unknown.
"""

STATUSES: dict[str, str] = {
    "pending": "pending 待审 待审核 审核中 未审核",
    "published": "published 已发布 发布 公开 已公开 正常 营业 营业中 正常营业 在营 open",
    "closed": "closed 停业 暂停营业 暂停 暂停服务 歇业 停业中",
    "retired": "retired 撤销 已撤销 撤下 已撤下 注销 已注销 关闭 已关闭 永久停业 停用",
}
"""Status → what people write for it; the second word is what an export writes."""

SEVERITIES: dict[str, tuple[str, str]] = {
    "error": ("未收", "error"),
    "warning": ("提醒", "warning"),
}
"""How bad a problem is → the word that a report writes, in Chinese and in English."""

LEVELS: dict[str, str] = {
    "province": "province 省 省级 直辖市 自治区",
    "city": "city 市 市级 地级市 地市 地级",
    "district": "district 区 区县 县 区级 县级 区县级 县级市 市辖区 county",
    "street": "street 街道 乡镇 街道办 街道办事处 镇 乡 街道级 乡镇级 town township subdistrict",
    "community": "community 社区 村 居委会 村委会 社区居委会 村级 社区级 村居 village",
    "grid": "grid 网格 社区网格 网格级",
}
"""Level of an area → what people write for it; the second word is what an export writes."""

_TRIVIA = re.compile(r"[\W_]+")


def plain(text: str) -> str:
    """Reduce a word to its letters and digits, lower case and half width.

    Examples
    --------
    >>> plain(" Ｓhop-Name*"), plain("卫生（服务）站")
    ('shopname', '卫生服务站')
    """
    return _TRIVIA.sub("", unicodedata.normalize("NFKC", text).casefold())


def lookup(words: dict[str, str]) -> dict[str, str]:
    """Turn a table of this module round: word → what it means."""
    return {word: meaning for meaning, line in words.items() for word in line.split()}
