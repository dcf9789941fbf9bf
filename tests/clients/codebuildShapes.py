# Calls every operation of CodeBuild that botocore's model knows, in one process, and reads each answer's own bytes against the model:
# no unknown members, the right types, times that are numbers, values of the enumerations, and what AWS always sends. Prints JSON.

import boto3, json, os, re, sys, time
from botocore.config import Config

role, token, location = sys.argv[1:4]
client = boto3.client('codebuild', endpoint_url=os.environ['AWS_ENDPOINT_URL'], config=Config(retries={'max_attempts': 2}))
model = client.meta.service_model
newest = len(model.operation_names) >= 59
problems, succeeded = [], set()

# AWS: members that its own examples of answers always have [CLI examples of codebuild].
ALWAYS = {
    'Project': 'name arn serviceRole source artifacts environment created lastModified timeoutInMinutes queuedTimeoutInMinutes encryptionKey cache badge tags',
    'ProjectSource': 'type insecureSsl',
    'ProjectEnvironment': 'type image computeType environmentVariables privilegedMode',
    'ProjectBadge': 'badgeEnabled',
    'Build': 'id arn buildNumber startTime currentPhase buildStatus projectName phases source artifacts cache environment serviceRole logs timeoutInMinutes queuedTimeoutInMinutes buildComplete initiator encryptionKey',
    'BuildPhase': 'phaseType startTime',
    'BuildBatch': 'id arn startTime currentPhase buildBatchStatus projectName phases source artifacts cache environment serviceRole logConfig buildTimeoutInMinutes queuedTimeoutInMinutes complete initiator encryptionKey buildBatchNumber buildBatchConfig',
    'BuildGroup': 'identifier dependsOn ignoreFailure currentBuildSummary',
    'BuildSummary': 'arn requestedOn buildStatus',
    'ReportGroup': 'arn name type exportConfig created lastModified',
    'Report': 'arn type name reportGroupArn executionId status created expired exportConfig truncated',
    'TestCase': 'reportArn name status durationInNanoSeconds expired',
    'CodeCoverage': 'id reportARN filePath lineCoveragePercentage linesCovered linesMissed branchCoveragePercentage branchesCovered branchesMissed expired',
    'Fleet': 'arn name id created lastModified status baseCapacity environmentType computeType overflowBehavior',
    'Sandbox': 'id arn projectName requestTime status source environment timeoutInMinutes queuedTimeoutInMinutes serviceRole currentSession',
    'CommandExecution': 'id sandboxId submitTime status command type',
    'SourceCredentialsInfo': 'arn serverType authType',
    'BatchGetProjectsOutput': 'projects projectsNotFound',
    'BatchGetBuildsOutput': 'builds buildsNotFound',
    'BatchGetBuildBatchesOutput': 'buildBatches buildBatchesNotFound',
    'BatchGetReportsOutput': 'reports reportsNotFound',
    'BatchGetReportGroupsOutput': 'reportGroups reportGroupsNotFound',
    'BatchGetFleetsOutput': 'fleets fleetsNotFound',
    'BatchGetSandboxesOutput': 'sandboxes sandboxesNotFound',
    'BatchDeleteBuildsOutput': 'buildsDeleted buildsNotDeleted',
}


def check(shape, value, path):
    say = lambda what: problems.append(f'{path}: {what}')
    kind = shape.type_name
    if value is None:
        return say('is null')
    if kind == 'structure':
        if not isinstance(value, dict):
            return say('is no structure')
        for name, member in value.items():
            if name in shape.members:
                check(shape.members[name], member, f'{path}.{name}')
            elif newest:
                say(f'{name} is no member of {shape.name}')
        for name in set(ALWAYS.get(shape.name, '').split()) | set(shape.required_members):
            if name not in value and (newest or name in shape.members):
                say(f'{name} is missing')
    elif kind == 'list':
        if not isinstance(value, list):
            return say('is no list')
        for index, item in enumerate(value):
            check(shape.member, item, f'{path}[{index}]')
    elif kind == 'map':
        for name, item in value.items():
            check(shape.value, item, f'{path}.{name}')
    elif kind == 'timestamp':
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1.6e9 < value < 4e9:
            say(f'{value!r} is no time')
    elif kind in ('integer', 'long', 'float', 'double'):
        if isinstance(value, bool) or not isinstance(value, int if kind in ('integer', 'long') else (int, float)):
            say(f'{value!r} is no {kind}')
    elif kind == 'boolean':
        if not isinstance(value, bool):
            say(f'{value!r} is no boolean')
    elif not isinstance(value, str):
        say(f'{value!r} is no text')
    elif newest and shape.enum and value not in shape.enum:
        # AWS: the type of a resolved artifact comes in lower case, and a batch that is retried has a phase RETRY [CLI example of retry-build-batch].
        lower = shape.name == 'ArtifactsType' and value.upper() in shape.enum
        if not lower and (shape.name, value) != ('StatusType', 'RETRY'):
            say(f'{value!r} is not of {shape.name}')


