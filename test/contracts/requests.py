"""Checks requests of the handlers against the service models of botocore. Reads and writes JSON."""
import hashlib
import json
import re
import sys
from urllib.parse import parse_qsl, unquote, urlsplit

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.validate import ParamValidator

SESSION = botocore.session.get_session()
# Signing names that are not the name of a service in botocore.
ALIASES = {'elasticloadbalancing': ['elbv2', 'elb'], 'monitoring': ['cloudwatch'], 'states': ['stepfunctions']}

# Rules in the prose of the documentation that no model contains.
PROSE = {
    'ecs:ListTasks': [
        (lambda p: 'startedBy' in p and set(p) - {'startedBy', 'cluster', 'maxResults', 'nextToken'}, 'startedBy must be the only filter'),
        (lambda p: not 1 <= p.get('maxResults', 1) <= 100, 'maxResults is from 1 to 100'),
    ],
    'ecs:DescribeTasks': [(lambda p: not 1 <= len(p['tasks']) <= 100, 'up to 100 tasks')],
    'ecs:RunTask': [
        (lambda p: 'launchType' in p and 'capacityProviderStrategy' in p, 'launchType must be omitted with capacityProviderStrategy'),
        (lambda p: p.get('launchType') == 'EC2' and 'platformVersion' in p, 'platformVersion is for Fargate only'),
        (lambda p: not 1 <= p.get('count', 1) <= 10, 'up to 10 tasks'),
        (lambda p: not re.fullmatch(r'[\x21-\x7e]{1,64}', p.get('clientToken', 'x')), 'clientToken has up to 64 characters'),
        (lambda p: not re.fullmatch(r'[\w/-]{1,128}', p.get('startedBy', 'x')), 'startedBy has up to 128 characters'),
    ],
    'logs:GetLogEvents': [
        (lambda p: ('logGroupName' in p) == ('logGroupIdentifier' in p), 'either logGroupName or logGroupIdentifier'),
        (lambda p: not 1 <= p.get('limit', 1) <= 10000, 'limit is from 1 to 10000'),
    ],
    'ecr:BatchGetImage': [(lambda p: any(not set(i) & {'imageTag', 'imageDigest'} for i in p['imageIds']), 'an image needs a tag or a digest')],
    'ecr:PutImage': [
        (lambda p: 'mediaType' not in json.loads(p['imageManifest']) and 'imageManifestMediaType' not in p, 'imageManifestMediaType is needed'),
    ],
    'elbv2:ModifyListener': [(lambda p: 'DefaultActions' in p and not p['DefaultActions'], 'DefaultActions must not be empty')],
}


def lowered(request):
    return {name.lower(): value for name, value in request['headers'].items()}


def scope(request):
    found = re.match(r'AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, *SignedHeaders=([^,]+), *Signature=(\w+)', lowered(request)['authorization'])
    return found.groups()


def signature_problems(request, secret, token):
    access, _, region, name, signed, signature = scope(request)
    headers = lowered(request)
    auth = SigV4Auth(Credentials(access, secret, token), name, region)
    split = urlsplit(request['url'])
    sent = AWSRequest(request['method'], f'https://{headers["host"]}{split.path}', {n: headers[n] for n in signed.split(';')}, request['body'].encode(), dict(parse_qsl(split.query)))
    sent.context['timestamp'] = headers['x-amz-date']
    expected = auth.signature(auth.string_to_sign(sent, auth.canonical_request(sent)), sent)
    problems = [] if expected == signature else ['the signature is wrong']
    needed = {'host', 'x-amz-date'} | ({'x-amz-security-token'} if token else set()) | ({'x-amz-target'} if 'x-amz-target' in headers else set())
    return problems + [f'the header {each} is not signed' for each in sorted(needed - set(signed.split(';')))]


