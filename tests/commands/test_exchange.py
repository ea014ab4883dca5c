"""``weiban partner`` and ``weiban exchange import``: a system is registered, its file goes in."""

import argparse
import csv
import io
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from openpyxl import Workbook

from app.commands import partner
from app.commands.exchange import _take_in
from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.cases.models import Case
from app.domain.certificates.models import Certificate
from app.kit import db
from tests.factories import accounts
from tests.factories.certificates import certificate
from tests.factories.partners import AUTHORITY, histories, make_partner
from tests.processes import environment

pytestmark = pytest.mark.usefixtures("db")


def csv_of(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, sorted({name for row in rows for name in row}))
        writer.writeheader()
        writer.writerows(rows)
    return path


def xlsx_of(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    book = Workbook()
    names = sorted({name for row in rows for name in row})
    sheet: Any = book.active
    for line in (names, *([row.get(name) for name in names] for row in rows)):
        sheet.append(line)
    book.save(path)
    return path


def json_lines_of(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path.write_bytes(b"\n".join(orjson.dumps(row) for row in rows) + b"\n\nno json\n")
    return path


@pytest.mark.parametrize("written", [csv_of, xlsx_of, json_lines_of], ids=["csv", "xlsx", "jsonl"])
async def test_a_file_of_any_kind_goes_in_as_if_it_was_pushed(tmp_path: Path, written: Any) -> None:
    pusher, rows = await make_partner(), histories(7)
    broken = {**rows[0], "sequence": len(rows) + 1, "kind": "no such kind"}
    path, report = written(tmp_path / "messages.xlsx", [*rows, broken]), io.StringIO()
    counts = await _take_in(path, pusher.id, None, report)
    ends_badly = written is json_lines_of
    # A kind there is not, and the steps that were not possible.
    assert counts["refused"] - ends_badly == 1 + 4
    assert counts.total() - ends_badly == len(rows) + 1
    assert await Case.all().count() == 7
    lines = list(csv.reader(io.StringIO(report.getvalue())))
    assert len(lines) == 1 + counts.total()
    assert lines[1][2] == "已入库"
    # Run again after it was interrupted: nothing happens twice.
    again = await _take_in(path, pusher.id, None, io.StringIO())
    assert again["duplicate"] == len(rows)


async def test_a_byte_order_mark_and_an_endless_line_spoil_no_other_line(tmp_path: Path) -> None:
    pusher, (first, second, *_), report = await make_partner(), histories(1), io.StringIO()
    endless = b'{"text": "' + b"x" * 200_000 + b'"}'
    path = tmp_path / "messages.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + b"\n".join([orjson.dumps(first), endless, orjson.dumps(second)]))
    await _take_in(path, pusher.id, None, report)
    lines = list(csv.reader(io.StringIO(report.getvalue())))[1:]
    assert [(line[0], line[2]) for line in lines] == [("1", "已入库"), ("2", "拒绝"), ("3", "已入库")]


def weiban(*arguments: str, token: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        env=environment(WEIBAN_STAFF_TOKEN=token),
        capture_output=True,
        text=True,
        check=False,
    )


async def token_of(*roles: StaffRole) -> str:
    member = await accounts.staff_at_work("admin", *(Post(role) for role in roles))
    code = accounts.code_of(await accounts.totp_uri_of(member.username), steps_ahead=1)
    signed = await staff.sign_in(member.username, accounts.CHOSEN_PASSWORD, code, address="127.0.0.1")
    return signed.token


async def test_a_system_is_registered_and_its_file_goes_in(tmp_path: Path) -> None:
    token = await token_of(StaffRole.SECURITY_ADMIN)
    member = await staff.staff_of(token)
    made = ("create", "gz", "--name", "审批系统", "--department", "政数局", "--authority", AUTHORITY[:8])
    assert "--any-region" in weiban("partner", *made, token=token).stderr
    assert "已登记 gz" in weiban("partner", *made, "--any-region", token=token).stdout
    parser = argparse.ArgumentParser()
    partner.add_arguments(parser)
    assert "密钥只显示这一次" in await partner._key(member, parser.parse_args(["key", "add", "gz"]))
    path = csv_of(tmp_path / "messages.csv", histories(1))
    done = weiban("exchange", "import", str(path), "--system", "gz", token=token)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "共 5 行：已入库 5"), done.stderr
    assert (tmp_path / "messages.csv.report.csv").exists()
    told = await db.fetch("SELECT action FROM audit_entry WHERE target = 'partner:gz' ORDER BY id")
    assert [row["action"] for row in told][-2:] == ["partner.import_began", "partner.imported"]
    listed = await partner._list(member, parser.parse_args(["list"]))
    assert "收到 5，齐至 5，缺 无，等待 0，转人工 0" in listed


@pytest.mark.parametrize("written", [csv_of, xlsx_of, json_lines_of], ids=["csv", "xlsx", "jsonl"])
async def test_certificates_come_from_files_as_well(tmp_path: Path, written: Any) -> None:
    pusher = await make_partner()
    rows = [certificate(1), certificate(2, version=2, hours=1), certificate(3, "JY2", identifier="1.2.3")]
    counts = await _take_in(written(tmp_path / "证照.xlsx", rows), pusher.id, None, io.StringIO())
    assert (counts["applied"], counts["refused"]) == (2, 2 if written is json_lines_of else 1)
    assert {one.state for one in await Certificate.all()} == {"replaced", "valid"}
