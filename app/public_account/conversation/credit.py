"""信用: the tax credit ratings of the enterprises one acts for."""

from app.domain.credit_ratings import queries
from app.domain.credit_ratings.queries import EnterpriseRating
from app.gateways.wechat.replies import Reply, Text
from app.public_account.conversation.talk import Talk
from app.public_account.conversation.telling import day, mini_program_link, plain

_HOW = "纳税信用等级只告诉企业的办税人员。请先在小程序里实名并绑定企业，再回复“信用”。"


async def ratings(talk: Talk, about: str) -> Reply | None:
    """One line for each enterprise, or how to bind one."""
    del about
    person_id = await talk.person()
    found = await queries.ratings_of(person_id) if person_id is not None else ()
    if not found:
        return Text(f"{_HOW}\n{mini_program_link('去绑定企业', 'pages/me/index', '/h5/')}")
    return Text("\n\n".join(_described(one) for one in found))


def _described(one: EnterpriseRating) -> str:
    if one.level is None:
        return f"{plain(one.enterprise_name)}\n{one.meaning}"
    score = f"，{one.score} 分" if one.score is not None else ""
    return (
        f"{plain(one.enterprise_name)}\n{one.year} 年度评价：{one.level} 级{score}\n"
        f"{one.meaning}（{day(one.as_of)}查询）"
    )
