"""The CodeBuild API of the local cloud. Projects are those of MiniStack; builds run in real containers (build.py).

Every request, and every project of a template, is checked against the service model of botocore. What this double does not
know is an error and never ignored.
"""
import contextvars
import copy
import importlib.util
import json
import os
import threading
import time
import uuid

import botocore.session
from botocore.validate import ParamValidator
from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import codebuild
from ministack.services.cloudformation import provisioners

from .build import Build

MODEL = botocore.session.get_session().get_service_model("codebuild")
CHECKS = os.path.join(os.path.dirname(__file__), "..", "..", "test", "contracts", "requests.py")

# The setting of a build that an override replaces. A list is merged by name.
OVERRIDES = {
    "sourceTypeOverride": ("source", "type"),
    "sourceLocationOverride": ("source", "location"),
    "buildspecOverride": ("source", "buildspec"),
    "environmentVariablesOverride": ("environment", "environmentVariables"),
    "environmentTypeOverride": ("environment", "type"),
    "imageOverride": ("environment", "image"),
    "computeTypeOverride": ("environment", "computeType"),
    "privilegedModeOverride": ("environment", "privilegedMode"),
    "imagePullCredentialsTypeOverride": ("environment", "imagePullCredentialsType"),
    "secondarySourcesOverride": ("secondarySources",),
    "cacheOverride": ("cache",),
    "logsConfigOverride": ("logsConfig",),
    "serviceRoleOverride": ("serviceRole",),
    "encryptionKeyOverride": ("encryptionKey",),
    "timeoutInMinutesOverride": ("timeoutInMinutes",),
    "queuedTimeoutInMinutesOverride": ("queuedTimeoutInMinutes",),
    "sourceVersion": ("sourceVersion",),
}
NO_OVERRIDES = {"projectName", "idempotencyToken"}
SETTINGS = {path[0] for path in OVERRIDES.values()}

# These are the only words with different case in a template and in the API.
API_NAMES = {"buildSpec": "buildspec", "buildspec": "buildspec"}

_running = {}
_requests = {}


