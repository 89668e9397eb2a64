#!/usr/bin/env python3
"""Reads blocks of a file at random, cold, as Python programs do; prints bytes, seconds, CPU.

storage_peers.py METHOD FILE BLOCK_BYTES SECONDS THREADS SEED
METHOD: preadv-direct, preadv-buffered (a pool of threads), or memmap (numpy.memmap, as many).
"""
import itertools
import json
import mmap
import os
import resource
import sys
import threading
import time

import numpy


def main():
    method, path, block_bytes, seconds, threads, seed = sys.argv[1:]
    block_bytes, threads = int(block_bytes), int(threads)
    blocks = os.path.getsize(path) // block_bytes
    order = numpy.random.default_rng(int(seed)).permutation(blocks).tolist()
    read = reader(method, path, block_bytes)
    offsets = [block * block_bytes for block in order]
    drop_pages(path)
    begin, begin_cpu = time.perf_counter(), cpu_seconds()
    counts = run(read, offsets, threads, begin + float(seconds))
    wall, cpu = time.perf_counter() - begin, cpu_seconds() - begin_cpu
    print(json.dumps({"bytes": sum(counts), "wall_s": wall, "cpu_s": cpu}))


def reader(method, path, block_bytes):
    """A function that makes what each thread calls with a block's offset."""
    if method == "memmap":
        mapped = numpy.memmap(path, dtype=numpy.uint8, mode="r")
        def make():
            target = numpy.empty(block_bytes, numpy.uint8)
            def read(offset):
                target[:] = mapped[offset:offset + block_bytes]
                return block_bytes
            return read
        return make
    fd = os.open(path, os.O_RDONLY | (os.O_DIRECT if method == "preadv-direct" else 0))
    def make():
        target = mmap.mmap(-1, block_bytes)  # page-aligned, as direct reads want it
        return lambda offset: os.preadv(fd, [target], offset)
    return make


def run(make, offsets, threads, end):
    """Each thread takes the next block until time or blocks are used up; blocks read by each."""
    positions, counts = itertools.count(), [0] * threads  # next() of a count is atomic
    def work(index):
        read = make()
        while time.perf_counter() < end:
            position = next(positions)
            if position >= len(offsets):
                return
            counts[index] += read(offsets[position])
    pool = [threading.Thread(target=work, args=(index,)) for index in range(threads)]
    for thread in pool:
        thread.start()
    for thread in pool:
        thread.join()
    return counts


def drop_pages(path):
    fd = os.open(path, os.O_RDONLY)
    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(fd)


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
