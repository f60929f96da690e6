"""Runs MiniStack with the features that this library needs in addition; local/cloud.ts starts it.

Every patch replaces one function by name, so a release that moves one fails at start, not in use.
"""
import json
import os
import re
import sys
import time
from xml.sax.saxutils import escape

sys.dont_write_bytecode = True  # next to our own modules
from ministack import app
from ministack.core import lambda_runtime
from ministack.core.responses import error_response_json
from ministack.services import cloudformation, ec2, ecr, ecs, eventbridge, ssm
from ministack.services.cloudformation import changesets, handlers, provisioners, stacks

# For a hotswap, the CDK CLI takes the suffix of the host from its endpoint.
ECR_HOST = re.compile(r"^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.(amazonaws\.com|127\.0\.0\.1)/")
REGISTRY = os.environ["LOCAL_REGISTRY"]
STEADY_SECONDS = 180


def patch(module, name):
    original = getattr(module, name)

    def use(replacement):
        setattr(module, name, lambda *args, **kwargs: replacement(original, *args, **kwargs))
    return use


# Without this, the CDK CLI treats every image as published, and never builds one.
@patch(ecr, "_describe_images")
def describe_images(original, request):
    answer = original(request)
    if answer[0] == 200 and request.get("imageIds") and not json.loads(answer[2])["imageDetails"]:
        return error_response_json("ImageNotFoundException", "The requested image is not found", 400)
    return answer


# Blobs are in the registry on loopback: the host name from MiniStack does not exist in DNS.
@patch(ecr, "_get_download_url_for_layer")
def get_download_url_for_layer(original, request):
    status, headers, body = original(request)
    return status, headers, re.sub(rb"https://[^/\"]+", os.environ["AWS_ENDPOINT_URL"].encode(), body)


# The engine uses the registry on loopback, never a real one.
@patch(ecs, "_start_task_worker")
def start_task_worker(original, task, definition, overrides, engine):
    for container in definition["containerDefinitions"]:
        container["image"] = ECR_HOST.sub(f"{REGISTRY}/", container["image"])
    return original(task, definition, overrides, engine)


# The containers of an awsvpc task share one network interface: that of the first one. Each of its ports is published on a free port of this machine,
# so that several tasks can run side by side. MiniStack publishes none, and also ignores the fields below.
@patch(ecs, "_build_run_kwargs")
def build_run_kwargs(original, container, definition, env, ports, network, host, task, *args):
    options = original(container, definition, env, ports, network, host, task, *args)
    first, *_ = containers = definition["containerDefinitions"]
    for name in ("network", "ports", "extra_hosts"):
        options.pop(name, None)
    if container["name"] == first["name"]:
        options["network"] = f"local-cloud-{os.environ['LOCAL_CLOUD']}"
        options["ports"] = {f"{mapping['containerPort']}/{mapping.get('protocol', 'tcp')}": ("127.0.0.1", None)
                            for each in containers for mapping in each.get("portMappings", [])}
    else:
        options["network_mode"] = f"container:ministack-ecs-{task[:8]}-{first['name']}"
    options["labels"]["local-cloud"] = os.environ["LOCAL_CLOUD"]
    options["volumes"] = options.get("volumes", []) + shared_folders(container, definition, task)
    return {**options, **limits(container)}


# Data from CloudFormation has names that begin with a capital letter.
def field(thing, name):
    return (thing or {}).get(name, (thing or {}).get(name[0].upper() + name[1:]))


# A volume that containers of a task share exists as long as the task; here, as long as the local cloud.
def shared_folders(container, definition, task):
    sourceless = [field(volume, "name") for volume in definition.get("volumes", []) if not field(field(volume, "host"), "sourcePath")]
    folders = []
    for mount in container.get("mountPoints", []):
        name = field(mount, "sourceVolume")
        if name in sourceless:
            folder = os.path.join(os.environ["TMPDIR"], "volumes", task, name)
            os.makedirs(folder, exist_ok=True)
            # On AWS, it belongs to the owner of the VOLUME in the image.
            os.chmod(folder, 0o777)
            folders.append(f"{folder}:{field(mount, 'containerPath')}:{'ro' if field(mount, 'readOnly') else 'rw'}")
    return folders


def limits(container):
    linux = field(container, "linuxParameters")
    wanted = {
        "entrypoint": field(container, "entryPoint"),
        "user": field(container, "user"),
        "working_dir": field(container, "workingDirectory"),
        "read_only": field(container, "readonlyRootFilesystem"),
        "cap_drop": field(field(linux, "capabilities"), "drop"),
        "init": field(linux, "initProcessEnabled"),
        "tmpfs": {field(each, "containerPath"): ",".join([f"size={field(each, 'size')}m", *(field(each, "mountOptions") or [])])
                  for each in field(linux, "tmpfs") or []},
        "sysctls": {field(each, "namespace"): field(each, "value") for each in field(container, "systemControls") or []},
        "mem_limit": field(container, "memory") and f"{field(container, 'memory')}m",
    }
    return {name: value for name, value in wanted.items() if value}


