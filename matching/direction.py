"""Supply, demand or neither: read from verbs, with negation, in a text whose product names are masked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matching.values import Direction

MASK = "\ue000"
"""Stands for a sign of a product's name, so that 收割机 is no 收 and 要 of 要不得 is seen in its own words."""

_NONE_STARTS = (
    "一上下不举买交仅今价会伤假停兑全凑出别办包千卖博又发取受后听呵哈售唱嘻在地均坑培处多够大定寻小展已市庙开当往快恭感打扣批找抢报抱抽拉拖招挨捉捞掉推提搞撤收放文断新无早明昨曝有未来歌比气没测涨清演牵甭盘祝租节花莫行补被装要订让讲评请谢谨走赶跌跑跟转较过运进送通逢都配镇降雇领骗高黑"
    + MASK
)
"""The signs with which the words below begin, each at least once: a search that tries only there is four times as quick."""
_NONE = re.compile(
    rf"(?=[{_NONE_STARTS}])(?:"
    r"(?<![没未])(?:卖|买|收|租|订|找|招|请|雇|出|转|包|配|凑|拉|发|处理|清|让|进|批|送|兑|盘|定|寻)(?:掉|出去|走|光|完|够|满|齐|足|好|妥|着|到|上|全)(?:了|啦|咯|哩|嘞|喽)|(?<![没未])(?:卖|售|出|清|拉|订|抢|收)(?:完|光|罄|空|足|齐|满)|"
    r"(?:卖|租|包|转|让|兑|盘)(?:出去|掉)(?:了|,|。|$)|已(?:经)?(?:卖|售|租|成交|转|包)|(?<![没未])(?:卖|出|收|买|租|处理)(?:脱|落)(?:了|,|。|$)|都卖了|全卖了|发走了|已出(?!栏)|不收了|不卖了|不买了|不租了|不要了|不招了|不找了|不出了|停收|停止收|"
    r"没货了|没有货了|无货|转让出去|请不要再打|别打了|(?<![就斤个头只箱袋捆吨株棵包车])够了(?!吗)|呵呵|哈哈|嘻嘻|不用打|不用再送|别再打|不需要了|被订完|断货|下架(?!.{0,14}[\d一二两三四五六七八九十百千])|撤了吧|取消发布|(?:装车|装货|过秤|拖|运|捞|牵|赶|捉|抱)(?:走|光)(?:了|啦|咯)|(?:别|不要|不用|莫|甭)(?:再)?(?:打|来)(?:我)?(?:电话|手机)(?:了|啦)|(?:别|不用|莫)(?:再)?联系了|被人(?:订|买|拉|包|租)|都被(?:拉|订|买)|"
    r"骗子|上(?:过|了)?当|受骗|(?:被|挨)(?:骗|坑)|坑(?:了|人|惨)|骗(?:了|人|子|钱)|卖假|(?<!掺)假(?:种子|化肥|农药|饲料|药|货|的)|提醒大家|提醒各位|提醒:|大家注意|谨防|当心|小心(?!轻放|装)|曝光|假冒|黑名单|跑路|别(?:买|信|贪)|莫(?:买|信|贪)|千万(?:别|不要|莫)|(?:别|莫|不要|甭)(?:乱|瞎|轻易|随便|急着|盲目)(?:买|卖|进|引|打|转|信|抓|捉)|"
    r"仅供参考|批发价(?:每|:|是|格)|均价|行情(?:如下|:|播报|快报)|报价:|开园价|开秤价|往年(?:这|同)|昨日|今日(?:价|行情|批发)|价格(?:上涨|下跌|走势|稳定)|涨到|跌到|掉到|降到|涨了|跌了|掉价|(?:比|较)(?:昨|前|上|去).{0,4}(?:涨|跌|高|低|贵|便宜)|[要会又在](?:涨|跌)|(?:涨|跌)(?:了|价)?[\d一二两三四五六七八九几点]|地头价(?=[\d一二两三四五六七八九].{0,6}到)|(?:卖|价).{0,4}都难|走得(?:慢|快)|市场价(?:每|:)|听(?:说|讲)|"
    r"谢谢(?:各位|大家|老板|帮|你们|乡亲|啊|了)|谢谢.{0,8}(?:卖|买|帮)|谢谢.{0,3}(?:昨|前天|前几天|上次|上回|那天|那个|那位)|一路(?:顺风|平安)|感谢|多谢|"
    r"举办|开幕|文艺|演出|歌舞|培训|讲座|开会|通知|领取|节目|赶集|办.{0,6}节|\ue000节(?=[\d一二三四五六七八九十在开将于])|都去看看|抽奖|(?:开|办|搞)\ue000{1,4}节|都来[耍玩逛]|展销会|博览会|推介会|订货会|评选|(?:要|收|花|扣|交)(?:不(?:要|收))?(?:钱|费)(?:不|吗|么|没|嘛)(?=$|[ ,。?])|收不收费|要不要(?:钱|收费)|(?:明天|今晚|后天|未来|气象).{0,6}(?:霜冻|降温|寒潮|暴雨|大雨|大风|台风|下雪)|镇会|庙会|逢集|来逛|放电影|停水|停电|补贴(?:在|怎|多|发)|打疫苗通知|"
    r"测试|打错|发错|快乐|气死人|高兴死|伤心|不说了|跟我一样|收不收钱|有戏看|唱戏|祝(?:大家|你|您)|恭喜|新年好|(?:今天|今日|今朝|昨天|早上).{0,4}(?:集上|市场|菜场|街上|集市).{0,10}[毛块元角](?!.*(?:要|收|卖))"
    r")"
)
_GREETING = re.compile(r"(?:喂|诶|哎)?,?\s?(?:听得?[到见]吗?|在吗|在不在|忙不忙|你好吗?|有人吗)")
_ASKS = re.compile(
    r"吗(?![啡])|呢\?|怎么|咋|怎样|用多少|注意啥|注意什么|如何|啥时候|什么时候|几时|多久|为什么|为啥|是不是|会不会|能不能|可不可以|行不行|好不好|哪个好|哪种好|啥药|什么药|啥原因|什么原因|什么病|啥病|啥虫|什么虫|"
    r"咋办|怎办|有救没|有没有救|正常不|死不|合适不|得不得|请问|请教|有人知道|还来不来|问下|问一下|问一哈|想问|咨询|求教|多少钱|好多钱|几多钱|几(?:斤|天|时|个月).{0,3}可以|什么价|啥价|价格多少|几多钱|好种不|划算不|划不划算|有没有补贴|有啥区别|哪里有(?!卖|收)|能(?:掺|混|种|打|吃).{0,8}(?:吗|不|么)"
)
_WANTED = re.compile(
    r"(?=[买哪想找收有求没要谁需])(?:"
    r"[要收买]\ue000{1,8}的?(?:不|吗|么|嘛|啵|伐|咩)(?=$|[?,。!啊呀哦 ])|要.{0,8}(?:讲|说|喊|吱|言语)一?声|找(?:个|几个)?(?:人|老板|客商|谁)来?(?:收|买|拉|要)|找(?:个|一下)?(?:收|买|拉|要)[一-鿿\ue000]{0,3}的|找(?:个|几个)?(?:客商|买主|菜贩|贩子|收货|下家)|有没有[一-鿿]{0,5}?(?:要|收)(?:的|就|(?=$|[ ,。]))|要[一-鿿]{1,4}的(?:来|联系|打电话|快)|谁要|谁收|谁买|有要的|有收的|有买的|求(?:老板|收购商|带走|收走|买家|销路)|找(?:买家|老板|客商|销路|收购|下家)|(?:要|收|需要|想要|想买|要货)的(?:联系|来|打|老板|麻烦|私|赶|电|找|请|快|加|速|朋友|可|尽)|(?:哪(?:个|位|家|里|儿)|谁家)[一-鿿]{0,2}(?:老板|厂|店|公司|馆|户)?(?:[要收牵]|还?(?:要|缺)人|需要)|要(?:个|找)?(?:长期|固定|实在|诚心|大)的?(?:老板|客商|买家)|有人(?:要|收|买)|没人(?:要|收)"
    r")"
)
"""Words with which a seller looks for who buys: they hold whatever verb stands before them."""
_INVITING = re.compile(
    r"(?=[上冇可哪快想意愿找收有来求没等老联能要谁需])(?:"
    r"(?:能不能|可不可以|愿不愿意|能否)(?:要|收|买|拉)(?=$|[?,。 啊呀])|收不收|要不要(?=$|[?,。 啊呀的])|(?:要|收)(?:货)?(?:不|吗|么)(?=$|[?,。!啊呀 ])|谁要|谁收|谁买|有要的|有收的|有买的|要的(?:联系|来|打|老板|麻烦|私|赶|电|找|请|快|加|速|朋友|可|尽)|需要(?:的|私|联系|请|加|滴)|想要的|想买的|要货的|有需要|有意|意者|有人要|有人收|没人要|没人收|冇人要|"
    r"有没有人?要|有没有人?收|哪个要|哪个收|哪位要|老板(?:来|们来)|来(?:拉|收|看货|买|摘|采)|上门(?:来)?拉|求(?:老板|收购商|带走|收走|买家|销路)|找(?:买家|老板|客商|销路|收购|下家)|等(?:老板|客商|人)|"
    r"快来|联系我|找我|收的(?:来|联系)|来(?:个)?(?:收|买)"
    r")"
)
_SUPPLY = re.compile(
    r"(?=[cgmy上也代低供便准出包卖发可向售处外大对帮往待急想打找承招接提放有滞甩租能自要诚起跑转都销])(?:"
    r"出售|售卖|销售|供应|供货|供给|转让|转卖|转手|处理(?!不|完)|甩卖|出让|出租|(?:往|对|向)?外(?:租|包|转|卖|出|放)|放租|起租|(?<![想要求找])租(?=[\d一二两三四五六七八九十]{1,3}年(?:起|以上|起步))|对外承包|转包|转租|发包|大量供|自产自销|便宜出|便宜卖|低价出|急出|诚出|出手|出了(?!问|事|门|啥|什)|"
    r"要卖|想卖|卖|要出|想出(?!去)|(?:想|要|打算|准备)?(?:租|包|转)(?:出去|给(?:别?人|人家))(?!了)|出(?=[\d一二两三四五六七八九十百千几:]|一批|点|掉|些)|售|供(?!求)|招租|^代(?=\ue000)|^跑运输|有车拉|滞销|找(?:个|份)?.{0,5}(?:上班|活干|工作|事做)|(?:可以?|能|待)出|\b(?:mai|gong|chushou)\b|承接|接单|接活|(?:都|也)(?:干|做|会|接|去)(?=$|[ ,。])|代(?:收|割|耕|播|种|烘|孵|加|存|养)|帮人|上门服务|提供|\b(?:yao )?mai (?:diao|le|chu)\b|找活|找工作|找事做"
    r")"
)
_DEMAND = re.compile(
    r"(?=[qsxy买先包卖哪回大寻差常弄引急想找承抓招拿捉搞收有来求租缺补要订诚请谁购还进逮都采长雇需高])(?:"
    r"收到(?=月底|年底|下个?月|过年|\d+号)|求购|求租|求(?!帮|教|助|证|饶|救|人|是|神|学|职)|收购|采购|订购|急购|购买|购(?!物)|想买|要买|买(?!保险|卖|家|主|的老|来|了|得|过)|想要|需要|需(?!求|要的)|急需|急要|想收|要收|高价收|长期收|常年收|大量收|回收|诚收|"
    r"[要缺差](?:女|男|帮|工)?[人工](?=$|[ ,。]|[\d一二两三四五六七八九十几])|要得(?=[\ue000\d一二两三四五六七八九十])|想上(?:个|台|套|一)|想包|承包(?!给|出|费|到期|合同)|要包|(?<![外转发出])包(?:个|口|块|点|片|几个)?(?=[\ue000地塘山田棚])|差(?=[\d一二两三四五六七八九十几百千])|想逮|捉(?=[\d一二两三四五六七八九十几百])|想捉|逮(?=[\d一二两三四五六七八九十几])|想进|进点|进一批|进货|进(?=[\d一二两三四五六七八九十百千])|拿货|拿(?=[\ue000点些])|(?:找|要|缺).{0,6}货源|想搞|搞(?:个|点|台|些)|想弄|弄(?:点|个|台|些)|想租(?!出|给)|要租(?!出|给)|租(?!金|摆|出|给|出去)|想订|(?<![预先可接起])订(?!完|购金)|找(?!活|工作|事做|我|到|不|零|老板|买家|客商)|寻(?!常)|招(?!商|呼|待|租|牌)|雇|请(?:人|工|几|[\d一二两三四五六七八九十])|补货|缺(?!氧|肥|水|素|钙|铁|锌|硼|钾|氮|磷|德|心|点|乏)|引种|引进|(?<![来可以能己])抓(?!紧|住|好|也|都|过|走|的)|"
    r"收(?!割|获|成|藏|到|入|完|益|据|费|音|拾|件|货不|款|工|尾|好|回|来|的|了|现|下|麦|秋|够|满|齐|稻|起)|(?<!你)(?<!你们)要(?!不|是|卖|出|好(?:[好看几多了吃过]|的$)|的|得|紧|么|素|点(?:是|:)|说|讲|问|告诉|反映|咨询|求|闻|人|命|价|晒|下|来|等|到|一直|清|强|转|处|退|去|拉|自|腾|预|多少(?:有|都)|多少,?有|旱|死|砍|挖|拆|倒|垮|坏|烂|熟|搬|交|还|让|涨|跌|的话|下雨|把|往外|对外|向外)|"
    r"\b(?:shou|qiu|qiugou|shougou|yao|xiangmai)\b|(?:求|想|要)换(?!钱|点钱|现)|都(?:拿|收|要)(?=$|[ ,。的])|卖不卖|还有没有|来(?=一[台辆])|(?:^|(?<=[ ,。]))(?:先)?来(?=[\d一二两三四五六七八九十百千半几点]{1,4}(?:斤|公斤|个|箱|袋|只|株|棵|吨|车|台|头|卷|包|筐|根|套|捆))|有没有(?:人|哪家)?卖|有卖|哪里卖|谁有|哪有|哪里有|哪个有|哪位有|谁家有|有没有(?!人)|有没(?=$|[ ,?])|有.{1,6}没(?:得)?(?=$|[ ,?])|(?:谁|哪个|哪家|哪位)(?:家)?(?:在)?卖|有卖的没|有卖吗"
    r")"
)
_NEGATED = re.compile(
    r"(?=[不别卖无没舍谢还非])(?:"
    r"(?<!要)不要|(?<!收)不收|(?<!卖)不卖|(?<!买)不买|不用|不需要|(?<!有)没有|没得|不是|别|不含|谢绝|非|不出|无需|不找|不求|没卖|没收|没人|卖不|不好卖|舍不得卖|还没|(?<!有)没(?!有)"
    r")"
)
_NEGATION_END = re.compile(r"[,。;!?、\s]|但|只|就|要(?!不)|卖|收(?!割)")
_IS_NOT_END = re.compile(r"[,。;!?、\s]|而?是")
_HAVE = re.compile(
    r"有(?!机|效|限|点|人|些|关|的|没|所|时|害|虫|病|问题|意|需)|自家|自产|自种|自养|自酿|自做|家里|本场|本人|我家|我屋|剩|还剩|存货|库存|大量|货源|长期|现有|熟了|成熟|可摘|能摘|可出栏|出栏|熟|"
    r"现摘|规格齐|齐全|都有|各种|现挖|刚挖|刚摘|新鲜|正宗|散养|优质|便宜|包|可看货|价格|价优|面议|议价|装车|到门口|自提|装箱|好货|统货|精品"
)
_HARVEST = re.compile(
    r"(?:[刚才今早晨天日]|正在|在|开始|开)(?:[刚才开始]{0,2})(?:挖|摘|采|割|捡|剪|捞|打|掰|拔|砍|起)|(?:挖|摘|采|割|捡|剪|打|掰|拔|收|晒|烘|捞|脱粒|剥)(?:下来|回来|上来|出来|好|完|干)(?!.{0,3}(?:的?(?:要|收)))|带露水|带泥|挂(?:在)?树|下树|没淋雨|出塘|起塘|干塘|断奶|双月|满月|出壳|头茬|二茬|新货|自己种|地里|老树"
)
"""What only who has the goods can tell: 刚挖, 晒干, 还挂树上, 断奶."""
_OWN_USE = re.compile(
    r"[块元毛角万千百\d一二两三四五六七八九](?:钱)?(?:[一每/]?(?:斤|吨|个|只|株|公斤))?(?:以内|之内|以下|封顶)(?=$|[ ,。;!])|(?:做|开|搞|办)[一-鿿\ue000]{1,6}(?:店|馆|厂|坊|摊|铺|食堂|生意|加工)的(?=$|[ ,。;!])|(?<![专没使好耐实不作费利套通食药常两能可信费引雇])用(?=$|[ ,。;!])|用得(?:上|着)|(?:发|报)(?:个|下|一下)?价(?=$|[ ,。;!])|工程用|工地用|送人用|送人的|自家(?:吃|喝|用)(?!不)|自己(?:吃|喝|用)(?!不)|自用|待客用|办酒席|办喜事用|做种用"
)
_REJECTS = re.compile(
    r"(?:的|[ ,一-鿿\ue000])(?:可|就|都|一律|概)?(?:不要|别来|别送|莫来|勿扰|免谈|不收|不考虑)(?:啊|哈|哦|哟|噢|的)?(?=$|[ ,。;!])"
)
"""A buyer's terms: what must not be brought (硫熏的不要, 杂交的别来)."""
_GETTING_RID = re.compile(
    r"(?=[准得急想打要赶趁])(?:"
    r"(?<![不别莫])(?:想|要|得|打算|准备|急着|赶紧|趁早)[^,。;]{0,8}(?:卖|出|处理|转|租)(?:掉|了|出去|光|完)(?!.{0,6}谢)"
    r")"
)
"""Who wants to have sold has not sold yet: 想把猪卖了, 这批葡萄得卖了."""
_STILL = re.compile(
    rf"(?:还剩|还有|剩下|剩了|另有|另外|现在|改|拆|如今)[^,。;?]{{0,6}}?{MASK}|{MASK}[^,。;?{MASK}]{{0,8}}[\d一二两三四五六七八九十百千]+\s?(?:斤|公斤|吨|只|头|箱|筐|袋|根|株|棵|个)"
)
"""Other goods behind those that are gone: 巨峰卖完了 还剩阳光玫瑰."""
_NO_MATTER = re.compile(
    r"(?:多少|好多|几多|什么|啥)(?:钱|价)(?:.{0,2}(?:不管|都|无所谓|不论|好说))|不管(?:多少|好多)钱|(?:钱|价)多少.{0,2}不管"
)
"""Words that look like a question of the price and ask none."""
_OFFERED = re.compile("卖|出售|处理|转让")
_SOLD = re.compile(r"[卖收出拉清售没]")
_BESIDE = re.compile(
    r"(?:^|(?<=[ ,。]))(?:我|我们|俺|这边|本人)?(?:这边|这里)?(?:是)?(?:在?[一-鿿]{0,3})?卖[一-鿿\ue000]{1,6}的(?=[ ,]?(?:想|要|收|求|找|需|急|每天要|长期))|配[^,。; ]{0,8}用"
)
"""What a person lives by, and what a thing goes with: neither is wanted nor offered (卖烤鱼的,要草鱼; 配90拖拉机用)."""
_ANY_LEFT = re.compile(
    r"有(?![^,。; ]{0,6}(?:要|收|买|需|意|兴趣))[^,。; ]{1,8}的(?:没|没有|没得|不|吗|么)(?=$|[ ,。?])|有(?![^,。; ]{0,6}(?:要|收|买|需|意|兴趣|想))[一-鿿\ue000]{0,6}?的(?:话)?(?:联系|回我|回话|说一?声|吱声|告诉|打电话|来电|喊我|找我)"
)
"""Who asks whether others have it: 有转让的没, 有的回我."""
_GONE = re.compile(r"(?:没有|没)(?:了|啦)(?=$|[ ,。])|才有(?=$|[ ,。])")
_CUSTOMER = re.compile(r"[一-鿿\ue000]{0,6}(?:店|馆|食堂|酒楼|超市|幼儿园|学校|摊|档口|厨房)(?=[ ,])")
"""Who opens with his kitchen or shop and names amounts without a price buys."""
_MADE_INTO = re.compile(
    rf"用(?={MASK})|(?:炖|煲|煮|炒|泡|做|腌|酿|烤|涮|喂|煨|包|蒸|送)[一-鿿]{{1,3}}的(?={MASK})|(?:二手|旧|陈|次|小|大小|统货|通货|啥样|哪种|什么样)的?的?(?:就|也|都)(?:行|可以|要得|中)(?=$|[ ,。])"
)
"""What a thing is wanted for, or with what the asker would be content: 炖汤的粉藕, 二手就行."""
_STOCK = re.compile(
    r"可送|能送(?!货的)|包送|送货|送到|现货|可发|发货|包邮|塘口价|上市|批发(?!市场|部|商)|直销|直供|预售|预订|预定"
)
"""Signs of a seller where no verb of buying stands: a buyer may speak of sending too (电商发货要小蜜桔)."""
_WILL = re.compile(r"(?:想|准备|打算|要|计划)(?:自己)?(?:种|养|栽|喂|补栏)|够\d|(?<!扦)插的")


