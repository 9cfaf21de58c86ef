"""A real engine once: llama.cpp's server, with tiny models that are written here. `make engine` installs it."""

import asyncio
import dataclasses
import logging
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

gguf = pytest.importorskip("gguf", reason="`make engine` installs llama.cpp's server and runs this")
if find_spec("llama_cpp") is None:  # which is not imported here, as it leaves files open
    pytest.skip("`make engine` installs llama.cpp's server and runs this", allow_module_level=True)

from fakes import answerer, document  # noqa: E402 - only where there is an engine
from loopback import LoopbackDiscord, text_of  # noqa: E402

from bot.answering.answers import Answer, Question  # noqa: E402
from bot.discord.client import FootnoteBot  # noqa: E402
from bot.prose.endpoint import Endpoint, probe  # noqa: E402
from bot.prose.prompts import Prompt  # noqa: E402
from bot.settings import Settings  # noqa: E402

pytestmark = pytest.mark.slow

WIDTH, CONTEXT = 512, 4096
SAID = ("Some 4,000 protesters", " marched in Oslo. [1]\n", "Some 700 protesters", " marched in Bergen. [2]\n")
"""Each a token: the engine's Python reads none of more than 32 bytes."""
TEMPLATE = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}>"
QUESTION = "How many protesters marched in Oslo?"
DOCUMENTS = [
    document("oslo", "Some 4,000 protesters marched in Oslo. The mayor of Oslo spoke.", "Oslo"),
    document("bergen", "Some 700 protesters marched in Bergen.", "Bergen"),
]

Matrix = Callable[..., np.ndarray[Any, Any]]


def vocabulary() -> list[str]:
    """Special tokens, every byte, parts of sentences, and what a prompt is read by."""
    readable = [chr(code) for code in range(33, 127)] + ["▁", "▁the", "▁answer", "▁march", "▁none", "Oslo", "[1]"]
    return ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *SAID, *readable]


