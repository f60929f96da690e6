"""The HTTP server for all requests of a build, for any host: AWS, ECR, public registries and private ones.

* ECR wants the password of `aws ecr get-login-password`. The rest of the local cloud does without.
* Images of public registries come from the engine of this machine, which pulls them if it can.
* The same holds for private registries, `LOCAL_PRIVATE_REGISTRIES`, which want the user and password named there.
"""
import base64
import hashlib
import http.client
import json
import os
import re
import socketserver
import tarfile
import tempfile
import threading
from http.server import BaseHTTPRequestHandler

from docker.errors import DockerException

ACCOUNT, REGION = os.environ["MINISTACK_ACCOUNT_ID"], os.environ["MINISTACK_REGION"]
ECR_HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
ECR_USER = "AWS:ministack-auth-token"
DOCKER_HUB = "registry-1.docker.io"
PUBLIC_HOSTS = ["public.ecr.aws", DOCKER_HUB, "docker.io", "ghcr.io", "quay.io", "gcr.io", "registry.k8s.io", "mcr.microsoft.com"]
# host -> user:password
PRIVATE = json.loads(os.environ.get("LOCAL_PRIVATE_REGISTRIES", "{}"))
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "host"}

_lock = threading.Lock()
_contents = {}


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64


def serve(path, client):
    if os.path.exists(path):
        os.remove(path)
    server = Server(path, type("Bound", (Handler,), {"client": staticmethod(client)}))
    threading.Thread(target=server.serve_forever, daemon=True).start()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def address_string(self):
        return "build"

    def log_message(self, *args):
        pass

    def do(self):
        host = self.headers.get("Host", "").split(":")[0]
        if host == ECR_HOST and self.path.startswith("/v2"):
            return self._allowed(ECR_USER) and self._forward()
        if host in PRIVATE:
            return self._allowed(PRIVATE[host]) and self._image(host)
        if host in PUBLIC_HOSTS:
            return self._image(host)
        return self._forward()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do

    def _allowed(self, user):
        if self.headers.get("Authorization") == f"Basic {base64.b64encode(user.encode()).decode()}":
            return True
        self._read()
        self._answer(401, {"WWW-Authenticate": 'Basic realm="registry"', "Content-Type": "application/json"},
                     b'{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}')
        return False

    def _read(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _forward(self):
        body = self._read()
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP | {"content-length"}}
        headers["Host"] = self.headers.get("Host", "")
        if self.path.startswith("/v2"):
            headers.pop("Authorization", None)
        connection = http.client.HTTPConnection("127.0.0.1", int(os.environ["GATEWAY_PORT"]))
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        kept = {name: value for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP}
        self._answer(answer.status, kept, content)
        connection.close()

    def _answer(self, status, headers, content):
        self.send_response_only(status)
        for name, value in headers.items():
            if name.lower() != "content-length" or self.command == "HEAD":
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(content)))
        elif not any(name.lower() == "content-length" for name in headers):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _image(self, host):
        if self.path in ("/v2", "/v2/"):
            return self._answer(200, {"Content-Type": "application/json"}, b"{}")
        found = re.fullmatch(r"/v2/(.+)/(manifests|blobs)/([^/?]+)(?:\?.*)?", self.path)
        if not found or self.command not in ("GET", "HEAD"):
            return self._missing("UNSUPPORTED", self.path)
        name, kind, reference = found.groups()
        prefix = "docker.io" if host == DOCKER_HUB else host
        try:
            if kind == "manifests" and not reference.startswith("sha256:"):
                reference = export(self.client(), f"{prefix}/{name}:{reference}")
        except DockerException as error:
            return self._missing("MANIFEST_UNKNOWN", str(error))
        with _lock:
            path = _contents.get(reference)
        if path is None:
            return self._missing("BLOB_UNKNOWN", reference)
        with open(path, "rb") as file:
            content = file.read()
        media = MANIFEST if kind == "manifests" else "application/octet-stream"
        return self._answer(200, {"Content-Type": media, "Docker-Content-Digest": reference}, content)

    def _missing(self, code, message):
        self._answer(404, {"Content-Type": "application/json"}, json.dumps({"errors": [{"code": code, "message": message}]}).encode())


def _keep(folder, content):
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    path = os.path.join(folder, digest.replace(":", "-"))
    with open(path, "wb") as file:
        file.write(content)
    _contents[digest] = path
    return digest


def export(client, image):
    """The digest of the manifest of an image that the engine has or pulls. Its parts are then in _contents."""
    try:
        found = client.images.get(image)
    except DockerException:
        found = client.images.pull(image)
    with _lock:
        if f"manifest of {found.id}" in _contents:
            return _contents[f"manifest of {found.id}"]
        folder = os.path.join(os.environ["TMPDIR"], "codebuild-images")
        os.makedirs(folder, exist_ok=True)
        with tempfile.TemporaryFile() as file:
            for part in found.save():
                file.write(part)
            file.seek(0)
            with tarfile.open(fileobj=file) as archive:
                # A layer can be a link to the same layer of another image.
                read = lambda name: archive.extractfile(name).read()  # noqa: E731
                [saved] = json.loads(read("manifest.json"))
                config, layers = read(saved["Config"]), [read(name) for name in saved["Layers"]]
        digest = _keep(folder, json.dumps({
            "schemaVersion": 2, "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": _keep(folder, config), "size": len(config)},
            "layers": [{"mediaType": LAYER + ("+gzip" if layer.startswith(b"\x1f\x8b") else ""), "digest": _keep(folder, layer), "size": len(layer)}
                       for layer in layers],
        }).encode())
        _contents[f"manifest of {found.id}"] = digest
        return digest