def find_operation(request):
    """The service, operation and parameters of a request, in any protocol."""
    name = scope(request)[3]
    headers = lowered(request)
    reasons = []
    for service in ALIASES.get(name, [name]):
        model = SESSION.get_service_model(service)
        protocol = model.metadata['protocol']
        if 'x-amz-target' in headers:
            prefix, _, operation = headers['x-amz-target'].rpartition('.')
            if model.metadata.get('targetPrefix') == prefix and operation in model.operation_names:
                version = model.metadata.get('jsonVersion', '1.0')
                wrong = [] if headers.get('content-type') == f'application/x-amz-json-{version}' else [f'the content type is not application/x-amz-json-{version}']
                return service, model.operation_model(operation), json.loads(request['body']), wrong
        elif protocol in ('query', 'ec2'):
            form = dict(parse_qsl(request['body'], keep_blank_values=True))
            if form.get('Version') == model.api_version and form.get('Action') in model.operation_names:
                operation = model.operation_model(form.pop('Action'))
                form.pop('Version')
                params = unflatten(form, operation.input_shape, '', protocol)
                wrong = [f'{key} is not a parameter' for key in form]
                return service, operation, params, wrong
        else:
            for operation in map(model.operation_model, model.operation_names):
                params = rest_params(request, operation)
                if params is not None:
                    return service, operation, params, []
        reasons.append(f'{service} {model.api_version}')
    raise LookupError(f'no operation of {" or ".join(reasons)} is called like this')


def unflatten(form, shape, prefix, protocol):
    """The value of a shape in a form. Removes the used parameters, so that the unknown ones remain."""
    if shape is None:
        return {}
    if shape.type_name == 'structure':
        result = {}
        for name, member in shape.members.items():
            key = member.serialization.get('queryName' if protocol == 'ec2' else 'name', name)
            value = unflatten(form, member, f'{prefix}.{key}' if prefix else key, protocol)
            if value is not None:
                result[name] = value
        return result if result or not prefix else None
    if shape.type_name in ('list', 'map'):
        inner = '' if shape.serialization.get('flattened') or protocol == 'ec2' else '.' + ('entry' if shape.type_name == 'map' else shape.member.serialization.get('name', 'member'))
        items = []
        while True:
            at = f'{prefix}{inner}.{len(items) + 1}'
            if not any(key == at or key.startswith(f'{at}.') for key in form):
                break
            if shape.type_name == 'map':
                items.append((form.pop(f'{at}.key'), unflatten(form, shape.value, f'{at}.value', protocol)))
            else:
                items.append(unflatten(form, shape.member, at, protocol))
        if not items and form.get(prefix) == '':
            form.pop(prefix)
            return []
        return None if not items else dict(items) if shape.type_name == 'map' else items
    text = form.pop(prefix, None)
    return None if text is None else scalar(text, shape)


def scalar(text, shape):
    if shape.type_name in ('integer', 'long'):
        return int(text)
    if shape.type_name in ('float', 'double'):
        return float(text)
    return text == 'true' if shape.type_name == 'boolean' else text


def rest_params(request, operation):
    split = urlsplit(request['url'])
    path, _, fixed = operation.http['requestUri'].partition('?')
    pattern = re.sub(r'\\\{(\w+)(\\\+)?\\\}', lambda m: f'(?P<{m.group(1)}>{".+" if m.group(2) else "[^/]+"})', re.escape(path))
    found = re.fullmatch(pattern, split.path)
    if operation.http['method'] != request['method'] or found is None:
        return None
    members = operation.input_shape.members if operation.input_shape else {}
    query, headers, params = dict(parse_qsl(split.query)), lowered(request), {}
    payload = (operation.input_shape.serialization or {}).get('payload') if operation.input_shape else None
    for name, member in members.items():
        where, key = member.serialization.get('location'), member.serialization.get('name', name)
        source = {'uri': {k: unquote(v) for k, v in found.groupdict().items()}, 'querystring': query, 'header': headers}.get(where)
        key = key.lower() if where == 'header' else key
        if source is not None and key in source:
            params[name] = scalar(source[key], member)
    if payload:
        shape = members[payload]
        params[payload] = request['body'] if shape.type_name in ('blob', 'string') else json.loads(request['body'])
    elif request['body'] and operation.service_model.metadata['protocol'] == 'rest-json':
        params.update(json.loads(request['body']))
    return params


