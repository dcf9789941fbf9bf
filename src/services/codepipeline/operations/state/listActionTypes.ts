// ListActionTypes: the action types that can be used here.

import type { Handler } from '../../../../operation/handler.ts'
import { actionTypes } from '../../../../specs/pipeline/actionTypes.ts'
import { findProvider } from '../../providers/index.ts'

export const listActionTypes: Handler<'codepipeline', 'ListActionTypes'> = async (_call, { actionOwnerFilter }) => ({
  actionTypes: actionTypes
    .filter(
      ({ category, owner, provider }) =>
        findProvider({ category, owner, provider, version: '1' }) &&
        (!actionOwnerFilter || owner === actionOwnerFilter),
    )
    .map(({ category, owner, provider, inputs, outputs, required, optional }) => ({
      id: { category, owner, provider, version: '1' },
      actionConfigurationProperties: [...required, ...optional].map(name => ({
        name,
        required: required.includes(name),
        key: true,
        secret: false,
      })),
      inputArtifactDetails: { minimumCount: inputs[0], maximumCount: inputs[1] },
      outputArtifactDetails: { minimumCount: outputs[0], maximumCount: outputs[1] },
    })),
})
