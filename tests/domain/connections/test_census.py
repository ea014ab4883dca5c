"""A census comes in as a whole, tells each fault by its row, and does no harm when it comes twice."""

from pathlib import Path

import pytest

from app.domain.connections import census, census_files, connecting, desk
from app.domain.connections.errors import BadCensus
from app.domain.connections.models import CensusSystem, ConnectionCategory, ConnectionState
from app.kit.errors import NotAllowed
from tests.factories.connections import admin, decision, facts, supervisor, system, walk

S = ConnectionState

HEADING = "主管部门,系统名称,所在网络,承建厂商,数据库,接口,事项编码,事项数,对接类别,文号,期限,下次跟进"
ROWS = (
    "市公安局,户政系统,业务专网,东软,Oracle 11g,,,12,④,汴政办〔2016〕7号,,2027-01-15",
    (
        "市住建局,房产交易系统,政务外网,,MySQL,REST 接口,410200000000A 410200000001,2,②,汴政办〔2016〕7号,"
        "2026年12月31日,"
    ),
    "市环保局,审批系统,互联网,,,,,3,,,,",
)


def file(folder: Path, *rows: str, heading: str = HEADING, encoding: str = "utf-8") -> Path:
    path = folder / "census.csv"
    path.write_text("\n".join((heading, *rows)), encoding=encoding)
    return path


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
async def test_a_census_is_taken_in_with_its_classes(tmp_path: Path, encoding: str) -> None:
    done = await census.take_in(admin(), file(tmp_path, *ROWS, ",,", encoding=encoding))
    assert (done.systems, done.new, done.classified) == (3, 3, 2)
    listed = {one.name: one for one in await desk.systems(supervisor())}
    assert [(one.items, one.category) for one in listed.values()] == [
        (12, ConnectionCategory.PROVINCE_FIRST), (2, ConnectionCategory.AGREED), (3, None),
    ]  # fmt: skip
    view = await desk.whole(supervisor(), listed["房产交易系统"].id)
    assert view.item_codes == ["410200000000A", "410200000001"]
    assert (view.system.interface, view.system.uncoded_items) == ("REST 接口", 0)
    assert [event.document_number for event in view.events] == [None, "汴政办〔2016〕7号"]


@pytest.mark.usefixtures("db")
async def test_the_same_file_once_more_changes_nothing(tmp_path: Path) -> None:
    path = file(tmp_path, *ROWS)
    await census.take_in(admin(), path)
    before = [await desk.whole(admin(), one.id) for one in await desk.systems(admin())]
    done = await census.take_in(admin(), path)
    assert (done.systems, done.new, done.classified) == (3, 0, 0)
    after = [await desk.whole(admin(), one.id) for one in await desk.systems(admin())]
    assert [len(view.events) for view in after] == [len(view.events) for view in before]


@pytest.mark.usefixtures("db")
async def test_an_old_file_takes_back_nothing_that_was_decided_since(tmp_path: Path) -> None:
    path = file(tmp_path, "市住建局,房产交易系统,政务外网,,,,,2,3,甲号,2026-12-31,")
    await census.take_in(admin(), path)
    (one,) = await desk.systems(admin())
    await connecting.classify(admin(), one.id, decision(ConnectionCategory.DIRECT, "乙号"))
    await census.take_in(admin(), path)
    assert (await desk.systems(admin()))[0].category is ConnectionCategory.DIRECT
    await walk(one.id, [S(name) for name in ("integrating", "testing", "live", "degraded", "offline")])
    assert (await census.take_in(admin(), path)).classified == 0
    await connecting.survey(admin(), one.id)
    assert (await census.take_in(admin(), path)).classified == 0
    assert (await desk.systems(admin()))[0].state is S.SURVEYED


@pytest.mark.usefixtures("db")
async def test_a_new_census_tells_anew_what_a_system_is(tmp_path: Path) -> None:
    one = await system(item_codes=("410200000001",), uncoded_items=4, vendor="旧厂商")
    row = "市自然资源局,不动产登记系统,政务外网,新厂商,,,410200000002,,,,,"
    await census.take_in(admin(), file(tmp_path, row))
    view = await desk.whole(admin(), one)
    assert (view.system.vendor, view.item_codes, view.system.uncoded_items) == ("新厂商", ["410200000002"], 0)


