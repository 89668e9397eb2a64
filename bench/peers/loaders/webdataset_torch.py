"""webdataset: tar shards streamed by torch's workers, shuffled in a buffer, batched there."""
import webdataset

from loaders.tensor_transform import OF_TENSORS, decoded, one_thread

SAMPLES_A_SHARD, SHUFFLED = 320, 1000


def prepare(photos, out):
    out.mkdir()
    classes = sorted(each.name for each in photos.iterdir())
    with webdataset.ShardWriter(f"{out}/%06d.tar", maxcount=SAMPLES_A_SHARD, verbose=0) as writer:
        for number, file in enumerate(shuffled(photos.glob("*/*"))):
            writer.write({"__key__": f"{number:06}", "jpg": file.read_bytes(),
                          "cls": classes.index(file.parent.name)})


def shuffled(files):
    """Shards are read in sequence, so classes are mixed when they are written."""
    import random
    files = sorted(files)
    random.Random(0).shuffle(files)
    return files


def batches(options):
    shards = sorted(str(shard) for shard in options.data.glob("*.tar"))
    dataset = (webdataset.WebDataset(shards, resampled=True).shuffle(SHUFFLED)
               .map(lambda sample: (OF_TENSORS(decoded(sample["jpg"])), int(sample["cls"])))
               .batched(options.batch, partial=False))
    loader = webdataset.WebLoader(dataset, batch_size=None, num_workers=options.cores,
                                  worker_init_fn=one_thread)
    for images, _ in loader:
        yield images
