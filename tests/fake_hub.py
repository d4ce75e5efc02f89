"""A Hugging Face Hub on loopback, as far as a dataset is pushed to it and pulled from it: `HF_ENDPOINT` names it.

    with FakeHub() as hub:
        subprocess.run(["magenta", "dataset", "push", "data/shop", "hf://datasets/team/shop"], env=hub.environment)
        hub.files["v1"]["dataset.json"]

It speaks HTTP as the real one does (https://huggingface.co/.well-known/openapi.json): repositories, pre-upload, large
files by Git LFS, commits, tags, trees, and files by name.
"""

import base64
import hashlib
import json
import os
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

REPOSITORY = r"(?:api/)?datasets/(?P<name>[^/]+/[^/]+?)"


class FakeHub:
    """The server; use it as a context manager."""

    def __init__(self):
        self.files = {"main": {}}
        """Revision → path → content, of the only repository."""
        self.repository = ""
        self.private = None
        self.large = {}
        self.tokens = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.hub = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def environment(self):
        """Of a process that takes this for the Hub."""
        return {**os.environ, "HF_ENDPOINT": self.url, "HF_TOKEN": "hf_fake", "HF_HUB_DISABLE_XET": "1"}

    def __enter__(self):
        run = {"target": self._server.serve_forever, "kwargs": {"poll_interval": 0.05}, "daemon": True}
        threading.Thread(**run).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Requests are no news."""

    @property
    def hub(self):
        return self.server.hub

    def _answer(self, body, status=200, **headers):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _body(self):
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def do_POST(self):
        path, body = urlsplit(self.path).path.strip("/"), self._body()
        self.hub.tokens.add(self.headers["Authorization"])
        if path == "api/repos/create":
            asked = json.loads(body)
            self.hub.repository = f"{asked['organization']}/{asked['name']}"
            self.hub.private = asked.get("private", asked.get("visibility") == "private")
            self._answer({"url": f"{self.hub.url}/datasets/{self.hub.repository}", "name": self.hub.repository})
        elif path == "api/validate-yaml":
            self._answer({"errors": [], "warnings": []})
        elif re.fullmatch(f"{REPOSITORY}/preupload/main", path):
            modes = [
                {"path": each["path"], "uploadMode": "lfs" if each["path"].endswith(".parquet") else "regular"}
                for each in json.loads(body)["files"]
            ]
            self._answer({"files": [{**mode, "shouldIgnore": False, "oid": None} for mode in modes]})
        elif path.endswith(".git/info/lfs/objects/batch"):
            self._answer({"transfer": "basic", "objects": [self._upload(each) for each in json.loads(body)["objects"]]})
        elif re.fullmatch(f"{REPOSITORY}/commit/main", path):
            self._commit([json.loads(line) for line in body.splitlines()])
        elif re.fullmatch(f"{REPOSITORY}/tag/main", path):
            self.hub.files[json.loads(body)["tag"]] = dict(self.hub.files["main"])
            self._answer({})
        elif found := re.fullmatch(f"{REPOSITORY}/paths-info/(?P<rev>[^/]+)", path):
            files = self.hub.files[found["rev"]]
            wanted = json.loads(body)["paths"]
            self._answer([self._entry(name, files[name]) for name in wanted if name in files])
        else:
            self._answer({"error": path}, 404)

    def _upload(self, asked):
        actions = {"upload": {"href": f"{self.hub.url}/large/{asked['oid']}", "header": {}}}
        return {"oid": asked["oid"], "size": asked["size"], "authenticated": True, "actions": actions}

    def do_PUT(self):
        content = self._body()
        self.hub.large[hashlib.sha256(content).hexdigest()] = content
        self._answer({})

    def _commit(self, lines):
        main = self.hub.files["main"]
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                main[value["path"]] = base64.b64decode(value["content"])
            elif line["key"] == "lfsFile":
                main[value["path"]] = self.hub.large[value["oid"]]
            elif line["key"] == "deletedFile":
                main.pop(value["path"], None)
        commit = {"commitUrl": f"{self.hub.url}/datasets/{self.hub.repository}/commit/{'a' * 40}", "success": True}
        self._answer({**commit, "commitOid": "a" * 40, "hookOutput": ""})

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        path = unquote(urlsplit(self.path).path).strip("/")
        if found := re.fullmatch(f"{REPOSITORY}/resolve/(?P<rev>[^/]+)/(?P<file>.+)", path):
            self._file(self.hub.files[found["rev"]].get(found["file"]))
        elif found := re.fullmatch(f"{REPOSITORY}/tree/(?P<rev>[^/]+)(?:/(?P<below>.*))?", path):
            self._answer(list(self._tree(found["rev"], found["below"] or "", "recursive=true" in self.path.lower())))
        elif found := re.fullmatch(f"{REPOSITORY}(?:/revision/(?P<rev>[^/]+))?", path):
            self._info(found["name"], found["rev"] or "main")
        else:
            self._answer({"error": path}, 404)

    def _info(self, name, revision):
        if name != self.hub.repository or revision not in self.hub.files:
            self._answer({"error": "no such revision"}, 404)
            return
        files = [{"rfilename": path} for path in self.hub.files[revision]]
        facts = {"siblings": files, "private": True, "tags": [], "downloads": 0}
        self._answer({"id": name, "sha": "a" * 40, **facts})

    def _tree(self, revision, below, recursive):
        files = self.hub.files[revision]
        folders = set()
        for name in files:
            if below and not name.startswith(f"{below}/"):
                continue
            rest = name[len(below) :].lstrip("/")
            parts = rest.split("/")
            for depth in range(1, len(parts) if recursive else min(2, len(parts))):
                folders.add("/".join([*([below] if below else []), *parts[:depth]]))
            if recursive or len(parts) == 1:
                yield self._entry(name, files[name])
        for folder in sorted(folders):
            yield {"type": "directory", "oid": "b" * 40, "size": 0, "path": folder}

    @staticmethod
    def _entry(name, content):
        return {"type": "file", "oid": hashlib.sha1(content).hexdigest(), "size": len(content), "path": name}

    def _file(self, content):
        if content is None:
            self._answer({"error": "no such file"}, 404, X_Error_Code="EntryNotFound")
            return
        facts = {"ETag": f'"{hashlib.sha1(content).hexdigest()}"', "X_Repo_Commit": "a" * 40, "Accept_Ranges": "bytes"}
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if found is None:
            self._answer(content, **facts)
            return
        first, last = int(found[1]), min(int(found[2] or len(content) - 1), len(content) - 1)
        facts["Content_Range"] = f"bytes {first}-{last}/{len(content)}"
        self._answer(content[first : last + 1], 206, **facts)
