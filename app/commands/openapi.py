"""Prints the OpenAPI 3.1 description of the API."""

import argparse
import json
import os
import secrets
import sys
from pathlib import Path

from config import settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the output."""
    parser.add_argument("--output", type=Path, help="写入文件而不是标准输出")


def run(args: argparse.Namespace) -> int:
    """Writes the document; reads no data, so it needs neither engines nor real keys."""
    for name in ("secret_key", "pii_key"):
        os.environ.setdefault(settings.variable(name), secrets.token_urlsafe(32))
    from app import main

    text = json.dumps(main.openapi(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    if args.output:
        args.output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0
