"""Who takes part in ./run bench peers: what each reads, how it resizes, and its settings.

A value each; nothing runs here. `note` says where the settings come from.
"""
import dataclasses
import pathlib
import sys

HERE = pathlib.Path(__file__).parent
OURS, PEER, LOOP, DECODE = "Headrace", "loader", "loop", "decode"
ANTIALIASED, TWO_TAPS = "antialiased", "two taps"


@dataclasses.dataclass(frozen=True)
class Contender:
    name: str            # as --only takes it
    kind: str            # OURS, PEER (a loader in use elsewhere), LOOP (written by hand), DECODE
    title: str
    data: str            # folder, or a format of its own, that it reads
    resize: str          # ANTIALIASED, TWO_TAPS, or what it does instead
    note: str
    program: tuple       # ("feed", preset...) of peer_headrace, or (module of loaders/, variant)
    packages: tuple = ()
    like_for_like: bool = True  # same crop, float32, batch: else it is shown and not compared

    def command(self, options, data):
        """The command line that runs one window of it on the folder `data`."""
        common = [f"--cores={options.cores}", f"--batch={options.batch}",
                  f"--warm-up-s={options.warm_up_s}", f"--seconds={options.seconds}",
                  f"--step-ms={options.step_ms}"]
        first, *rest = self.program
        if self.kind in (OURS, DECODE):
            return [str(options.peer_headrace), first, str(data), *rest, *common]
        return [sys.executable, str(HERE / "contender.py"), first, str(data),
                *[f"--variant={variant}" for variant in rest], *common]

    def prepare_command(self, photos, data):
        return [sys.executable, str(HERE / "contender.py"), self.program[0], str(data),
                f"--prepare-from={photos}"]


CONTENDERS = (
    Contender(
        "headrace", OURS, "Headrace, packed, exact", "packed", ANTIALIASED,
        "`headrace pack` (lossless recode), the imagenet preset, one worker a core, two batches"
        " ahead; pixels as libjpeg-turbo decodes them.", ("feed", "--prefetch=2")),
    Contender(
        "headrace-fast", OURS, "Headrace, packed, fast", "packed", ANTIALIASED,
        'The same with `decode = "fast"`: luma and color resized apart, as docs/performance.md'
        " states its error.", ("feed", "--prefetch=2", "--decode=fast")),
    Contender(
        "headrace-folder", OURS, "Headrace, folder, exact", "folder", ANTIALIASED,
        "The untouched files, exact.", ("feed", "--prefetch=2")),
    Contender(
        "headrace-folder-fast", OURS, "Headrace, folder, fast", "folder", ANTIALIASED,
        "The untouched files, fast.", ("feed", "--prefetch=2", "--decode=fast")),
    Contender(
        "decode", DECODE, "libjpeg-turbo decodes only", "plain", "none",
        "Debian's libjpeg-turbo, whole pictures to RGB from memory, one thread a core: the line to"
        " beat, not a loader.", ("decode",), like_for_like=False),
    Contender(
        "loop", LOOP, "simplejpeg + OpenCV, written by hand", "folder", TWO_TAPS,
        "One Python thread a core (the packages release the GIL), cv2.resize without antialiasing,"
        " written straight into batches that were made before.",
        ("simplejpeg_loop",), ("simplejpeg", "opencv-python", "numpy")),
    Contender(
        "torchvision-pillow", PEER, "torch DataLoader + torchvision (Pillow)", "folder",
        ANTIALIASED,
        "One worker process a core, persistent, one thread each; torchvision's reference pipeline"
        " for ImageNet.", ("torchvision_folder", "pillow"), ("torch", "torchvision", "pillow")),
    Contender(
        "torchvision-tensor", PEER, "torch DataLoader + torchvision (tensors)", "folder",
        ANTIALIASED,
        "As above, but decode_image and the v2 transforms on uint8 tensors, as torchvision's guide"
        " to speed advises.",
        ("torchvision_folder", "tensor"), ("torch", "torchvision")),
    Contender(
        "webdataset", PEER, "webdataset + torchvision (tensors)", "webdataset", ANTIALIASED,
        "Tar shards of 320 samples, resampled, a shuffle buffer of 1,000, batched in the workers,"
        " WebLoader with one worker a core: its guide's advice.",
        ("webdataset_torch",), ("webdataset", "torch", "torchvision")),
    Contender(
        "mosaicml", PEER, "mosaicml-streaming + torchvision (tensors)", "mds", ANTIALIASED,
        "MDS shards of the JPEG bytes on the local disk, its default shuffle, torch's DataLoader"
        " with one worker a core.",
        ("streaming_mds",), ("mosaicml-streaming", "torch", "torchvision")),
    Contender(
        "dali", PEER, "DALI CPU", "folder", ANTIALIASED,
        "File reader, fused decode and random crop, one thread a core; antialiased as by default.",
        ("dali_cpu", "antialias"), ("nvidia-dali-cuda130",)),
    Contender(
        "dali-two-taps", PEER, "DALI CPU, not antialiased", "folder", TWO_TAPS,
        "The same with antialias=False, which is cheaper.",
        ("dali_cpu", "two-taps"), ("nvidia-dali-cuda130",)),
    Contender(
        "spdl", PEER, "SPDL", "folder", "swscale",
        "FFmpeg decodes, crops, scales (bilinear) and flips in its filter graph; jobs of 32"
        " pictures on one thread a core. FFmpeg is Debian's.",
        ("spdl_ffmpeg",), ("spdl",)),
    Contender(
        "tensorflow", PEER, "tf.data", "folder", TWO_TAPS,
        "decode_and_crop_jpeg, resize without antialiasing (its default), a private pool of one"
        " thread a core, AUTOTUNE.",
        ("tensorflow_data",), ("tensorflow-cpu",)),
    Contender(
        "ffcv", PEER, "FFCV, JPEG", "ffcv-jpg", "by area",
        "Beton of JPEG re-encoded at quality 95 (FFCV cannot keep the files' bytes), os_cache,"
        " float32 by its compiled NormalizeImage.",
        ("ffcv_beton", "float32"), ("ffcv", "torch", "numba")),
    Contender(
        "ffcv-half", PEER, "FFCV, JPEG, float16", "ffcv-jpg", "by area",
        "The same to float16: half the bytes, so it is shown and not compared.",
        ("ffcv_beton", "float16"), ("ffcv", "torch", "numba"), like_for_like=False),
    Contender(
        "ffcv-raw", PEER, "FFCV, raw pixels", "ffcv-raw", "by area",
        "Beton of decoded pixels: nothing is left to decode, for 5 times the bytes on disk and in"
        " memory, so it is shown and not compared.",
        ("ffcv_beton", "float32"), ("ffcv", "torch", "numba"), like_for_like=False),
)


def chosen(names):
    """Those that --only names, in the table's order; all without it."""
    unknown = set(names) - {contender.name for contender in CONTENDERS}
    if unknown:
        known = ", ".join(contender.name for contender in CONTENDERS)
        raise SystemExit(f"peers: there is no contender {', '.join(sorted(unknown))};"
                         f" there are: {known}")
    return [each for each in CONTENDERS if not names or each.name in names]
