"""`headrace doctor` on real file systems: the path it names, the verdict, the exit status, the
script of --fix, and its page. Usage: doctor_test.py HEADRACE DOCS_FOLDER. File systems that this
machine cannot make are left out, each with its reason."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HEADRACE, DOCS = sys.argv[1], pathlib.Path(sys.argv[2])
QUICK = ("--probe-s", "0.3")


def main():
    with tempfile.TemporaryDirectory() as folder:
        data = make_data(pathlib.Path(folder) / "set")
        check_page()
        check_text(data)
        check_exit_codes(data)
        check_script(data)
        check_interrupt(data)
        check_memory()
        check_loop(pathlib.Path(folder))
        check_throttle(pathlib.Path(folder))
    print("doctor: all as it should be")


def make_data(folder, size_bytes=8 << 20):
    folder.mkdir(parents=True)
    for name in ("a", "b"):
        (folder / f"{name}.tar").write_bytes(os.urandom(size_bytes))
    return folder


def doctor(*arguments, want=None, environment=None):
    done = subprocess.run([HEADRACE, "doctor", *map(str, arguments)], capture_output=True,
                          text=True, timeout=60, env={**os.environ, **(environment or {})})
    if want is not None and done.returncode not in want:
        raise AssertionError(f"{arguments} exits {done.returncode}, not {want}:\n"
                             f"{done.stdout}{done.stderr}")
    return done


def examined(*arguments, environment=None):
    return json.loads(doctor(*arguments, "--json", "-", want=(0, 1, 2),
                             environment=environment).stdout)


def check_page():
    """docs/doctor.md has exactly the rows of --list."""
    listed = json.loads(doctor("--list", "--json", "-", want=(0,)).stdout)["checks"]
    rows = ["| `{id}` | {reads} | {want} | {why} | {fix} |".format(**check) for check in listed]
    page = [line for line in (DOCS / "doctor.md").read_text().splitlines()
            if line.startswith("| `")]
    assert page == rows, "docs/doctor.md differs from --list:\n" + "\n".join(
        sorted(set(page) ^ set(rows)))


def check_text(data):
    text = doctor(data, *QUICK, want=(0, 1, 2)).stdout
    lines = text.splitlines()
    assert lines[0].split(":")[0] in ("ok", "note", "warn", "fail"), text
    assert lines[1].startswith(f"path: {data}: "), text
    assert lines[2].startswith("probe: "), text
    assert lines[3].startswith("next: "), text
    assert any(line.startswith("not about this path: ") for line in lines), text


def check_exit_codes(data):
    only = ("--only", "probe,uring")
    direct = examined(data, *QUICK, "--cache", "direct", *only)["probe"]["direct"]
    if direct:
        doctor(data, *QUICK, "--cache", "direct", "--expect", "1", *only, want=(0,))
        doctor(data, *QUICK, "--cache", "direct", "--expect", "900T", *only, want=(2,))
    else:
        print("left out: no direct reads in the temporary folder")
    for wrong in (("/no/such/data",), (), (data, "--only", "nosuch"), (data, "--nosuch"),
                  (data, "--expect", "fast"), (data, "--probe-s", "0")):
        done = doctor(*wrong, want=(3,))
        assert done.stderr and not done.stdout, (wrong, done)
    done = subprocess.run([HEADRACE, "inspect", "/no/such/data"], capture_output=True, check=False)
    assert done.returncode == 2, "the other verbs keep 2 for what is not usable"


def check_script(data):
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
        file.write(doctor(data, *QUICK, "--fix", want=(0, 1, 2)).stdout)
        file.flush()
        subprocess.run(["bash", "-n", file.name], check=True)
        if shutil.which("shellcheck"):
            subprocess.run(["shellcheck", file.name], check=True)
        else:
            print("left out: shellcheck is not installed")


def check_interrupt(data):
    started = time.monotonic()
    running = subprocess.Popen([HEADRACE, "doctor", str(data), "--probe-s", "60"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    running.send_signal(signal.SIGINT)
    assert running.wait(timeout=20) == 130, running.returncode
    assert time.monotonic() - started < 30


def check_memory():
    if not os.path.ismount("/dev/shm"):
        print("left out: /dev/shm is not mounted")
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        found = examined(make_data(pathlib.Path(folder) / "set"), *QUICK, "--cache", "direct")
    assert found["path"]["steps"] == ["tmpfs on /dev/shm"], found["path"]
    assert found["path"]["disks"] == [] and not found["probe"]["direct"], found
    assert found["level"] in ("ok", "note"), found


@contextlib.contextmanager
def loop_xfs(folder):
    """A mounted XFS on a loop device, or None with the reason printed."""
    image, mount = folder / "image", folder / "xfs"
    mount.mkdir()
    with open(image, "wb") as file:
        file.truncate(400 << 20)
    for command in (["mkfs.xfs", "-q", str(image)],
                    ["mount", "-o", "loop,relatime", str(image), str(mount)]):
        done = (subprocess.run(command, capture_output=True, text=True) if shutil.which(command[0])
                else None)
        if done is None or done.returncode != 0:
            print(f"left out: no XFS on a loop device: "
                  f"{done.stderr.strip() if done else command[0] + ' is not installed'}")
            yield None
            return
    try:
        yield mount
    finally:
        unmount(mount)
        image.unlink()
        mount.rmdir()


def unmount(mount):
    """The kernel lets go of a ring's registered files some time after its process has ended."""
    for _ in range(100):
        done = subprocess.run(["umount", str(mount)], capture_output=True, text=True)
        if done.returncode == 0:
            return
        time.sleep(0.1)
    raise AssertionError(done.stderr)


