// SNS: topics, subscriptions and what is published. Every operation of its model, and why some are not there.

import { parseArn } from '../../core/arn.ts'
import { allNotSupported, defineService, read, write } from '../../operation/service.ts'
import { access } from './access.ts'
import { publish } from './operations/messages/publish.ts'
import { publishBatch } from './operations/messages/publishBatch.ts'
import { confirmSubscription } from './operations/subscriptions/confirmSubscription.ts'
import { listSubscriptions, listSubscriptionsByTopic } from './operations/subscriptions/listSubscriptions.ts'
import { subscribe } from './operations/subscriptions/subscribe.ts'
import {
  getSubscriptionAttributes,
  setSubscriptionAttributes,
} from './operations/subscriptions/subscriptionAttributes.ts'
import { unsubscribe } from './operations/subscriptions/unsubscribe.ts'
import { createTopic } from './operations/topics/createTopic.ts'
import { deleteTopic } from './operations/topics/deleteTopic.ts'
import { listTopics } from './operations/topics/listTopics.ts'
import { addPermission, removePermission } from './operations/topics/permissions.ts'
import { listTagsForResource, tagResource, untagResource } from './operations/topics/tags.ts'
import { getTopicAttributes, setTopicAttributes } from './operations/topics/topicAttributes.ts'
import { tasks } from './tasks.ts'
import { defaultPolicy } from './topicAttributes.ts'
import { findTopic } from './topics.ts'

export { snsDoor } from './door.ts'

const SMS = 'text messages are not there'
const PUSH = 'mobile push is not there'

export const sns = defineService<'sns'>({
  name: 'sns',
  principal: 'sns.amazonaws.com',
  access,
  accessDeniedCode: 'AuthorizationError',
  async resourcePolicy(tx, arn) {
    const { account, region, resource: topic } = parseArn(arn) ?? {}
    if (!account || !region || !topic) return undefined
    const key = { account, region, topic }
    const row = await findTopic(tx, key)
    return row && (row.attributes.Policy ?? defaultPolicy(key))
  },
  migrations: new URL('./migrations/', import.meta.url),
  tasks,
  operations: {
    CreateTopic: write(createTopic),
    DeleteTopic: write(deleteTopic),
    ListTopics: read(listTopics),
    GetTopicAttributes: read(getTopicAttributes),
    SetTopicAttributes: write(setTopicAttributes),
    AddPermission: write(addPermission),
    RemovePermission: write(removePermission),
    TagResource: write(tagResource),
    UntagResource: write(untagResource),
    ListTagsForResource: read(listTagsForResource),
    Subscribe: write(subscribe),
    ConfirmSubscription: write(confirmSubscription),
    Unsubscribe: write(unsubscribe),
    ListSubscriptions: read(listSubscriptions),
    ListSubscriptionsByTopic: read(listSubscriptionsByTopic),
    GetSubscriptionAttributes: read(getSubscriptionAttributes),
    SetSubscriptionAttributes: write(setSubscriptionAttributes),
    Publish: write(publish),
    PublishBatch: write(publishBatch),
    ...allNotSupported(
      ['GetDataProtectionPolicy', 'PutDataProtectionPolicy'],
      'masking of sensitive data is not there: do not publish what must not be read',
    ),
    ...allNotSupported(['CheckIfPhoneNumberIsOptedOut', 'ListPhoneNumbersOptedOut', 'OptInPhoneNumber'], SMS),
    ...allNotSupported(['GetSMSAttributes', 'SetSMSAttributes', 'ListOriginationNumbers'], SMS),
    ...allNotSupported(['CreateSMSSandboxPhoneNumber', 'DeleteSMSSandboxPhoneNumber'], SMS),
    ...allNotSupported(
      ['GetSMSSandboxAccountStatus', 'ListSMSSandboxPhoneNumbers', 'VerifySMSSandboxPhoneNumber'],
      SMS,
    ),
    ...allNotSupported(['CreatePlatformApplication', 'DeletePlatformApplication', 'ListPlatformApplications'], PUSH),
    ...allNotSupported(['GetPlatformApplicationAttributes', 'SetPlatformApplicationAttributes'], PUSH),
    ...allNotSupported(['CreatePlatformEndpoint', 'DeleteEndpoint', 'ListEndpointsByPlatformApplication'], PUSH),
    ...allNotSupported(['GetEndpointAttributes', 'SetEndpointAttributes'], PUSH),
  },
})
