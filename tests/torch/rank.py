"""Run by torchrun: rank.py SCRIPT ARGUMENT... Runs the script as this rank, then leaves without
the interpreter's own ending.

PyTorch (2.15) may abort there: a gloo thread that lets go of its last work takes Python's lock,
which by then ends threads, and "terminate called without an active exception" is all one reads.
"""
import os
import runpy
import sys


def main():
    del sys.argv[0]
    sys.path[0] = os.path.dirname(sys.argv[0])
    runpy.run_path(sys.argv[0], run_name="__main__")
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
