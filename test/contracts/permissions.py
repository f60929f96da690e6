"""Compares the calls of handlers with their policies, and the policies with the service authorization reference."""
import json
import re
import sys

from policy_sentry.querying.actions import get_action_data
from policy_sentry.querying.all import get_all_actions

# Operations whose IAM action has another name.
ACTIONS = {'lambda:Invoke': 'lambda:InvokeFunction'}
SERVICES = {'elbv2': 'elasticloadbalancing'}


def project_arn(name, setting):
    return f'arn:aws:codebuild:{setting["region"]}:{setting["account"]}:project/{name}'


# The resources of operations whose parameters are not ARNs.
RESOURCES = {
    'logs:GetLogEvents': lambda p, c: [f'arn:aws:logs:{c["region"]}:{c["account"]}:log-group:{p["logGroupName"]}:log-stream:{p["logStreamName"]}'],
    'lambda:Invoke': lambda p, c: [f'arn:aws:lambda:{c["region"]}:{c["account"]}:function:{p["FunctionName"]}'],
    'ecs:ListTasks': lambda p, c: ['*'],
    'codebuild:BatchGetBuilds': lambda p, c: [project_arn(each.split(':')[0], c) for each in p['ids']],
    'codebuild:ListBuildsForProject': lambda p, c: [project_arn(p['projectName'], c)],
    'codebuild:StartBuild': lambda p, c: [project_arn(p['projectName'], c)],
    'codebuild:StopBuild': lambda p, c: [project_arn(p['id'].split(':')[0], c)],
    **{f'iam:{each}OutboundWebIdentityFederation{more}': lambda p, c: ['*'] for each, more in (('Enable', ''), ('Disable', ''), ('Get', 'Info'))},
    'sts:GetWebIdentityToken': lambda p, c: ['*'],
    'elbv2:SetRulePriorities': lambda p, c: [each['RuleArn'] for each in p['RulePriorities']],
}
# The values of condition keys, by key.
CONTEXT = {
    'ecs:cluster': lambda p: p.get('cluster'),
    'ecr:AccountSetting': lambda p: p.get('name'),
    'sts:IdentityTokenAudience': lambda p: p.get('Audience'),
    'sts:DurationSeconds': lambda p: p.get('DurationSeconds'),
    'sts:SigningAlgorithm': lambda p: p.get('SigningAlgorithm'),
}


def texts(value):
    return value if isinstance(value, list) else [value]


def matches(pattern, value, flags=0):
    return re.fullmatch(''.join('.*' if c == '*' else '.' if c == '?' else re.escape(c) for c in pattern), value, flags) is not None


def action_of(call):
    name = f'{call["service"]}:{call["operation"]}'
    return ACTIONS.get(name, f'{SERVICES.get(call["service"], call["service"])}:{call["operation"]}')


def formats_of(action):
    data = get_action_data(*action.split(':')) or {}
    return {each['resource_arn_format'] for each in data.get(action.split(':')[0], [])}


def resources_of(call, setting):
    """The resources that IAM checks. Raises if they are unknown."""
    name, params = f'{call["service"]}:{call["operation"]}', call['params']
    if name in RESOURCES:
        return RESOURCES[name](params, setting)
    formats = formats_of(action_of(call))
    if not formats:
        raise LookupError(f'{action_of(call)} is not an IAM action: add the operation to ACTIONS in test/contracts/permissions.py')
    if call['service'] == 'ecr' and 'repositoryName' in params:
        return [f'arn:aws:ecr:{call["region"]}:{params.get("registryId", setting["account"])}:repository/{params["repositoryName"]}']
    patterns = [re.sub(r'\$\{[^}]*\}', '*', each) for each in formats - {'*'}]
    arns = [text for value in params.values() for text in texts(value) if isinstance(text, str) and any(matches(p, text) for p in patterns)]
    if arns or '*' in formats:
        return arns or ['*']
    raise LookupError(f'add the resources of {name} to RESOURCES in test/contracts/permissions.py')


def needs_of(call, setting):
    """The permissions that a call needs: action, resource and the values of condition keys."""
    if 'action' in call:
        return [(call['action'], call['resource'], {})]
    context = {key.lower(): value(call['params']) for key, value in CONTEXT.items()}
    needs = [(action_of(call), resource, context) for resource in resources_of(call, setting)]
    if call['operation'] == 'RunTask':
        needs += [('iam:PassRole', role, {'iam:passedtoservice': 'ecs-tasks.amazonaws.com'}) for role in setting['passed']]
    return needs


# Operators that evaluate more than one value, or none. `ForAllValues` is true without values.
OPERATORS = {
    'ForAllValues:StringEquals': lambda value, wanted: all(each in wanted for each in value or []),
    'Null': lambda value, wanted: wanted == [str(value is None).lower()],
    'NumericLessThanEquals': lambda value, wanted: value is not None and any(value <= float(each) for each in wanted),
}


def holds(conditions, context):
    for operator, keys in (conditions or {}).items():
        for key, wanted in keys.items():
            value = context.get(key.lower())
            if operator in OPERATORS:
                if not OPERATORS[operator](value, texts(wanted)):
                    return False
                continue
            if operator not in ('StringEquals', 'ArnEquals', 'StringLike', 'ArnLike'):
                raise LookupError(f'the operator {operator} is not understood here')
            if value is None or not any(each == value if operator == 'StringEquals' else matches(each, value) for each in texts(wanted)):
                return False
    return True


def allows(statement, action, resource, context):
    return (statement['Effect'] == 'Allow' and any(matches(each, action, re.IGNORECASE) for each in texts(statement['Action']))
            and any(matches(each, resource) for each in texts(statement['Resource'])) and holds(statement.get('Condition'), context))


def compare(handler):
    """Calls that no statement allows, and actions in statements that no call needs."""
    denied, used = [], set()
    for call in handler['calls']:
        try:
            needs = needs_of(call, handler)
        except LookupError as error:
            denied.append(str(error))
            continue
        for action, resource, context in needs:
            allowing = [n for n, each in enumerate(handler['statements']) if allows(each, action, resource, context)]
            if not allowing:
                denied.append(f'{action} on {resource}')
            used |= {(n, each) for n in allowing for each in texts(handler['statements'][n]['Action']) if matches(each, action, re.IGNORECASE)}
    unused = [action for n, each in enumerate(handler['statements']) for action in texts(each['Action']) if (n, action) not in used]
    return {'denied': sorted(set(denied)), 'unused': sorted(set(unused))}


def unknown_actions(document, known):
    names = {a for s in texts(document['Statement']) for a in texts(s.get('Action', [])) + texts(s.get('NotAction', []))}
    return sorted(each for each in names if each.lower() not in known and not ('*' in each and any(matches(each.lower(), one) for one in known)))


if __name__ == '__main__':
    order = json.load(sys.stdin)
    if order['what'] == 'actions':
        known = {each.lower() for each in get_all_actions()}
        json.dump({name: unknown_actions(document, known) for name, document in order['documents'].items()}, sys.stdout)
    elif order['what'] == 'repository':
        everything = sorted(each.split(':')[1] for each in get_all_actions() if each.startswith('ecr:'))
        json.dump([each for each in everything if any(':repository/' in one for one in formats_of(f'ecr:{each}'))], sys.stdout)
    else:
        json.dump([compare(each) for each in order['handlers']], sys.stdout)
