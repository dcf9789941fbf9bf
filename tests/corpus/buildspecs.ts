// Buildspecs with the traits of those that people have in public repositories, each written for this table: what it is read as, or
// AWS's error. The traits were found by reading about a thousand versions of real files; none of their text is here.
// It is long because it is a table.

/** What `parseBuildspec` makes of `text`: the members of `read` in part, or the beginning of the first error. */
export interface BuildspecCase {
  readonly trait: string
  readonly text: string
  readonly read?: object
  readonly error?: string
  /** Part of a warning; none is expected without it. */
  readonly warns?: string
  /** The text itself is what it is about: it is not tried with other line ends and comments as well. */
  readonly exact?: true
}

const built = (...commands: string[]) => ({ phases: { build: { commands } } })
const phase = (lines: string) => `version: 0.2\nphases:\n  build:\n    commands:\n${lines}`
const env = (lines: string) => `version: 0.2\nenv:\n  variables:\n${lines}phases:\n  build:\n    commands: [make]\n`
const over = (lines: string) => `${phase('      - make\n')}${lines}`

export const READ: readonly BuildspecCase[] = [
  { trait: 'version as a string', text: `version: '0.2'\nphases: {}\n`, read: { version: '0.2' } },
  { trait: 'version as a number with a zero more', text: 'version: 0.20\nphases: {}\n', read: { version: '0.2' } },
  { trait: 'version after a document start', text: '---\nversion: 0.2\nphases: {}\n', read: { version: '0.2' } },
  { trait: 'version at the end', text: 'phases:\n  build:\n    commands: [make]\nversion: 0.2\n', read: built('make') },
  { trait: 'JSON', text: '{"version": "0.2", "phases": {"build": {"commands": ["make"]}}}', read: built('make') },
  {
    trait: 'JSON over many lines, with tabs',
    text: '{\n\t"version": 0.2,\n\t"phases": {\n\t\t"build": {"commands": [\n\t\t\t"make"\n\t\t]}\n\t}\n}\n',
    read: built('make'),
    exact: true,
  },
  {
    trait: 'lists at the column of their key',
    text: 'version: 0.2\nphases:\n  build:\n    commands:\n    - a\n    - b\n',
    read: built('a', 'b'),
  },
  {
    trait: 'four spaces, then two',
    text: 'version: 0.2\nphases:\n    build:\n      commands:\n              - a\n',
    read: built('a'),
  },
  { trait: 'empty lines between commands', text: phase('      - a\n\n\n      - b\n'), read: built('a', 'b') },
  {
    trait: 'comments between and behind commands',
    text: phase('      # one\n      - a # two\n# three\n      - b\n'),
    read: built('a', 'b'),
  },
  { trait: 'a hash inside of a command', text: phase('      - echo a#b "#c"\n'), read: built('echo a#b "#c"') },
  {
    trait: 'a hash after a blank ends a command',
    text: phase('      - echo "issue #7"\n'),
    read: built('echo "issue'),
  },
  {
    trait: 'a block scalar with a here-document',
    text: phase('      - |\n        cat > f <<EOF\n        a: b\n          # kept\n        EOF\n'),
    read: built('cat > f <<EOF\na: b\n  # kept\nEOF\n'),
    exact: true,
  },
  {
    trait: 'a block scalar with tabs inside',
    text: phase('      - |\n        if true; then\n        \techo a\n        fi\n'),
    read: built('if true; then\n\techo a\nfi\n'),
    exact: true,
  },
  {
    trait: 'a block scalar without its last newline',
    text: phase('      - |-\n        a\n        b\n'),
    exact: true,
    read: built('a\nb'),
  },
  {
    trait: 'a block scalar at the end of a file that ends without a newline',
    text: phase('      - |\n        a\n        b'),
    read: built('a\nb'),
    exact: true,
  },
  {
    trait: 'a folded scalar',
    text: phase('      - >\n        docker build\n        -t x .\n'),
    read: built('docker build -t x .\n'),
    exact: true,
  },
  {
    trait: 'a folded scalar that keeps deeper lines',
    text: phase('      - >-\n        a\n          b\n        c\n'),
    read: built('a\n  b\nc'),
    exact: true,
  },
  {
    trait: 'a plain command over several lines',
    text: phase('      - docker build\n        --pull\n        -t x .\n'),
    exact: true,
    read: built('docker build --pull -t x .'),
  },
  {
    trait: 'quotes in a plain command',
    text: phase(`      - echo "a" 'b' $(c) \${d} \`e\`\n`),
    read: built(`echo "a" 'b' $(c) \${d} \`e\``),
  },
  {
    trait: 'a command in single quotes with quotes',
    text: phase(`      - 'echo "it''s: fine"'\n`),
    read: built(`echo "it's: fine"`),
  },
  {
    trait: 'a command in double quotes with escapes',
    text: phase('      - "printf \\"a\\\\n\\"; echo: x"\n'),
    read: built('printf "a\\n"; echo: x'),
  },
  {
    trait: 'a colon without a blank is no mapping',
    text: phase('      - docker push host:5000/x:1\n'),
    read: built('docker push host:5000/x:1'),
  },
  {
    trait: 'commands that look like other types',
    text: phase('      - true\n      - 42\n      - 0x1F\n      - 1e3\n      - 2020-01-01\n'),
    read: built('true', '42', '0x1F', '1e3', '2020-01-01'),
  },
  {
    trait: 'a command with an exclamation mark inside',
    text: phase('      - if ! test -f x; then exit 1; fi\n'),
    read: built('if ! test -f x; then exit 1; fi'),
  },
  {
    trait: 'a command with percent, at and star inside',
    text: phase('      - date +%s && npm i @a/b && ls *.js && a & b\n'),
    read: built('date +%s && npm i @a/b && ls *.js && a & b'),
  },
  {
    trait: 'a command with letters that are not ASCII',
    text: phase('      - echo "빌드 시작 ✓ ação"\n'),
    read: built('echo "빌드 시작 ✓ ação"'),
  },
  {
    trait: 'commands as one string',
    text: 'version: 0.2\nphases:\n  build:\n    commands: make all\n',
    read: built('make all'),
    warns: 'commands should be a list',
  },
  {
    trait: 'commands as one block scalar',
    text: 'version: 0.2\nphases:\n  build:\n    commands: |\n      cd x\n      make\n',
    read: built('cd x\nmake\n'),
    warns: 'commands should be a list',
    exact: true,
  },
  {
    trait: 'commands as a flow list',
    text: 'version: 0.2\nphases: { build: { commands: [ a, "b, c" ] } }\n',
    read: built('a', 'b, c'),
  },
  { trait: 'commands without a value', text: 'version: 0.2\nphases:\n  build:\n    commands:\n', read: built() },
  {
    trait: 'a command without a value',
    text: phase('      - a\n      -\n      - ~\n      - b\n'),
    read: built('a', 'b'),
    warns: 'is empty and is skipped',
  },
  {
    trait: 'a phase without a value',
    text: 'version: 0.2\nphases:\n  install:\n  build:\n    commands: [a]\n',
    read: built('a'),
  },
  { trait: 'phases without a value', text: 'version: 0.2\nphases:\n', read: { phases: {} } },
  {
    trait: 'no phases',
    text: 'version: 0.2\nartifacts:\n  files: [a]\n',
    read: { artifacts: { files: ['a'] } },
    warns: 'there are no phases',
  },
  {
    trait: 'a phase with a hyphen',
    text: 'version: 0.2\nphases:\n  pre-build:\n    commands: [a]\n  build:\n    commands: [b]\n',
    read: built('b'),
    warns: 'did you mean "pre_build"?',
  },
  {
    trait: 'a phase that there is not',
    text: over('').replace('phases:\n', 'phases:\n  deploy:\n    commands: [x]\n'),
    read: built('make'),
    warns: 'unknown key "deploy" in phases',
  },
  {
    trait: 'a key that a phase does not have',
    text: phase('      - a\n').replace('    commands', '    labels: [x]\n    commands'),
    read: built('a'),
    warns: 'unknown key "labels" in phases/build',
  },
  {
    trait: 'a key that there is not at the top',
    text: over('deploy: { to: x }\n'),
    read: built('make'),
    warns: 'unknown key "deploy" in the buildspec',
  },
  {
    trait: 'a phase inside of a phase',
    text: 'version: 0.2\nphases:\n  build:\n    commands: [a]\n    post_build:\n      commands: [b]\n',
    read: built('a'),
    warns: 'unknown key "post_build" in phases/build',
  },
  {
    trait: 'a key twice: the last counts',
    text: 'version: 0.2\nphases:\n  build:\n    commands: [a]\nphases:\n  build:\n    commands: [b]\n',
    read: built('b'),
    warns: 'given twice',
  },
  {
    trait: 'several documents: the first counts',
    text: `${phase('      - a\n')}---\nversion: 0.2\nphases:\n  build:\n    commands: [b]\n`,
    read: built('a'),
    exact: true,
  },
  { trait: 'a document end', text: `${phase('      - a\n')}...\n`, read: built('a'), exact: true },
  { trait: 'a YAML directive', text: `%YAML 1.1\n---\n${phase('      - a\n')}`, read: built('a'), exact: true },
  {
    trait: 'anchors and aliases of lists',
    text: 'version: 0.2\nx: &c [a, b]\nphases:\n  build:\n    commands: *c\n',
    read: built('a', 'b'),
    warns: 'unknown key "x"',
  },
  {
    trait: 'anchors and aliases of commands',
    text: phase('      - &l make lint\n      - *l\n'),
    read: built('make lint', 'make lint'),
  },
  {
    trait: 'merge keys',
    text: 'version: 0.2\nphases:\n  pre_build: &p\n    commands: [a]\n    on-failure: CONTINUE\n  build:\n    <<: *p\n    commands: [b]\n',
    read: { phases: { build: { commands: ['b'], onFailure: { action: 'CONTINUE' } } } },
  },
  { trait: 'a tag of CloudFormation left in', text: phase('      - !Sub make\n'), read: built('make'), exact: true },
  {
    trait: 'variables that are numbers and booleans',
    text: env(
      '    A: 1\n    B: 1.10\n    C: yes\n    D: True\n    E: 0777\n    F: 1_000\n    G: 12:30\n    H: null\n    I:\n    J: ""\n',
    ),
    read: {
      env: {
        variables: { A: '1', B: '1.10', C: 'yes', D: 'True', E: '0777', F: '1_000', G: '12:30', H: '', I: '', J: '' },
      },
    },
  },
  {
    trait: 'variables with JSON and block scalars',
    text: env(`    A: '{"a": [1]}'\n    B: |\n      x\n      y\n    C: >-\n      x\n      y\n`),
    read: { env: { variables: { A: '{"a": [1]}', B: 'x\ny\n', C: 'x y' } } },
    exact: true,
  },
  {
    trait: 'variables with other variables are literal',
    text: env('    A: $B/x\n    C: ${A}\n'),
    read: { env: { variables: { A: '$B/x', C: '${A}' } } },
  },
  {
    trait: 'variable names that are not letters',
    text: env('    "a.b": 1\n    12: 2\n'),
    read: { env: { variables: { 'a.b': '1', 12: '2' } } },
  },
  {
    trait: 'reserved variables',
    text: env('    CODEBUILD_X: 1\n'),
    read: { env: { variables: { CODEBUILD_X: '1' } } },
    warns: 'CODEBUILD_ are reserved',
  },
  { trait: 'env without a value', text: over('env:\n'), read: { env: { variables: {} } } },
  {
    trait: 'parameter store, secrets and exported variables',
    text: over(
      'env:\n  shell: bash\n  parameter-store:\n    P: /a/b\n  secrets-manager:\n    S: "a/b:c:AWSCURRENT:"\n  exported-variables:\n    - P\n  git-credential-helper: yes\n',
    ),
    read: {
      env: {
        shell: 'bash',
        parameterStore: { P: '/a/b' },
        secretsManager: { S: 'a/b:c:AWSCURRENT:' },
        exportedVariables: ['P'],
        gitCredentialHelper: true,
      },
    },
  },
  {
    trait: 'exported-variables as one string',
    text: over('env:\n  exported-variables: A\n'),
    read: { env: { exportedVariables: ['A'] } },
    warns: 'should be a list',
  },
  {
    trait: 'a key of env with an underscore',
    text: over('env:\n  exported_variables: [A]\n'),
    read: { env: { exportedVariables: [] } },
    warns: 'did you mean "exported-variables"?',
  },
  {
    trait: 'runtime versions as numbers',
    text: 'version: 0.2\nphases:\n  install:\n    runtime-versions:\n      python: 3.10\n      nodejs: 18\n      java: corretto17\n      docker: 20\n',
    read: {
      phases: { install: { runtimeVersions: { python: '3.10', nodejs: '18', java: 'corretto17', docker: '20' } } },
    },
  },
  {
    trait: 'runtime-versions outside of install',
    text: 'version: 0.2\nphases:\n  build:\n    runtime-versions: { python: 3 }\n    commands: [a]\n',
    read: built('a'),
    warns: 'unknown key "runtime-versions" in phases/build',
  },
  {
    trait: 'on-failure in small letters, finally, run-as',
    text: 'version: 0.2\nrun-as: root\nphases:\n  build:\n    run-as: ci\n    on-failure: abort\n    commands: [a]\n    finally:\n      - b\n',
    read: { runAs: 'root', phases: { build: { runAs: 'ci', onFailure: { action: 'ABORT' }, finally: ['b'] } } },
  },
  {
    trait: 'version 0.1 with its variables',
    text: 'version: 0.1\nenvironment_variables:\n  plaintext:\n    A: 1\nphases:\n  build:\n    commands:\n      - a\nartifacts:\n  type: zip\n  files:\n    - x\n',
    read: { version: '0.1', env: { variables: { A: '1' } }, ...built('a'), artifacts: { files: ['x'] } },
  },
  {
    trait: 'artifacts with stars in quotes',
    text: over(`artifacts:\n  files:\n    - '**/*'\n    - "*.jar"\n    - target/*.war\n`),
    read: { artifacts: { files: ['**/*', '*.jar', 'target/*.war'] } },
  },
  {
    trait: 'artifact files as one string',
    text: over('artifacts:\n  files: imagedefinitions.json\n'),
    read: { artifacts: { files: ['imagedefinitions.json'] } },
    warns: 'should be a list',
  },
  {
    trait: 'artifacts with all their keys',
    text: over(
      'artifacts:\n  files: [a]\n  name: app-$(date +%Y)\n  discard-paths: yes\n  base-directory: out\n  exclude-paths: [b]\n  enable-symlinks: no\n  s3-prefix: p\n  secondary-artifacts:\n    one:\n      files: [c]\n      name: c\n',
    ),
    read: {
      artifacts: {
        files: ['a'],
        name: 'app-$(date +%Y)',
        discardPaths: true,
        baseDirectory: 'out',
        excludePaths: ['b'],
        enableSymlinks: false,
        s3Prefix: 'p',
        secondary: { one: { files: ['c'], name: 'c' } },
      },
    },
  },
  { trait: 'artifacts without a value', text: over('artifacts:\n'), read: built('make') },
  {
    trait: 'a key of artifacts with an underscore',
    text: over('artifacts:\n  files: [a]\n  discard_paths: yes\n'),
    read: { artifacts: { discardPaths: false } },
    warns: 'did you mean "discard-paths"?',
  },
  {
    trait: 'discard-paths in words of YAML 1.1',
    text: over('artifacts:\n  files: [a]\n  discard-paths: On\n'),
    read: { artifacts: { discardPaths: true } },
  },
  {
    trait: 'cache paths',
    text: over(`cache:\n  paths:\n    - '/root/.m2/**/*'\n    - node_modules\n`),
    read: { cache: { paths: ['/root/.m2/**/*', 'node_modules'] } },
  },
  {
    trait: 'a cache with a key',
    text: over('cache:\n  key: npm-$(codebuild-hash-files package-lock.json)\n  fallback-keys: [npm-]\n  paths: [x]\n'),
    read: { cache: { key: 'npm-$(codebuild-hash-files package-lock.json)', fallbackKeys: ['npm-'] } },
  },
  { trait: 'a cache without a value', text: over('cache:\n'), read: built('make') },
  {
    trait: 'reports by name and by ARN',
    text: over(
      `reports:\n  unit-tests:\n    files:\n      - '**/*.xml'\n    base-directory: out\n    file-format: JunitXml\n  arn:aws:codebuild:us-east-1:123456789012:report-group/x:\n    files: [c.json]\n    file-format: cucumberjson\n`,
    ),
    read: {
      reports: {
        'unit-tests': { files: ['**/*.xml'], baseDirectory: 'out', fileFormat: 'JUNITXML' },
        'arn:aws:codebuild:us-east-1:123456789012:report-group/x': { fileFormat: 'CUCUMBERJSON' },
      },
    },
  },
  {
    trait: 'a batch list with variables and images',
    text: over(
      'batch:\n  fast-fail: true\n  build-list:\n    - identifier: linux_small\n      env:\n        compute-type: BUILD_GENERAL1_SMALL\n        image: a:1\n        privileged-mode: true\n        variables:\n          A: 1\n      ignore-failure: false\n',
    ),
    read: {
      batch: {
        fastFail: true,
        kind: 'build-list',
        builds: [
          {
            identifier: 'linux_small',
            env: { computeType: 'BUILD_GENERAL1_SMALL', image: 'a:1', privilegedMode: true, variables: { A: '1' } },
          },
        ],
      },
    },
  },
  {
    trait: 'a batch graph with buildspecs and a key that is not there',
    text: over(
      'batch:\n  build-graph:\n    - identifier: a\n      comment: first\n      buildspec: ci/a.yml\n    - identifier: b\n      depend-on:\n        - a\n',
    ),
    read: { batch: { builds: [{ buildspec: 'ci/a.yml' }, { dependsOn: ['a'] }] } },
    warns: 'unknown key "comment"',
  },
  {
    trait: 'a batch without phases',
    text: 'version: 0.2\nbatch:\n  build-list:\n    - identifier: a\n      buildspec: a.yml\n',
    read: { batch: { builds: [{ identifier: 'a' }] } },
    warns: 'there are no phases',
  },
  {
    trait: 'proxy',
    text: over('proxy:\n  upload-artifacts: no\n  logs: no\n'),
    read: { proxy: { uploadArtifacts: false, logs: false } },
  },
]

