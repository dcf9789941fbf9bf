# Runs one aws command line for many commands: a process that has loaded the program forks for every command, because starting
# Python and importing botocore takes longer than the command. Reads jobs as JSON lines, answers each with `<id> <exit status>`.

import importlib, json, os, runpy, signal, sys, warnings

warnings.filterwarnings('ignore')
program, *services = sys.argv[1:]


def run(args):
    sys.argv = [program, *args]
    try:
        runpy.run_path(program, run_name='__main__')
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    return 0


def cached(function):
    answers = {}

    def ask(self, *args, **options):
        key = (args, tuple(sorted(options.items())))
        if key not in answers:
            answers[key] = function(self, *args, **options)
        return answers[key]

    return ask


def warm_up():
    """Imports what a command imports and keeps the facts that every command reads from the disk again."""
    import awscli.clidriver, awscli.customizations.s3.subcommands, urllib3  # noqa: E401,F401

    session = awscli.clidriver.create_clidriver().session
    loaders = importlib.import_module(type(session.get_component('data_loader')).__module__)
    loaders.JSONFileLoader.load_file = cached(loaders.JSONFileLoader.load_file)
    loaders.Loader.list_available_services = cached(loaders.Loader.list_available_services)
    for service in services:
        session.get_service_model(service)
    return os.environ['AWS_DATA_PATH']  # set by awscli itself


def command(job):
    os.environ.clear()
    os.environ.update(job['env'], AWS_DATA_PATH=data_path)
    os.chdir(job['cwd'])
    for number, name in ((1, 'stdout'), (2, 'stderr')):
        os.dup2(os.open(os.path.join(job['answers'], name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.dup2(os.open('/dev/null', os.O_RDONLY), 0)
    try:
        status = run(job['args'])
    except BaseException:
        import traceback

        traceback.print_exc()
        status = 255
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


data_path = warm_up()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print('ready', flush=True)
while True:
    line = sys.stdin.readline()
    if not line:
        break
    job = json.loads(line)
    if os.fork() > 0:
        continue
    # The one between waits for the command and answers; the first goes on at once.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        command(job)
    _, status = os.waitpid(child, 0)
    os.write(1, f"{job['id']} {os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)
