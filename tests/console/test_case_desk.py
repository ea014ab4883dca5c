"""Look-ups, supervision, materials and special procedures: within one's reach, for a reason, on record."""

from pathlib import Path

import pytest

from app.domain.accounts import agency
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.cases import service, supplements
from app.domain.cases.models import Case, CaseFinding, FindingKind, SpecialProcedure, SpecialState
from app.domain.cases.models import CaseState as S
from app.domain.cases.paper_models import CaseMaterial, MaterialState
from app.domain.cases.particulars import Particulars
from app.domain.cases.supplements import Answer
from app.kit import clock, crypto, db
from app.kit.models import AuditEntry
from config import settings
from tests.console.conftest import AtWork
from tests.console.test_staff_desk import do
from tests.factories.accounts import uscc_number
from tests.factories.appointments import make_person
from tests.factories.cases import make_case, step
from tests.factories.credit import forget_releases, published, row
from tests.factories.notices import PDF
from tests.factories.papers import asked_case, citizen, upload
from tests.public_account.h5.conftest import Browser

FAR, NEAR = "4403", "4401"


@pytest.fixture
async def clerk(at_work: AtWork) -> Browser:
    return await at_work("chuang-kou", Post(StaffRole.CLERK, region_code=NEAR))


@pytest.fixture
async def manager(at_work: AtWork) -> Browser:
    return await at_work("ting-zhang", Post(StaffRole.HALL_MANAGER, region_code=NEAR))


@pytest.fixture
async def stranger(at_work: AtWork) -> Browser:
    """Somebody with every post, in another city."""
    posts = [Post(role, region_code=FAR) for role in (StaffRole.CLERK, StaffRole.HALL_MANAGER)]
    return await at_work("wai-di", *posts, Post(StaffRole.SUPERVISOR, region_code=FAR))


async def test_a_case_is_found_by_either_number_and_the_look_is_recorded(clerk: Browser) -> None:
    case = await make_case()
    await service.record(
        case.number, step(S.ACCEPTED, particulars=Particulars(acceptance_number="穗天受〔2026〕12号"))
    )
    for typed in (case.number.lower(), "穗天受[2026]12号"):
        found = await do(clerk, "/console/lookups/cases", number=typed, reason="申请人来询")
        assert found.location == f"/console/lookups/cases/{case.number}"
    page = (await clerk.get(found.location)).text
    assert ("食品经营许可" in page, "已受理" in page) == (True, True)
    assert await AuditEntry.filter(action="case.read", target=f"case:{case.number}").count() == 1
    sought = await AuditEntry.filter(action="case.sought", target=f"case:{case.number}")
    assert [one.reason for one in sought] == ["申请人来询"] * 2


async def test_a_case_is_not_looked_for_without_saying_why(clerk: Browser) -> None:
    case = await make_case()
    for reason in ("", " "):
        unsaid = await do(clerk, "/console/lookups/cases", number=case.number, reason=reason)
        assert (unsaid.status, f'value="{case.number}"' in unsaid.text) == (422, True)


async def test_a_case_out_of_reach_looks_like_none_at_all(stranger: Browser) -> None:
    case = await make_case()
    unknown = await do(stranger, "/console/lookups/cases", number="NOSUCHNUMBER", reason="询问")
    far = await do(stranger, "/console/lookups/cases", number=case.number, reason="询问")
    assert (far.status, unknown.status) == (404, 404)
    assert 'value="NOSUCHNUMBER"' in unknown.text
    assert (await stranger.get(f"/console/lookups/cases/{case.number}")).status == 404
    assert not await AuditEntry.filter(action="case.read").exists()


async def test_the_applicant_is_masked_until_a_manager_says_why(clerk: Browser, manager: Browser) -> None:
    person_id = await make_person()
    await db.execute(
        "UPDATE person SET phone_sealed = $2 WHERE id = $1", person_id, crypto.seal("13800138000")
    )
    case = await make_case(person_id=person_id)
    place = f"/console/lookups/cases/{case.number}"
    assert "13800138000" not in (await manager.get(place)).text
    unsaid = await do(manager, f"{place}/unmask", field="phone", reason="看")
    assert (unsaid.status, "13800138000" in unsaid.text) == (422, False)
    told = await do(manager, f"{place}/unmask", field="phone", reason="电话核实补正材料")
    assert "13800138000" in told.text
    assert (await AuditEntry.get(action="person.unmasked")).reason == "电话核实补正材料"
    assert (await do(clerk, f"{place}/unmask", field="phone", reason="电话核实补正材料")).status == 403


async def test_a_released_rating_is_read_for_a_reason(manager: Browser, tmp_path: Path) -> None:
    number = uscc_number(1)
    await published(tmp_path, [row(1)])
    unsaid = await do(manager, "/console/lookups/ratings", taxpayer=number, reason="")
    assert (unsaid.status, f'value="{number}"' in unsaid.text) == (422, True)
    told = await do(manager, "/console/lookups/ratings", taxpayer=number, reason="窗口核对")
    assert (told.status, "<tbody><tr>" in told.text) == (200, True)
    read = await AuditEntry.get(action="credit.rating_read")
    assert (read.reason, number in read.target) == ("窗口核对", False)
    hashed = crypto.lookup_hash(number, agency.USCC).hex()
    assert read.target == f"taxpayer:{hashed[:16]}"
    await forget_releases()


