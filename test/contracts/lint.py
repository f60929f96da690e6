"""Checks policies with parliament. Reads documents by name, writes findings by name."""
import json
import sys

from parliament import analyze_policy_string


def findings(document):
    # Resource policies have principals, and no resources if the resource is the one to which they are attached.
    statements, attached = [], set()
    for statement in document['Statement'] if isinstance(document['Statement'], list) else [document['Statement']]:
        identity = {key: value for key, value in statement.items() if key not in ('Principal', 'NotPrincipal')}
        if not any(each in identity for each in ('Resource', 'NotResource')):
            identity['Resource'] = '*'
            attached.add('RESOURCE_STAR')
        if 'Principal' in statement and identity['Resource'] == '*':
            attached.add('RESOURCE_STAR')
        statements.append(identity)
    policy = analyze_policy_string(json.dumps({**document, 'Statement': statements}))
    return sorted({f'{each.issue}: {json.dumps(each.detail, sort_keys=True, default=str)}' for each in policy.findings if each.issue not in attached})


json.dump({name: findings(document) for name, document in json.load(sys.stdin).items()}, sys.stdout)
