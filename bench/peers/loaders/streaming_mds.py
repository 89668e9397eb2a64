"""mosaicml-streaming: MDS shards on the local disk, sampled by its own shuffle, torch's workers."""
from streaming import MDSWriter, StreamingDataset
from streaming.base.util import clean_stale_shared_memory
from torch.utils.data import DataLoader

from loaders.tensor_transform import OF_TENSORS, decoded, one_thread

EPOCH_SAMPLES = 50_000  # more than a window takes, so that no epoch turns in it


def prepare(photos, out):
    classes = sorted(each.name for each in photos.iterdir())
    with MDSWriter(out=str(out), columns={"image": "bytes", "label": "int"}) as writer:
        for file in sorted(photos.glob("*/*")):
            writer.write({"image": file.read_bytes(), "label": classes.index(file.parent.name)})


class Crops(StreamingDataset):
    def __getitem__(self, index):
        sample = super().__getitem__(index)
        return OF_TENSORS(decoded(sample["image"])), sample["label"]


def batches(options):
    clean_stale_shared_memory()  # of a run that was ended
    dataset = Crops(local=str(options.data), shuffle=True, batch_size=options.batch,
                    epoch_size=EPOCH_SAMPLES)
    loader = DataLoader(dataset, batch_size=options.batch, num_workers=options.cores,
                        persistent_workers=True, worker_init_fn=one_thread, drop_last=True)
    while True:
        for images, _ in loader:
            yield images