const CONTAINER = 'wrong number of container tags, expected 1'
const NAME = 'did not find expected alphabetic or numeric character'

export const REFUSED: readonly BuildspecCase[] = [
  { trait: 'an empty file', text: '', error: CONTAINER },
  { trait: 'a file of one empty line', text: '\n', error: CONTAINER },
  { trait: 'comments only', text: '# later\n', error: CONTAINER },
  { trait: 'a list', text: '- version: 0.2\n', error: CONTAINER },
  { trait: 'a text', text: 'see the other file\n', error: CONTAINER },
  { trait: 'no version', text: 'phases:\n  build:\n    commands: [a]\n', error: CONTAINER },
  { trait: 'another version', text: 'version: 0.3\nphases: {}\n', error: 'unsupported buildspec version 0.3' },
  {
    trait: 'tabs as indentation',
    text: 'version: 0.2\nphases:\n\tbuild:\n',
    error: 'found character that cannot start any token at line 3',
  },
  {
    trait: 'one tab among spaces',
    text: 'version: 0.2\nphases:\n  build:\n\tcommands: [a]\n',
    error: 'found character that cannot start any token at line 4',
  },
  {
    trait: 'a command with a colon and a blank',
    text: phase('      - a\n      - echo "x: y"\n'),
    error:
      'Expected Commands[1] to be of string type: found subkeys instead at line 6, value of the key tag on line 5 might be empty',
  },
  {
    trait: 'a command with two colons and blanks',
    text: phase('      - echo a: b: c\n'),
    error: 'mapping values are not allowed in this context at line 5',
  },
  {
    trait: 'commands as a mapping',
    text: 'version: 0.2\nphases:\n  build:\n    commands:\n      a: b\n',
    error: 'Expected Commands to be a list: found subkeys instead at line 5',
  },
  {
    trait: 'a command that is a list',
    text: phase('      - [ -f x ]\n'),
    error: 'Expected Commands[0] to be of string type: found list',
  },
  { trait: 'a test in brackets and more', text: phase('      - [ -f x ] && y\n'), error: `${NAME} at line 5` },
  {
    trait: 'artifact files with a star and no quotes',
    text: over('artifacts:\n  files:\n    - **/*\n'),
    error: `${NAME} at line 8`,
  },
  {
    trait: 'artifact files by their end and no quotes',
    text: over('artifacts:\n  files:\n    - *.jar\n'),
    error: `${NAME} at line 8`,
  },
  {
    trait: 'an alias without its anchor',
    text: over('artifacts: *all\n'),
    error: `unknown anchor 'all' referenced at line 6`,
  },
  {
    trait: 'a command that begins with an at',
    text: phase('      - @echo a\n'),
    error: 'found character that cannot start any token at line 5',
  },
  {
    trait: 'a command that begins with a backtick',
    text: phase('      - `a`\n'),
    error: 'found character that cannot start any token at line 5',
  },
  {
    trait: 'a command that begins with a percent',
    text: phase('      - %a\n'),
    error: 'found character that cannot start any token at line 5',
  },
  {
    trait: 'a quote that is not closed',
    text: phase('      - "a\n      - b\n'),
    error: 'found unexpected end of stream at line 7',
  },
  { trait: 'text after a quote', text: phase('      - "a" && b\n'), error: `${NAME} at line 5` },
  {
    trait: 'words after a quote',
    text: phase('      - "a" b\n      - c\n'),
    error: `did not find expected '-' indicator at line 5`,
  },
  {
    trait: 'an escape that there is not',
    text: env('    A: "\\d+"\n'),
    error: 'found unknown escape character at line 4',
  },
  {
    trait: 'a pipe with its command',
    text: phase('      - | grep a\n'),
    error: 'did not find expected comment or line break at line 5',
  },
  {
    trait: 'a block that is less indented than its first line',
    text: phase('      - |\n          a\n        b\n'),
    error: `did not find expected '-' indicator at line 7`,
  },
  {
    trait: 'a block at the column of its dash',
    text: phase('      - |\n      a\n'),
    error: `could not find expected ':' at line 7`,
  },
  {
    trait: 'a here-document that ends at the first column',
    text: phase('      - |\n        cat <<E\n        a\nE\n'),
    error: `could not find expected ':' at line 9`,
  },
  {
    trait: 'an item one column to the left',
    text: phase('      - a\n     - b\n'),
    error: 'did not find expected key at line 6',
  },
  {
    trait: 'an item after a comment, one column to the left',
    text: phase('      - a\n# x\n\n     - b\n'),
    error: 'did not find expected key at line 8',
  },
  {
    trait: 'a line without its dash',
    text: phase('      - a\n      b\n'),
    error: `could not find expected ':' at line 7`,
  },
  {
    trait: 'a key at the column of items',
    text: phase('      - a\n      finally:\n      - b\n'),
    error: `did not find expected '-' indicator at line 6`,
  },
  {
    trait: 'a key between two columns',
    text: phase('      - a\n post_build:\n    commands: [b]\n'),
    error: 'did not find expected key at line 6',
  },
  {
    trait: 'an indented first line',
    text: ' version: 0.2\nphases: {}\n',
    error: 'did not find expected <document start> at line 2',
  },
  {
    trait: 'a key without its colon',
    text: 'version: 0.2\nphases\n  build:\n    commands: [a]\n',
    error: `could not find expected ':' at line 3`,
  },
  {
    trait: 'a key without its colon at the end',
    text: over('artifacts\n'),
    error: `could not find expected ':' at line 7`,
  },
  {
    trait: 'version without its colon',
    text: 'version 0.2\n\nphases:\n  build:\n    commands: [a]\n',
    error: 'mapping values are not allowed in this context at line 3',
  },
  {
    trait: 'a value and then keys',
    text: 'version: 0.2\nphases:\n  build: x\n    commands: [a]\n',
    error: 'mapping values are not allowed in this context at line 4',
  },
  {
    trait: 'a list that is not closed',
    text: 'version: 0.2\nphases:\n  build:\n    commands: [a, b\n  post_build:\n    commands: [c]\n',
    error: `did not find expected ',' or ']' at line 5`,
  },
  {
    trait: 'JSON without a comma',
    text: '{"version": 0.2 "phases": {}}',
    error: `did not find expected ',' or '}' at line 1`,
  },
  {
    trait: 'marks of a merge conflict',
    text: 'version: 0.2\n<<<<<<< HEAD\nphases: {}\n=======\nphases:\n>>>>>>> x\n',
    error: `could not find expected ':' at line 3`,
  },
  {
    trait: 'a control character',
    text: phase('      - echo \u001b[0m\n'),
    error: 'control characters are not allowed at line 5',
  },
  {
    trait: 'phases as a list',
    text: 'version: 0.2\nphases:\n  - build:\n      commands: [a]\n',
    error: 'phases must be a mapping',
  },
  {
    trait: 'a phase that is a list of commands',
    text: 'version: 0.2\nphases:\n  build:\n    - a\n',
    error: 'phases/build must be a mapping',
  },
  {
    trait: 'variables as a list',
    text: over('env:\n  variables:\n    - A: 1\n'),
    error: 'env/variables must be a mapping',
  },
  { trait: 'a variable that is a mapping', text: env('    A: {{x}}\n'), error: 'env/variables/A must be a string' },
  {
    trait: 'commands inside of runtime-versions',
    text: 'version: 0.2\nphases:\n  install:\n    runtime-versions:\n      nodejs: 18\n      commands:\n        - a\n',
    error: 'runtime-versions/commands must be a string',
  },
  {
    trait: 'runtime-versions as text',
    text: 'version: 0.2\nphases:\n  install:\n    runtime-versions: nodejs\n',
    error: 'runtime-versions must be a mapping',
  },
  {
    trait: 'artifacts without files',
    text: over('artifacts:\n  base-directory: out\n'),
    error: 'artifacts/files is required',
  },
  { trait: 'artifacts as a list', text: over('artifacts:\n  - a\n'), error: 'artifacts must be a mapping' },
  {
    trait: 'discard-paths that is neither yes nor no',
    text: over('artifacts:\n  files: [a]\n  discard-paths: maybe\n'),
    error: 'artifacts/discard-paths must be yes or no',
  },
  {
    trait: 'on-failure with another word',
    text: 'version: 0.2\nphases:\n  build:\n    on-failure: IGNORE\n    commands: [a]\n',
    error: 'on-failure must be ABORT, CONTINUE, RETRY',
  },
]