def write_model(path: Path, embedding: np.ndarray[Any, Any], output: np.ndarray[Any, Any], other: Matrix) -> Path:
    """A Llama of one layer whose further weights `other` makes."""
    tokens = vocabulary()
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(64)
    writer.add_head_count(8)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(place) for place in range(len(tokens))])
    kinds = gguf.TokenType
    special = [kinds.UNKNOWN, kinds.CONTROL, kinds.CONTROL, *[kinds.BYTE] * 256]
    writer.add_token_types([*special, *[kinds.NORMAL] * (len(tokens) - len(special))])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template(TEMPLATE)
    ones = np.ones(WIDTH, np.float32)
    layer = {name: other(WIDTH, WIDTH) for name in ("attn_q", "attn_k", "attn_v", "attn_output")}
    layer |= {"ffn_gate": other(64, WIDTH), "ffn_up": other(64, WIDTH), "ffn_down": other(WIDTH, 64)}
    layer |= {"attn_norm": ones, "ffn_norm": ones}
    tensors = {f"blk.0.{name}": values for name, values in layer.items()}
    tensors |= {"token_embd": embedding, "output_norm": ones, "output": output}
    for name, values in tensors.items():
        writer.add_tensor(f"{name}.weight", values.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def nonsense(path: Path) -> Path:
    """A model of random weights."""
    random = np.random.default_rng(7)

    def other(*shape: int) -> np.ndarray[Any, Any]:
        return random.normal(0, 0.3, shape)

    size = len(vocabulary())
    return write_model(path, other(size, WIDTH), other(size, WIDTH), other)


def parrot(path: Path) -> Path:
    """A model that says `SAID`, whatever it is asked: each token has a place of its own, and leads to the next."""
    tokens = vocabulary()
    embedding, output = np.zeros((2, len(tokens), WIDTH))
    said = [tokens.index(">"), *map(tokens.index, SAID), 2]
    for place, token in enumerate(said):
        embedding[token, place] = 1
        output[said[min(place + 1, len(said) - 1)], place] = 10
    return write_model(path, embedding, output, lambda *shape: np.zeros(shape))


@asynccontextmanager
async def serving(model: Path) -> AsyncIterator[Settings]:
    """The settings with which the bot asks the engine."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "llama_cpp.server", "--model", str(model), "--port", str(port)]
    limits = ["--n_ctx", str(CONTEXT), "--n_threads", "1", "--seed", "7"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    with (model.parent / "engine.log").open("w") as log:
        engine = subprocess.Popen([*command, *limits], stdout=log, stderr=log, env=environment)  # noqa: ASYNC220
        try:
            async with asyncio.timeout(300):  # the first start reads the engine from disk, and its Python is compiled
                while not _listens(port):
                    assert engine.poll() is None, (model.parent / "engine.log").read_text()[-2000:]
                    await asyncio.sleep(0.2)
            variables = {"FOOTNOTE_LLM_URL": f"http://127.0.0.1:{port}/v1", "FOOTNOTE_LLM_MODEL": "tiny"}
            variables |= {"FOOTNOTE_LLM_TASKS": "choose,write,understand", "FOOTNOTE_LLM_TIMEOUT": "60"}
            yield Settings.load(variables | {"FOOTNOTE_LLM_TOKENS": "100"})
        finally:
            engine.terminate()
            engine.wait()


def _listens(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


@asynccontextmanager
async def running(settings: Settings, server: LoopbackDiscord, folder: Path) -> AsyncIterator[FootnoteBot]:
    served = dataclasses.replace(settings, index=folder)
    with server.attach():
        bot = FootnoteBot(served, answerer(DOCUMENTS), guild_ready_timeout=0.05)
        async with server.running(bot):
            yield bot
    assert server.refusals == [] and server.pings == []


async def written(caplog: pytest.LogCaptureFixture, times: int = 1) -> None:
    """Wait until so many answers had their model."""
    async with asyncio.timeout(120):
        while sum("model task=write" in each.getMessage() for each in caplog.records) < times:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_of_a_model_that_writes_nonsense_nothing_survives(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO, "footnote")
    async with (
        serving(nonsense(tmp_path / "nonsense.gguf")) as settings,
        LoopbackDiscord(patience=120) as server,
    ):
        endpoint = Endpoint(settings)
        completion = await endpoint.ask(Prompt("You answer.", QUESTION), 60)
        await endpoint.close()
        works, line = await probe(settings)
        async with running(settings, server, tmp_path / "index"):
            first = await server.answer(await server.user.say(QUESTION, mention=True))
            await written(caplog)
            second = await server.answer(await server.user.say("and in Bergen?", reply_to=first))
            await written(caplog, 2)
        shown = [text_of(server.world.messages[int(each["id"])]) for each in (first, second)]

    told = [each.getMessage() for each in caplog.records if each.getMessage().startswith("model task=")]
    assert completion.text.strip() and all("outcome=not-shown kept=0" in line for line in told)
    assert not works and "answers" in line and "not in the form it is asked for" in line
    assert "4,000" in shown[0] and "read as: How many protesters marched in Bergen?" in shown[1]
    assert "In other words" not in "".join(shown)


async def test_of_a_model_that_keeps_to_the_form_what_quotations_hold_is_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO, "footnote")
    async with (
        serving(parrot(tmp_path / "parrot.gguf")) as settings,
        LoopbackDiscord(patience=120) as server,
    ):
        works, line = await probe(settings)
        found = answerer(DOCUMENTS).ask(Question(QUESTION))
        async with running(settings, server, tmp_path / "index"):
            asked = await server.answer(await server.user.say(QUESTION, mention=True))
            await written(caplog)
        shown = text_of(server.world.messages[int(asked["id"])])

    assert works and "answers in the form it is asked for" in line
    assert isinstance(found, Answer) and len(found.statements) == 2
    assert "In other words" in shown and "\nSome 4,000 protesters marched in Oslo." in shown
    assert "written by tiny · 2 of 2 sentences kept" in shown
