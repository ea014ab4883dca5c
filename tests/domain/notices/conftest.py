"""A desk of people, and a folder of its own for files."""

from pathlib import Path

import pytest

from config import settings
from tests.factories.notices import Desk, desk


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files of this test are kept."""
    chosen = settings.current().model_copy(update={"files_dir": str(tmp_path / "files")})
    monkeypatch.setattr(settings, "current", lambda: chosen)
    return tmp_path / "files"


@pytest.fixture
def people(db: None) -> Desk:
    return desk()
