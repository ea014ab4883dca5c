"""As whom an engine runs that refuses to be root, without opening any folder we did not make."""

import os
import pwd
import subprocess
from pathlib import Path

from app.kit.engines import process
from app.kit.engines.process import EngineFailed


def options(home: Path, data: Path, program: str) -> list[str]:
    """Options of ``launch.py`` that let ``program`` use ``home``; none for most ordinary users.

    Raises:
        EngineFailed: the data is someone else's, or nobody but root can reach it.
    """
    owner = (data if data.exists() else home).stat().st_uid
    if os.geteuid() != 0:
        if owner != os.geteuid():
            raise EngineFailed(f"{data} 属于另一个用户，请由该用户启动，或换一个数据目录（--data-dir）")
        return _named(owner)
    # What an ordinary user made stays that user's.
    way = ["--user", str(owner), *_named(owner)] if owner else ["--namespace"]
    if _reaches(way, home, program):
        return way
    if not owner and not data.exists():
        nobody = pwd.getpwnam("nobody").pw_uid
        for folder in (home, *(path for path in home.iterdir() if path.is_dir())):
            # We made these folders a moment ago; their parents stay as they are.
            os.chown(folder, nobody, -1)
        way = ["--user", str(nobody)]
        if _reaches(way, home, program):
            return way
    raise EngineFailed(
        f"以 root 运行时，数据库须以普通用户身份工作，但它无法进入 {home} 或运行 {program}。\n"
        "请用普通用户启动，或用 --data-dir 指定普通用户能进入的目录"
    )


def _named(user: int) -> list[str]:
    # PostgreSQL wants a name for its user; containers often run as a bare number, which the namespace names.
    try:
        pwd.getpwuid(user)
    except KeyError:
        return ["--namespace"]
    return []


def _reaches(way: list[str], home: Path, program: str) -> bool:
    probe = process.launched([program], options=[*way, "--only-reach", str(home)], end_signal=None)
    return subprocess.run(probe, capture_output=True, check=False, cwd="/").returncode == 0
