"""One CodeBuild build on the local cloud: its source, its variables, its container and its log."""
import json
import os
import re
import shutil
import stat
import threading
import time
import zipfile
from io import BytesIO

from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudwatch_logs, secretsmanager

from . import buildspec, engine

# The text with which CodeBuild replaces a secret.
MASK = "***"
# The phases that still run after one of these has failed.
AFTER_FAILURE = {"install": (), "pre_build": (), "build": ("post_build",), "post_build": ()}
SECRET_ARN = re.compile(r"(arn:[^:]+:secretsmanager:[^:]*:\d*:secret:[^:]+)(?::(.*))?$")


class Failed(Exception):
    """A failed phase, with the message of CodeBuild."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Build:
    """@param record the answer of BatchGetBuilds; it changes while the build runs"""

    def __init__(self, record, settings):
        self.record = record
        self.settings = settings
        self.name = record["id"].split(":")[1]
        self.shell = "sh"
        self.folder = os.path.join(os.environ["TMPDIR"], "codebuild", self.name)
        self.container = None
        self.secrets = []
        self.ended = None
        self.lock = threading.Lock()

    def run(self):
        timer = threading.Timer(60 * self.settings.get("timeoutInMinutes", 60), lambda: self._end("TIMED_OUT"))
        timer.daemon = True
        timer.start()
        failed = False
        try:
            for phase in ("SUBMITTED", "QUEUED"):
                self._phase(phase, lambda: None)
            self._phase("PROVISIONING", self._provision)
            spec = self._phase("DOWNLOAD_SOURCE", self._download)
            failed = self._run_phases(spec)
            for phase in ("UPLOAD_ARTIFACTS", "FINALIZING"):
                self._phase(phase, lambda: None)
            self._export(spec.get("env", {}).get("exported-variables", []))
        except Failed:
            failed = True
        except Exception as error:
            if not self.ended:
                self._log(f"The local cloud failed: {error!r}")
                self._end("FAULT")
        finally:
            timer.cancel()
            self._end("FAILED" if failed else "SUCCEEDED")

    def stop(self):
        self._end("STOPPED")

    def _end(self, status):
        """Ends the build. The first status counts."""
        with self.lock:
            if self.ended:
                return
            self.ended = status
        for phase in self.record["phases"]:
            if "endTime" not in phase:
                self._close(phase, status)
        if self.container:
            engine.remove(self.container)
        shutil.rmtree(self.folder, ignore_errors=True)
        now = time.time()
        self.record["phases"].append({"phaseType": "COMPLETED", "startTime": now})
        self.record.update(currentPhase="COMPLETED", endTime=now, buildStatus=status, buildComplete=True)

    def _phase(self, name, work):
        if self.ended:
            raise Failed("STOPPED", "The build has ended")
        phase = {"phaseType": name, "startTime": time.time(), "contexts": [{"statusCode": "", "message": ""}]}
        self.record["phases"].append(phase)
        self.record["currentPhase"] = name
        try:
            result = work()
        except Failed as failure:
            phase["contexts"] = [{"statusCode": failure.code, "message": self._masked(str(failure))}]
            self._close(phase, "FAILED")
            raise
        self._close(phase, "SUCCEEDED")
        return result

    def _close(self, phase, status):
        if "endTime" in phase:
            return
        now = time.time()
        phase.update(phaseStatus=status, endTime=now, durationInSeconds=int(now - phase["startTime"]))
        if phase["phaseType"].lower() in ("download_source", *buildspec.PHASES):
            context = phase["contexts"][0]
            self._agent(f"Phase complete: {phase['phaseType']} State: {status}")
            self._agent(f"Phase context status code: {context['statusCode']} Message: {context['message']}")

    def _provision(self):
        os.makedirs(os.path.join(self.folder, "output", "tmp"))
        try:
            self.container = engine.start(self.folder, self.record, self.settings)
        except engine.Unavailable as error:
            raise Failed("CLIENT_ERROR", str(error))
        if self.ended:
            engine.remove(self.container)

    def _download(self):
        """Unpacks the source and resolves the variables. CodeBuild counts both as one phase."""
        source = self.settings.get("source", {})
        folder = self._unpack(source)
        try:
            spec = buildspec.parse(source.get("buildspec"))
        except buildspec.InvalidBuildspec as error:
            raise Failed("YAML_FILE_ERROR", str(error))
        variables = {**self._variables(spec), "CODEBUILD_SRC_DIR": folder}
        self._write("env.sh", buildspec.variables(variables))
        self._write("dir.txt", folder)
        engine.link_caches(self.container, self.settings, buildspec.cached_folders(spec))
        self.shell = spec.get("env", {}).get("shell", "sh")
        return spec

    def _unpack(self, source):
        if source.get("type") == "NO_SOURCE":
            target = "src"
        elif source.get("type") == "S3":
            bucket, _, key = source["location"].partition("/")
            target = f"src/{os.path.basename(key)}"
        else:
            raise Failed("CLIENT_ERROR", f"The local cloud has no source of type {source.get('type')}")
        folder = os.path.join(self.folder, "output", "src000000000", target)
        os.makedirs(folder)
        if source["type"] == "S3":
            self._agent(f"Downloading S3 source {source['location']}")
            content = engine.read_object(bucket, key)
            if content is None:
                raise Failed("CLIENT_ERROR", "error while downloading key: The specified key does not exist. for primary source and source version ")
            unzip(content, folder)
        return f"/codebuild/output/src000000000/{target}"

    def _variables(self, spec):
        declared = self.settings.get("environment", {}).get("environmentVariables", [])
        env = spec.get("env", {})
        values = {name: str(value) for name, value in env.get("variables", {}).items()}
        references = dict(env.get("secrets-manager", {}))
        for variable in declared:
            kind = variable.get("type", "PLAINTEXT")
            values.pop(variable["name"], None)
            references.pop(variable["name"], None)
            if kind == "PLAINTEXT":
                values[variable["name"]] = variable["value"]
            elif kind == "SECRETS_MANAGER":
                references[variable["name"]] = variable["value"]
            else:
                raise Failed("CLIENT_ERROR", f"The local cloud has no variables of type {kind}")
        secrets = {name: secret_value(reference) for name, reference in references.items()}
        self.secrets = sorted(filter(None, secrets.values()), key=len, reverse=True)
        return {**values, **secrets, **self._own_variables()}

    def _own_variables(self):
        region, build = get_region(), self.record
        return {
            "AWS_REGION": region, "AWS_DEFAULT_REGION": region, "CODEBUILD_CI": "true",
            "CODEBUILD_BUILD_ID": build["id"], "CODEBUILD_BUILD_ARN": build["arn"], "CODEBUILD_BUILD_NUMBER": str(build["buildNumber"]),
            "CODEBUILD_BUILD_IMAGE": self.settings["environment"]["image"], "CODEBUILD_INITIATOR": build["initiator"],
            "CODEBUILD_LOG_PATH": self.name, "CODEBUILD_START_TIME": str(int(1000 * build["startTime"])),
            # A role on AWS.
            "AWS_ACCESS_KEY_ID": get_account_id(), "AWS_SECRET_ACCESS_KEY": "local", **engine.VARIABLES,
        }

    def _run_phases(self, spec):
        """Whether a phase has failed."""
        failed = None
        for name in buildspec.PHASES:
            if failed and name not in AFTER_FAILURE[failed]:
                continue
            phase = spec["phases"].get(name, {})
            try:
                self._phase(name.upper(), lambda: self._run_phase(name, phase, not failed))
            except Failed:
                if self.ended:
                    raise
                if phase.get("on-failure") != "CONTINUE":
                    failed = failed or name
        return failed is not None

    def _run_phase(self, name, phase, succeeding):
        self._agent(f"Entering phase {name.upper()}")
        try:
            for command in phase.get("commands", []):
                self._run_command(command, succeeding)
        finally:
            for command in phase.get("finally", []):
                self._run_command(command, succeeding)

    def _run_command(self, command, succeeding):
        if self.ended:
            raise Failed("STOPPED", "The build has ended")
        self._agent(f"Running command {command}")
        self._write("script.sh", buildspec.script(command, succeeding))
        status = engine.execute(self.container, [self.shell, buildspec.SCRIPT], self._log)
        if self.ended:
            raise Failed("STOPPED", "The build has ended")
        if status != 0:
            self._agent(f"Command did not exit successfully {command} exit status {status}")
            raise Failed("COMMAND_EXECUTION_ERROR", f"Error while executing command: {command}. Reason: exit status {status}")

    def _export(self, names):
        if not names or self.ended:
            return
        self._write("export.sh", buildspec.exported(names))
        lines = []
        engine.execute(self.container, ["bash", f"{buildspec.OUTPUT}/export.sh"], lines.append)
        self.record["exportedEnvironmentVariables"] = [
            {"name": name, "value": json.loads(line)} for name, line in zip(names, lines)]

    def _write(self, name, content):
        with open(os.path.join(self.folder, "output", "tmp", name), "w", encoding="utf-8") as file:
            file.write(content)

    def _masked(self, text):
        for secret in self.secrets:
            text = text.replace(secret, MASK)
        return text

    def _agent(self, text):
        stamp = time.strftime("%Y/%m/%d %H:%M:%S", time.gmtime())
        for line in f"[Container] {stamp} {text}".split("\n"):
            self._log(line)

    def _log(self, line):
        group, stream = self.record["logs"].get("groupName"), self.record["logs"].get("streamName")
        if group is None:
            return
        cloudwatch_logs._create_log_group({"logGroupName": group})
        cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": stream})
        event = {"timestamp": int(1000 * time.time()), "message": f"{self._masked(line)}\n"}
        cloudwatch_logs._put_log_events({"logGroupName": group, "logStreamName": stream, "logEvents": [event]})


def secret_value(reference):
    """The value of `<name or ARN>:<JSON key>:<stage>:<version>`; all parts but the first can be missing."""
    found = SECRET_ARN.match(reference)
    identifier, rest = (found[1], found[2] or "") if found else reference.partition(":")[::2]
    key, stage, version = [*rest.split(":"), "", "", ""][:3]
    value = secretsmanager.resolve_secret_string(identifier, stage or "AWSCURRENT", version or None)
    if value is None:
        raise Failed("Secrets Manager Error Message", f"ResourceNotFoundException: Secrets Manager can't find the specified secret: {identifier}")
    if not key:
        return value
    try:
        found = json.loads(value).get(key)
    except (ValueError, AttributeError):
        found = None
    if found is None:
        raise Failed("Secrets Manager Error Message", f"The key {key} does not exist in the secret {identifier}")
    return found if isinstance(found, str) else json.dumps(found)


def unzip(content, folder):
    """Keeps permissions and symbolic links."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for entry in archive.infolist():
            mode = entry.external_attr >> 16
            target = os.path.join(folder, entry.filename)
            if stat.S_ISLNK(mode):
                os.makedirs(os.path.dirname(target), exist_ok=True)
                os.symlink(archive.read(entry).decode(), target)
                continue
            archive.extract(entry, folder)
            if stat.S_IMODE(mode):
                os.chmod(target, stat.S_IMODE(mode))
