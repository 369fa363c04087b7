"""The client of a master: what it talks to its server with, which is its node's proxy."""

# Written for Python 3.6, hence without newer syntax:
# ruff: noqa: UP006, UP035, UP045
# Its results are pickles by contract, and its server is http:
# ruff: noqa: S301, S310

import base64
import json
import logging
import pickle
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Dict, List, Mapping, Optional

from .payloads import PICKLE_PROTOCOL
from .printing import error, info, warn


class ContainerClient:
    """What a master talks to its server with; the server is its node's proxy.

    Args:
        token: the run's token, a JWT whose claims say which task this is.
        host: scheme and name of the proxy.
        port: its port.
        path: what its routes begin with.
    """

    def __init__(self, token: str, host: str, port: Any, path: str = "/api") -> None:
        claims = json.loads(_base64url(token.split(".")[1]).decode())
        own = claims["sub"] if "sub" in claims else claims["identity"]
        self.image = own.get("image")
        self.database = own.get("database")
        self.host_node_id = own.get("node_id")
        self.organization_id = own.get("organization_id")
        self.collaboration_id = own.get("collaboration_id")
        self.host, self.port, self.path = host, port, path
        self._access_token = token
        self.log = logging.getLogger("vantage6.client")
        # a proxy set for the machine is not for the loopback address
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    @property
    def token(self) -> str:
        """The run's token."""
        return self._access_token

    @property
    def base_path(self) -> str:
        """Where the routes are."""
        if self.port:
            return f"{self.host}:{self.port}{self.path}"
        return f"{self.host}{self.path}"

    def generate_path_to(self, endpoint: str) -> str:
        """The address of a route."""
        return self.base_path + "/" + endpoint.lstrip("/")

    @property
    def headers(self) -> Dict[str, str]:
        """What every request carries."""
        return {"Authorization": "Bearer " + self.token}

    def request(
        self,
        endpoint: str,
        json: Any = None,
        method: str = "get",
        params: Optional[Mapping[str, Any]] = None,
        first_try: bool = True,
        retry: bool = True,
    ) -> Any:
        """Ask the server; returns the JSON of its answer.

        A server that cannot be reached is asked again every second.

        Args:
            endpoint: what follows the path of the API.
            json: the body.
            method: of HTTP.
            params: the query.
            first_try: whether a refusal is followed by a renewal of the token.
            retry: likewise.

        Raises:
            Exception: the status is above 210, and the token is to be renewed, for which a
                container has no means.
        """
        request = urllib.request.Request(
            self._address(endpoint, params), headers=self.headers, method=method.upper()
        )
        if json is not None:
            request.data = _dump(json)
            request.add_header("Content-Type", "application/json")
        while True:
            try:
                with self._opener.open(request) as answer:
                    return _load(answer.read())
            except urllib.error.HTTPError as refusal:
                body = refusal.read()
                said = _message(body)
                self.log.error("the server answered %s: %s", refusal.code, said)
                if not (first_try and retry):
                    return _load(body)
                asked = method.upper() + " " + endpoint
                text = f"Containers cannot refresh! The answer to {asked} was {refusal.code} {said}"
                raise Exception(text) from None
            except (urllib.error.URLError, ConnectionError):
                info(f"no connection to {self.base_path}, trying again")
                time.sleep(1)

    def _address(self, endpoint: str, params: Optional[Mapping[str, Any]]) -> str:
        given = {key: value for key, value in (params or {}).items() if value is not None}
        query = urllib.parse.urlencode(given, doseq=True)
        address = self.generate_path_to(endpoint)
        return address + "?" + query if query else address

    def authenticate(self, *_: Any, **__: Any) -> None:
        """Do nothing: a container is given its token."""
        warn("Containers do not authenticate")

    def refresh_token(self) -> None:
        """Fail: a container's token cannot be renewed."""
        raise Exception("Containers cannot refresh!")

    def get_organizations_in_my_collaboration(self) -> Any:
        """The organizations of this run's collaboration, as dicts with `id`, `name` and more."""
        return self.request(f"collaboration/{self.collaboration_id}/organization")

    def get_task(self, task_id: int) -> Any:
        """A task, whose `complete` says whether all its runs are finished."""
        return self.request(f"task/{task_id}")

    def create_new_task(self, input_: Any, organization_ids: Any = ()) -> Any:
        """Have this image run at other organizations, with `input_`; returns the new task."""
        return self.post_task(
            name="subtask",
            image=self.image,
            collaboration_id=self.collaboration_id,
            input_=input_,
            description=f"task from container on node_id={self.host_node_id}",
            organization_ids=organization_ids,
            database=self.database,
        )

    def post_task(
        self,
        name: str,
        image: Any,
        collaboration_id: Any,
        input_: Any = "",
        description: str = "",
        organization_ids: Any = (),
        database: Any = "default",
    ) -> Any:
        """Create a task; `create_new_task` fills in what follows from this run."""
        content = base64.b64encode(pickle.dumps(input_, protocol=PICKLE_PROTOCOL)).decode()
        task = {
            "name": name,
            "image": image,
            "collaboration_id": collaboration_id,
            "description": description,
            "organizations": [{"id": each, "input": content} for each in organization_ids],
            "database": database,
        }
        return self.request("task", json=task, method="post")

    def get_results(self, task_id: int) -> List[Any]:
        """What the runs of a task returned; nothing at all if one result is no bare pickle."""
        rows = self.request(f"task/{task_id}/result")
        try:
            texts = [row["result"] for row in rows if row.get("result")]
            return [pickle.loads(base64.b64decode(text)) for text in texts]
        except Exception as problem:
            error(f"Unable to unpickle result: {problem}")
            return []

    def get_algorithm_addresses(self, task_id: int) -> List[Dict[str, Any]]:
        """Where the runs of a task can be reached over a VPN: `ip`, `port` and `label` of each."""
        return [
            {"ip": row["node"]["ip"], "port": port["port"], "label": port["label"]}
            for row in self.request(f"task/{task_id}/result")
            for port in row.get("ports") or ()
        ]

    def get_algorithm_address_by_label(self, task_id: int, label: str) -> Optional[str]:
        """The first of those addresses with this label, as `ip:port`."""
        for address in self.get_algorithm_addresses(task_id):
            if address["label"] == label:
                return "{ip}:{port}".format(**address)
        return None


def _dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def _load(content: bytes) -> Any:
    return json.loads(content.decode()) if content else None


def _message(content: bytes) -> str:
    try:
        return str(json.loads(content.decode())["msg"])
    except (ValueError, KeyError, TypeError):
        return content.decode(errors="replace")[:200]


def _base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
