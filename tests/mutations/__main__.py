"""Change the rules one by one and run their tests; print for each module how many changes were noticed, and those that were not.

python -m tests.mutations                                  every module
python -m tests.mutations creation.rules.deadlines         one
python -m tests.mutations --sample 10 --seed 2026-11-29    a tenth, another one for another seed
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.mutations import operators
from tests.mutations.targets import PURE, TARGETS

ROOT = Path(__file__).resolve().parents[2]
REASONS = ROOT / "docs" / "mutations.md"
GOAL = 90  # per cent
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "tests.mutations.plugin", "-p", "no:cacheprovider")
WITHOUT_DJANGO = (
    "-c",
    os.devnull,
    "--rootdir",
    str(ROOT),
    "--import-mode",
    "importlib",
    "--noconftest",
    "-p",
    "no:django",
)


@dataclass(frozen=True, slots=True)
class ModuleResult:
    """What became of the mutants of a module."""

    module: str
    found: list[dict[str, Any]]

    @property
    def survivors(self) -> list[str]:
        return [f"{self.module}:{each['line']} {each['text']}" for each in self.found if not each["killed"]]

    def __str__(self) -> str:
        killed = len(self.found) - len(self.survivors)
        return f"{self.module}: {len(self.found)} mutants, {killed} killed ({percentage(killed, len(self.found))})"


def percentage(killed: int, tried: int) -> str:
    return f"{100 * killed / tried:.1f} %" if tried else "none"


def path_of(module: str) -> Path:
    return ROOT / f"{module.replace('.', '/')}.py"


def mutants_of(module: str) -> list[operators.Mutant]:
    return operators.instrument(path_of(module).read_text(encoding="utf-8"))[1]


def sampled(module: str, sample: int, seed: str) -> list[int]:
    """Return the numbers of a part of the mutants: one in ``sample``, others for another seed."""
    numbers = (each.number for each in mutants_of(module))
    return [number for number in numbers if zlib.crc32(repr((seed, module, number)).encode()) % sample == 0]


def try_module(module: str, numbers: list[int] | None = None) -> ModuleResult:
    """Run the tests of the module with each of its mutants, or with those ``numbers``. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results"
        results.touch()
        chosen = {} if numbers is None else {"MUTANTS": json.dumps(numbers)}
        environment = os.environ | {"MUTATED_MODULE": module, "MUTATION_RESULTS": str(results)} | chosen
        if numbers != []:
            command = [*PYTEST, *(WITHOUT_DJANGO if module in PURE else ()), *TARGETS[module]]
            subprocess.run(command, cwd=ROOT, env=environment, check=True)
        return ModuleResult(module, [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()])


def unexplained(survivors: list[str]) -> list[str]:
    """Return the survivors without a reason in docs/mutations.md; the line in the source may have moved."""
    text = REASONS.read_text(encoding="utf-8")
    return [each for each in survivors if f"{each.partition(':')[0]} {each.partition(' ')[2]}" not in text]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", metavar="module", help="modules of targets.py; all without any")
    parser.add_argument("--sample", type=int, default=1, help="try one mutant in so many")
    parser.add_argument("--seed", default=f"{datetime.now(UTC):%Y-%m-%d}", help="selects the sample")
    options = parser.parse_args()
    if unknown := set(options.modules) - TARGETS.keys():
        parser.error(f"not in tests/mutations/targets.py: {', '.join(sorted(unknown))}")
    results = []
    for module in options.modules or TARGETS:
        numbers = sampled(module, options.sample, options.seed) if options.sample > 1 else None
        results.append(try_module(module, numbers))
        print(results[-1], *results[-1].survivors, sep="\n  ", flush=True)
    tried = sum(len(each.found) for each in results)
    survivors = [each for result in results for each in result.survivors]
    print(
        f"{tried} mutants, {percentage(tried - len(survivors), tried)} killed, {len(unexplained(survivors))} unexplained"
    )
    return int(100 * (tried - len(survivors)) < GOAL * tried)


if __name__ == "__main__":
    sys.exit(main())
