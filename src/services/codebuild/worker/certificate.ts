// The certificate of a project's environment: fetched from S3 as the project's role, and made known to what runs in the build.

import { writeFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Readable } from 'node:stream'
import { tarOfTexts } from '../../../build/archives.ts'
import { BuildFailure } from '../../../build/build.ts'
import { filesOfZip } from '../../../build/zipFiles.ts'
import { isServiceError } from '../../../core/serviceError.ts'
import { inTemporary } from '../../../core/temporary.ts'
import type { Invoke } from '../../../operation/sdks.ts'
import type { Sandbox } from '../../../sandbox/sandbox.ts'
import { s3Location } from '../definition.ts'

const LARGEST = 1024 * 1024
const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

// AWS: `my-bucket/cert/certificate.pem` or its ARN; "the object key can be either just the .pem file or a .zip file containing the
// PEM-encoded certificate" [create-project-cli]. The sentence: "Unable to download certificate from S3. AccessDenied" [troubleshooting].
/** The certificates, PEM one after the other. Throws BuildFailure. */
export async function certificateOf(location: string, invoke: Invoke): Promise<string> {
  const { bucket, key } = s3Location({ location }) ?? {}
  if (!bucket || !key) throw unusable(`${location} is not bucket/key`)
  let bytes: Buffer
  try {
    const { Body, ContentLength = 0 } = await invoke('s3', 'GetObject', { Bucket: bucket, Key: key })
    if (ContentLength > LARGEST) {
      ;(Body as Readable).destroy()
      throw unusable('it is larger than a certificate')
    }
    bytes = Buffer.concat(await (Body as Readable).toArray())
  } catch (error) {
    if (isServiceError(error)) throw unusable(`${error.code}: ${error.message}`)
    throw error
  }
  const text = bytes.subarray(0, 2).toString() === 'PK' ? await textsOfZip(bytes) : bytes.toString()
  const found = text.match(PEM) ?? []
  if (found.length === 0) throw unusable('there is no PEM-encoded certificate in it')
  return `${found.join('\n')}\n`
}

function textsOfZip(bytes: Buffer): Promise<string> {
  return inTemporary(async folder => {
    const file = join(folder, 'certificate.zip')
    await writeFile(file, bytes)
    const texts: string[] = []
    for await (const { content, size } of filesOfZip(file)) {
      if (size > LARGEST) throw unusable('a file of the zip is larger than a certificate')
      texts.push(Buffer.concat(await (content as Readable).toArray()).toString())
    }
    return texts.join('\n')
  }).catch(error => {
    if (error instanceof BuildFailure) throw error
    throw unusable(`the zip can not be read: ${(error as Error).message}`)
  })
}

const unusable = (why: string) => new BuildFailure('CLIENT_ERROR', `Unable to download certificate from S3. ${why}`)

/**
 * In a container it joins the system's own bundle, whichever there is; outside of one the build gets a bundle of both. Answers the variables
 * by which programs find it.
 */
export async function installCertificate(sandbox: Sandbox, pem: string): Promise<Record<string, string>> {
  const directory = posix.join(sandbox.workspace, 'certificates')
  const script = sandbox.kind === 'docker' ? JOIN : COMBINE
  await sandbox.put(directory, tarOfTexts({ 'project.pem': pem, 'install.sh': script }))
  const run = await sandbox.run('certificate', { argv: ['/bin/sh', `${directory}/install.sh`, directory, ...BUNDLES] })
  run.output.resume()
  await run.result
  // DEVIATES: AWS does not say how; Node reads no bundle of the system's.
  const own = { NODE_EXTRA_CA_CERTS: `${directory}/project.pem` }
  if (sandbox.kind === 'docker') return own
  const bundle = `${directory}/bundle.pem`
  return {
    ...own,
    SSL_CERT_FILE: bundle,
    CURL_CA_BUNDLE: bundle,
    GIT_SSL_CAINFO: bundle,
    REQUESTS_CA_BUNDLE: bundle,
    AWS_CA_BUNDLE: bundle,
  }
}

/** The tools of the distribution make the bundle anew when they run later, so the certificate also goes where they look. */
const JOIN = `
d=$1; shift
for to in /usr/local/share/ca-certificates /etc/pki/ca-trust/source/anchors; do
  if [ -d "$to" ]; then cat "$d/project.pem" > "$to/codebuild-project.crt"; fi
done
if command -v update-ca-certificates >/dev/null 2>&1; then update-ca-certificates >/dev/null 2>&1; fi
if command -v update-ca-trust >/dev/null 2>&1; then update-ca-trust extract >/dev/null 2>&1; fi
have=
for bundle in "$@"; do
  [ -f "$bundle" ] || continue
  have=1
  line=; { read -r line; read -r line; } < "$d/project.pem"
  case "$(cat "$bundle")" in *"$line"*) ;; *) cat "$d/project.pem" >> "$bundle";; esac
done
if [ -z "$have" ]; then mkdir -p /etc/ssl/certs && cat "$d/project.pem" > /etc/ssl/certs/ca-certificates.crt; fi
`

const COMBINE = `
d=$1; shift
for bundle in "$@"; do if [ -f "$bundle" ]; then cat "$bundle"; break; fi; done > "$d/bundle.pem"
cat "$d/project.pem" >> "$d/bundle.pem"
`
