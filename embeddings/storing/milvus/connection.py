"""A connection to Milvus whose failures are sentences. The only module that imports pymilvus."""

import logging
import threading
from collections.abc import Sequence
from typing import Any

from embeddings.errors import BadSetting, FootnoteError, IndexCorrupt, IndexUnreachable
from embeddings.storing.addresses import Address

try:
    from pymilvus import DataType, MilvusClient
    from pymilvus.exceptions import MilvusException
except ImportError as missing:
    raise BadSetting(
        "FOOTNOTE_STORE names a Milvus, and its client is not installed: .venv/bin/pip install -e '.[milvus]' "
        "-c constraints.txt"
    ) from missing

PATIENCE = 10.0
"""Seconds that Milvus has to answer a question."""
WRITING = 3600.0
"""Seconds that it has to write, to index or to load a whole collection."""

_NO_COLLECTION, _NOT_LOADED = 100, range(101, 107)
"""Milvus's codes of errors: there is no such collection; it is not loaded, or not everywhere."""

logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # which writes down every failure that is told here


class Connection:
    """Made when it is first needed, and again after it was lost; safe to use from several threads."""

    def __init__(self, address: Address, token: str) -> None:
        self.address = address
        self._token = token
        self._client: MilvusClient | None = None
        self._lock = threading.Lock()

    def call(self, method: str, *arguments: Any, seconds: float | None = None, **options: Any) -> Any:
        """Call a method of pymilvus' client; what it asks and is not loaded is loaded first.

        Raises IndexUnreachable; IndexCorrupt for what is gone or cannot be loaded.
        """
        options["timeout"] = seconds or PATIENCE
        try:
            try:
                return getattr(self._connected(), method)(*arguments, **options)
            except MilvusException as error:
                if error.code not in _NOT_LOADED:
                    raise
            self.load(arguments[0])
            return getattr(self._connected(), method)(*arguments, **options)
        except MilvusException as error:
            raise self._explained(error) from error
        except FootnoteError:
            raise
        except Exception as error:  # gRPC's own, of a connection that is just being lost
            raise self._unreachable(error) from error

    def rows(self, collection: str, condition: str, fields: Sequence[str], **options: Any) -> list[dict[str, Any]]:
        """The fields of all entities that a condition lets in, in no order."""
        found = self.call("query", collection, filter=condition, output_fields=list(fields), **options)
        return list(found)

    def count(self, collection: str) -> int:
        """How many entities a collection holds."""
        (row,) = self.rows(collection, "", ["count(*)"], consistency_level="Strong")
        return int(row["count(*)"])

    def create(self, collection: str, fields: Sequence[tuple[str, str, dict[str, Any]]]) -> None:
        """Make an empty collection with these fields, the first of which is the primary key."""
        schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        for place, (name, kind, options) in enumerate(fields):
            if element := options.get("element_type"):
                options = options | {"element_type": DataType[element]}
            schema.add_field(name, DataType[kind], is_primary=not place, **options)
        self.call("create_collection", collection, schema=schema, consistency_level="Eventually", seconds=WRITING)

    def index(self, collection: str, indexes: Sequence[dict[str, Any]]) -> None:
        """Write what was inserted down, index it and load it, and wait for that."""
        self.call("flush", collection, seconds=WRITING)
        params = MilvusClient.prepare_index_params()
        for each in indexes:
            params.add_index(**each)
        self.call("create_index", collection, params, seconds=WRITING)
        self.call("load_collection", collection, seconds=WRITING)

    def load(self, collection: str, seconds: float = PATIENCE) -> None:
        """Have a collection loaded, unless it is; who may only read may look, not load."""
        if self.call("get_load_state", collection)["state"].name != "Loaded":
            self.call("load_collection", collection, seconds=seconds)

    def close(self) -> None:
        """End the connection; the next call makes another."""
        with self._lock:
            if self._client is not None:
                self._client.close()
            self._client = None

    def _connected(self) -> MilvusClient:
        with self._lock:
            if self._client is None:
                self._client = MilvusClient(
                    self.address.uri, token=self._token, db_name=self.address.database, timeout=PATIENCE, dedicated=True
                )
            return self._client

    def _explained(self, error: MilvusException) -> Exception:
        if error.code == _NO_COLLECTION:
            return IndexCorrupt(
                f"Something is gone from Milvus ({self.address}): {_said(error)}. Publish it again: python -m "
                "embeddings build"
            )
        if error.code in _NOT_LOADED:
            return IndexCorrupt(
                f"A collection is not loaded in Milvus ({self.address}): {_said(error)}. Wait until it is, or see "
                "whether its query nodes have the memory for it."
            )
        return self._unreachable(error)

    def _unreachable(self, error: Exception) -> IndexUnreachable:
        return IndexUnreachable(
            f"Milvus ({self.address}) does not answer as it should: {_said(error)}. Check that it runs, can be reached "
            "from here and takes FOOTNOTE_STORE_TOKEN, then try again."
        )


def _said(error: Exception) -> str:
    """The first line of what an error says."""
    text = (error.message if isinstance(error, MilvusException) else str(error)) or repr(error)
    return text.strip().splitlines()[0].rstrip(".")[:300]
