"""Measures redisops beside Debian's redis-check-rdb, redis-check-aof and redis-server; prints tables.

  bench.py --redisops PATH [--data DIR] [--rounds N] [--only-aof] [--only-loading]

DIR holds what `make bench-data` made. All programs of a table run in turn within each round, so
that a change of the machine's mood meets them all. CPU is user + system time, the median of the
rounds, with the smallest and the largest; peak is the largest resident size of any round (at least
that of this script, some 16 MiB, which a child inherits).
"""
import argparse
import glob
import json
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

MIB = 1 << 20
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


class Sample:
    """One run of one program."""

    def __init__(self, cpu, wall, peak=0):
        self.cpu = cpu
        self.wall = wall
        self.peak = peak


def run(command):
    """Runs a command with its output thrown away."""
    start = time.monotonic()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - start
    if process.returncode != 0:
        sys.exit("bench: exit %d of %s\n%s" % (
            process.returncode, " ".join(command), errors.decode(errors="replace")))
    return Sample(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024)


def interleave(programs, rounds):
    """Name -> samples, the programs taking turns. A round before the count warms the page cache."""
    samples = {name: [] for name in programs}
    for round_number in range(rounds + 1):
        for name, program in programs.items():
            sample = program()
            if round_number > 0:
                samples[name].append(sample)
            note = "warm-up" if round_number == 0 else "round %d" % round_number
            print("%s: %s: %.2f s" % (note, name, sample.cpu), file=sys.stderr)
    return samples


def row(cells):
    print("| " + " | ".join(cells) + " |")


def heading(text, columns):
    print("\n### %s\n" % text)
    row(columns)
    row(["---"] * len(columns))


def median(samples, measure):
    return statistics.median(measure(sample) for sample in samples)


def spread(samples, measure):
    values = [measure(sample) for sample in samples]
    return "%.2f [%.2f..%.2f]" % (statistics.median(values), min(values), max(values))


def cpu(sample):
    return sample.cpu


def wall(sample):
    return sample.wall


def peak_mib(samples):
    return "%.0f" % (max(sample.peak for sample in samples) / MIB)


