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
        "`headrace pack` (lossless recode), the imagenet preset, one worker a core; pixels as"
        " libjpeg-turbo decodes them.", ("feed",)),
    Contender(
        "headrace-folder", OURS, "Headrace, folder", "folder", ANTIALIASED,
        "The same on the untouched files.", ("feed",)),
    Contender(
        "decode", DECODE, "libjpeg-turbo decodes only", "plain", "none",
        "Debian's libjpeg-turbo, whole pictures to RGB from memory, one thread a core: the line to"
        " beat, not a loader.", ("decode",), like_for_like=False),
    Contender(
        "loop", LOOP, "simplejpeg + OpenCV, written by hand", "folder", TWO_TAPS,
        "One Python thread a core (the packages release the GIL), cv2.resize without antialiasing,"
        " normalized by one table look-up a channel into a batch made before: the quickest of the"
        " ways tried.", ("simplejpeg_loop",), ("simplejpeg", "opencv-python", "numpy")),
    Contender(
        "torchvision-pillow", PEER, "torch DataLoader + torchvision (Pillow)", "folder",
        ANTIALIASED,
        "One worker process a core, persistent, each batch transformed by torchvision's own"
        " reference pipeline for ImageNet; one thread a worker.",
        ("torchvision_folder", "pillow"), ("torch", "torchvision", "pillow")),
    Contender(
        "torchvision-tensor", PEER, "torch DataLoader + torchvision (tensors)", "folder",
        ANTIALIASED,
        "As above, but decode_jpeg and the v2 transforms on uint8 tensors, as torchvision's guide"
        " to speed advises.",
        ("torchvision_folder", "tensor"), ("torch", "torchvision")),
)


def chosen(names):
    """Those that --only names, in the table's order; all without it."""
    unknown = set(names) - {contender.name for contender in CONTENDERS}
    if unknown:
        known = ", ".join(contender.name for contender in CONTENDERS)
        raise SystemExit(f"peers: there is no contender {', '.join(sorted(unknown))};"
                         f" there are: {known}")
    return [each for each in CONTENDERS if not names or each.name in names]
