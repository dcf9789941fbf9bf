// KMS with real aws command lines and boto3: what is encrypted and signed here is checked by others, who may not is refused, and
// Parameter Store and Secrets Manager keep their values under keys of one's own.

import { constants, createPublicKey, publicEncrypt, randomBytes, verify } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Aws, findClis, findPythons, openCli, runPython, until } from '../clients.ts'
import { clientsYard } from '../harness/clientsYard.ts'
import type { Yard } from '../harness/yard.ts'

const [clis, pythons] = await Promise.all([findClis(), findPythons()])
const keyArn = (id: string) => `arn:aws:kms:us-east-1:000000000000:key/${id}`

let yard: Yard
clientsYard(opened => {
  yard = opened
})

describe.each(clis)('$name', { timeout: 300_000 }, program => {
  let aws: Aws
  const { slug } = program
  const alias = `alias/${slug}`
  let key = ''
  beforeAll(async () => {
    aws = await openCli(program, yard)
    key = (await aws`kms create-key --description ${'what we keep'}`).KeyMetadata.KeyId
    await aws`kms create-alias --alias-name ${alias} --target-key-id ${key}`
  }, 120_000)
  afterAll(() => aws?.close())

  /** Bytes of an answer as a file that a command reads. */
  async function file(name: string, bytes: string | Uint8Array): Promise<string> {
    const path = join(aws.home, name)
    await writeFile(path, typeof bytes === 'string' ? Buffer.from(bytes, 'base64') : bytes)
    return `fileb://${path}`
  }

  test('a text comes back in its context only, under another key as well', async () => {
    const plain = await file('plain', Buffer.from('hello wörld'))
    const context = { app: 'shop' }
    const { CiphertextBlob, KeyId } =
      await aws`kms encrypt --key-id ${alias} --plaintext ${plain} --encryption-context ${context}`
    expect(KeyId).toBe(keyArn(key))
    const blob = await file('blob', CiphertextBlob)
    const opened = await aws`kms decrypt --ciphertext-blob ${blob} --encryption-context ${context}`
    expect(Buffer.from(opened.Plaintext, 'base64').toString()).toBe('hello wörld')
    await expect(aws`kms decrypt --ciphertext-blob ${blob}`).rejects.toThrow(
      'An error occurred (InvalidCiphertextException) when calling the Decrypt operation',
    )
    const other = (await aws`kms create-key`).KeyMetadata.KeyId
    const moved =
      await aws`kms re-encrypt --ciphertext-blob ${blob} --source-encryption-context ${context} --destination-key-id ${other}`
    expect([moved.SourceKeyId, moved.KeyId]).toEqual([keyArn(key), keyArn(other)])
    const again =
      await aws`kms decrypt --ciphertext-blob ${await file('moved', moved.CiphertextBlob)} --key-id ${other}`
    expect(again.Plaintext).toBe(opened.Plaintext)
    const made = await aws`kms generate-data-key --key-id ${alias} --key-spec AES_256`
    const dataKey = await aws`kms decrypt --ciphertext-blob ${await file('dataKey', made.CiphertextBlob)}`
    expect(dataKey.Plaintext).toBe(made.Plaintext)
    expect(Buffer.from(made.Plaintext, 'base64')).toHaveLength(32)
  })

  test('a signature is checked with the public key alone', async () => {
    const { KeyMetadata } = await aws`kms create-key --key-spec ECC_NIST_P256 --key-usage SIGN_VERIFY`
    const id = KeyMetadata.KeyId
    const message = Buffer.from(`release of ${slug}`)
    const { Signature } =
      await aws`kms sign --key-id ${id} --message ${await file('message', message)} --signing-algorithm ECDSA_SHA_256`
    const { PublicKey } = await aws`kms get-public-key --key-id ${id}`
    const publicKey = createPublicKey({ key: Buffer.from(PublicKey, 'base64'), format: 'der', type: 'spki' })
    expect(verify('sha256', message, publicKey, Buffer.from(Signature, 'base64'))).toBe(true)
  })

  test('imported material encrypts until it is deleted', async () => {
    const { KeyMetadata } = await aws`kms create-key --origin EXTERNAL`
    const id = KeyMetadata.KeyId
    expect(KeyMetadata.KeyState).toBe('PendingImport')
    const { PublicKey, ImportToken } =
      await aws`kms get-parameters-for-import --key-id ${id} --wrapping-algorithm RSAES_OAEP_SHA_256 --wrapping-key-spec RSA_2048`
    const wrapping = createPublicKey({ key: Buffer.from(PublicKey, 'base64'), format: 'der', type: 'spki' })
    const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
    const wrapped = publicEncrypt({ key: wrapping, ...padding }, randomBytes(32))
    await aws`kms import-key-material --key-id ${id} --import-token ${await file('token', ImportToken)} --encrypted-key-material ${await file('wrapped', wrapped)} --expiration-model KEY_MATERIAL_DOES_NOT_EXPIRE`
    const { CiphertextBlob } =
      await aws`kms encrypt --key-id ${id} --plaintext ${await file('imported', Buffer.from('x'))}`
    await aws`kms delete-imported-key-material --key-id ${id}`
    await expect(aws`kms decrypt --ciphertext-blob ${await file('lost', CiphertextBlob)}`).rejects.toThrow(
      `(KMSInvalidStateException) when calling the Decrypt operation: ${keyArn(id)} is pending import.`,
    )
  })

  test('parameters and secrets are under the key that is named, and the event history says who used it', async () => {
    const name = `/kept/${slug}`
    await aws`ssm put-parameter --name ${name} --value sealed --type SecureString --key-id ${alias}`
    const shut = (await aws`ssm get-parameter --name ${name}`).Parameter
    const context = { PARAMETER_ARN: shut.ARN }
    const direct =
      await aws`kms decrypt --ciphertext-blob ${await file('parameter', shut.Value)} --encryption-context ${context}`
    expect([direct.KeyId, Buffer.from(direct.Plaintext, 'base64').toString()]).toEqual([keyArn(key), 'sealed'])
    expect((await aws`ssm get-parameter --name ${name} --with-decryption`).Parameter.Value).toBe('sealed')
    await expect(
      aws`ssm put-parameter --name ${name}/x --value x --type SecureString --key-id alias/none`,
    ).rejects.toThrow(
      'An error occurred (InvalidKeyId) when calling the PutParameter operation: Alias arn:aws:kms:us-east-1:000000000000:alias/none is not found. (Service: AWSKMS; Status Code: 400; Error Code: NotFoundException;',
    )
    const { ARN } = await aws`secretsmanager create-secret --name kept-${slug} --secret-string s1 --kms-key-id ${alias}`
    expect(await aws`secretsmanager describe-secret --secret-id ${ARN}`).toMatchObject({ KmsKeyId: alias })
    await aws`secretsmanager update-secret --secret-id ${ARN} --kms-key-id alias/aws/secretsmanager`
    expect((await aws`secretsmanager get-secret-value --secret-id ${ARN}`).SecretString).toBe('s1')
    const { Versions } = await aws`secretsmanager list-secret-version-ids --secret-id ${ARN}`
    expect(Versions).toMatchObject([{ KmsKeyIds: ['DefaultEncryptionKey', keyArn(key)] }])

    const uses = await until(
      async () => {
        const { Events } =
          await aws`cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue=${keyArn(key)}`
        return Events.map(({ CloudTrailEvent }: { CloudTrailEvent: string }) => JSON.parse(CloudTrailEvent))
      },
      events =>
        ['ssm', 'secretsmanager'].every(via =>
          events.some((one: any) => one.sourceIPAddress === `${via}.amazonaws.com`),
        ),
    )
    const use = uses.find((one: any) => one.sourceIPAddress === 'ssm.amazonaws.com' && one.eventName === 'Encrypt')
    expect(use).toMatchObject({
      eventSource: 'kms.amazonaws.com',
      userIdentity: { type: 'Root', invokedBy: 'ssm.amazonaws.com' },
      requestParameters: { encryptionContext: context },
      readOnly: true,
    })
    expect(JSON.stringify(uses)).not.toContain(Buffer.from('sealed').toString('base64'))
  })
})