# A local public image is the same as in its registry, so nothing is requested from the internet.
def is_ours(image):
    return image.startswith(f"{REGISTRY}/")


@patch(ecs, "_run_docker_container")
def run_docker_container(original, engine, container, *args, **options):
    if not is_ours(container["image"]):
        options["refresh_image"] = False
    return original(engine, container, *args, **options)


@patch(ecs, "_deployment_needs_first_task")
def deployment_needs_first_task(original, deployment, definition, context=None):
    return all(is_ours(container["image"]) for container in definition["containerDefinitions"]) and original(deployment, definition, context)


# MiniStack reports a new service as stable before its tasks have started.
@patch(ecs, "_make_deployment")
def make_deployment(original, *args, **options):
    deployment = original(*args, **options)
    if deployment["status"] == "PRIMARY" and deployment["desiredCount"] > 0:
        deployment.update(rolloutState="IN_PROGRESS", rolloutStateReason="")
    return deployment


# The scheduler of MiniStack evaluates the schedule, but starts no task.
@patch(eventbridge, "_invoke_target")
def invoke_target(original, target, event, rule):
    if "EcsParameters" not in target:
        return original(target, event, rule)
    parameters = target["EcsParameters"]
    network = parameters["NetworkConfiguration"]["AwsvpcConfiguration"]
    status, _, body = ecs._run_task({
        "cluster": target["Arn"],
        "taskDefinition": parameters["TaskDefinitionArn"],
        "count": parameters["TaskCount"],
        "launchType": parameters["LaunchType"],
        "networkConfiguration": {"awsvpcConfiguration": {name[0].lower() + name[1:]: value for name, value in network.items()}},
    })
    if status != 200:
        raise ValueError(body)


def task_arns():
    running = ecs._get_docker().containers.list(
        filters={"label": f"local-cloud={os.environ['LOCAL_CLOUD']}"}, ignore_removed=True)
    return [container.labels.get("com.amazonaws.ecs.task-arn") for container in running]


# CloudFormation waits until a service is stable, and otherwise fails; MiniStack continues at once.
def steady(handler):
    def apply(*args):
        arn, attributes = handler(*args)
        service = ecs._services[arn.split(":service/")[1].split("cluster/")[-1]]
        deployment = ecs._primary_deployment(service)
        deadline = time.monotonic() + STEADY_SECONDS
        while deployment["rolloutState"] == "IN_PROGRESS" and time.monotonic() < deadline:
            time.sleep(0.2)
        if deployment["rolloutState"] != "COMPLETED":
            reasons = [task["stoppedReason"] for task in ecs._tasks.values()
                       if task.get("_deployment_id") == deployment["id"] and task.get("stoppedReason")]
            raise ValueError(f"{deployment.get('rolloutStateReason') or 'The service did not get steady.'} "
                             + (reasons or [""])[-1])
        # The old containers still get their stop timeout.
        while any(ecs._tasks.get(task, {}).get("lastStatus") == "STOPPED" for task in task_arns()):
            time.sleep(0.2)
        return arn, attributes
    return apply


service = provisioners._RESOURCE_HANDLERS["AWS::ECS::Service"]
service["create"], service["update"] = steady(service["create"]), steady(service["update"])


@patch(stacks, "_runs_on_worker_thread")
def runs_on_worker_thread(original, resource_type):
    return resource_type == "AWS::ECS::Service" or original(resource_type)


# AWS can import an existing repository; MiniStack imports other types only.
def repository_import_problem(name):
    return None if name in ecr._repositories else changesets._IMPORT_NOT_FOUND.format(type="AWS::ECR::Repository", value=name)


def repository_import(identifier):
    repository = ecr._repositories[identifier["RepositoryName"]]
    return repository["repositoryName"], {"Arn": repository["repositoryArn"], "RepositoryUri": repository["repositoryUri"]}


changesets._IMPORT_LOOKUPS["AWS::ECR::Repository"] = (("RepositoryName",), repository_import_problem)
provisioners._RESOURCE_HANDLERS["AWS::ECR::Repository"]["import"] = repository_import


# For `cdk diff`, AWS describes a changed resource before and after. Values from attributes of another changed resource are not known yet.
UNKNOWN = "{{changeSet:KNOWN_AFTER_APPLY}}"