def answered(http_response, parsed, model, **_):
    if http_response.status_code != 200:
        return
    succeeded.add(model.name)
    if http_response.headers.get('content-type') != 'application/x-amz-json-1.1':
        problems.append(f'{model.name}: content-type {http_response.headers.get("content-type")}')
    body = http_response.content
    if model.output_shape is not None:
        check(model.output_shape, json.loads(body or b'{}'), model.name)


client.meta.events.register('after-call.codebuild', lambda **got: answered(**got))


def spec(commands, **more):
    return json.dumps({'version': 0.2, 'phases': {'build': {'commands': commands}}, **more})


def create(name, buildspec, **more):
    given = {
        'source': {'type': 'NO_SOURCE', 'buildspec': buildspec},
        'artifacts': {'type': 'NO_ARTIFACTS'},
        'environment': {'type': 'LINUX_CONTAINER', 'image': 'any', 'computeType': 'BUILD_GENERAL1_SMALL'},
        'serviceRole': role,
    }
    return client.create_project(name=name, **{**given, **more})['project']


def until(look, arrived):
    for _ in range(600):
        got = look()
        if arrived(got):
            return got
        time.sleep(0.1)
    raise Exception(f'not within a minute: {got}')


def ended(id):
    return until(lambda: client.batch_get_builds(ids=[id])['builds'][0], lambda build: build['buildComplete'])


# projects
app = create('app', spec(['echo built']), tags=[{'key': 'a', 'value': 'b'}], description='d')
client.update_project(name='app', description='changed', badgeEnabled=False)
client.batch_get_projects(names=['app', 'missing', app['arn']])
client.list_projects()
client.invalidate_project_cache(projectName='app')
client.list_curated_environment_images()
create('gone', spec(['true']))
client.delete_project(name='gone')

# builds
first = client.start_build(projectName='app')['build']['id']
ended(first)
ended(client.retry_build(id=first)['build']['id'])
long = client.start_build(projectName='app', buildspecOverride=spec(['sleep 600']))['build']['id']
client.stop_build(id=long)
ended(long)
client.list_builds()
client.list_builds_for_project(projectName='app')
client.batch_delete_builds(ids=[long, 'app:00000000-0000-0000-0000-000000000000'])

# reports
unit = client.create_report_group(name='units', type='TEST', exportConfig={'exportConfigType': 'NO_EXPORT'})['reportGroup']['arn']
client.update_report_group(arn=unit, tags=[{'key': 'a', 'value': 'b'}])
cobertura = '<coverage><packages><package><classes><class filename="a.js"><lines><line number="1" hits="1"/></lines></class></classes></package></packages></coverage>'
junit = '<testsuite name="s"><testcase name="adds" time="0.5"/><testcase name="pays"><failure message="no"/></testcase></testsuite>'
reports = {unit: {'files': ['unit.xml']}, 'cover': {'files': ['cover.xml'], 'file-format': 'COBERTURAXML'}}
create('tested', spec([f"printf '%s' '{junit}' > unit.xml", f"printf '%s' '{cobertura}' > cover.xml"], reports=reports))
arns = ended(client.start_build(projectName='tested')['build']['id'])['reportArns']
found = client.batch_get_reports(reportArns=[*arns, unit.replace('report-group', 'report') + ':00000000-0000-0000-0000-000000000000'])['reports']
for report in found:
    describe = client.describe_test_cases if report['type'] == 'TEST' else client.describe_code_coverages
    describe(reportArn=report['arn'])