@dataclass(frozen=True, slots=True)
class Heading:
    """The direction read, whether it is sure, and where the deciding verb stands (-1 where none did)."""

    direction: Direction
    sure: bool
    at: int = -1
    weak: bool = False


_RAN_OUT = re.compile(
    rf"{MASK}+(?:已经|都|全)?(?:没得?了|没有了|卖[完光]了|出完了|不用了|没货了|断货了|下架了|不[种养喂搞]了|砍了)"
)
"""Goods of which nothing is left, beside others: 豆角没了, 藕带没得了."""
_CLAUSE = 9
"""Signs before a closing 不要 that it can speak of, in a text without stops."""


_AMOUNT_SAID = re.compile(
    rf"{MASK}[^{MASK}]*[\d一二两三四五六七八九十百千几半]+\s?(?:斤|公斤|吨|担|箱|袋|个|只|头|株|棵)"
)
"""A thing with its amount is wanted; what is refused behind it is a quality of it (干辣椒两吨去年的不要)."""


def negated_spans(text: str) -> list[tuple[int, int]]:
    """The clauses that are said not to be: from 不要, 不收, 没有 … to the end of the clause, or the product just
    before a closing 不要, 不卖."""
    spans: list[tuple[int, int]] = [gone.span() for gone in _RAN_OUT.finditer(text)]
    for match in _NEGATED.finditer(text):
        end = match.end()
        stop = (_IS_NOT_END if match[0] == "不是" else _NEGATION_END).search(text, end)
        closing = stop.start() if stop else len(text)
        if text[end:closing].count(MASK):
            spans.append((match.start(), closing))
        elif match[0] in {"不要", "不收", "不卖", "不买", "没有", "不出"} and closing - end <= 1:
            start = max(text.rfind(sign, 0, match.start()) for sign in ",。;!? ") + 1
            start = max(start, match.start() - _CLAUSE)
            if MASK in text[start : match.start()] and not _AMOUNT_SAID.search(text, start, match.start()):
                spans.append((start, closing))
    return spans