@pytest.mark.usefixtures("db")
async def test_a_row_whose_connection_is_past_it_stops_the_whole_file(tmp_path: Path) -> None:
    one = await system(ConnectionCategory.AGREED)
    await walk(one, [ConnectionState.INTEGRATING])
    row = "市自然资源局,不动产登记系统,政务外网,新厂商,,,,,①,丙号,,"
    with pytest.raises(BadCensus) as refused:
        await census.take_in(admin(), file(tmp_path, *ROWS, row))
    assert list(refused.value.fields) == ["第 5 行"]
    assert "对接中" in refused.value.fields["第 5 行"][0]
    assert await CensusSystem.all().count() == 1
    assert (await desk.whole(admin(), one)).system.vendor is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("市公安局,户政系统,天网,,,,,,,,,", "所在网络：应为 政务外网"),
        ("市公安局,户政系统,,,,,,,,,,", "所在网络：请填写"),
        (",户政系统,互联网,,,,,,,,,", "主管部门：应为 1 到 80 个字"),
        ("市公安局,户政系统,互联网,,,,12,,,,,", "事项编码：12 不是事项编码"),
        ("市公安局,户政系统,互联网,,,,4102000000 4102000001,1,,,,", "事项数：应不少于所列编码的个数"),
        ("市公安局,户政系统,互联网,,,,,十,,,,", "事项数：应为整数"),
        ("市公安局,户政系统,互联网,,,,,,⑥,文号,,", "对接类别：应为 ① 到 ⑤"),
        ("市公安局,户政系统,互联网,,,,,,①,,,", "文号：定类或变更类别须写明文号"),
        ("市公安局,户政系统,互联网,,,,,,②,文号,,", "期限：②限时接入须写明期限"),
        ("市公安局,户政系统,互联网,,,,,,②,文号,2026-02-30,", "期限：应为日期"),
        ("市公安局,户政系统,互联网,,,,,,④,文号,,", "下次跟进：④省级先行"),
        ("市公安局,户政系统,互联网,,,,,,,文号,,", "对接类别：写了文号或日期"),
        ("市环保局,审批系统,互联网,,,,,,,,,", "系统名称：与第 2 行是同一个系统"),
    ],
)
def test_each_fault_is_told_by_row_and_column(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(BadCensus) as refused:
        census_files.read(file(tmp_path, ROWS[2], row))
    assert list(refused.value.fields) == ["第 3 行"]
    assert refused.value.fields["第 3 行"][0].startswith(words)


def test_a_row_with_several_faults_names_them_all(tmp_path: Path) -> None:
    with pytest.raises(BadCensus) as refused:
        census_files.read(file(tmp_path, ",户政系统,天网,,,,,x,,,,"))
    assert [one.partition("：")[0] for one in refused.value.fields["第 2 行"]] == [
        "主管部门",
        "所在网络",
        "事项数",
    ]


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("主管部门,系统名称", "缺少列：所在网络"),
        ("主管部门,系统名称,所在网络,负责人", "不认识的列：负责人"),
        ("主管部门,系统名称,所在网络,所在网络", "重复的列：所在网络"),
    ],
)
def test_columns_are_known_by_their_titles(tmp_path: Path, heading: str, words: str) -> None:
    with pytest.raises(BadCensus) as refused:
        census_files.read(file(tmp_path, heading=heading))
    assert refused.value.fields["列"] == [words]


def test_a_file_without_systems_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCensus):
        census_files.read(file(tmp_path))


def test_a_file_has_its_most_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(census_files, "_MOST_ROWS", 2)
    with pytest.raises(BadCensus) as refused:
        census_files.read(file(tmp_path, *ROWS))
    assert list(refused.value.fields) == ["文件"]


@pytest.mark.usefixtures("db")
async def test_only_administrators_keep_the_census(tmp_path: Path) -> None:
    for deed in (census.register(supervisor(), facts()), census.take_in(supervisor(), file(tmp_path, *ROWS))):
        with pytest.raises(NotAllowed):
            await deed
    with pytest.raises(BadCensus):
        await census.register(admin(), facts(name=""))