class Refused(Exception):
    """An error response of CodeBuild."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def _load_checks():
    # Loaded by its path, because its name is that of a well-known package.
    spec = importlib.util.spec_from_file_location("contract_requests", CHECKS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


checks = _load_checks()


def _check(operation, request):
    shape = MODEL.operation_model(operation).input_shape
    report = ParamValidator().validate(request, shape)
    problems = [report.generate_report()] if report.has_errors() else checks.limit_problems(request, shape)
    if problems:
        raise Refused("InvalidInputException", "; ".join(problems))


def _project(name):
    project = codebuild._projects.get(name.rsplit(":project/", 1)[-1])
    if project is None:
        raise Refused("ResourceNotFoundException", f"Project cannot be found: {name}")
    return project


def _settings(project, request):
    """The settings of one build: those of the project, and over them the overrides of the request."""
    unknown = set(request) - set(OVERRIDES) - NO_OVERRIDES
    if unknown:
        raise Refused("InvalidInputException", f"The local cloud does not know {', '.join(sorted(unknown))} of StartBuild")
    settings = copy.deepcopy({name: value for name, value in project.items() if name in SETTINGS})
    for name, path in OVERRIDES.items():
        if name not in request:
            continue
        *parents, last = path
        target = settings
        for parent in parents:
            target = target.setdefault(parent, {})
        if last == "environmentVariables":
            merged = {variable["name"]: variable for variable in [*target.get(last, []), *request[name]]}
            target[last] = list(merged.values())
        else:
            target[last] = request[name]
    return settings


def _logs(project, settings, stream):
    config = settings.get("logsConfig", {}).get("cloudWatchLogs", {"status": "ENABLED"})
    if config["status"] == "DISABLED":
        return {"cloudWatchLogs": config}
    group = config.get("groupName", f"/aws/codebuild/{project['name']}")
    name = f"{config['streamName']}/{stream}" if "streamName" in config else stream
    region = get_region()
    return {
        "groupName": group, "streamName": name, "cloudWatchLogs": config,
        "deepLink": f"https://console.aws.amazon.com/cloudwatch/home?region={region}#logEvent:group={group};stream={name}",
        "cloudWatchLogsArn": f"arn:aws:logs:{region}:{get_account_id()}:log-group:{group}:log-stream:{name}",
    }


def start_build(request):
    project = _project(request["projectName"])
    token = request.get("idempotencyToken")
    if token and (project["name"], token) in _requests:
        before, build_id = _requests[project["name"], token]
        if before != request:
            raise Refused("InvalidInputException", "The idempotency token was used with other parameters")
        return {"build": _shown(build_id)}
    settings = _settings(project, request)
    stream = str(uuid.uuid4())
    build_id = f"{project['name']}:{stream}"
    number = 1 + sum(build["projectName"] == project["name"] for build in codebuild._builds.values())
    record = {
        "id": build_id, "arn": codebuild._build_arn(build_id), "buildNumber": number, "startTime": time.time(),
        "currentPhase": "QUEUED", "buildStatus": "IN_PROGRESS", "projectName": project["name"], "phases": [],
        "artifacts": {"location": ""}, "cache": {"type": "NO_CACHE"}, "timeoutInMinutes": 60, "queuedTimeoutInMinutes": 480,
        **settings, "logs": _logs(project, settings, stream), "buildComplete": False, "initiator": "local-cloud",
    }
    record.pop("logsConfig", None)
    codebuild._builds[build_id] = record
    if token:
        _requests[project["name"], token] = (copy.deepcopy(request), build_id)
    build = _running[build_id] = Build(record, settings)
    # MiniStack stores its state for the account and region of the request.
    threading.Thread(target=contextvars.copy_context().run, args=(build.run,), daemon=True).start()
    return {"build": _shown(build_id)}


def _shown(build_id):
    return copy.deepcopy(codebuild._builds[build_id])


def batch_get_builds(request):
    ids = [each.rsplit(":build/", 1)[-1] for each in request["ids"]]
    return {"builds": [_shown(each) for each in ids if each in codebuild._builds],
            "buildsNotFound": [each for each in ids if each not in codebuild._builds]}


def stop_build(request):
    build_id = request["id"].rsplit(":build/", 1)[-1]
    if build_id not in codebuild._builds:
        raise Refused("ResourceNotFoundException", f"Build cannot be found: {request['id']}")
    _running[build_id].stop()
    return {"build": _shown(build_id)}


def list_builds_for_project(request):
    project = _project(request["projectName"])
    newest_first = sorted((build for build in codebuild._builds.values() if build["projectName"] == project["name"]),
                          key=lambda build: -build["startTime"])
    ids = [build["id"] for build in newest_first]
    ids = ids[::-1] if request.get("sortOrder") == "ASCENDING" else ids
    start = int(request.get("nextToken", 0))
    rest = {"nextToken": str(start + 100)} if len(ids) > start + 100 else {}
    return {"ids": ids[start:start + 100], **rest}


OPERATIONS = {
    "StartBuild": start_build,
    "BatchGetBuilds": batch_get_builds,
    "StopBuild": stop_build,
    "ListBuildsForProject": list_builds_for_project,
}


def handle(original, method, path, headers, body, query):
    """Replaces the dispatcher of MiniStack, except for the operations that are not in OPERATIONS."""
    operation = headers.get("x-amz-target", "").rpartition(".")[2]
    try:
        request = json.loads(body or "{}")
        if operation in MODEL.operation_names:
            _check(operation, request)
        if operation not in OPERATIONS:
            return original(method, path, headers, body, query)
        answer = OPERATIONS[operation](request)
        # AWS answers with empty lists, although the model requires one element.
        filled = {name: value for name, value in answer.items() if value != []}
        report = ParamValidator().validate(filled, MODEL.operation_model(operation).output_shape)
        if report.has_errors():
            raise ValueError(f"{operation} answers what CodeBuild does not: {report.generate_report()}")
        return json_response(answer)
    except Refused as refused:
        return error_response_json(refused.code, str(refused), 400)


def _to_api(value):
    if isinstance(value, dict):
        names = {name: name[0].lower() + name[1:] for name in value}
        return {API_NAMES.get(names[name], names[name]): _to_api(each) for name, each in value.items()}
    return [_to_api(each) for each in value] if isinstance(value, list) else value


def _typed(value, shape):
    """CloudFormation converts text to numbers and booleans if the resource needs them."""
    if shape.type_name == "structure" and isinstance(value, dict):
        return {name: _typed(each, shape.members[name]) if name in shape.members else each for name, each in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [_typed(each, shape.member) for each in value]
    if shape.type_name == "boolean" and isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower(), value)
    return int(value) if shape.type_name == "integer" and str(value).isdigit() else value


def _from_template(name, properties):
    request = {"name": name, **{each: value for each, value in _to_api(properties).items() if each != "name"}}
    if "triggers" in request or "visibility" in request:
        raise ValueError("The local cloud knows neither Triggers nor Visibility of AWS::CodeBuild::Project")
    request = _typed(request, MODEL.operation_model("CreateProject").input_shape)
    _check("CreateProject", request)
    return {**request, "arn": codebuild._project_arn(name), "created": time.time(), "lastModified": time.time()}


def create_project(logical_id, properties, stack_name):
    name = properties.get("Name") or provisioners._physical_name(stack_name, logical_id, max_len=150)
    if name in codebuild._projects:
        raise ValueError(f"{name} already exists")
    codebuild._projects[name] = _from_template(name, properties)
    return name, {"Arn": codebuild._project_arn(name)}


def update_project(physical_id, old, new, stack_name):
    if new.get("Name", physical_id) != physical_id:
        return create_project("", new, stack_name)
    codebuild._projects[physical_id] = _from_template(physical_id, new)
    return physical_id, {"Arn": codebuild._project_arn(physical_id)}


def install():
    original = codebuild._handle_request_sync
    codebuild._handle_request_sync = lambda *args: handle(original, *args)
    provisioners._RESOURCE_HANDLERS["AWS::CodeBuild::Project"].update(create=create_project, update=update_project)