def check_loop(folder):
    with loop_xfs(folder) as mount:
        if mount is None:
            return
        found = examined(make_data(mount / "set"), *QUICK, "--cache", "direct")
        steps = found["path"]["steps"]
        assert steps[0] == f"xfs on {mount}" and steps[1].endswith("(loop)"), steps
        assert len(steps) > 2 and not found["path"]["lost"], steps
        assert found["probe"]["direct"] and found["probe"]["reads"] > 0, found["probe"]


def check_throttle(folder):
    """A control group that allows 20 MB/s on the loop device: found, and not called a failure."""
    group = pathlib.Path("/sys/fs/cgroup/blkio")
    if not (group / "blkio.throttle.read_bps_device").exists() or os.geteuid() != 0:
        print("left out: no blkio control group of version 1 to limit")
        return
    with loop_xfs(folder) as mount:
        if mount is None:
            return
        data = make_data(mount / "set")
        number = os.stat(data).st_dev
        device = f"{os.major(number)}:{os.minor(number)}"
        box = group / "headrace-doctor-test"
        box.mkdir()
        try:
            (box / "blkio.throttle.read_bps_device").write_text(f"{device} 20000000")
            done = subprocess.run(
                ["sh", "-c", f'echo $$ > {box}/cgroup.procs; exec "$0" "$@"', HEADRACE, "doctor",
                 str(data), "--cache", "direct", "--probe-s", "3", "--json", "-"],
                capture_output=True, text=True, timeout=60)
            found = json.loads(done.stdout)
        finally:
            wait_until_gone(box)
        rate = found["probe"]["bytes_per_s"]
        assert 10e6 < rate < 40e6, found["probe"]
        assert abs(found["expected"]["bytes_per_s"] - 18e6) < 1e6, found["expected"]
        limit = next(check for check in found["checks"] if check["id"] == "group.io")
        assert "19.1 MiB/s" in limit["value"] and limit["level"] == "note", limit


def wait_until_gone(box):
    for _ in range(100):
        try:
            box.rmdir()
            return
        except OSError:
            time.sleep(0.1)


if __name__ == "__main__":
    main()
