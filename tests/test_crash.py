"""Kill -9 at any step: whatever was being done to an index, what is served stays whole.

Children are forked off a process that has everything loaded, so that each is killed in real work on real files.
"""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent

HARNESS = """
    import os, shutil, signal, sys, traceback
    from pathlib import Path

    from embeddings.storing import generations
    from embeddings.errors import FootnoteError
    from embeddings.storing.generations import open_current, rollback, prune, sweep
    from embeddings.building.indexing import build
    from embeddings.storing.lock import holder, locked

    folder, task = Path(sys.argv[1]), sys.argv[2]
    old, new = folder / "old", folder / "new"
    for place, words in ((old, ("Troops were sent.", "A parade took place.")), (new, ("Troops left.", "A vote."))):
        place.mkdir()
        for n, text in enumerate(words):
            (place / f"{n}.txt").write_text(text + " Nobody said why. " * 20 + f"{n}.", encoding="utf-8")

    def act(root):
        if task == "build":
            build(new, root, encoder)
        elif task == "rollback":
            with locked(root, "rollback"):
                rollback(root)
        else:
            with locked(root, "prune"):
                sweep(root)
                prune(root, 1)

    def start(root):
        build(old, root, encoder)
        if task != "build":
            build(new, root, encoder)
        once.update(generations.generation_names(root))

    def child(root, prepare):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                prepare()
                act(root)
                code = 0
            except Exception:
                traceback.print_exc()
            finally:
                os._exit(code)
        return pid

    def survived(root):
        # What is served is the old or the new, to the byte; and the next build of either is as ever.
        opened = open_current(root, encoder.sha256)
        texts = tuple(document.text for document in opened.index.documents)
        assert texts in known, texts
        there = generations.generation_names(root)
        assert [name for name in there if generations.damage(root, name)] == []
        assert generations.damage(root, opened.manifest.generation) == []
        assert holder(root) is None
        after = build(new, root, encoder)
        assert tuple(document.text for document in open_current(root).index.documents) == known[1]
        left = {path.name for path in root.iterdir()} - {"CURRENT", "generations", "lock"}
        assert not left, left
        served = {*once, opened.manifest.generation, after.manifest.generation}
        assert set(generations.generation_names(root)) <= served, served
        return known.index(texts)

    known, once = [], set()
    for place in (old, new):
        texts = tuple(path.read_text(encoding="utf-8") for path in sorted(place.iterdir()))
        known.append(texts)
"""


def harness(script: str, *arguments: object, timeout: float = 300) -> list[str]:
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            textwrap.dedent(HARNESS) + textwrap.dedent(script),
            *map(str, arguments),
        ],
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=HERE.parent,
        env={
            "PYTHONPATH": f"{HERE.parent}:{HERE}",
            "PATH": "",
            "OMP_NUM_THREADS": "1",
            "TOKENIZERS_PARALLELISM": "false",
            "HF_HUB_OFFLINE": "1",
        },
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


AT_STEPS = """
    from fakes import FakeEncoder

    encoder = FakeEncoder()
    first = folder / "first"
    start(first)
    # Everything that reaches the file system: the interpreter announces it, and fsync and write are C calls.
    CALLED = {"write", "writelines", "fsync", "close", "flock"}
    ANNOUNCED = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.truncate", "os.utime", "fcntl.flock"}

    def killer(at, happened):
        def event(name, _):
            if name in ANNOUNCED:
                strike()

        def call(_frame, kind, function):
            if kind == "c_call" and getattr(function, "__name__", "") in CALLED:
                strike()

        def strike():
            happened[0] += 1
            if happened[0] == at:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(event)
        sys.setprofile(call)

    killed, outcomes, at, stride = 0, [0, 0], 1, int(sys.argv[3])
    while True:
        root = folder / f"at-{at}"
        shutil.copytree(first, root)
        pid = child(root, lambda: killer(at, [0]))
        _, status = os.waitpid(pid, 0)
        if not os.WIFSIGNALED(status):
            assert os.WEXITSTATUS(status) == 0, status
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
        killed += 1
        outcomes[survived(root)] += 1
        shutil.rmtree(root)
        at += stride
    print(killed, *outcomes, flush=True)
"""


def test_a_build_killed_at_any_step_leaves_an_index_that_is_whole(tmp_path):
    """At every third, which is as many kinds of steps."""
    killed, old, new = map(int, harness(AT_STEPS, tmp_path, "build", 3)[-1].split())

    assert killed >= 40
    assert old > 0 < new
    assert old + new == killed


@pytest.mark.parametrize("task", ["rollback", "prune"])
def test_a_rollback_or_prune_killed_at_any_step_leaves_an_index_that_is_whole(tmp_path, task):
    killed, *outcomes = map(int, harness(AT_STEPS, tmp_path, task, 2)[-1].split())

    assert killed >= 5
    assert sum(outcomes) == killed


def test_builds_with_the_real_model_killed_at_any_time_leave_an_index_that_is_whole(tmp_path):
    """A forked child cannot use a model that its parent has used, so each loads its own."""
    script = """
        import random, time
        import sentence_transformers, torch
        from embeddings.encoding.sentence_encoder import SentenceEncoder

        def with_model(task):
            pid = os.fork()
            if pid == 0:
                code = 1
                try:
                    torch.set_num_threads(1)
                    globals()["encoder"] = SentenceEncoder()
                    code = task() or 0
                except Exception:
                    traceback.print_exc()
                finally:
                    os._exit(code)
            return pid

        def whole(pid):
            _, status = os.waitpid(pid, 0)
            assert os.WIFEXITED(status), status
            return os.WEXITSTATUS(status)

        first = folder / "first"
        assert whole(with_model(lambda: start(first))) == 0
        once.update(generations.generation_names(first))  # what a child adds there is lost with it

        def announced(root, told):
            os.write(told, b".")
            act(root)
            os.write(told, b".")

        shutil.copytree(first, folder / "whole")
        ready, told = os.pipe()
        pid = with_model(lambda: announced(folder / "whole", told))
        os.read(ready, 1)
        began = time.monotonic()
        os.read(ready, 1)
        taken = time.monotonic() - began
        assert whole(pid) == 0
        chance = random.Random(3)
        killed, outcomes = 0, [0, 0]
        for n in range(4):
            root = folder / f"at-{n}"
            shutil.copytree(first, root)
            ready, told = os.pipe()
            pid = with_model(lambda: announced(root, told))
            os.read(ready, 1)
            time.sleep(chance.uniform(0, 0.7 * taken))
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            killed += os.WIFSIGNALED(status)
            os.close(ready), os.close(told)
            outcomes[whole(with_model(lambda: 10 + survived(root))) - 10] += 1
            shutil.rmtree(root)
        print(killed, *outcomes, flush=True)
    """
    killed, old, new = map(int, harness(script, tmp_path, "build")[-1].split())

    assert killed >= 1  # how long a build takes varies, and one that has ended cannot be killed
    assert old + new == 4