def limit_problems(value, shape, path=''):
    """Limits that botocore does not check: lengths, patterns and enums."""
    limits = shape.metadata
    if shape.type_name == 'structure':
        return [p for name, v in value.items() if name in shape.members for p in limit_problems(v, shape.members[name], f'{path}.{name}')]
    if shape.type_name == 'list':
        size = [] if len(value) <= limits.get('max', 10 ** 9) else [f'{path} has more than {limits["max"]} items']
        return size + [p for n, v in enumerate(value) for p in limit_problems(v, shape.member, f'{path}[{n}]')]
    if shape.type_name == 'map':
        return [p for k, v in value.items() for p in limit_problems(v, shape.value, f'{path}.{k}')]
    problems = []
    measure = len(value) if isinstance(value, str) else value if isinstance(value, (int, float)) else 0
    if shape.type_name != 'blob' and not limits.get('min', 0) <= measure <= limits.get('max', 10 ** 18):
        problems.append(f'{path} is not from {limits.get("min")} to {limits.get("max")}')
    if isinstance(value, str) and limits.get('enum') and value not in limits['enum']:
        problems.append(f'{path} is {value!r}, not one of {limits["enum"]}')
    if isinstance(value, str) and 'pattern' in limits:
        try:
            if not re.fullmatch(limits['pattern'].replace('\\p{L}', '\\w').replace('\\p{Z}', '\\s').replace('\\p{N}', '\\d'), value):
                problems.append(f'{path} is {value!r}, not {limits["pattern"]}')
        except re.error:
            pass
    return problems


def endpoint_problems(request, service):
    region = scope(request)[2]
    client = SESSION.create_client(service, region_name=region, aws_access_key_id='x', aws_secret_access_key='x')
    expected, host = urlsplit(client.meta.endpoint_url).netloc, lowered(request)['host']
    return [] if host == expected else [f'the endpoint is {host}, not {expected}']


def enums_of(shape, seen):
    if shape is None or shape.name in seen:
        return
    seen.add(shape.name)
    if shape.type_name == 'structure':
        for member in shape.members.values():
            yield from enums_of(member, seen)
    elif shape.type_name == 'list':
        yield from enums_of(shape.member, seen)
    elif shape.type_name == 'map':
        yield from enums_of(shape.value, seen)
    elif shape.type_name == 'string' and shape.enum:
        yield shape.name


def check(request, secret, token):
    try:
        service, operation, params, problems = find_operation(request)
    except (LookupError, ValueError) as error:
        return {'id': request['url'], 'problems': [str(error)]}
    name = f'{service}:{operation.name}'
    shape = operation.input_shape
    report = ParamValidator().validate(params, shape) if shape else None
    if report is not None and report.has_errors():
        problems.append(report.generate_report())
    elif shape:
        problems += limit_problems(params, shape) + [words for breaks, words in PROSE.get(name, []) if breaks(params)]
    problems += signature_problems(request, secret, token) + endpoint_problems(request, service)
    return {
        'service': service, 'operation': operation.name, 'region': scope(request)[2], 'params': params, 'problems': problems,
        'outputEnums': sorted(f'{service}:{each}' for each in enums_of(operation.output_shape, set())),
        'errors': sorted(each.name for each in operation.error_shapes),
    }


def enum_values(names):
    return {name: SESSION.get_service_model(name.split(':')[0]).shape_for(name.split(':')[1]).enum for name in names}


if __name__ == '__main__':
    order = json.load(sys.stdin)
    if order['what'] == 'enums':
        json.dump(enum_values(order['names']), sys.stdout)
    elif order['what'] == 'operations':
        names = [name for each in order['services'] for name in ALIASES.get(each, [each])]
        json.dump({name: SESSION.get_service_model(name).operation_names for name in names}, sys.stdout)
    else:
        json.dump([check(each, order['secret'], order['token']) for each in order['requests']], sys.stdout, default=str)