client.get_report_group_trend(reportGroupArn=unit, trendField='PASS_RATE')
client.list_reports()
client.list_reports_for_report_group(reportGroupArn=unit)
client.batch_get_report_groups(reportGroupArns=[unit])
client.list_report_groups()
client.list_shared_report_groups()
for report in found:
    client.delete_report(arn=report['arn'])
client.delete_report_group(arn=unit)

# credentials and webhooks
credentials = client.import_source_credentials(serverType='GITHUB', authType='PERSONAL_ACCESS_TOKEN', token=token)['arn']
client.list_source_credentials()
create('hooked', '', source={'type': 'GITHUB', 'location': location})
client.create_webhook(projectName='hooked')
client.batch_get_projects(names=['hooked'])
client.update_webhook(projectName='hooked', filterGroups=[[{'type': 'EVENT', 'pattern': 'PUSH'}]])
client.delete_webhook(projectName='hooked')
client.delete_source_credentials(arn=credentials)

# batches
batch = {'build-list': [{'identifier': 'one'}, {'identifier': 'two'}]}
create('batches', spec(['false'], batch=batch), buildBatchConfig={'serviceRole': role})


def over(id):
    return until(lambda: client.batch_get_build_batches(ids=[id])['buildBatches'][0], lambda one: one['complete'])


one = client.start_build_batch(projectName='batches')['buildBatch']['id']
over(one)
over(client.retry_build_batch(id=one, retryType='RETRY_FAILED_BUILDS')['buildBatch']['id'])
slow = client.start_build_batch(projectName='batches', buildspecOverride=spec(['sleep 600'], batch=batch))['buildBatch']['id']
client.stop_build_batch(id=slow)
over(slow)
client.list_build_batches()
client.list_build_batches_for_project(projectName='batches')
client.delete_build_batch(id=one)

# sharing
policy = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Principal': {'AWS': '111111111111'}, 'Action': 'codebuild:BatchGetProjects', 'Resource': app['arn']}]}
client.put_resource_policy(resourceArn=app['arn'], policy=json.dumps(policy))
client.get_resource_policy(resourceArn=app['arn'])
client.delete_resource_policy(resourceArn=app['arn'])
client.list_shared_projects()
if hasattr(client, 'update_project_visibility'):
    client.update_project_visibility(projectArn=app['arn'], projectVisibility='PUBLIC_READ')
    client.batch_get_projects(names=['app'])

if hasattr(client, 'create_fleet'):
    fleet = client.create_fleet(name='crew', baseCapacity=1, environmentType='LINUX_CONTAINER', computeType='BUILD_GENERAL1_SMALL')['fleet']['arn']
    client.batch_get_fleets(names=[fleet, 'none'])
    client.list_fleets()
    client.update_fleet(arn=fleet, baseCapacity=2)
    client.delete_fleet(arn=fleet)

if hasattr(client, 'start_sandbox'):
    id = client.start_sandbox(projectName='app')['sandbox']['id']
    look = lambda: client.batch_get_sandboxes(ids=[id])['sandboxes'][0]
    until(look, lambda one: one['currentSession'].get('currentPhase') == 'RUN_SANDBOX')
    ran = client.start_command_execution(sandboxId=id, command='echo hello')['commandExecution']['id']
    get = lambda: client.batch_get_command_executions(sandboxId=id, commandExecutionIds=[ran])['commandExecutions'][0]
    until(get, lambda one: one['status'] != 'IN_PROGRESS')
    client.list_command_executions_for_sandbox(sandboxId=id)
    client.start_sandbox_connection(sandboxId=id)
    client.list_sandboxes()
    client.list_sandboxes_for_project(projectName='app')
    client.stop_sandbox(id=id)
    until(look, lambda one: one['status'] != 'IN_PROGRESS')

print(json.dumps({'problems': sorted(set(re.sub(r'\[\d+\]', '[]', one) for one in problems)), 'missing': sorted(set(model.operation_names) - succeeded)}))
