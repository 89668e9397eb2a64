"""Where fuzzing begins: small whole inputs for each fuzz target, so that a fuzzer spends its time
behind the first checks and not before them.

Usage: seeds.py FOLDER makes FOLDER/<target>/... The same files on each run; takes pillow,
numpy and pyarrow.
"""
import gzip
import io
import itertools
import pathlib
import sqlite3
import struct
import sys
import tarfile

import numpy
import pyarrow
import pyarrow.parquet
from PIL import Image

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import byte_tokenizer  # noqa: E402
import crc32c  # noqa: E402

JPEG_KINDS = [{"subsampling": sampling, **rest}
              for sampling in (0, 1, 2)
              for rest in ({}, {"restart_marker_blocks": 3}, {"restart_marker_rows": 1},
                           {"progressive": True}, {"optimize": True})]
JPEG_TARGETS = ("jpeg_header_fuzz", "jpeg_decoder_fuzz", "baseline_decoder_fuzz",
                "jpeg_recode_fuzz", "jpeg_plan_fuzz")


def pixels(width, height, channels):
    """Edges, ramps and noise: coefficients of all sizes."""
    y, x = numpy.mgrid[:height, :width]
    planes = [(x * 255 // width) ^ (y * 3), (x * y) % 256, numpy.where(x > y, 230, 20)]
    noise = numpy.random.default_rng(7).integers(0, 24, (height, width, channels))
    return (numpy.stack(planes[:channels], 2) // 2 + noise * 4).clip(0, 255).astype(numpy.uint8)


def encoded(mode, kind, width=48, height=35, **options):
    image = Image.fromarray(pixels(width, height, 3)).convert(mode)
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def jpegs():
    yield from (encoded("RGB", "JPEG", quality=80, **kind) for kind in JPEG_KINDS)
    yield encoded("L", "JPEG", quality=70)
    yield encoded("CMYK", "JPEG", quality=70)
    yield encoded("RGB", "JPEG", width=17, height=9, quality=30)
    exif = Image.Exif()
    exif[0x0112] = 6
    yield encoded("RGB", "JPEG", quality=60, exif=exif.tobytes())


def other_pictures():
    yield from (encoded(mode, "PNG") for mode in ("RGB", "RGBA", "L", "P", "1", "I;16"))
    yield encoded("RGB", "WEBP", quality=60)
    yield encoded("RGBA", "WEBP", lossless=True)


def tars():
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        target = io.BytesIO()
        with tarfile.open(fileobj=target, mode="w", format=form) as tar:
            long = "" if form == tarfile.USTAR_FORMAT else "d/" * 80
            for name, body in ((f"{long}0.cls", b"1"), (f"{long}0.jpg", b"j" * 600),
                               ("1.cls", b""), ("é.seg.png", b"p")):
                member = tarfile.TarInfo(name)
                member.size = len(body)
                tar.addfile(member, io.BytesIO(body))
        yield target.getvalue()


def index(fields, samples, paths=b"", folders=0):
    """As docs/formats/index.md lays it out; the fuzz target mends what hashes there are."""
    names = b"".join(name.encode() + b"\0" for name in fields)
    names += b"\0" * (-len(names) % 8)
    body = b"".join(struct.pack("<Q", 1024 * sample) +
                    b"".join(struct.pack("<QQQ", 1024 * sample + 512, 9, 0) for _ in fields)
                    for sample in range(samples)) + paths
    kind = 2 if paths else 1
    header = b"HRINDEX\0" + struct.pack("<IIQIIQQQQQQQQ", 2, kind, samples, len(fields), len(names),
                                        4096, 0, 0, len(paths), folders, 0, 0, 0)
    return header + names + body + b"\0" * (8 * (-(-len(body) // 4096)))


def token_index(lengths, modes):
    ends = list(itertools.accumulate(lengths))
    count = len(lengths)
    starts = [2 * (end - length) for end, length in zip(ends, lengths)]
    return (b"MMIDIDX\0\0" + struct.pack("<QBQQ", 1, 8, count, count + 1) +
            struct.pack(f"<{count}i{count}q", *lengths, *starts) +
            struct.pack(f"<{count + 1}q", *range(count + 1)) + (bytes(count) if modes else b""))


MANIFEST = b"""{"version": 1, "samples": 3, "bytes": 4096, "fields": ["cls", "jpg"],
"classes": ["a", "b"], "made_by": "headrace 0.1.0", "shards": [{"name": "shard-000000.tar",
"index": "shard-000000.tar.hrx", "samples": 3, "bytes": 4096, "xxh3": "0123456789abcdef"}]}"""
JOB = b"""preset = "imagenet"
[dataset]
path = "shards"
cache = "direct"
[order]
shuffle = "window"
window = 64
[batch]
size = 256
last = "pad"
[loader]
workers = 2
on_error = "skip"
read_ahead = "64M"
[device]
step_ms = 4.5
"""
FIELD = b"""[[field]]
name = "image"
source = "jpg"
type = "float16"
crop = "random"
[[field]]
name = "label"
source = "cls"
"""
JSON_LINES = b"""{"text": "a\\n\\u00e9", "label": -3, "score": 1.5e2, "tags": [1, {"x": null}]}
{"meta": {"url": "u", "deep": {"n": 18446744073709551615}}, "ok": true}
"""
STATE = b"""{"headrace_state": 1, "dataset_fingerprint": "0123456789abcdef", "plan_hash":
"0123456789abcdef", "shuffle": "window", "window_samples": 64, "seed": 7, "epoch": 1,
"position": 99}"""
GDSIO = b"""[global]
name=test
xfer_type=1
rw=randread
bs=64K
size=1G
runtime=10
do_verify=1
[job1]
numa_node=0
gpu_dev_id=0
num_threads=4
directory=/mnt/data
"""
CUFILE = b"""{
  // comments are allowed
  "logging": {"level": "ERROR"},
  "properties": {"max_direct_io_size_kb": 16384, "allow_compat_mode": true,
                 "rdma_dev_addr_list": ["10.0.0.1"]},
  "fs": {"generic": {"posix_unaligned_writes": false}}
}"""
MOUNTINFO = (b"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"
             b"31 22 0:27 / /mnt/a\\040b rw - nfs4 server:/data rw,vers=4.2,rsize=1048576\n")
MOUNTSTATS = b"""/mnt/a
device server:/data mounted on /mnt/a with fstype nfs4 statvers=1.1
\topts:\trw,vers=4.2
\tbytes:\t1 2 3 4 5 6 7 8
\txprt:\ttcp 0 1 2 3 4 5 6 7 8 9 10 11
\tper-op statistics
\t        READ: 10 10 0 1600 1048576 5 60 66
"""
KERNEL = [b"Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
          b"eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\n",
          b"8:0 rbps=1048576 wbps=max riops=max wiops=120\n", b"8:0 20000000\n",
          b"HTTP/1.1 200 OK\r\nServer: x\r\nAccept-Ranges: bytes\r\n\r\n", b"16.0 GT/s PCIe\n",
          struct.pack("<IIQQIIHH", 0x0BD10BD0, 1, 1, 2, 1 << 20, 4, 0, 0) + bytes(96)]


# "abracadabra, abracadabra, once more" as the tools of zstd and LZ4 write it.
FRAMES = [bytes.fromhex(frame) for frame in (
    "28b52ffd2423e50000b061627261636164616272612c206f6e6365206d6f7265010070cc2f724989"
    "f0",
    "04224d186c402300000000000000611c00000070616272616361640700202c200600050d00906f6e"
    "6365206d6f7265000000001a639c1e")]


def snappy_frame():
    """Its name, a chunk to pass over, one that is packed and one that is stored."""
    def chunk(kind, body):
        return struct.pack("<I", len(body) << 8 | kind) + body

    def checked(plain, body):
        return struct.pack("<I", crc32c.masked_crc(plain)) + body

    plain = b"abracadabra, once more abracadabra"
    packed = pyarrow.compress(plain, "snappy", asbytes=True)
    return (b"\xff\x06\0\0sNaPpY" + chunk(0xfe, b"pad") + chunk(0, checked(plain, packed)) +
            chunk(1, checked(b"stored", b"stored")))


def parquets():
    table = pyarrow.table({"image": [{"bytes": b"j" * 9 * n, "path": None} for n in range(9)],
                           "label": [None, *range(8)], "good": [True] * 9,
                           "score": [n / 2 for n in range(9)],
                           "tags": [[n, None][:n] for n in range(9)],
                           "deep": [[[1], []]] * 4 + [None] * 5})
    for codec in ("none", "snappy", "gzip", "zstd", "lz4"):
        for version in ("1.0", "2.0"):
            target = io.BytesIO()
            pyarrow.parquet.write_table(table, target, compression=codec, row_group_size=4,
                                        data_page_version=version, write_page_checksum=False)
            yield target.getvalue()


def archives():
    for save in (numpy.savez, numpy.savez_compressed):
        target = io.BytesIO()
        save(target, x=numpy.arange(6.0).reshape(2, 3), label=-3, text=numpy.array(["a", "bc"]))
        yield target.getvalue()


def arrows():
    table = pyarrow.table({"image": [{"bytes": b"j" * 9 * n, "path": None} for n in range(9)],
                           "label": [None, *range(8)], "tags": [[n] for n in range(9)],
                           "word": pyarrow.array(["a", "b", "a"] * 3).dictionary_encode()})
    for make in (pyarrow.ipc.new_stream, pyarrow.ipc.new_file):
        for codec in (None, "lz4", "zstd"):
            target = io.BytesIO()
            options = pyarrow.ipc.IpcWriteOptions(compression=codec)
            with make(target, table.schema, options=options) as writer:
                writer.write_table(table, max_chunksize=5)
            yield target.getvalue()


def sqlite():
    store = sqlite3.connect(":memory:")
    store.execute("pragma page_size = 512")
    store.execute("create table t(jpg blob, label integer, txt text, score real)")
    store.executemany("insert into t values(?, ?, ?, ?)",
                      [(b"j" * 300 * n, n or None, "text", n / 4) for n in range(5)])
    store.commit()
    return store.serialize()


def safetensors():
    header = (b'{"x": {"dtype": "F32", "shape": [2, 2], "data_offsets": [2, 18]}, '
              b'"label": {"dtype": "I8", "shape": [2], "data_offsets": [0, 2]}}')
    return struct.pack("<Q", len(header)) + header + bytes(18)


def lmdb():
    """A meta page twice, a leaf with two records, one of them in a page of its own."""
    tree = struct.pack("<IHHQQQQQ", 0, 0, 1, 0, 1, 1, 2, 3)
    meta = struct.pack("<IIQQ", 0xBEEFC0DE, 1, 0, 1 << 20) + struct.pack("<I44x", 256) + tree
    pages = [struct.pack("<QHHI", number, 0, 8, 0) + meta + struct.pack("<QQ", 3, number)
             for number in range(2)]
    pages.append(struct.pack("<QHHI", 2, 0, 4, 1) + b"value " * 30)
    nodes = [struct.pack("<IHH", 1, 0, 1) + b"a1", struct.pack("<IHH", 180, 1, 1) + b"b" +
             struct.pack("<Q", 2)]
    leaf = struct.pack("<QHHHHHH", 3, 0, 2, 20, 229, 246, 229)
    pages.append(leaf.ljust(229, b"\0") + nodes[1] + nodes[0])
    return b"".join(page.ljust(256, b"\0") for page in pages)


def pieces():
    """Models of SentencePiece, a NUL and a text each."""
    made = byte_tokenizer.piece
    space = "\u2581"
    all_kinds = [made("<unk>", 2), made("<s>", 3), made(space, 1, -2), made("a", 1, -3),
                 made("b", 1, -4), made("ab", 5, -1), made(f"{space}ab", 1, -1.5),
                 made("<sep>", 4)]
    table = struct.pack("<I3I", 12, 0, 0x80000061, 3) + b"A\0bc\0"
    for kind in (byte_tokenizer.UNIGRAM, byte_tokenizer.BPE):
        for how in (b"", byte_tokenizer.AS_IT_IS, byte_tokenizer.message(2, table)):
            yield byte_tokenizer.pieces_model(all_kinds, kind, how) + b"\0 ab<sep> abba x\xc3\xa9"


def seeds():
    pictures = list(jpegs())
    yield from ((target, pictures) for target in JPEG_TARGETS)
    yield "image_fuzz", [bytes([choice]) + picture for choice, picture in
                         enumerate([*pictures, *other_pictures()])]
    yield "tar_fuzz", list(tars())
    yield "index_fuzz", [index(["cls", "jpg"], 3), index([], 2), index(["jpg"], 200),
                         index(["cls", "jpg"], 1, b"a/1.jpg\0a\0", 8)]
    yield "token_index_fuzz", [token_index([5, 0, 9], False), token_index([1, 2], True)]
    yield "parquet_fuzz", parquets()
    yield "jsonl_fuzz", [JSON_LINES, gzip.compress(JSON_LINES, mtime=0)]
    yield "codec_fuzz", [*FRAMES, gzip.compress(b"abracadabra, abracadabra", mtime=0),
                         b"\x18\x2cabracadabra\x36\x0d\x00", snappy_frame()]
    yield "snappy_frame_fuzz", [snappy_frame(), b"abracadabra, once more abracadabra"]
    yield "lz4_blocks_fuzz", FRAMES
    yield "packed_tar_fuzz", [gzip.compress(tar, mtime=0) for tar in tars()] + list(tars())
    yield "npz_fuzz", list(archives())
    yield "safetensors_fuzz", [safetensors()]
    yield "lmdb_fuzz", [lmdb()]
    yield "arrow_fuzz", arrows()
    yield "sqlite_fuzz", [sqlite()]
    yield "csv_table_fuzz", [b'\xef\xbb\xbffile,"a ""b""",label\r\nx.jpg,"1,\n2",3\r\n\r\n,,\r\n']
    written = pathlib.Path(__file__).parent.parent / "conformance/written/litdata"
    yield "litdata_fuzz", [path.read_bytes() for path in sorted(written.iterdir())]
    yield "array_fuzz", [b"\x00\x25[[1, 2.5], [null, 3e4]]", b"\x4b\x25[[[1, 2.5]], [[3, 4]]]",
                         b"\x4b\x25[[[[], []]], [[[], []]]]", b"\x06\x20" + bytes(24),
                         b"\x0c\x22\x01\xac\x02", b"\x0d\x28\x0a\x02ab\x0a\x00",
                         b"\x0e\x21\x22\x08\x01\x02" + bytes(8),
                         b"\x8a\x05\x08\x02\x01" + bytes(16)]
    yield "manifest_fuzz", [MANIFEST]
    yield "json_line_fuzz", [
        b'{"id": 1, "text": "a\\u00e9\\ud83d\\ude00\\n", "meta": {"text": [1.5e3]}}',
        b'{"text": null, "text": ""}']
    yield "sentencepiece_fuzz", list(pieces())
    yield "job_fuzz", [JOB, JOB.split(b"\n", 1)[1] + FIELD]
    yield "state_fuzz", [STATE]
    yield "gdsio_options_fuzz", [GDSIO]
    yield "cufile_settings_fuzz", [CUFILE]
    yield "mountinfo_fuzz", [MOUNTINFO]
    yield "mountstats_fuzz", [MOUNTSTATS]
    yield "kernel_bytes_fuzz", KERNEL


def main(folder):
    for target, inputs in seeds():
        place = folder / target
        place.mkdir(parents=True, exist_ok=True)
        for number, body in enumerate(inputs):
            (place / f"seed-{number:02}").write_bytes(body)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