def _without_negated(text: str) -> str:
    """The text with ~ for what is said not to be, and for the sign behind each negation."""
    negations = list(_NEGATED.finditer(text))
    if not negations:
        return text
    signs = list(text)
    for start, end in (*negated_spans(text), *((found.start(), found.end() + 1) for found in negations)):
        end = min(end, len(text))
        signs[start:end] = "~" * (end - start)
    return "".join(signs)


def read_direction(text: str, *, offered: bool, priced: bool = False) -> Heading:
    """The direction of a text whose product names, and self-descriptions, are masked. `offered` says whether a
    product stands in it with a quantity or a price, `priced` whether with a price: who names a price without a verb
    sells; who names only an amount must be asked."""
    text = _GREETING.sub(lambda found: " " * len(found[0]), text)
    if "卖" in text or "配" in text:
        text = _BESIDE.sub(lambda found: "~" * len(found[0]), text)
    none = _NONE.search(text)
    if none and none[0] == "不要了" and _OFFERED.match(text):
        none = None  # 卖羊四十三只 圈不要了
    if none and offered and _SOLD.search(none[0]) and _STILL.search(text, none.end()):
        text, none = "~" * none.end() + text[none.end() :], None
    if not _GETTING_RID.search(text) and (none or (not offered and _GONE.search(text))):
        return Heading("none", True)
    if "少" in text or "多" in text:
        text = _NO_MATTER.sub(lambda found: "~" * len(found[0]), text)
    said = _without_negated(text)
    wanted = _WANTED.search(text)
    inviting = wanted or _INVITING.search(text) or (_INVITING.search(said) if said != text else None)
    supply = _SUPPLY.search(said)
    demand = _DEMAND.search(said)
    if _ASKS.search(text) and not inviting:
        strong = re.search(
            r"要得?(?=\ue000{1,6}.{0,6}[\d一二两三四五六七八九十百千]+\s?[株棵斤只头])|我(?:这里|这边|家|屋里|们这)[^,。?]{0,4}\ue000.{0,12}[块元毛]|要(?=[\d一二两三四五六七八九十百千]+\s?[株棵斤公吨只头羽箱筐袋亩台担车件包捆])|求购|收购|出售|供应|转让|想买|想订|想要|想收|想进|要订|求租|谁家?有|哪(?:里|儿|个|家)有|(?<!可以)(?<!才能)(?<!才)卖(?!吗|完)|有没有人?卖|有没有(?!问题|补贴|办法|效|什么|啥)|哪里有卖|有没有卖|便宜|卖不卖|还有没有",
            said,
        )
        if offered and re.search(rf"(?:找|请|雇)(?:个|几个)?(?:{MASK}|人|师傅)", said):
            strong = strong or re.search(MASK, said)
        if not strong or (re.search(r"怎么|咋|如何|啥药|什么药|请教|还是.{1,8}好|吗$", text) and not offered):
            return Heading("none", True)
    if not inviting and (left := _ANY_LEFT.search(text)):
        return Heading("demand", True, left.start())
    if inviting and (wanted or not (demand and demand.start() < inviting.start())):
        return Heading("supply", True, inviting.start(), True)
    if supply and (not demand or supply.start() <= demand.start()):
        if demand and demand.start() - supply.start() < 3 and demand[0] in {"求购", "收购", "采购"}:
            return Heading("demand", True, demand.start())
        return Heading("supply", True, supply.start())
    if demand:
        if (
            supply
            and supply.start() - demand.start() <= 4
            and demand[0] in {"要", "需", "找"}
            and supply[0] in {"出售", "供应", "转让", "处理", "出租", "要卖", "想卖", "卖"}
        ):
            return Heading("supply", True, supply.start())
        return Heading("demand", True, demand.start())
    if _OWN_USE.search(said) or _REJECTS.search(text):
        return Heading("demand", True)
    stock = _STOCK.search(said)
    if stock:
        return Heading("supply", True, stock.start())
    if not priced and (_MADE_INTO.search(said) or _CUSTOMER.match(said)):
        return Heading("demand", True)
    if _WILL.search(said):
        return Heading("demand", False)
    have = _HAVE.search(said) or (offered and _HARVEST.search(said))
    if offered or have:
        return Heading("supply", priced or bool(have), -1)
    return Heading("none", False)


_PLAINLY = re.compile(
    rf"(?:我|俺)?(?:想|要)?(?:卖|出售|供应|求购|收购|收|买|要)\s?{MASK}+[\s\d.一二两三四五六七八九十百千万半]*[一-鿿]{{0,2}}(?=$|[,。;])"
)


def is_plain(text: str) -> bool:
    """Whether a text opens with nothing but a verb of trade, a thing (masked) and at most its amount, and then stops: no
    second opinion is needed."""
    return _PLAINLY.match(text) is not None


def has_trade(text: str) -> bool:
    """Whether a text speaks of buying or selling at all, or of an amount."""
    return bool(
        _SUPPLY.search(text) or _DEMAND.search(text) or re.search(r"\d|[一二两三四五六七八九十百千]", text)
    )
