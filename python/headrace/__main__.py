"""`python -m headrace ...` and the console script: the headrace command itself."""
from __future__ import annotations

import sys


def main() -> int:
    from headrace._headrace import run_command
    return run_command(["headrace", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
