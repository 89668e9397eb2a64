#!/usr/bin/env python3
"""./run bench peers: loaders in use elsewhere beside Headrace, on the same pictures.

1. Interleaved: each round runs every contender once, in a process of its own, in turning order.
2. The page cache is warm: a contender's files are read before it starts.
3. A contender that fails is named with its reason and left out of every round.
"""
import argparse
import json
import os
import pathlib
import signal
import sys

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tools")]
import beside  # noqa: E402
import measure  # noqa: E402
import results  # noqa: E402
import rig  # noqa: E402
import stall  # noqa: E402
import write  # noqa: E402
from contenders import CONTENDERS, chosen  # noqa: E402
from progress import Progress  # noqa: E402

SETTINGS = ("seconds", "warm_up_s", "batch", "cores")  # what rounds must share


def main():
    options = parse()
    if options.list:
        for each in CONTENDERS:
            print(f"{each.name:24}{each.title}")
        return 0
    rig.prepare(options)
    return stall.run(options) if options.stall else compare(options)


def parse():
    parser = argparse.ArgumentParser(prog="./run bench peers", description=__doc__.splitlines()[0],
                                     epilog="Example: ./run bench peers --only headrace,dali"
                                            " --rounds 5 --json peers.json")
    parser.add_argument("--only", default="", metavar="NAME,...", help="these contenders alone")
    parser.add_argument("--list", action="store_true", help="name the contenders")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5, help="of each window (%(default)s)")
    parser.add_argument("--warm-up-s", type=float, default=2, help="before it (%(default)s)")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)),
                        help="that each contender may use (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="one round of short windows")
    parser.add_argument("--json", type=pathlib.Path, help="write rows and samples to this file;"
                        " rounds that are in it already are kept and counted")
    parser.add_argument("--write", action="store_true",
                        help="write RESULTS.md and its chart beside this program")
    parser.add_argument("--beside", type=pathlib.Path, action="append", default=[],
                        metavar="FILE", help="what another benchmark wrote with --json: its rows"
                        " too; ./run bench peers --tokens --formats measures them anew")
    parser.add_argument("--stall", action="store_true",
                        help="an emulated accelerator that waits 30 %% on torch, fed by Headrace")
    parser.add_argument("--photos", type=pathlib.Path, default=os.environ.get("HEADRACE_PHOTOS"))
    parser.add_argument("--cache", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--build", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.seconds, options.warm_up_s = 1, 2, 1
    options.contenders = chosen([name for name in options.only.split(",") if name])
    options.peer_headrace = options.build / "peer_headrace"
    options.step_ms = 0
    options.affinity = set(sorted(os.sched_getaffinity(0))[:options.cores])
    options.logs, options.root = options.cache / "logs", ROOT
    return options


def compare(options):
    settings = {key: getattr(options, key) for key in SETTINGS}
    rounds = read_rounds(options.json, settings)
    progress = Progress("peers", max(1, options.rounds * len(options.contenders)))
    absent, rows = {}, results.rows_of(rounds)
    for _ in range(options.rounds):
        rounds.append(one_round(options, len(rounds), absent, progress))
        rounds = [{name: sample for name, sample in each.items() if name not in absent}
                  for each in rounds]
        rows = results.rows_of(rounds)
        if options.json:  # each round, so that an interrupted run can go on
            form = results.json_form(write.machine(), settings, rounds, rows)
            rig.write_text(options.json, json.dumps(form))
    progress.end()
    print(write.terminal(rounds, rows, absent))
    others = [json.loads(path.read_text()) for path in options.beside]
    for other in others:
        print(f"\n{beside.section(other)}")
    if options.write:
        rig.write_text(HERE / "RESULTS.md", write.page(options, rounds, rows, absent, others))
        rig.write_text(HERE / "results.svg", write.picture(rounds, rows))
    return 0 if rows or others else 3


def one_round(options, number, absent, progress):
    """Every contender once; the order turns by one, so that nobody always follows the same."""
    turn = number % len(options.contenders)
    samples = {}
    for contender in options.contenders[turn:] + options.contenders[:turn]:
        if contender.name not in absent:
            try:
                samples[contender.name] = rig.one_sample(options, contender)
            except measure.Failure as failure:
                absent[contender.name] = str(failure)
                rig.say(f"{contender.name} is left out: {failure}")
        progress.step()
    for name, wrong in results.check_looks(samples, options.batch):
        absent[name] = f"its batch is not what was asked for: {wrong}"
        rig.say(f"{name} is left out: {absent[name]}")
    return samples


def read_rounds(path, settings):
    """The rounds of an earlier run, if it was one of the same settings."""
    if not path or not path.exists():
        return []
    document = json.loads(path.read_text())
    if document.get("settings") != settings:
        sys.exit(f"peers: {path} holds a run of other settings ({document.get('settings')});"
                 " name another file, or remove it")
    return results.rounds_of(document)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that contenders are ended
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        rig.say("interrupted")
        sys.exit(130)
