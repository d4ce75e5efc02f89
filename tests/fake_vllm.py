"""Stands in for vLLM in a process: `python fake_vllm.py --model M --host H --port P`. Answers with what serves.

Adapters whose path ends with "broken" are refused, of one that ends with "deadly" it dies; "unload" of one that is
answering would be a fault, and ends it.
"""

import argparse
import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOADED: dict[str, str] = {}
USING: dict[str, int] = {}
LOCK = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *more: object) -> None:
        pass

    def do_GET(self) -> None:
        self.send(200, {"adapters": sorted(LOADED.values())})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.endswith("load_lora_adapter"):
            self.adapter(body)
            return
        name = body["model"]
        with LOCK:
            USING[name] = USING.get(name, 0) + 1
        time.sleep(0.15)
        served = LOADED.get(name, OPTIONS.model)
        self.send(200, {"choices": [{"message": {"content": f"Served by {served}."}}]})
        with LOCK:
            USING[name] -= 1

    def adapter(self, body: dict[str, str]) -> None:
        if self.path.endswith("/load_lora_adapter"):
            if body["lora_path"].endswith("deadly"):
                os._exit(1)
            if body["lora_path"].endswith("broken"):
                self.send(400, {"error": "does not fit"})
                return
            LOADED[body["lora_name"]] = body["lora_path"]
        else:
            assert not USING.get(body["lora_name"]), "unloaded while it answers"
            del LOADED[body["lora_name"]]
        self.send(200, {})

    def send(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


parser = argparse.ArgumentParser()
for name in ("--model", "--host", "--port"):
    parser.add_argument(name)
OPTIONS = parser.parse_known_args()[0]
ThreadingHTTPServer.request_queue_size = 128
ThreadingHTTPServer((OPTIONS.host, int(OPTIONS.port)), Handler).serve_forever()
