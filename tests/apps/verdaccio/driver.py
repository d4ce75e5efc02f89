"""verdaccio, a private npm registry with a web interface: six packages of a made-up company, no uplink.

Packages are published over HTTP, as npm does. The user ada (password "harbour-7") may log in.
"""

import base64
import hashlib
import io
import json
import os
import tarfile
import urllib.request
from pathlib import Path

from apps.application import Application, free_port, serving

CONFIG = """\
storage: ./storage
auth:
  htpasswd:
    file: ./htpasswd
uplinks: {}
packages:
  "@*/*": {access: $all, publish: $authenticated}
  "**": {access: $all, publish: $authenticated}
web:
  title: Harbour Packages
log: {type: stdout, format: json, level: http}
"""
USER, PASSWORD = "ada", "harbour-7"
PACKAGES: tuple[tuple[str, tuple[str, ...], str, dict[str, str], str], ...] = (
    ("tide-table", ("1.0.0", "1.1.0", "2.0.0"), "Predicts high and low water", {"moon-phase": "^0.3.0"}, "MIT"),
    ("moon-phase", ("0.3.0", "0.3.1"), "Tells the phase of the moon for a date", {}, "Apache-2.0"),
    ("buoy-client", ("4.2.0",), "Reads wave heights from buoys", {"tide-table": "^1.0.0"}, "MIT"),
    ("anchor-ui", ("0.9.0", "0.10.0"), "Buttons and forms for harbour software", {}, "ISC"),
    ("@harbour/berths", ("1.4.2",), "Books berths for visiting boats", {"anchor-ui": "~0.9.0"}, "UNLICENSED"),
    ("@harbour/signals", ("3.0.1",), "Flag and light signals as data", {}, "BSD-3-Clause"),
)


def command(home: Path, data: Path, port: int) -> list[str]:
    return [str(home / "node_modules/.bin/verdaccio"), "-l", f"127.0.0.1:{port}", "-c", str(data / "config.yaml")]


def seed(home: Path, data: Path) -> None:
    (data / "config.yaml").write_text(CONFIG)
    port = free_port()
    with serving(command(home, data, port), port, "/-/ping", home / "seed.log", os.environ) as url:
        user = {"name": USER, "password": PASSWORD, "_id": f"org.couchdb.user:{USER}", "type": "user", "roles": []}
        token = _put(f"{url}/-/user/org.couchdb.user:{USER}", user)["token"]
        for name, versions, description, needs, licence in PACKAGES:
            for version in versions:
                manifest = {"name": name, "version": version, "description": description, "dependencies": needs,
                            "license": licence, "author": {"name": "Ada Moreau", "email": "ada@harbour.test"},
                            "keywords": ["harbour", name.rsplit("-", 1)[-1]]}  # fmt: skip
                _put(f"{url}/{name.replace('/', '%2f')}", _publication(url, manifest), token)


def _publication(url: str, manifest: dict[str, object]) -> dict[str, object]:
    """What `npm publish` sends: the manifest, and the tarball as an attachment."""
    name, version = str(manifest["name"]), str(manifest["version"])
    readme = f"# {name}\n\n{manifest['description']}.\n\n## Usage\n\n    npm install {name}\n"
    tarball = _tarball({"package.json": json.dumps(manifest), "README.md": readme, "index.js": "module.exports = {}\n"})
    file = f"{name.rsplit('/', 1)[-1]}-{version}.tgz"
    sums = {"shasum": hashlib.sha1(tarball).hexdigest(), "tarball": f"{url}/{name}/-/{file}"}
    full = {**manifest, "readme": readme, "_id": f"{name}@{version}", "dist": sums}
    attachment = {"content_type": "application/octet-stream", "data": base64.b64encode(tarball).decode(),
                  "length": len(tarball)}  # fmt: skip
    return {"_id": name, "name": name, "description": manifest["description"], "dist-tags": {"latest": version},
            "versions": {version: full}, "readme": readme, "_attachments": {file: attachment}}  # fmt: skip


def _tarball(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, text in files.items():
            entry = tarfile.TarInfo(f"package/{path}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return buffer.getvalue()


def _put(url: str, body: dict[str, object], token: str = "") -> dict[str, str]:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="PUT")
    with urllib.request.urlopen(request, timeout=30) as response:
        return dict(json.load(response))


# The newest version that runs on Node 20.
APPLICATION = Application(
    "verdaccio",
    ("verdaccio@6.8.0",),
    seed,
    command,
    ready="/-/ping",
    npm=True,
    overrides={"node-fetch": "2.7.0"},  # a package asks for it by the tag "cjs", which not every mirror has
)
