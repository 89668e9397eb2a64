"""Rank and world from each launcher's environment."""
import unittest

import headrace as hr


class Ranks(unittest.TestCase):
    def test_are_one_of_one_without_a_launcher(self):
        self.assertEqual(hr.ranks({}), (0, 1, 0, 1))

    def test_come_from_torchrun(self):
        here = hr.ranks({"RANK": "5", "WORLD_SIZE": "8", "LOCAL_RANK": "1",
                         "LOCAL_WORLD_SIZE": "4"})
        self.assertEqual(here, (5, 8, 1, 4))
        self.assertEqual((here.node, here.node_count), (1, 2))

    def test_come_from_a_slurm_step_but_not_from_its_batch_script(self):
        script = {"SLURM_PROCID": "0", "SLURM_NTASKS": "8", "SLURM_LOCALID": "0"}
        self.assertEqual(hr.ranks(script), (0, 1, 0, 1))
        step = {**script, "SLURM_PROCID": "6", "SLURM_STEP_NUM_TASKS": "8", "SLURM_LOCALID": "2",
                "SLURM_STEP_TASKS_PER_NODE": "4(x2)"}
        self.assertEqual(hr.ranks(step), (6, 8, 2, 4))

    def test_come_from_mpi(self):
        self.assertEqual(hr.ranks({"OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2",
                                   "OMPI_COMM_WORLD_LOCAL_RANK": "1",
                                   "OMPI_COMM_WORLD_LOCAL_SIZE": "2"}), (1, 2, 1, 2))
        self.assertEqual(hr.ranks({"PMI_RANK": "3", "PMI_SIZE": "4", "MPI_LOCALRANKID": "1",
                                   "MPI_LOCALNRANKS": "2"}), (3, 4, 1, 2))

    def test_that_make_no_sense_are_refused(self):
        for environment in ({"RANK": "8", "WORLD_SIZE": "8"}, {"RANK": "x", "WORLD_SIZE": "8"}):
            with self.assertRaisesRegex(hr.Error, "give rank= and world_size="):
                hr.ranks(environment)


if __name__ == "__main__":
    unittest.main()
