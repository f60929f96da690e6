"""The containers of builds: each has its own engine, network and DNS, and reaches only the local cloud."""
import os
import time

import docker
from docker.errors import DockerException, NotFound
from ministack.services import ecs, s3

from . import front

CLOUD = os.environ["LOCAL_CLOUD"]
IMAGE = f"local-cloud-{CLOUD}/codebuild"
# Files of local/codebuild/images.ts: images of BuildKit, which the engine of a build cannot pull.
CACHE = os.environ.get("LOCAL_CODEBUILD")
VARIABLES = {"AWS_ENDPOINT_URL": "http://127.0.0.1", "HOME": "/root", "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
START_SECONDS = 60
PLATFORMS = {"ARM_CONTAINER": "linux/arm64", "LINUX_CONTAINER": "linux/amd64"}
CAPABILITIES = ["SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "SYS_NICE", "IPC_LOCK", "DAC_READ_SEARCH", "LINUX_IMMUTABLE"]
# The settings of a privileged container, without capabilities that root does not have here.
PRIVILEGES = {"cap_add": CAPABILITIES, "security_opt": ["seccomp=unconfined", "apparmor=unconfined"], "device_cgroup_rules": ["a *:* rwm"]}

_front = None


class Unavailable(Exception):
    """An error that prevents the start of a build."""


def start(folder, record, settings):
    """Starts the container of a build and waits for its engine. `folder` is /codebuild in it."""
    environment = settings["environment"]
    if environment["type"] not in PLATFORMS:
        raise Unavailable(f"The local cloud has no build environment of type {environment['type']}")
    if not CACHE:
        raise Unavailable("The local cloud was started without CodeBuild. See local/codebuild/images.ts")
    _serve()
    volumes = {folder: {"bind": "/codebuild", "mode": "rw"}, CACHE: {"bind": "/opt/local-cloud", "mode": "ro"},
               os.path.dirname(_front): {"bind": "/run/local-cloud", "mode": "rw"}}
    if has_custom_cache(settings):
        kept = os.path.join(os.environ["TMPDIR"], "codebuild-cache", record["projectName"])
        os.makedirs(kept, exist_ok=True)
        volumes[kept] = {"bind": "/codebuild-cache", "mode": "rw"}
    images = [each["value"] for each in environment.get("environmentVariables", []) if each["name"] == "BUILDKIT_IMAGE"]
    privileged = environment.get("privilegedMode", False)
    api = client().api
    host = api.create_host_config(
        network_mode="none", binds=volumes, **(PRIVILEGES if privileged else {}),
        # A volume, because an overlay cannot be on another one.
        mounts=[docker.types.Mount("/var/lib/docker", None, type="volume")])
    # A setting that docker-py does not support: an engine writes below /proc/sys.
    host.update({"MaskedPaths": [], "ReadonlyPaths": []} if privileged else {})
    container = None
    try:
        created = api.create_container(
            IMAGE, ["/usr/local/bin/start-build-environment"], host_config=host, labels={"local-cloud": CLOUD, "local-cloud-build": record["id"]},
            environment={**VARIABLES, "BUILDKIT_IMAGE": images[0] if images else "", "MACHINE_PLATFORM": PLATFORMS[environment["type"]],
                         "PUBLIC_HOSTS": " ".join(front.PUBLIC_HOSTS), "ECR_HOST": front.ECR_HOST, "PRIVATE_HOSTS": " ".join(front.PRIVATE)})
        container = client().containers.get(created["Id"])
        container.start()
    except DockerException as error:
        if container:
            remove(container)
        raise Unavailable(f"The container of the build does not start: {error}")
    ready = os.path.join(folder, "ready")
    deadline = time.monotonic() + START_SECONDS
    while not os.path.exists(ready):
        time.sleep(0.1)
        if time.monotonic() > deadline or state(container) != "running":
            log = container.logs(tail=20).decode("utf-8", "replace")
            remove(container)
            raise Unavailable(f"The build environment does not get ready: {log}")
    return container


def has_custom_cache(settings):
    cache = settings.get("cache", {})
    return cache.get("type") == "LOCAL" and "LOCAL_CUSTOM_CACHE" in cache.get("modes", [])


def state(container):
    try:
        container.reload()
        return container.status
    except NotFound:
        return "removed"


def client():
    return ecs._get_docker()


def _serve():
    global _front
    if _front is None:
        folder = os.path.join(os.environ["TMPDIR"], "codebuild-front")
        os.makedirs(folder, exist_ok=True)
        _front = os.path.join(folder, "socket")
        front.serve(_front, client)


def execute(container, command, emit):
    """Runs a command, yields its output line by line, and returns its exit code."""
    api = client().api
    try:
        run = api.exec_create(container.id, command, workdir="/")["Id"]
        rest = b""
        for part in api.exec_start(run, stream=True):
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                emit(line.decode("utf-8", "replace"))
        if rest:
            emit(rest.decode("utf-8", "replace"))
        return api.exec_inspect(run)["ExitCode"]
    except DockerException:
        # The container of a stopped build is gone.
        return 137


def link_caches(container, settings, folders):
    """CodeBuild links each cached folder to one that outlives the build."""
    for folder in folders if has_custom_cache(settings) else []:
        kept = f"/codebuild-cache/{folder.strip('/').replace('/', '_')}"
        execute(container, ["bash", "-c", 'mkdir -p "$1" "$(dirname "$2")" && ln -sfn "$1" "$2"', "bash", kept, folder], lambda line: None)


def remove(container):
    try:
        container.remove(force=True, v=True)
    except DockerException:
        pass


def read_object(bucket, key):
    return s3._get_object_data(bucket, key)
