"""A person's papers when they take their data along, and what becomes of them when they leave."""

from uuid import UUID

from app.domain.accounts import merging, portability
from app.domain.accounts.merging import Rows
from app.domain.cases.models import Case
from app.domain.cases.paper_models import CaseDocument, CaseMaterial, CaseSupplement
from app.kit import crypto, db

_FOUND = frozenset({"state", "reason"})
_OWN = "SELECT number FROM case_file WHERE person_id = $1 AND enterprise_id IS NULL"


async def export(person_id: UUID) -> object:
    """What a person handed in, what they wrote with it, and the documents of their own cases.

    What an office found of materials of an enterprise is the enterprise's to know.
    """
    materials = await CaseMaterial.filter(person_id=person_id).order_by("id").values(
        "case_number", "name", "state", "sha256", "size", "media_type", "promised_on", "reason", "uploaded_at"
    )  # fmt: skip
    answers = await CaseSupplement.filter(person_id=person_id).order_by("at")
    own = set(await Case.filter(person_id=person_id, enterprise_id=None).values_list("number", flat=True))
    documents = CaseDocument.filter(case_number__in=own).order_by("case_number", "event_seq")
    return {
        "materials": [
            one if one["case_number"] in own else {name: one[name] for name in one.keys() - _FOUND}
            for one in materials
        ],
        "answers": [
            {
                "case_number": one.case_number,
                "at": one.at,
                "text": crypto.unseal(one.text_sealed) if one.text_sealed else "",
            }
            for one in answers
        ],
        "documents": await documents.values("case_number", "kind", "office", "dated_at", "code"),
    }  # fmt: skip


async def leave(person_id: UUID) -> None:
    """Let go of what was not handed in, and of every name; what the archive law keeps stays tied to nobody.

    It runs before the cases themselves are let go of: only they still tell whose documents these are.
    """
    await db.fetch(f"{_OWN} ORDER BY number FOR NO KEY UPDATE", person_id)  # No document is issued meanwhile.
    await CaseMaterial.filter(person_id=person_id, handed_in_seq=None).delete()
    await db.execute(
        f"UPDATE case_document SET content_sealed = NULL WHERE case_number IN ({_OWN})",  # noqa: S608
        person_id,
    )
    await CaseMaterial.filter(person_id=person_id).update(person_id=None, request_hash=None)
    await CaseSupplement.filter(person_id=person_id).update(
        person_id=None, text_sealed=None, request_key=None
    )


def register() -> None:
    """Make them known to the accounts area, and have papers move along when persons are merged."""
    portability.register("case_papers", export)
    portability.before_deletion("case_papers", leave)
    merging.register("case_materials", Rows("case_material"))
    merging.register("case_supplements", Rows("case_supplement"))
