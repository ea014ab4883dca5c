"""Ids and versions as people type them."""

import argparse


def an_id(text: str) -> int:
    """An id the database may know. Raises ArgumentTypeError for anything else."""
    return _number(text, 2**63, "编号")


def a_version(text: str) -> int:
    """A version the database may know. Raises ArgumentTypeError for anything else."""
    return _number(text, 2**15, "版本号")


def _number(text: str, below: int, word: str) -> int:
    if text.isascii() and text.isdecimal() and len(text) < 20 and 0 < int(text) < below:
        return int(text)
    raise argparse.ArgumentTypeError(f"“{text}”不是{word}，应为正整数")
