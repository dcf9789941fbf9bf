// SimulateCustomPolicy and SimulatePrincipalPolicy: the evaluator that also decides real calls, asked for every action and resource.

import { parseArn } from '../../../../core/arn.ts'
import type { Call } from '../../../../operation/call.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { contextKeysOf, evaluate, type PrincipalFacts, parsePolicy } from '../../../../policy/index.ts'
import { iamArn } from '../../arns.ts'
import { fail } from '../../errors.ts'
import { needIdentity, type RoleRow } from '../../identities.ts'
import { after, listed } from '../../pages.ts'
import { type NamedDocument, principalDocuments } from '../../principalDocuments.ts'

interface Question {
  readonly ActionNames: readonly string[]
  readonly ResourceArns?: readonly string[] | undefined
  readonly ResourcePolicy?: string | undefined
  readonly ResourceOwner?: string | undefined
  readonly CallerArn?: string | undefined
  readonly ContextEntries?:
    | readonly { ContextKeyName?: string | undefined; ContextKeyValues?: readonly string[] | undefined }[]
    | undefined
  readonly MaxItems?: number | undefined
  readonly Marker?: string | undefined
}

interface Speaking {
  readonly identity: readonly NamedDocument[]
  readonly boundary: string | undefined
  readonly caller: PrincipalFacts
}

function simulate(input: Question, { identity, boundary, caller }: Speaking) {
  if (input.ResourcePolicy !== undefined) parsePolicy(input.ResourcePolicy, 'resource')
  const context = Object.fromEntries(
    (input.ContextEntries ?? []).map(entry => [entry.ContextKeyName ?? '', [...(entry.ContextKeyValues ?? [])]]),
  )
  const known = new Set(Object.keys(context).map(key => key.toLowerCase()))
  const texts = [
    ...identity.map(({ document }) => document),
    ...(boundary ? [boundary] : []),
    ...(input.ResourcePolicy ? [input.ResourcePolicy] : []),
  ]
  const missing = contextKeysOf(texts).filter(key => !known.has(key.toLowerCase()))
  const pairs = input.ActionNames.flatMap(action =>
    (input.ResourceArns?.length ? input.ResourceArns : ['*']).map(resource => ({ action, resource })),
  )

  const results = pairs.map(({ action, resource }, index) => {
    const owner = parseArn(input.ResourceOwner ?? '')?.account || parseArn(resource)?.account || caller.account
    const ask = (limit: string | undefined) =>
      evaluate(
        { principal: caller, action, resource, context },
        {
          identity: identity.map(({ document }) => document),
          boundary: limit,
          resource: input.ResourcePolicy,
          sameAccount: owner === caller.account,
        },
      )
    const decision = ask(boundary)
    const statement = decision.decision === 'implicitDeny' ? undefined : decision.statement
    return {
      index,
      result: {
        EvalActionName: action,
        EvalResourceName: resource,
        EvalDecision: decision.decision,
        MatchedStatements: statement ? [matched(statement.layer, identity[statement.document])] : [],
        MissingContextValues: missing,
        ...(boundary === undefined
          ? {}
          : {
              PermissionsBoundaryDecisionDetail: {
                AllowedByPermissionsBoundary: boundaryAllows(boundary, { caller, action, resource, context }),
              },
            }),
      },
    }
  })
  const { items, rest } = listed(
    results.filter(({ index }) => index > Number(after(input) || -1)),
    input,
    ({ index }) => String(index),
  )
  return { EvaluationResults: items.map(({ result }) => result), ...rest }
}

const boundaryAllows = (
  boundary: string,
  asked: { caller: PrincipalFacts; action: string; resource: string; context: Record<string, string[]> },
) => evaluate({ principal: asked.caller, ...asked }, { identity: [boundary], sameAccount: true }).decision === 'allowed'

function matched(layer: string, document: NamedDocument | undefined) {
  if (layer !== 'identity' || !document)
    return {
      SourcePolicyId: layer === 'boundary' ? 'PermissionsBoundaryPolicyInputList.1' : 'ResourcePolicy',
      SourcePolicyType: layer === 'boundary' ? ('none' as const) : ('resource' as const),
    }
  return { SourcePolicyId: document.source, SourcePolicyType: document.type }
}

function inputDocuments(texts: readonly string[] = []): NamedDocument[] {
  return texts.map((document, index) => {
    parsePolicy(document, 'identity')
    return { source: `PolicyInputList.${index + 1}`, type: 'none' as never, document }
  })
}

function oneBoundary(texts: readonly string[] = []): string | undefined {
  if (texts.length > 1) fail('InvalidInputException', 'Only one permissions boundary policy can be simulated.')
  for (const text of texts) parsePolicy(text, 'identity')
  return texts[0]
}

export const simulateCustomPolicy: Handler<'iam', 'SimulateCustomPolicy'> = async ({ scope }, input) =>
  simulate(input, {
    identity: inputDocuments(input.PolicyInputList),
    boundary: oneBoundary(input.PermissionsBoundaryPolicyInputList),
    caller: factsOf(input.CallerArn ?? iamArn(scope.account, 'user/simulated'), undefined),
  })

export const simulatePrincipalPolicy: Handler<'iam', 'SimulatePrincipalPolicy'> = async (call, input) => {
  const source = await needSource(call, input.PolicySourceArn)
  const documents = await principalDocuments(call.tx, source.id)
  return simulate(input, {
    identity: [...documents.identity, ...inputDocuments(input.PolicyInputList)],
    boundary: oneBoundary(input.PermissionsBoundaryPolicyInputList) ?? documents.boundary,
    caller: factsOf(input.CallerArn ?? input.PolicySourceArn, source),
  })
}

export const getContextKeysForCustomPolicy: Handler<'iam', 'GetContextKeysForCustomPolicy'> = async (_call, input) => ({
  ContextKeyNames: contextKeysOf(inputDocuments(input.PolicyInputList).map(({ document }) => document)),
})

export const getContextKeysForPrincipalPolicy: Handler<'iam', 'GetContextKeysForPrincipalPolicy'> = async (
  call,
  input,
) => {
  const { identity } = await principalDocuments(call.tx, (await needSource(call, input.PolicySourceArn)).id)
  return {
    ContextKeyNames: contextKeysOf(
      [...identity, ...inputDocuments(input.PolicyInputList)].map(({ document }) => document),
    ),
  }
}

/** The user, group or role whose policies are asked for. */
async function needSource({ tx, scope }: Call, arn: string): Promise<RoleRow> {
  const parsed = parseArn(arn)
  const [kind = '', ...path] = parsed?.resource.split('/') ?? []
  if (parsed?.service !== 'iam' || (kind !== 'user' && kind !== 'group' && kind !== 'role')) {
    return fail('InvalidInputException', `Invalid Entity Arn: ${arn} does not clearly define entity type and name.`)
  }
  return needIdentity(tx, scope.account, kind, path.at(-1) ?? '')
}

function factsOf(arn: string, source: RoleRow | undefined): PrincipalFacts {
  const account = parseArn(arn)?.account ?? ''
  if (parseArn(arn)?.resource.startsWith('role/'))
    return { type: 'assumedRole', account, arn, roleArn: arn, ...(source ? { roleId: source.id } : {}) }
  return { type: 'user', account, arn, ...(source ? { userId: source.id } : {}) }
}
