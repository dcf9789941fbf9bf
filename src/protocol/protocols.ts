// The server side of every protocol, by name.

import type { ProtocolName } from '../model/index.ts'
import { awsJson1_0, awsJson1_1 } from './awsJson.ts'
import { awsQuery, ec2Query } from './query/awsQuery.ts'
import { restJson } from './rest/restJson.ts'
import { restXml } from './rest/restXml.ts'
import { rpcV2Cbor } from './rpcV2Cbor.ts'
import type { ServerProtocol } from './serverProtocol.ts'

export const protocols: Readonly<Record<ProtocolName, ServerProtocol>> = {
  awsJson1_0,
  awsJson1_1,
  awsQuery,
  ec2Query,
  restJson,
  restXml,
  rpcV2Cbor,
}
