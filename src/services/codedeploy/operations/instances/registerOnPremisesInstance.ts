// RegisterOnPremisesInstance: a host, known by the IAM user or the role session that its agent signs with.

import { formatArn } from '../../../../core/arn.ts'
import type { Handler } from '../../../../operation/handler.ts'
import { fail } from '../../errors.ts'
import { findInstance, instanceOfHost } from '../../instances.ts'

const USER = /^arn:aws[a-z-]*:iam::\d{12}:user\/.+$/
const SESSION = /^arn:aws[a-z-]*:sts::\d{12}:assumed-role\/[^/]+\/[^/]+$/

export const registerOnPremisesInstance: Handler<'codedeploy', 'RegisterOnPremisesInstance'> = async (call, input) => {
  const { tx, scope } = call
  const { instanceName: name, iamUserArn, iamSessionArn } = input
  if (iamUserArn && iamSessionArn) {
    fail(
      'MultipleIamArnsProvidedException',
      'Both an IAM user ARN and an IAM session ARN were included in the request. Use only one ARN type.',
    )
  }
  const host = iamUserArn ?? iamSessionArn
  if (!host) {
    return fail(
      'IamArnRequiredException',
      'No IAM ARN was included in the request. You must use an IAM session ARN or IAM user ARN in the request.',
    )
  }
  if (iamUserArn && !USER.test(iamUserArn))
    fail('InvalidIamUserArnException', `IAM user ARN ${iamUserArn} is in an invalid format.`)
  if (iamSessionArn && !SESSION.test(iamSessionArn)) {
    fail('InvalidIamSessionArnException', `IAM session ARN ${iamSessionArn} is in an invalid format.`)
  }
  const same = await findInstance(tx, scope, name)
  if (same && !same.deregistered_at) {
    fail('InstanceNameAlreadyRegisteredException', `On-premises instance name ${name} is already registered.`)
  }
  const other = await instanceOfHost(tx, scope, host)
  if (other) {
    const text = `${host} is already registered with the on-premises instance ${other.name}.`
    fail(iamUserArn ? 'IamUserArnAlreadyRegisteredException' : 'IamSessionArnAlreadyRegisteredException', text)
  }
  const arn = formatArn('codedeploy', scope, `instance/${name}_${call.ids.text(10)}`)
  await tx.run`
    insert into codedeploy.on_premises_instances as i
      (account, region, name, arn, iam_user_arn, iam_session_arn, registered_at)
    values (${scope.account}, ${scope.region}, ${name}, ${arn}, ${iamUserArn}, ${iamSessionArn}, ${call.now})
    on conflict (account, region, name) do update set arn = excluded.arn, iam_user_arn = excluded.iam_user_arn,
      iam_session_arn = excluded.iam_session_arn, registered_at = excluded.registered_at, deregistered_at = null,
      tags = '[]', last_seen_at = null`
  return {}
}
