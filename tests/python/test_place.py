"""Where a run stands: epochs, breaks, skips, states, ranks."""
import os
import unittest
from unittest import mock

import numpy

import headrace as hr
from shards import CROPS, PIXELS, WithShards, labels


class Epochs(WithShards):
    def test_len_is_what_a_loop_gives(self):
        for last, count in (("short", 7), ("drop", 6), ("pad", 7)):
            loader = self.loader(last=last)
            self.assertEqual((len(loader), len(list(map(labels_of, loader)))), (count, count))

    def test_each_loop_is_another_epoch(self):
        loader = self.loader()
        first, second = labels(loader), labels(loader)
        self.assertEqual(sorted(first), sorted(second))
        self.assertNotEqual(first, second)
        self.assertEqual(loader.epoch, 2)

    def test_a_break_ends_the_epoch(self):
        loader = self.loader()
        for _ in loader:
            break
        self.assertEqual(loader.place, (0, 8))
        whole = self.loader()
        whole.set_epoch(1)
        self.assertEqual(labels(loader), labels(whole))

    def test_set_epoch_goes_there_and_keeps_what_is_read_ahead_when_it_is_there(self):
        loader = self.loader()
        epochs = [labels(loader) for _ in range(3)]
        for epoch in (2, 0, 1):
            loader.sampler.set_epoch(epoch)
            self.assertEqual(labels(loader), epochs[epoch])
        loader.set_epoch(2)
        self.assertIsNone(loader._pending)
        next(iter(loader))
        loader.set_epoch(2)
        self.assertEqual(labels(loader), epochs[2])

    def test_seeds_differ_by_more_than_an_epoch(self):
        seven, eight = self.loader(seed=7), self.loader(seed=8)
        labels(seven)
        self.assertNotEqual(labels(seven), labels(eight))


class States(WithShards):
    def test_are_of_the_last_batch_that_was_yielded(self):
        loader = self.loader()
        loop = iter(loader)
        self.assertEqual(loader.state_dict()["position"], 0)
        for count in range(1, 7):
            next(loop)
            self.assertEqual(loader.state_dict()["position"], 8 * count)
        next(loop)
        state = loader.state_dict()
        self.assertEqual((state["epoch"], state["position"]), (1, 0))

    def test_go_on_exactly_before_the_first_loop_and_in_the_middle_of_one(self):
        loader = self.loader(fields=CROPS)
        loop = iter(loader)
        next(loop), next(loop)
        state = loader.state_dict()
        rest = [batch["image"].copy() for batch in loop]
        other = self.loader(fields=CROPS, workers=3, prefetch=1)
        next(iter(other))
        other.load_state_dict(state)
        other.set_epoch(0)  # as trainers do
        for expected, batch in zip(rest, other, strict=True):
            numpy.testing.assert_array_equal(batch["image"], expected)

    def test_name_what_differs(self):
        state = self.loader().state_dict()
        with self.assertRaisesRegex(hr.Error, "the seed was 7 and is 8"):
            self.loader(seed=8).load_state_dict(state)
        with self.assertRaisesRegex(hr.Error, "the plan of fields and operators was"):
            self.loader(fields=CROPS).load_state_dict(state)
        with self.assertRaisesRegex(hr.Error, "the shuffle was global and is none"):
            self.loader(shuffle="none").load_state_dict(state)
        with self.assertRaisesRegex(hr.Error, 'key "seed" is missing'):
            self.loader().load_state_dict({k: v for k, v in state.items() if k != "seed"})

    def test_skip_equals_taking(self):
        for count in (0, 1, 6, 7, 8, 30):
            taken, skipped = self.loader(), self.loader()
            left = count
            while left > 0:
                loop = iter(taken)
                for _ in range(min(left, len(taken))):
                    next(loop)
                left -= len(taken)
            skipped.skip(count)
            self.assertEqual(taken.place, skipped.place, count)
        skipped.skip(2)
        self.assertEqual(labels(skipped), labels(after(self.loader(), 32)))


def after(loader, batches):
    loader.skip(batches)
    return loader


class Worlds(WithShards):
    def test_ranks_share_each_epoch(self):
        for last, least in (("drop", 48), ("pad", 50)):
            loaders = [self.loader(rank=rank, world_size=3, last=last) for rank in range(3)]
            self.assertEqual(len({len(loader) for loader in loaders}), 1)
            seen = [label for loader in loaders for label in labels(loader)]
            self.assertEqual(len(set(seen)), least)

    def test_many_ranks_have_equally_many_batches_unless_asked(self):
        for world_size in range(2, 17):
            counts = {len(self.loader(rank=rank, world_size=world_size, batch=3))
                      for rank in range(world_size)}
            self.assertEqual(len(counts), 1)


class Partitions(WithShards):
    def test_replicated_ranks_see_everything(self):
        loader = self.loader(partition="replicate")
        self.assertEqual(sorted(labels(loader)), list(range(self.COUNT)))
        self.assertEqual(loader.share["world_size"], 1)

    def test_each_node_reads_its_own_run_of_samples(self):
        seen, batches = {}, set()
        for rank in range(6):
            shuffle = ("global", "window")[rank // 2 % 2]
            world = {"RANK": rank, "WORLD_SIZE": 6, "LOCAL_RANK": rank % 2, "LOCAL_WORLD_SIZE": 2}
            with mock.patch.dict(os.environ, {name: str(value) for name, value in world.items()}):
                loader = self.loader(partition="node", batch=4, shuffle=shuffle)
            batches.add(len(loader))
            self.assertEqual(loader.share["first_sample"], 16 * (rank // 2))
            seen.setdefault(rank // 2, []).extend(labels(loader))
            with self.assertRaisesRegex(hr.Error, "fingerprint"):
                self.loader(shuffle=shuffle).load_state_dict(loader.state_dict())
        self.assertEqual(batches, {2})
        for node, mine in seen.items():
            self.assertEqual(sorted(mine), list(range(16 * node, 16 * node + 16)))

    def test_unknown_ones_are_refused(self):
        with self.assertRaisesRegex(hr.Error, '"rank", "node" or "replicate"'):
            self.loader(partition="nodes")


def labels_of(batch):
    return len(batch["label"])


if __name__ == "__main__":
    unittest.main()