const PREPARED = `
import boto3, json, os, sys
from botocore.config import Config
from botocore.exceptions import ClientError
name = sys.argv[1]
def client(service, keys=None):
    own = dict(aws_access_key_id=keys['AccessKeyId'], aws_secret_access_key=keys['SecretAccessKey']) if keys else {}
    return boto3.client(service, endpoint_url=os.environ['AWS_ENDPOINT_URL'], config=Config(retries={'max_attempts': 2}), **own)
def refused(call, **input):
    try:
        call(**input)
    except ClientError as error:
        return error.response['Error']['Code'] + ': ' + error.response['Error']['Message']
kms, iam, ssm, secrets = (client(one) for one in ('kms', 'iam', 'ssm', 'secretsmanager'))
def make(**more):
    return kms.create_key(**more)['KeyMetadata']['KeyId']
def person(user, *actions):
    arn = iam.create_user(UserName=user)['User']['Arn']
    statement = [{'Effect': 'Allow', 'Action': list(actions), 'Resource': '*'}]
    iam.put_user_policy(UserName=user, PolicyName='p', PolicyDocument=json.dumps({'Version': '2012-10-17', 'Statement': statement}))
    return arn, iam.create_access_key(UserName=user)['AccessKey']
def policy(*statements):
    return json.dumps({'Version': '2012-10-17', 'Statement': list(statements)})
root = {'Effect': 'Allow', 'Principal': {'AWS': 'arn:aws:iam::000000000000:root'}, 'Action': 'kms:*', 'Resource': '*'}
answer = {}
`

