"""The command ``weiban``: one small file per subcommand in ``app.commands``."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Protocol, cast

from app.commands import CannotStart
from app.kit.engines import EngineFailed
from app.kit.supervisor import ChildFailed
from config.menus import BadMenus
from config.messages import BadMessages
from config.settings import BadSettings

# The subcommand and the module that does it, in the order of the help text.
COMMANDS = {
    "up": "up",
    "serve": "serve",
    "worker": "worker",
    "sandbox": "sandbox",
    "migrate": "migrate",
    "seed": "seed",
    "regions": "regions",
    "calendar": "calendar",
    "guides": "guides",
    "notice": "notice",
    "openapi": "openapi",
    "check-config": "check_config",
    "staff": "staff",
    "keys": "keys",
    "wechat": "wechat",
    "message": "message",
    "audience": "audience",
    "campaign": "campaign",
    "special": "special",
    "connection": "connection",
    "duty": "duty",
    "objection": "objection",
    "credit": "credit",
    "delivery": "delivery",
    "quota": "quota",
    "sms": "sms",
    "partner": "partner",
    "exchange": "exchange",
}


class Command(Protocol):
    """What a module in ``app.commands`` offers; its docstring is the help text."""

    __doc__: str | None

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declares the options."""

    def run(self, args: argparse.Namespace) -> int:
        """Does it; answers the exit code."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one subcommand; a fault of the surroundings is told in words, without a traceback."""
    given = sys.argv[1:] if argv is None else argv
    parser = argparse.ArgumentParser(prog="weiban", description="微办：微信里的政务服务大厅")
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, module_name in _meant(given).items():
        command = cast(Command, import_module(f"app.commands.{module_name}"))
        words = (command.__doc__ or "").strip()
        subparser = subparsers.add_parser(name, help=words.partition("\n")[0], description=words)
        command.add_arguments(subparser)
        subparser.set_defaults(command=command)
    args = parser.parse_args(given)
    try:
        return cast(Command, args.command).run(args)
    except (BadSettings, BadMenus, BadMessages, CannotStart, EngineFailed, ChildFailed) as fault:
        sys.stderr.write(f"{fault}\n")
        return 1


def _meant(given: Sequence[str]) -> Mapping[str, str]:
    """The one subcommand that is named; all of them where none is, for the help.

    A server would carry every other command, and what it draws its tables with, for as long as it serves.
    """
    name = given[0] if given else ""
    return {name: COMMANDS[name]} if name in COMMANDS else COMMANDS


if __name__ == "__main__":
    sys.exit(main())
