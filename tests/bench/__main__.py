"""``python -m tests.bench [NAME …]``: runs the benchmarks, prints a table and writes ``bench.json``.

A name chooses that benchmark, or every one that begins with it when there is none of this name.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import uvloop

from tests.bench import report
from tests.bench.measures import NAMES, measure
from tests.bench.progress import MANY
from tests.bench.servers import Site


def main() -> int:
    """Answers 1 when a bound was missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--output", type=Path, default=Path("bench.json"))
    parser.add_argument("--rows", type=int, default=MANY, help="cases in the large set, fewer for trying")
    options = parser.parse_args()
    chosen = [name for given in options.names or [""] for name in _meant(given)]
    if not chosen:
        parser.error(f"unknown benchmark; there are: {', '.join(NAMES)}")
    with tempfile.TemporaryDirectory(prefix="weiban-bench-") as folder, Site(Path(folder)) as site:
        findings = uvloop.run(measure(site, chosen, _tell, cases=options.rows))
    report.show(findings)
    report.write(findings, options.output)
    return 0 if all(one.holds for one in findings.values()) else 1


def _meant(given: str) -> list[str]:
    return [given] if given in NAMES else [name for name in NAMES if name.startswith(given)]


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