describe.each(pythons)('$name', { timeout: 300_000 }, program => {
  const python = async (text: string) =>
    JSON.parse(
      await runPython(program, yard, `${PREPARED}${text}\nprint(json.dumps(answer, default=str))`, [program.slug]),
    )

  test('a key is disabled, enabled, given up and kept; it rotates, and what it encrypted before stays readable', async () => {
    const answer = await python(`
key = make(Tags=[{'TagKey': 'team', 'TagValue': 'red'}])
old = kms.encrypt(KeyId=key, Plaintext=b'old')['CiphertextBlob']
state = lambda: kms.describe_key(KeyId=key)['KeyMetadata']['KeyState']
kms.disable_key(KeyId=key)
answer['disabled'] = [state(), refused(kms.decrypt, CiphertextBlob=old)]
kms.enable_key(KeyId=key)
kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
answer['leaving'] = [state(), refused(kms.encrypt, KeyId=key, Plaintext=b'x')]
kms.cancel_key_deletion(KeyId=key)
answer['kept'] = state()
kms.enable_key(KeyId=key)
kms.enable_key_rotation(KeyId=key)
answer['rotates'] = kms.get_key_rotation_status(KeyId=key)['KeyRotationEnabled']
if hasattr(kms, 'rotate_key_on_demand'):
    kms.rotate_key_on_demand(KeyId=key)
    for _ in range(100):
        rotations = kms.list_key_rotations(KeyId=key)['Rotations']
        if rotations: break
        import time; time.sleep(0.1)
    answer['rotations'] = [one['RotationType'] for one in rotations]
else:
    answer['rotations'] = ['ON_DEMAND']
answer['old'] = kms.decrypt(CiphertextBlob=old)['Plaintext'].decode()
answer['listed'] = any(one['KeyId'] == key for page in kms.get_paginator('list_keys').paginate() for one in page['Keys'])
answer['tags'] = kms.list_resource_tags(KeyId=key)['Tags']
answer['id'] = key
`)
    const arn = keyArn(answer.id)
    expect(answer).toEqual({
      disabled: ['Disabled', `DisabledException: ${arn} is disabled.`],
      leaving: ['PendingDeletion', `KMSInvalidStateException: ${arn} is pending deletion.`],
      kept: 'Disabled',
      rotates: true,
      rotations: ['ON_DEMAND'],
      old: 'old',
      listed: true,
      tags: [{ TagKey: 'team', TagValue: 'red' }],
      id: answer.id,
    })
  })

  test('signatures, MACs and key pairs are what they should be, and altered ones are refused', async () => {
    const answer = await python(`
rsa = make(KeySpec='RSA_2048', KeyUsage='SIGN_VERIFY')
signature = kms.sign(KeyId=rsa, Message=b'm', SigningAlgorithm='RSASSA_PSS_SHA_256')['Signature']
check = dict(KeyId=rsa, Signature=signature, SigningAlgorithm='RSASSA_PSS_SHA_256')
answer['signed'] = [kms.verify(Message=b'm', **check)['SignatureValid'], refused(kms.verify, Message=b'n', **check).split(':')[0]]
mac = make(KeySpec='HMAC_256', KeyUsage='GENERATE_VERIFY_MAC')
code = kms.generate_mac(KeyId=mac, Message=b'm', MacAlgorithm='HMAC_SHA_256')['Mac']
check = dict(KeyId=mac, Mac=code, MacAlgorithm='HMAC_SHA_256')
answer['mac'] = [len(code), kms.verify_mac(Message=b'm', **check)['MacValid'], refused(kms.verify_mac, Message=b'n', **check).split(':')[0]]
key = make()
pair = kms.generate_data_key_pair(KeyId=key, KeyPairSpec='ECC_NIST_P256')
answer['pair'] = kms.decrypt(CiphertextBlob=pair['PrivateKeyCiphertextBlob'])['Plaintext'] == pair['PrivateKeyPlaintext']
crypt = make(KeySpec='RSA_2048', KeyUsage='ENCRYPT_DECRYPT')
way = dict(KeyId=crypt, EncryptionAlgorithm='RSAES_OAEP_SHA_256')
answer['rsa'] = kms.decrypt(CiphertextBlob=kms.encrypt(Plaintext=b'hello', **way)['CiphertextBlob'], **way)['Plaintext'].decode()
answer['usage'] = refused(kms.sign, KeyId=key, Message=b'm', SigningAlgorithm='RSASSA_PSS_SHA_256').split(':')[0]
`)
    expect(answer).toEqual({
      signed: [true, 'KMSInvalidSignatureException'],
      mac: [32, true, 'KMSInvalidMacException'],
      pair: true,
      rsa: 'hello',
      usage: 'InvalidKeyUsageException',
    })
  })

  test('a policy denies, a grant in its context lets in, and services say who may not in their own words', async () => {
    const answer = await python(`
key = make(Policy=policy(root))
arn, keys = person('ada-' + name, 'ssm:*', 'secretsmanager:*')
theirs, their_ssm, their_secrets = (client(one, keys) for one in ('kms', 'ssm', 'secretsmanager'))
answer['nobody'] = refused(theirs.encrypt, KeyId=key, Plaintext=b'x')
grant = kms.create_grant(KeyId=key, GranteePrincipal=arn, Operations=['Encrypt', 'Decrypt'], Constraints={'EncryptionContextSubset': {'app': 'shop'}})['GrantId']
within = dict(EncryptionContext={'app': 'shop'})
blob = theirs.encrypt(KeyId=key, Plaintext=b'x', **within)['CiphertextBlob']
answer['granted'] = [theirs.decrypt(CiphertextBlob=blob, **within)['Plaintext'].decode(), refused(theirs.encrypt, KeyId=key, Plaintext=b'x').split(':')[0]]
answer['grants'] = [one['Operations'] for one in kms.list_grants(KeyId=key)['Grants']]
kms.revoke_grant(KeyId=key, GrantId=grant)
answer['revoked'] = refused(theirs.encrypt, KeyId=key, Plaintext=b'x', **within).split(':')[0]
place = '/' + name
ssm.put_parameter(Name=place, Value='v', Type='SecureString', KeyId=key)
secrets.create_secret(Name='s' + name, SecretString='v', KmsKeyId=key)
read = lambda: [refused(their_ssm.get_parameter, Name=place, WithDecryption=True), refused(their_secrets.get_secret_value, SecretId='s' + name)]
answer['read'] = read()
via = {'Effect': 'Allow', 'Principal': {'AWS': arn}, 'Action': 'kms:Decrypt', 'Resource': '*', 'Condition': {'StringLike': {'kms:ViaService': ['ssm.*', 'secretsmanager.*']}}}
kms.put_key_policy(KeyId=key, PolicyName='default', Policy=policy(root, via))
answer['via'] = read()
deny = {'Effect': 'Deny', 'Principal': '*', 'Action': 'kms:Decrypt', 'Resource': '*'}
kms.put_key_policy(KeyId=key, PolicyName='default', Policy=policy(root, via, deny))
answer['denied'] = [refused(ssm.get_parameter, Name=place, WithDecryption=True), read()[1]]
answer['locked'] = refused(kms.put_key_policy, KeyId=key, PolicyName='default', Policy=policy(via))
sns, spare = client('sns'), make()
topic = sns.create_topic(Name='t' + name, Attributes={'KmsMasterKeyId': spare})['TopicArn']
publish = lambda by: refused(by.publish, TopicArn=topic, Message='m')
iam.put_user_policy(UserName='ada-' + name, PolicyName='sns', PolicyDocument=policy({'Effect': 'Allow', 'Action': 'sns:*', 'Resource': '*'}))
answer['published'] = [publish(sns), publish(client('sns', keys)).split(':')[0]]
kms.disable_key(KeyId=spare)
answer['published'] += [publish(sns).split(' (')[0].replace(spare, 'KEY')]
answer['arn'], answer['id'] = arn, key
`)
    const refusal = (who: string, action: string, why: string) =>
      `AccessDeniedException: User: ${who} is not authorized to perform: kms:${action} on resource: ${keyArn(answer.id)} ${why}`
    const tail =
      /\(Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException; Request ID: [^;]+; Proxy: null\)$/
    const root = 'arn:aws:iam::000000000000:root'
    expect(answer.nobody).toBe(
      refusal(answer.arn, 'Encrypt', 'because no identity-based policy allows the kms:Encrypt action'),
    )
    expect(answer.granted).toEqual(['x', 'AccessDeniedException'])
    expect(answer.grants).toEqual([['Encrypt', 'Decrypt']])
    expect(answer.revoked).toBe('AccessDeniedException')
    expect(answer.read[0]).toContain(
      refusal(answer.arn, 'Decrypt', 'because no identity-based policy allows the kms:Decrypt action'),
    )
    expect(answer.read[0]).toMatch(tail)
    expect(answer.read[1]).toBe('AccessDeniedException: Access to KMS is not allowed')
    expect(answer.via).toEqual([null, null])
    expect(answer.denied[0]).toContain(refusal(root, 'Decrypt', 'with an explicit deny in a resource-based policy'))
    expect(answer.denied[1]).toBe('AccessDeniedException: Access to KMS is not allowed')
    expect(answer.published).toEqual([null, 'KMSAccessDenied', `KMSDisabled: ${keyArn('KEY')} is disabled.`])
    expect(answer.locked).toBe(
      'MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.',
    )
  })
})
