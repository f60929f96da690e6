"""Buildspecs: the allowed fields, and how the CodeBuild agent runs the commands."""
import json
import shlex

import yaml

PHASES = ("install", "pre_build", "build", "post_build")
OUTPUT = "/codebuild/output/tmp"
ENVIRONMENT = f"{OUTPUT}/env.sh"
FOLDER = f"{OUTPUT}/dir.txt"
SCRIPT = f"{OUTPUT}/script.sh"

KEYS = {
    "": {"version", "run-as", "env", "proxy", "phases", "cache"},
    "env": {"shell", "variables", "secrets-manager", "exported-variables"},
    "phase": {"run-as", "on-failure", "commands", "finally"},
}


class InvalidBuildspec(Exception):
    pass


def parse(text):
    """A buildspec, which is YAML or JSON."""
    try:
        spec = yaml.safe_load(text or "")
    except yaml.YAMLError as error:
        raise InvalidBuildspec(f"YAML_FILE_ERROR: {error}")
    if not isinstance(spec, dict):
        raise InvalidBuildspec("YAML_FILE_ERROR: the buildspec is no mapping")
    _only(spec, KEYS[""], "the buildspec")
    if str(spec.get("version")) != "0.2":
        raise InvalidBuildspec("YAML_FILE_ERROR: the local cloud runs version 0.2 only")
    _only(spec.get("env", {}), KEYS["env"], "env")
    if spec.get("env", {}).get("shell", "sh") not in ("sh", "bash"):
        raise InvalidBuildspec("YAML_FILE_ERROR: the shell is sh or bash")
    _only(spec.get("phases", {}), PHASES, "phases")
    if not spec.get("phases"):
        raise InvalidBuildspec("YAML_FILE_ERROR: the buildspec has no phases")
    for name, phase in spec["phases"].items():
        _only(phase, KEYS["phase"], f"phases.{name}")
        for command in [*phase.get("commands", []), *phase.get("finally", [])]:
            if not isinstance(command, str):
                raise InvalidBuildspec(f"YAML_FILE_ERROR: a command of {name} is no text: {json.dumps(command)}")
        if phase.get("on-failure", "ABORT") not in ("ABORT", "CONTINUE"):
            raise InvalidBuildspec(f"YAML_FILE_ERROR: on-failure of {name} is ABORT or CONTINUE")
    return spec


def _only(value, names, where):
    if not isinstance(value, dict):
        raise InvalidBuildspec(f"YAML_FILE_ERROR: {where} is no mapping")
    unknown = sorted(set(value) - set(names))
    if unknown:
        raise InvalidBuildspec(f"YAML_FILE_ERROR: the local cloud does not know {', '.join(unknown)} in {where}")


def script(command, succeeding):
    """Runs one command like the agent: each in a separate shell, which inherits variables and folder from the previous one.

    Arrays and functions do not survive (aws/aws-cdk#26694), nor do options of the shell.
    """
    return "\n".join([
        f'cd "$(cat {FOLDER})"',
        "set -a",
        f". {ENVIRONMENT}",
        f"CODEBUILD_BUILD_SUCCEEDING={int(succeeding)}",
        command,
        "CODEBUILD_LAST_EXIT=$?",
        f"export -p | grep -v '^declare -[aA]' > {ENVIRONMENT}",
        f"pwd > {FOLDER}",
        "exit $CODEBUILD_LAST_EXIT",
        "",
    ])


def exported(names):
    """Prints the values of variables as JSON, one per line, sorted by name."""
    lines = [f'jq --null-input --compact-output --arg value "${{{name}-}}" \'$value\'' for name in names]
    return "\n".join([f". {ENVIRONMENT}", *lines, ""])


def cached_folders(spec):
    """The folders that a local cache keeps. CodeBuild caches folders only."""
    return [path.split("*")[0].rstrip("/") for path in spec.get("cache", {}).get("paths", [])]


def variables(values):
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