class Server:
    """A redis-server that holds a snapshot and digests it on demand."""

    def __init__(self, snapshot):
        self.folder = tempfile.mkdtemp(prefix="redisops-bench-")
        os.symlink(os.path.abspath(snapshot), os.path.join(self.folder, "dump.rdb"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = str(probe.getsockname()[1])
        self.process = subprocess.Popen(
            ["redis-server", "--port", self.port, "--bind", "127.0.0.1", "--dir", self.folder,
             "--save", "", "--enable-debug-command", "yes"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def command(self, *arguments):
        result = subprocess.run(
            ["redis-cli", "-p", self.port, *arguments], capture_output=True, text=True)
        return result.stdout.strip()

    def wait_until_loaded(self):
        while self.command("PING") != "PONG":
            if self.process.poll() is not None:
                sys.exit("bench: redis-server did not start")
            time.sleep(0.1)

    def cpu_seconds(self):
        with open("/proc/%d/stat" % self.process.pid) as file:
            # The command name, in parentheses, may hold spaces; utime and stime are fields 14, 15.
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS

    def digest(self):
        start_cpu, start = self.cpu_seconds(), time.monotonic()
        self.answer = self.command("DEBUG", "DIGEST")
        return Sample(self.cpu_seconds() - start_cpu, time.monotonic() - start)

    def stop(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder)


def one_core(redisops, snapshot, rounds, with_server):
    """CPU of each command with one thread, in multiples of redis-check-rdb."""
    def ours(*arguments):
        return lambda: run([redisops, "rdb", *arguments, "--threads", "1", "--quiet", snapshot])

    programs = {
        "redis-check-rdb": lambda: run(["redis-check-rdb", snapshot]),
        "verify": ours("verify"),
        "stats": ours("stats"),
        "dump --format ndjson": ours("dump", "--format", "ndjson"),
        "dump --format resp": ours("dump", "--format", "resp", "--target", "redis:7.0"),
        "digest": ours("digest"),
    }
    server = Server(snapshot) if with_server else None
    try:
        if server:
            server.wait_until_loaded()
            programs["redis-server DEBUG DIGEST"] = server.digest
        samples = interleave(programs, rounds)
        if server:
            printed = subprocess.run(
                [redisops, "rdb", "digest", snapshot], capture_output=True, text=True
            ).stdout.strip()
            if printed != server.answer:
                sys.exit("bench: digests differ: %s, server %s" % (printed, server.answer))
    finally:
        if server:
            server.stop()

    size = os.path.getsize(snapshot)
    yardstick = median(samples["redis-check-rdb"], cpu)
    heading("One core: %s, %d bytes, %d rounds" % (os.path.basename(snapshot), size, rounds),
            ["program", "CPU s", "MB/s", "times as fast as redis-check-rdb", "peak MiB"])
    for name, runs in samples.items():
        own = median(runs, cpu)
        is_server = name.startswith("redis-server")
        row([name, spread(runs, cpu), "%.0f" % (size / own / 1e6), "%.2f" % (yardstick / own),
             "—" if is_server else peak_mib(runs)])
    if server:
        ratio = median(samples["redis-server DEBUG DIGEST"], cpu) / median(samples["digest"], cpu)
        print("\n`digest` is %.1f times as fast as DEBUG DIGEST; both print `%s`."
              % (ratio, server.answer))


def two_cores(redisops, snapshot, rounds):
    """Wall time with one thread and with two."""
    commands = {
        "verify": ["verify"],
        "stats": ["stats"],
        "digest": ["digest"],
        "dump --format ndjson": ["dump", "--format", "ndjson"],
        "dump --format resp": ["dump", "--format", "resp", "--target", "redis:7.0"],
    }

    def ours(arguments, threads):
        return lambda: run([redisops, "rdb", *arguments, "--threads", threads, "--quiet", snapshot])

    programs = {}
    for name, arguments in commands.items():
        for threads in ("1", "2"):
            programs[name + " " + threads] = ours(arguments, threads)
    samples = interleave(programs, rounds)
    heading("Two cores: %s, wall time" % os.path.basename(snapshot),
            ["command", "1 thread s", "2 threads s", "gain", "CPU with 2 / with 1",
             "peak MiB with 2"])
    for name in commands:
        one, two = samples[name + " 1"], samples[name + " 2"]
        row([name, spread(one, wall), spread(two, wall),
             "%.2f" % (median(one, wall) / median(two, wall)),
             "%.2f" % (median(two, cpu) / median(one, cpu)), peak_mib(two)])


def append_only(redisops, log, rounds):
    """CPU of each command on an append-only file, in multiples of redis-check-aof."""
    def ours(*arguments):
        return lambda: run([redisops, "aof", *arguments, "--threads", "1", "--quiet", log])

    # Without --fix, redis-check-aof changes nothing; it exits with 0 only for a file that it read
    # to its end, and `run` insists on that.
    samples = interleave({
        "redis-check-aof": lambda: run(["redis-check-aof", log]),
        # With the replay it is among the rows of what executes the file.
        "verify --no-replay": ours("verify", "--no-replay"),
        "info": ours("info"),
        "stats": ours("stats"),
        "dump --format ndjson": ours("dump", "--format", "ndjson"),
    }, rounds)
    size = os.path.getsize(log)
    yardstick = median(samples["redis-check-aof"], cpu)
    heading("Append-only file: %s, %d bytes, %d rounds" % (os.path.basename(log), size, rounds),
            ["program", "CPU s", "MB/s", "times as fast as redis-check-aof", "peak MiB"])
    for name, runs in samples.items():
        own = median(runs, cpu)
        row([name, spread(runs, cpu), "%.0f" % (size / own / 1e6), "%.2f" % (yardstick / own),
             peak_mib(runs)])


def load_folder(kind, path):
    """A data folder that holds a snapshot or an append-only file, and the configuration beside it."""
    folder = tempfile.mkdtemp(prefix="redisops-bench-")
    conf = os.path.join(folder, "redis.conf")
    with open(conf, "w") as file:
        file.write("save \"\"\nappendonly %s\n" % ("yes" if kind == "aof" else "no"))
    if kind == "aof":
        name = os.path.join(folder, "appendonlydir", "appendonly.aof")
        os.mkdir(os.path.dirname(name))
        with open(name + ".manifest", "w") as file:
            file.write("file appendonly.aof.1.base.aof seq 1 type b\n")
        os.symlink(os.path.abspath(path), name + ".1.base.aof")
    else:
        os.symlink(os.path.abspath(path), os.path.join(folder, "dump.rdb"))
    return folder, conf


def server_load(kind, path):
    """What the log of a redis-server says of loading: seconds of the clock; and its peak."""
    folder, conf = load_folder(kind, path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    process = subprocess.Popen(
        ["redis-server", conf, "--port", port, "--bind", "127.0.0.1", "--dir", folder],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    seconds = peak = None
    for line in process.stdout:
        found = re.search("DB loaded from (?:disk|append only file): ([0-9.]+) seconds", line)
        if found:
            seconds = float(found.group(1))
            with open("/proc/%d/status" % process.pid) as file:
                peak = int(re.search(r"VmHWM:\s+([0-9]+)", file.read()).group(1)) * 1024
            break
    process.kill()
    process.wait()
    shutil.rmtree(folder)
    if seconds is None:
        sys.exit("bench: redis-server did not load %s" % path)
    return Sample(seconds, seconds, peak)


def own_load(redisops, kind, path, threads):
    """The seconds that `redisops verify` states for loading alone, and its peak."""
    folder, conf = load_folder(kind, path)
    report = os.path.join(folder, "report.json")
    sample = run([redisops, "verify", folder, "--conf", conf, "--target", "redis:7.0.15",
                  "--threads", str(threads), "--format", "json", "--quiet", "--output", report])
    with open(report) as file:
        seconds = json.load(file)["recovery"]["replaySeconds"]
    shutil.rmtree(folder)
    return Sample(seconds, seconds, sample.peak)


def loading(redisops, kind, path, rounds):
    """The clock's seconds of loading a file: redis-server's, by its own log, and the engine's."""
    programs = {
        "redis-server": lambda: server_load(kind, path),
        "engine, one thread": lambda: own_load(redisops, kind, path, 1),
    }
    if kind == "rdb":
        programs["engine, two threads"] = lambda: own_load(redisops, kind, path, 2)
    samples = interleave(programs, rounds)
    heading("Loading: %s, wall time, %d rounds" % (os.path.basename(path), rounds),
            ["program", "s", "times as fast as redis-server", "peak MiB"])
    yardstick = median(samples["redis-server"], wall)
    for name, runs in samples.items():
        row([name, spread(runs, wall), "%.2f" % (yardstick / median(runs, wall)), peak_mib(runs)])


def executing(redisops, log):
    """Commands that execute an append-only file."""
    heading("Executing: %s" % os.path.basename(log), ["command", "CPU s", "wall s", "peak MiB"])
    with tempfile.TemporaryDirectory(prefix="redisops-bench-") as folder:
        for arguments in (["digest", "--as", "redis:7.0.15"],
                          ["verify", "--target", "redis:7.0.15"],
                          ["rewrite", "--as", "redis:7.0.15", "--output", folder + "/dump.rdb"],
                          ["rewrite", "--as", "redis:7.0.15", "--no-preamble", "--output",
                           folder + "/appendonlydir"]):
            sample = run([redisops, "aof", *arguments, "--quiet", log])
            shown = " ".join(arguments).replace(folder + "/", "")
            row([shown, "%.2f" % sample.cpu, "%.2f" % sample.wall,
                 "%.0f" % (sample.peak / MIB)])


def memory(redisops, snapshot):
    """Peak resident size on a file that has one extreme shape."""
    heading("Memory: %s, %d bytes" % (os.path.basename(snapshot), os.path.getsize(snapshot)),
            ["command", "CPU s", "peak MiB"])
    for arguments in (["stats"], ["digest"], ["dump", "--format", "ndjson"],
                      ["dump", "--format", "resp", "--target", "redis:7.0"], ["verify"]):
        sample = run([redisops, "rdb", *arguments, "--quiet", snapshot])
        row([" ".join(arguments), "%.2f" % sample.cpu, "%.0f" % (sample.peak / MIB)])


def start_up(redisops, rounds):
    """CPU of `--version`."""
    samples = [run([redisops, "--version"]) for _ in range(max(20, rounds))]
    print("\n`redisops --version`: %.1f ms of CPU (median of %d)."
          % (median(samples, cpu) * 1000, len(samples)))


def lint(redisops, rounds):
    """One configuration and a thousand, with all rules for the usual targets."""
    samples = sorted(glob.glob("fixtures/conf/*.conf"))
    heading("Lint: fixtures/conf", ["files", "CPU ms", "peak MiB"])
    with tempfile.TemporaryDirectory(prefix="redisops-bench-") as folder:
        for number in range(1000):
            shutil.copy(samples[number % len(samples)], "%s/%04d.conf" % (folder, number))
        for name, path, count in (("1", folder + "/0000.conf", max(20, rounds)),
                                  ("1000", folder, 3)):
            command = [redisops, "lint", "--fail-on", "never", path]
            found = [run(command) for _ in range(count)]
            row([name, "%.1f" % (median(found, cpu) * 1000), peak_mib(found)])


def machine():
    """Processor, cores and tools, as the tables' heading."""
    model = platform.machine()
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    server = subprocess.run(["redis-server", "--version"], capture_output=True, text=True).stdout
    print("%s, %d cores; %s" % (model, os.cpu_count(), server.strip()))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--redisops", required=True, help="the binary to measure")
    parser.add_argument("--data", default="bench-data")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only-aof", action="store_true",
                        help="measure the append-only file alone")
    parser.add_argument("--only-loading", action="store_true",
                        help="measure loading alone, against redis-server")
    parser.add_argument("--no-server", action="store_true",
                        help="leave DEBUG DIGEST out (the server needs about 2 GiB)")
    arguments = parser.parse_args()
    log = os.path.join(arguments.data, "plain.aof")
    big = os.path.join(arguments.data, "big.rdb")
    if arguments.only_loading:
        machine()
        for kind, path in (("aof", log), ("rdb", big)):
            loading(arguments.redisops, kind, path, arguments.rounds)
        executing(arguments.redisops, log)
        return
    if arguments.only_aof:
        machine()
        append_only(arguments.redisops, log, arguments.rounds)
        return
    if not os.path.exists(big):
        sys.exit("bench: %s is missing; run 'make bench-data'" % big)

    machine()
    one_core(arguments.redisops, big, arguments.rounds, not arguments.no_server)
    two_cores(arguments.redisops, big, arguments.rounds)
    for name in ("long-list.rdb", "many-keys.rdb"):
        path = os.path.join(arguments.data, name)
        if os.path.exists(path):
            memory(arguments.redisops, path)
    loading(arguments.redisops, "rdb", big, arguments.rounds)
    if os.path.exists(log):
        append_only(arguments.redisops, log, arguments.rounds)
        loading(arguments.redisops, "aof", log, arguments.rounds)
        executing(arguments.redisops, log)
    lint(arguments.redisops, arguments.rounds)
    start_up(arguments.redisops, arguments.rounds)


if __name__ == "__main__":
    main()