def with_contexts(original):
    def describe(params):
        status, headers, body = original(params)
        if status != 200 or changesets._p(params, "IncludePropertyValues") != "true":
            return status, headers, body
        _, change_set = changesets._find_change_set(changesets._p(params, "ChangeSetName"), changesets._p(params, "StackName"))
        existing = next((stack for stack in cloudformation._stacks.values() if stack["StackId"] == change_set["StackId"]), {}).get("_resources", {})
        text = body.decode()
        for change in (each["ResourceChange"] for each in change_set["Changes"]):
            if change["Action"] != "Modify":
                continue
            before = existing.get(change["LogicalResourceId"], {}).get("Properties") or {}
            unknown = {detail["Target"]["Name"]: UNKNOWN for detail in change["Details"] if detail.get("ChangeSource") == "ResourceAttribute"}
            contexts = "".join(f"<{name}>{escape(json.dumps({'Properties': value}))}</{name}>"
                               for name, value in (("BeforeContext", before), ("AfterContext", {**before, **unknown})))
            place = f"<LogicalResourceId>{change['LogicalResourceId']}</LogicalResourceId>"
            text = text.replace(place, place + contexts)
        return status, headers, text.encode()
    return describe


handlers._ACTION_HANDLERS["DescribeChangeSet"] = with_contexts(handlers._ACTION_HANDLERS["DescribeChangeSet"])


# AWS publishes the newest machine images as parameters. No instance is started here, so one name is enough for all.
@patch(ssm, "resolve_parameter_value")
def resolve_parameter_value(original, name):
    return "ami-00000000" if name.startswith("/aws/service/ecs/optimized-ami/") else original(name)


# MiniStack's replacement of the AWS SDK has no list of its names. The assertions of integ/account search a client and commands in that list.
SDK_NAMES = ["AnyClient", *(f"{operation}Command" for operation in (
    "ListTasks", "DescribeTasks", "DescribeImages", "GetParameter", "FilterLogEvents"))]
SDK_MODULE = "    return new Proxy(\n      {},\n      {\n"
if lambda_runtime._NODEJS_WORKER_SCRIPT.count(SDK_MODULE) != 1:
    raise RuntimeError("MiniStack's stand-in for the AWS SDK has moved")
lambda_runtime._NODEJS_WORKER_SCRIPT = lambda_runtime._NODEJS_WORKER_SCRIPT.replace(SDK_MODULE, SDK_MODULE + f"""
        ownKeys: () => {json.dumps(SDK_NAMES)},
        getOwnPropertyDescriptor: () => ({{ configurable: true, enumerable: true }}),
""")


# `Ref` of a secret is its ARN. MiniStack returns the name.
SECRET = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]


def secret_name(physical_id):
    return physical_id.split(":")[-1].rsplit("-", 1)[0] if physical_id.startswith("arn:") else physical_id


def named_by_arn(work):
    def change(*args, **kwargs):
        attributes = work(*args, **kwargs)[1]
        return attributes["Id"], attributes
    return change


provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"] = {
    **SECRET,
    "create": named_by_arn(SECRET["create"]),
    "update": named_by_arn(lambda physical_id, *args, **kwargs: SECRET["update"](secret_name(physical_id), *args, **kwargs)),
    "delete": lambda physical_id, props: SECRET["delete"](secret_name(physical_id), props),
}


# Resource types that MiniStack does not know. They are only recorded: no traffic here follows AWS routes or rules.
def eip(logical_id, props, stack):
    body = str(ec2._allocate_address({"Domain": ["vpc"]})[2])
    address, allocation = (re.search(f"<{tag}>(.*?)</{tag}>", body)[1] for tag in ("publicIp", "allocationId"))
    return address, {"AllocationId": allocation, "PublicIp": address}


def recorded(prefix, attribute):
    return lambda logical_id, props, stack: (f"{prefix}-{ecs.new_uuid()[:17]}", {attribute: f"{prefix}-{logical_id}"})


for name, create in {
    "EC2::EIP": eip,
    "EC2::NatGateway": recorded("nat", "NatGatewayId"),
    "EC2::SecurityGroupIngress": recorded("sgr", "Id"),
    "EC2::SecurityGroupEgress": recorded("sgr", "Id"),
    "ECS::CapacityProvider": recorded("capacity", "Id"),
    "ECS::ClusterCapacityProviderAssociations": recorded("associations", "Id"),
    "ApplicationAutoScaling::ScalableTarget": recorded("target", "Id"),
    "ApplicationAutoScaling::ScalingPolicy": recorded("policy", "Id"),
}.items():
    provisioners._RESOURCE_HANDLERS.setdefault(f"AWS::{name}", {
        "create": create, "delete": lambda physical_id, props: None,
    })

# local/resource-types.ts is this list; a test compares them.
if sys.argv[1:] == ["--types"]:
    print(json.dumps(sorted(provisioners._RESOURCE_HANDLERS)))
    sys.exit()
# The argument, a folder, only identifies the owner of the process.
sys.argv[1:] = []
# Builds in MiniStack succeed without running, or need an AWS image. The packed command has no fake CodeBuild, and rejects projects before it starts.
if os.path.isdir(os.path.join(os.path.dirname(__file__), "codebuild")):
    import codebuild.service
    codebuild.service.install()

app.main()
