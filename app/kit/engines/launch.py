"""Becomes another program that ends with its parent and is not root: ``launch.py [options] -- PROGRAM ARGS``.

Runs alone (``python -I -S``) so that it starts in a few milliseconds, and uses nothing but the standard
library. PostgreSQL refuses to run as root. As root we therefore either enter a user namespace where our
own user carries the number of ``nobody`` (no system user is made, no folder is opened), or, where the
kernel forbids namespaces, become an ordinary user and keep the one capability that lets it reach the
data folder through parents that stay closed.
"""

import argparse
import ctypes
import os
import pwd
import signal
import struct
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522
NOBODY = 65534


def libc(name: str, *arguments: object) -> None:
    """Calls a C function and raises what errno says when it fails."""
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


def enter_namespace() -> None:
    """Keeps every right on our own files, and is called ``nobody`` inside."""
    user, group = os.geteuid(), os.getegid()
    libc("unshare", CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {group} 1")


def become(user: int) -> None:
    """Gives up root for an ordinary user, keeping only the right to reach its own files by any path."""
    try:
        group = pwd.getpwuid(user).pw_gid
    except KeyError:
        group = user
    libc("prctl", PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)
    header = struct.pack("Ii", CAPABILITY_VERSION_3, 0)
    # Changing the user hides our own entries in /proc from us; the namespace is set up through them.
    libc("prctl", PR_SET_DUMPABLE, 1, 0, 0, 0)
    kept = 1 << CAP_DAC_OVERRIDE
    try:
        libc("capset", header, struct.pack("6I", kept, kept, kept, 0, 0, 0))
        libc("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)
    except OSError:
        # A container may withhold this right; then every parent folder has to be open to the user anyway,
        # and the program says so when it is not.
        return


def end_with_parent(parent: int, number: int) -> None:
    """Asks the kernel for a signal when the parent dies, however it dies."""
    if sys.platform != "linux":
        return
    libc("prctl", PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        # It died before we asked.
        sys.exit(1)


def main() -> None:
    """Reads the options and becomes the program."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int)
    parser.add_argument("--end-signal", default="SIGKILL")
    parser.add_argument("--namespace", action="store_true")
    parser.add_argument("--user", type=int)
    parser.add_argument("--only-reach", metavar="FOLDER", help="starts nothing, and fails unless it could")
    parser.add_argument("program", nargs="+")
    options = parser.parse_args()
    if options.user is not None:
        become(options.user)
    if options.namespace:
        enter_namespace()
    if options.only_reach:
        # Trying is the only true answer: access(2) leaves the kept right out of account.
        list(Path(options.only_reach).iterdir())
        Path(options.program[0]).open("rb").close()
        return
    # The request is forgotten when a process changes its user, so it comes last.
    if options.parent:
        end_with_parent(options.parent, getattr(signal, options.end_signal))
    os.execv(options.program[0], options.program)  # noqa: S606 - Becoming the given program is the purpose.


if __name__ == "__main__":
    main()
