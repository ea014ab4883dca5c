"""Materials 材料 of a case: uploaded by who may act for it, kept outside the database, seen by them alone."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from app.domain.accounts.sessions import Citizen
from app.domain.cases import numbers, paper_quota, paper_rules, queries
from app.domain.cases.errors import CaseUnknown
from app.domain.cases.models import Case, CaseState
from app.domain.cases.paper_errors import MaterialHandedIn, MaterialNotFound
from app.domain.cases.paper_models import CaseMaterial, MaterialState, Trust
from app.domain.cases.paper_rules import Held
from app.kit import clock, crypto, db, files, uploads
from app.kit.errors import UpstreamDown
from app.kit.ids import uuid7

ROOM: Final = "cases"
"""Where the files of cases are kept, apart from all others."""

_LOCK_CASE = "SELECT state, last_seq FROM case_file WHERE number = $1 FOR NO KEY UPDATE"
_TOUCH = """
INSERT INTO case_upload (sha256, touched_at) VALUES ($1, $2)
ON CONFLICT (sha256) DO UPDATE SET touched_at = excluded.touched_at
"""
_HELD = "SELECT count(*) AS files, coalesce(sum(size), 0) AS size FROM case_material"


async def case_for(number: str, by: Citizen) -> str:
    """The number of a case ``by`` may act for, as it is kept.

    Raises CaseUnknown, the same for a case that is not there and for somebody else's.
    """
    sought = numbers.sought(number)
    if not await queries.may_see(by.person_id, by.enterprise_id, sought):
        raise CaseUnknown
    return sought


async def add(
    number: str,
    by: Citizen,
    name: str,
    content: bytes,
    *,
    replaces: UUID | None = None,
    request_key: str | None = None,
) -> CaseMaterial:
    """Take in a file for a case that asks for a correction, or in place of one promised or rejected.

    The same ``request_key`` answers what the first one did, however often it comes. Raises CaseUnknown,
    NothingAsked, TooManyMaterials, UploadsUsedUp, MaterialNotFound, MaterialHandedIn, UnfitFile, ScannerDown
    or StoreDown.
    """
    sought = await case_for(number, by)
    request_hash = _request(sought, by, request_key)
    earlier = await _earlier(request_hash)
    if earlier is not None:
        return earlier
    # Judged before the scanner is troubled, and again below, where nothing can come in between.
    state = CaseState((await Case.get(number=sought)).state)
    paper_rules.check_may_add(state, _held(await _replaced(sought, replaces)))
    await _check_room(sought, len(content))
    upload = await _taken_in(by, name, content)
    async with db.transaction():
        case: Any = await db.fetch_one(_LOCK_CASE, sought)
        earlier = await _earlier(request_hash)
        if earlier is not None:
            return earlier
        return await _keep(sought, case, by, upload, replaces, request_hash)


async def of_case(number: str, by: Citizen) -> Sequence[CaseMaterial]:
    """Every material of a case, the oldest first. Raises CaseUnknown."""
    return await CaseMaterial.filter(case_number=await case_for(number, by)).order_by("id")


async def file_of(number: str, by: Citizen, material_id: UUID) -> tuple[CaseMaterial, bytes]:
    """A material with the bytes of its file. Raises CaseUnknown, MaterialNotFound or FileLost."""
    found = await _one(await case_for(number, by), material_id)
    if found.sha256 is None:
        raise MaterialNotFound
    return found, await files.store(ROOM).read(found.sha256)


async def remove(number: str, by: Citizen, material_id: UUID) -> None:
    """Take back a file not handed in yet. Raises CaseUnknown, MaterialNotFound or MaterialHandedIn."""
    sought = await case_for(number, by)
    async with db.transaction():
        await db.fetch_one(_LOCK_CASE, sought)
        found = await _one(sought, material_id)
        if found.handed_in_seq is not None:
            raise MaterialHandedIn
        await found.delete()


async def _taken_in(by: Citizen, name: str, content: bytes) -> uploads.Upload:
    """Look at a file and put it into the store; a scanner or store that is down costs nobody their day."""
    await paper_quota.count(by.person_id, len(content))
    try:
        upload = await uploads.look_at(name, content)
        await db.execute(_TOUCH, upload.sha256, clock.now())
        await files.store(ROOM).put(content)
    except UpstreamDown:
        await paper_quota.give_back(by.person_id, len(content))
        raise
    return upload


async def _keep(
    number: str,
    case: Any,
    by: Citizen,
    upload: uploads.Upload,
    replaces: UUID | None,
    request_hash: bytes | None,
) -> CaseMaterial:
    state = CaseState(case["state"])
    replaced = await _replaced(number, replaces)
    paper_rules.check_may_add(state, _held(replaced))
    await _check_room(number, upload.size)
    made = await CaseMaterial.create(
        id=uuid7(),
        case_number=number,
        name=upload.name,
        state=MaterialState.UPLOADED,
        trust=Trust.UPLOADED,
        sha256=upload.sha256,
        media_type=upload.media_type,
        size=upload.size,
        scan=upload.scan,
        replaces_id=replaces,
        person_id=by.person_id,
        uploaded_at=clock.now(),
        # Outside of a correction nothing follows that would hand it in.
        handed_in_seq=None if state is CaseState.SUPPLEMENT else case["last_seq"],
        request_hash=request_hash,
    )
    if replaced is not None and made.handed_in_seq is not None:
        await CaseMaterial.filter(id=replaced.id).update(state=MaterialState.REPLACED)
    return made


def _request(number: str, by: Citizen, key: str | None) -> bytes | None:
    return crypto.lookup_hash(f"{by.person_id} {number} {key}", "upload request") if key else None


async def _earlier(request_hash: bytes | None) -> CaseMaterial | None:
    return await CaseMaterial.get_or_none(request_hash=request_hash) if request_hash else None


async def _check_room(number: str, size: int) -> None:
    held: Any = await db.fetch_one(f"{_HELD} WHERE case_number = $1 AND sha256 IS NOT NULL", number)
    paper_rules.check_room(held["files"], held["size"], size)


async def _replaced(number: str, material_id: UUID | None) -> CaseMaterial | None:
    if material_id is None:
        return None
    found = await _one(number, material_id)
    paper_rules.check_replaced(as_held(found))
    return found


async def _one(number: str, material_id: UUID) -> CaseMaterial:
    found = await CaseMaterial.get_or_none(id=material_id, case_number=number)
    if found is None:
        raise MaterialNotFound
    return found


def as_held(material: CaseMaterial) -> Held:
    """A material as the rules see it."""
    return Held(MaterialState(material.state), material.handed_in_seq is not None)


def _held(material: CaseMaterial | None) -> Held | None:
    return as_held(material) if material is not None else None
