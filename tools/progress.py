"""A progress bar on a terminal, a plain line every few seconds elsewhere; both on stderr.

Not thread-safe: one thread calls step().
"""
import sys
import time

BAR_CELLS = 28
PLAIN_EVERY_S = 5.0


class Progress:
    def __init__(self, what, count, clock=time.monotonic, out=sys.stderr):
        self.what, self.count, self.clock, self.out = what, count, clock, out
        self.done = 0
        self.started = self.said = clock()
        self.bar = out.isatty()

    def step(self, amount=1):
        self.done += amount
        now = self.clock()
        if self.bar:
            filled = BAR_CELLS * self.done // self.count
            cells = "█" * filled + "░" * (BAR_CELLS - filled)
            self.out.write(f"\r{self.what} {cells} {self._figures(now)}\x1b[K")
            self.out.flush()
        elif now - self.said >= PLAIN_EVERY_S:
            self.said = now
            print(f"{self.what} {self._figures(now)}", file=self.out, flush=True)

    def end(self):
        took = f"{self.what}: {self.clock() - self.started:.1f} s"
        print(f"\r{took}\x1b[K" if self.bar else took, file=self.out, flush=True)

    def _figures(self, now):
        left_s = (now - self.started) / self.done * (self.count - self.done)
        return f"{100 * self.done // self.count} %, {left_s:.0f} s left"
