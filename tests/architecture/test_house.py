"""The house keeps its order: contracts of imports, and files a person can read in one go."""

import subprocess
import sys
from pathlib import Path

import app

ROOT = Path(app.__file__).parent.parent
LONGEST_FILE = 400


def sources() -> list[Path]:
    return [
        path
        for folder in ("app", "miniprogram_api", "notifications", "config", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
    ]


def test_imports_keep_the_contracts() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-3000:]


def test_no_file_is_too_long_to_read() -> None:
    long = {str(path.relative_to(ROOT)): _lines(path) for path in sources() if _lines(path) > LONGEST_FILE}
    assert long == {}


def test_every_module_says_what_lives_in_it() -> None:
    silent = [str(path.relative_to(ROOT)) for path in sources() if not _opens_with_words(path)]
    assert silent == []


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _opens_with_words(path: Path) -> bool:
    return path.read_text(encoding="utf-8").lstrip().startswith('"""')


def test_a_server_does_not_carry_what_makes_files() -> None:
    """Each of them weighs up to twenty megabytes; whoever has a file made loads its maker in the press."""
    looked = "import sys, app.main; print([one for one in sys.argv[1:] if one in sys.modules])"
    makers = ("aiobotocore", "fpdf", "icalendar", "openpyxl", "pypinyin", "rich")
    run = subprocess.run(
        [sys.executable, "-c", looked, *makers], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.stdout.strip() == "[]", run.stdout + run.stderr[-2000:]
