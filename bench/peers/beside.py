"""Rows of other benchmarks, as they write them with --json, and what was wished of them: sections
of RESULTS.md. Pure functions over parsed JSON.
"""

WHAT = {
    "tokens": "Token batches: sequences of 4096, batches of 8, shuffled, int64 inputs and labels",
    "python": "Python's part",
    "formats": "Formats read from front to back, each beside its own package",
    "tokenizer": "Tokenizers, by CPU second",
}


def section(document):
    """A benchmark's rows as Markdown, and its goals."""
    name = document["bench"]
    lines = [f"## {WHAT.get(name, name)}", "",
             f"`./run bench {name}`, medians of rounds in turn.", "",
             "| | | | spread | rounds | |", "|---|---|---|---|---|---|"]
    for row in document["rows"]:
        ratio = f"{figure(row['ratio']['value'])} of {row['ratio']['of']}" if "ratio" in row else ""
        lines.append(f"| {row['name']} | {figure(row['value'])} | {row['unit']} |"
                     f" {row['spread']:.0%} | {row['rounds']} | {ratio} |")
    found = list(goals(document))
    if found:
        lines += ["", "| | reached | goal | |", "|---|---|---|---|"]
        lines += [f"| {what} | {figure(reached)} | {wish} | {'yes' if held else 'no'} |"
                  for what, reached, wish, held in found]
    return "\n".join(lines) + "\n"


def figure(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def goals(document):
    """(what is compared, what was reached, what is wished, whether it was)."""
    rows = {row["name"]: row for row in document["rows"]}
    yield from GOALS.get(document["bench"], lambda _: ())(rows)


def goals_of_tokens(rows):
    """Ratios are others' to ours, within rounds; a goal is ours to theirs."""
    wishes = (("megatron-core's GPTDataset in a DataLoader, its best", "megatron-core, ", 10),
              ("nanoGPT's get_batch", "nanoGPT get_batch", 4),
              ("a memory map in a DataLoader without workers", "memory map, no workers", 1.5))
    for what, begin, wish in wishes:
        theirs = [row["ratio"]["value"] for name, row in rows.items()
                  if name.startswith(begin) and not name.endswith(": CPU")]
        if theirs:
            reached = 1 / max(theirs)
            yield f"tokens/s: Headrace / {what}", reached, f">= {wish}", reached >= wish
    for key, what in (("prepare", "time"), ("grown", "memory")):
        row = rows.get(f"prepare headrace, {key}")
        if row:
            reached = row["ratio"]["value"]
            yield (f"{what} to prepare Megatron's order: Headrace / megatron-core", reached,
                   "<= 0.1", reached <= 0.1)


def goals_of_python(rows):
    for name, row in rows.items():
        if row["unit"] == "us/batch":
            yield f"{name}, microseconds a batch", row["value"], "<= 20", row["value"] <= 20
        elif "ratio" in row:
            reached = row["ratio"]["value"]
            yield f"{name} / {row['ratio']['of']}", reached, ">= 0.98", reached >= 0.98


def goals_of_formats(rows):
    for name, wish in (("headrace tar / webdataset", 4), ("headrace tar / SPDL iter_tarfile", 1),
                       ("headrace tar, direct / direct reads", 0.95),
                       ("headrace tfrecord, page / tf.data, checksums", 2.5),
                       ("headrace mds, page / Streaming", 3),
                       ("headrace parquet, page / pyarrow dataset scanner", 1),
                       ("headrace jsonl / orjson, 2 processes", 3)):
        if name in rows:
            yield name, rows[name]["value"], f">= {wish}", rows[name]["value"] >= wish


def goals_of_tokenizer(rows):
    """Ratios are to encode_batch, Hugging Face's batch mode; of sentencepiece none was wished."""
    for name, row in rows.items():
        if name.endswith(", headrace") and "tokenizers" in row["ratio"]["of"]:
            reached = row["ratio"]["value"]
            yield f"{name} / {row['ratio']['of']}, a core", reached, ">= 3", reached >= 3


GOALS = {"tokens": goals_of_tokens, "python": goals_of_python, "formats": goals_of_formats,
         "tokenizer": goals_of_tokenizer}