async def test_supervision_sees_findings_and_late_cases_of_its_region_only(
    at_work: AtWork, stranger: Browser
) -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    await db.execute("UPDATE case_file SET due_at = now() - interval '1 day' WHERE number = $1", case.number)
    await CaseFinding.create(
        case_number=case.number, seq=1, kind=FindingKind.MISSING_REASON, wanted="denied",
        who="partner:gz", at=clock.now(), text="未写明理由",
    )  # fmt: skip
    near = await at_work("jian-cha", Post(StaffRole.SUPERVISOR, region_code=NEAR))
    for path in ("records", "records?kind=MISSING_REASON", "late-cases", "records.csv", "late-cases.csv"):
        assert case.number in (await near.get(f"/console/findings/{path}")).text, path
        assert case.number not in (await stranger.get(f"/console/findings/{path}")).text, path
    assert case.number not in (await near.get("/console/findings/records?kind=ILLEGAL_MOVE")).text


@pytest.fixture
async def handed_in(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CaseMaterial:
    chosen = settings.current().model_copy(update={"files_dir": str(tmp_path)})
    monkeypatch.setattr(settings, "current", lambda: chosen)
    person_id = await make_person()
    case = await asked_case(person_id)
    made = await upload(case, person_id)
    await supplements.answer(case.number, citizen(person_id), Answer([made.id]))
    return made


async def test_a_material_is_read_for_a_reason_and_judged(
    clerk: Browser, stranger: Browser, handed_in: CaseMaterial
) -> None:
    place = f"/console/materials/{handed_in.id}"
    assert "平面图.pdf" in (await clerk.get("/console/materials/")).text
    for path in ("", "all.csv"):
        assert "平面图.pdf" in (await clerk.get(f"/console/materials/{path}")).text
        assert "平面图.pdf" not in (await stranger.get(f"/console/materials/{path}")).text
    assert (await stranger.get(place)).status == 403
    csrf = (await clerk.get("/console/sessions/")).field("csrf")
    async with clerk.session.post(f"{place}/file", data={"csrf": csrf, "reason": "核对"}) as answer:
        assert (await answer.read(), answer.headers["content-disposition"][:10]) == (PDF, "attachment")
        assert "sandbox" in answer.headers["content-security-policy"]
    assert (await AuditEntry.get(action="material.read")).reason == "核对"
    assert (await do(clerk, f"{place}/reject", reason="")).status == 422
    assert (await do(clerk, f"{place}/reject", reason="图片模糊，请重新拍摄")).status == 303
    assert (await CaseMaterial.get(id=handed_in.id)).state is MaterialState.REJECTED
    assert "平面图.pdf" not in (await clerk.get("/console/materials/")).text


async def test_a_special_procedure_is_asked_for_by_one_and_approved_by_another(
    clerk: Browser, manager: Browser, stranger: Browser
) -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    asked = {"kind": "hearing", "approver": "分管负责人", "amount": "5", "unit": "working_day", "reason": ""}
    wrong = await do(clerk, "/console/specials/new", number="NOSUCHNUMBER", **asked)
    assert (wrong.status in (403, 404), 'value="分管负责人"' in wrong.text) == (True, True)
    made = await do(clerk, "/console/specials/new", number=case.number, **asked)
    place = made.location.partition("?")[0]
    for path in ("", "all.csv"):
        assert case.number in (await manager.get(f"/console/specials/{path}")).text
        assert case.number not in (await stranger.get(f"/console/specials/{path}")).text
    assert (await stranger.get(place)).status == 403
    assert (await do(clerk, f"{place}/approve", reason="将举行听证")).status == 403
    assert (await do(manager, f"{place}/approve", reason="将于 12 月 1 日举行听证")).status == 303
    assert (await do(clerk, f"{place}/begin")).status == 303
    assert (await Case.get(number=case.number)).state is S.SUSPENDED
    assert (await do(clerk, f"{place}/finish", reason="")).status == 422
    assert (await do(clerk, f"{place}/finish", reason="听证已举行")).status == 303
    assert (await SpecialProcedure.get()).state is SpecialState.FINISHED


async def test_a_special_procedure_is_refused_or_called_off_with_a_reason(
    clerk: Browser, manager: Browser
) -> None:
    case = await make_case(S.ACCEPTED, S.REVIEW)
    asked = {"kind": "hearing", "approver": "分管负责人", "amount": "", "unit": "working_day", "reason": ""}

    async def apply() -> str:
        made = await do(clerk, "/console/specials/new", number=case.number, **asked)
        return made.location.partition("?")[0]

    refused = await apply()
    assert (await do(manager, f"{refused}/refuse", reason="")).status == 422
    assert (await do(manager, f"{refused}/refuse", reason="无须听证")).status == 303
    given_up = await apply()
    assert (await do(clerk, f"{given_up}/cancel", reason="申请人撤回")).status == 303
    states = [one.state for one in await SpecialProcedure.all().order_by("id")]
    assert states == [SpecialState.REFUSED, SpecialState.CANCELLED]
    assert (await do(clerk, f"{given_up}/begin")).status == 409


async def test_a_material_found_to_hold_leaves_the_list(clerk: Browser, handed_in: CaseMaterial) -> None:
    place = f"/console/materials/{handed_in.id}"
    assert (await do(clerk, f"{place}/approve")).status == 303
    assert (await CaseMaterial.get(id=handed_in.id)).state is MaterialState.CHECKED
    assert "平面图.pdf" not in (await clerk.get("/console/materials/")).text
    assert (await do(clerk, f"{place}/reject", reason="看错了")).status == 409
