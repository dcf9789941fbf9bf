// IAM: users, groups, roles, policies, keys. Every change tells all processes, so that their caches of identities forget.

import type { Call } from '../../operation/call.ts'
import { allNotSupported, defineService, type Operation, read, write } from '../../operation/service.ts'
import { notify } from '../../store/tx.ts'
import { access } from './access.ts'
import { IAM_CHANNEL } from './channel.ts'
import { constraintError } from './errors.ts'
import { deleteAccessKey, updateAccessKey } from './operations/accessKeys/changeAccessKey.ts'
import { createAccessKey } from './operations/accessKeys/createAccessKey.ts'
import { getAccessKeyLastUsed, listAccessKeys } from './operations/accessKeys/listAccessKeys.ts'
import {
  getAccountPasswordPolicy,
  getLoginProfile,
  listMFADevices,
  listOpenIDConnectProviders,
  listSAMLProviders,
  listServerCertificates,
  listSigningCertificates,
  listVirtualMFADevices,
} from './operations/account/absent.ts'
import { createAccountAlias, deleteAccountAlias, listAccountAliases } from './operations/account/accountAlias.ts'
import { getAccountAuthorizationDetails } from './operations/account/getAccountAuthorizationDetails.ts'
import { getAccountSummary } from './operations/account/getAccountSummary.ts'
import { createGroup } from './operations/groups/createGroup.ts'
import { deleteGroup } from './operations/groups/deleteGroup.ts'
import { getGroup } from './operations/groups/getGroup.ts'
import { listGroups, listGroupsForUser } from './operations/groups/listGroups.ts'
import { addUserToGroup, removeUserFromGroup } from './operations/groups/membership.ts'
import { updateGroup } from './operations/groups/updateGroup.ts'
import {
  createInstanceProfile,
  deleteInstanceProfile,
  getInstanceProfile,
  listInstanceProfiles,
  listInstanceProfilesForRole,
} from './operations/instanceProfiles/instanceProfiles.ts'
import { addRoleToInstanceProfile, removeRoleFromInstanceProfile } from './operations/instanceProfiles/profileRole.ts'
import {
  attachGroupPolicy,
  attachRolePolicy,
  attachUserPolicy,
  detachGroupPolicy,
  detachRolePolicy,
  detachUserPolicy,
  listAttachedGroupPolicies,
  listAttachedRolePolicies,
  listAttachedUserPolicies,
} from './operations/policies/attach.ts'
import {
  deleteRolePermissionsBoundary,
  deleteUserPermissionsBoundary,
  putRolePermissionsBoundary,
  putUserPermissionsBoundary,
} from './operations/policies/boundaries.ts'
import { createPolicy } from './operations/policies/createPolicy.ts'
import { deletePolicy } from './operations/policies/deletePolicy.ts'
import { getPolicy } from './operations/policies/getPolicy.ts'
import {
  deleteGroupPolicy,
  deleteRolePolicy,
  deleteUserPolicy,
  getGroupPolicy,
  getRolePolicy,
  getUserPolicy,
  listGroupPolicies,
  listRolePolicies,
  listUserPolicies,
  putGroupPolicy,
  putRolePolicy,
  putUserPolicy,
} from './operations/policies/inline.ts'
import { listEntitiesForPolicy } from './operations/policies/listEntitiesForPolicy.ts'
import { listPolicies } from './operations/policies/listPolicies.ts'
import {
  createPolicyVersion,
  deletePolicyVersion,
  getPolicyVersion,
  listPolicyVersions,
  setDefaultPolicyVersion,
} from './operations/policies/versions.ts'
import { createRole } from './operations/roles/createRole.ts'
import { deleteRole } from './operations/roles/deleteRole.ts'
import { getRole } from './operations/roles/getRole.ts'
import { listRoles } from './operations/roles/listRoles.ts'
import {
  createServiceLinkedRole,
  deleteServiceLinkedRole,
  getServiceLinkedRoleDeletionStatus,
} from './operations/roles/serviceLinkedRole.ts'
import { updateAssumeRolePolicy, updateRole, updateRoleDescription } from './operations/roles/updateRole.ts'
import {
  deleteServiceSpecificCredential,
  listServiceSpecificCredentials,
  resetServiceSpecificCredential,
  updateServiceSpecificCredential,
} from './operations/serviceCredentials/changeServiceSpecificCredential.ts'
import { createServiceSpecificCredential } from './operations/serviceCredentials/createServiceSpecificCredential.ts'
import {
  getContextKeysForCustomPolicy,
  getContextKeysForPrincipalPolicy,
  simulateCustomPolicy,
  simulatePrincipalPolicy,
} from './operations/simulation/simulate.ts'
import {
  deleteSSHPublicKey,
  getSSHPublicKey,
  listSSHPublicKeys,
  updateSSHPublicKey,
} from './operations/sshKeys/changeSSHPublicKey.ts'
import { uploadSSHPublicKey } from './operations/sshKeys/uploadSSHPublicKey.ts'
import { listRoleTags, listUserTags, tagRole, tagUser, untagRole, untagUser } from './operations/tags/tagIdentity.ts'
import {
  listInstanceProfileTags,
  listPolicyTags,
  tagInstanceProfile,
  tagPolicy,
  untagInstanceProfile,
  untagPolicy,
} from './operations/tags/tagPolicy.ts'
import { createUser } from './operations/users/createUser.ts'
import { deleteUser } from './operations/users/deleteUser.ts'
import { getUser } from './operations/users/getUser.ts'
import { listUsers } from './operations/users/listUsers.ts'
import { updateUser } from './operations/users/updateUser.ts'

/** A write after which cached credentials and policies are read again. */
const change = <I, O>(handler: (call: Call, input: I) => Promise<O>): Operation<I, O> =>
  write(async (call: Call, input: I) => {
    const output = await handler(call, input)
    await notify(call.tx, IAM_CHANNEL, call.scope.account)
    return output
  })

export const iam = defineService<'iam'>({
  name: 'iam',
  principal: 'iam.amazonaws.com',
  access,
  accessDeniedCode: 'AccessDenied',
  constraintError,
  migrations: new URL('./migrations/', import.meta.url),
  operations: {
    DeleteAccessKey: change(deleteAccessKey),
    UpdateAccessKey: change(updateAccessKey),
    CreateAccessKey: change(createAccessKey),
    GetAccessKeyLastUsed: read(getAccessKeyLastUsed),
    ListAccessKeys: read(listAccessKeys),
    GetAccountPasswordPolicy: read(getAccountPasswordPolicy),
    GetLoginProfile: read(getLoginProfile),
    ListMFADevices: read(listMFADevices),
    ListOpenIDConnectProviders: read(listOpenIDConnectProviders),
    ListSAMLProviders: read(listSAMLProviders),
    ListServerCertificates: read(listServerCertificates),
    ListSigningCertificates: read(listSigningCertificates),
    ListVirtualMFADevices: read(listVirtualMFADevices),
    CreateAccountAlias: change(createAccountAlias),
    DeleteAccountAlias: change(deleteAccountAlias),
    ListAccountAliases: read(listAccountAliases),
    GetAccountAuthorizationDetails: read(getAccountAuthorizationDetails),
    GetAccountSummary: read(getAccountSummary),
    CreateGroup: change(createGroup),
    DeleteGroup: change(deleteGroup),
    GetGroup: read(getGroup),
    ListGroups: read(listGroups),
    ListGroupsForUser: read(listGroupsForUser),
    AddUserToGroup: change(addUserToGroup),
    RemoveUserFromGroup: change(removeUserFromGroup),
    UpdateGroup: change(updateGroup),
    CreateInstanceProfile: change(createInstanceProfile),
    DeleteInstanceProfile: change(deleteInstanceProfile),
    GetInstanceProfile: read(getInstanceProfile),
    ListInstanceProfiles: read(listInstanceProfiles),
    ListInstanceProfilesForRole: read(listInstanceProfilesForRole),
    AddRoleToInstanceProfile: change(addRoleToInstanceProfile),
    RemoveRoleFromInstanceProfile: change(removeRoleFromInstanceProfile),
    AttachGroupPolicy: change(attachGroupPolicy),
    AttachRolePolicy: change(attachRolePolicy),
    AttachUserPolicy: change(attachUserPolicy),
    DetachGroupPolicy: change(detachGroupPolicy),
    DetachRolePolicy: change(detachRolePolicy),
    DetachUserPolicy: change(detachUserPolicy),
    ListAttachedGroupPolicies: read(listAttachedGroupPolicies),
    ListAttachedRolePolicies: read(listAttachedRolePolicies),
    ListAttachedUserPolicies: read(listAttachedUserPolicies),
    DeleteRolePermissionsBoundary: change(deleteRolePermissionsBoundary),
    DeleteUserPermissionsBoundary: change(deleteUserPermissionsBoundary),
    PutRolePermissionsBoundary: change(putRolePermissionsBoundary),
    PutUserPermissionsBoundary: change(putUserPermissionsBoundary),
    CreatePolicy: change(createPolicy),
    DeletePolicy: change(deletePolicy),
    GetPolicy: read(getPolicy),
    DeleteGroupPolicy: change(deleteGroupPolicy),
    DeleteRolePolicy: change(deleteRolePolicy),
    DeleteUserPolicy: change(deleteUserPolicy),
    GetGroupPolicy: read(getGroupPolicy),
    GetRolePolicy: read(getRolePolicy),
    GetUserPolicy: read(getUserPolicy),
    ListGroupPolicies: read(listGroupPolicies),
    ListRolePolicies: read(listRolePolicies),
    ListUserPolicies: read(listUserPolicies),
    PutGroupPolicy: change(putGroupPolicy),
    PutRolePolicy: change(putRolePolicy),
    PutUserPolicy: change(putUserPolicy),
    ListEntitiesForPolicy: read(listEntitiesForPolicy),
    ListPolicies: read(listPolicies),
    CreatePolicyVersion: change(createPolicyVersion),
    DeletePolicyVersion: change(deletePolicyVersion),
    GetPolicyVersion: read(getPolicyVersion),
    ListPolicyVersions: read(listPolicyVersions),
    SetDefaultPolicyVersion: change(setDefaultPolicyVersion),
    CreateRole: change(createRole),
    DeleteRole: change(deleteRole),
    GetRole: read(getRole),
    ListRoles: read(listRoles),
    CreateServiceLinkedRole: change(createServiceLinkedRole),
    DeleteServiceLinkedRole: change(deleteServiceLinkedRole),
    GetServiceLinkedRoleDeletionStatus: read(getServiceLinkedRoleDeletionStatus),
    UpdateAssumeRolePolicy: change(updateAssumeRolePolicy),
    UpdateRole: change(updateRole),
    UpdateRoleDescription: change(updateRoleDescription),
    DeleteServiceSpecificCredential: change(deleteServiceSpecificCredential),
    ListServiceSpecificCredentials: read(listServiceSpecificCredentials),
    ResetServiceSpecificCredential: change(resetServiceSpecificCredential),
    UpdateServiceSpecificCredential: change(updateServiceSpecificCredential),
    CreateServiceSpecificCredential: change(createServiceSpecificCredential),
    GetContextKeysForCustomPolicy: read(getContextKeysForCustomPolicy),
    GetContextKeysForPrincipalPolicy: read(getContextKeysForPrincipalPolicy),
    SimulateCustomPolicy: read(simulateCustomPolicy),
    SimulatePrincipalPolicy: read(simulatePrincipalPolicy),
    DeleteSSHPublicKey: change(deleteSSHPublicKey),
    GetSSHPublicKey: read(getSSHPublicKey),
    ListSSHPublicKeys: read(listSSHPublicKeys),
    UpdateSSHPublicKey: change(updateSSHPublicKey),
    UploadSSHPublicKey: change(uploadSSHPublicKey),
    ListRoleTags: read(listRoleTags),
    ListUserTags: read(listUserTags),
    TagRole: change(tagRole),
    TagUser: change(tagUser),
    UntagRole: change(untagRole),
    UntagUser: change(untagUser),
    ListInstanceProfileTags: read(listInstanceProfileTags),
    ListPolicyTags: read(listPolicyTags),
    TagInstanceProfile: change(tagInstanceProfile),
    TagPolicy: change(tagPolicy),
    UntagInstanceProfile: change(untagInstanceProfile),
    UntagPolicy: change(untagPolicy),
    CreateUser: change(createUser),
    DeleteUser: change(deleteUser),
    GetUser: read(getUser),
    ListUsers: read(listUsers),
    UpdateUser: change(updateUser),
    ...allNotSupported(
      [
        'ChangePassword',
        'CreateLoginProfile',
        'DeleteAccountPasswordPolicy',
        'DeleteLoginProfile',
        'UpdateAccountPasswordPolicy',
        'UpdateLoginProfile',
      ],
      'people sign in to the console with access keys; there are no passwords of users',
    ),
    ...allNotSupported(
      [
        'CreateVirtualMFADevice',
        'DeactivateMFADevice',
        'DeleteVirtualMFADevice',
        'EnableMFADevice',
        'GetMFADevice',
        'ListMFADeviceTags',
        'ResyncMFADevice',
        'TagMFADevice',
        'UntagMFADevice',
      ],
      'there are no MFA devices; sessions are made without them',
    ),
    ...allNotSupported(
      [
        'AddClientIDToOpenIDConnectProvider',
        'CreateOpenIDConnectProvider',
        'DeleteOpenIDConnectProvider',
        'GetOpenIDConnectProvider',
        'ListOpenIDConnectProviderTags',
        'RemoveClientIDFromOpenIDConnectProvider',
        'TagOpenIDConnectProvider',
        'UntagOpenIDConnectProvider',
        'UpdateOpenIDConnectProviderThumbprint',
      ],
      'federation by OpenID Connect is not there; use access keys or AssumeRole',
    ),
    ...allNotSupported(
      [
        'CreateSAMLProvider',
        'DeleteSAMLProvider',
        'GetSAMLProvider',
        'ListSAMLProviderTags',
        'TagSAMLProvider',
        'UntagSAMLProvider',
        'UpdateSAMLProvider',
      ],
      'federation by SAML is not there; use access keys or AssumeRole',
    ),
    ...allNotSupported(
      [
        'DeleteServerCertificate',
        'GetServerCertificate',
        'ListServerCertificateTags',
        'TagServerCertificate',
        'UntagServerCertificate',
        'UpdateServerCertificate',
        'UploadServerCertificate',
      ],
      'there is no load balancer yet that could serve with a certificate',
    ),
    ...allNotSupported(
      ['DeleteSigningCertificate', 'UpdateSigningCertificate', 'UploadSigningCertificate'],
      'signing certificates belong to SOAP requests, which are not there',
    ),
    ...allNotSupported(
      [
        'DisableOrganizationsRootCredentialsManagement',
        'DisableOrganizationsRootSessions',
        'EnableOrganizationsRootCredentialsManagement',
        'EnableOrganizationsRootSessions',
        'GenerateOrganizationsAccessReport',
        'GetOrganizationsAccessReport',
        'ListOrganizationsFeatures',
      ],
      'there is no AWS Organizations here; accounts stand for themselves',
    ),
    ...allNotSupported(
      [
        'AcceptDelegationRequest',
        'AssociateDelegationRequest',
        'CreateDelegationRequest',
        'GetDelegationRequest',
        'GetHumanReadableSummary',
        'ListDelegationRequests',
        'RejectDelegationRequest',
        'SendDelegationToken',
        'UpdateDelegationRequest',
      ],
      'delegation requests need AWS partners, which are not there',
    ),
    ...allNotSupported(
      [
        'DisableOutboundWebIdentityFederation',
        'EnableOutboundWebIdentityFederation',
        'GetOutboundWebIdentityFederationInfo',
      ],
      'tokens for web identities outside are not issued',
    ),
    ...allNotSupported(
      [
        'GenerateCredentialReport',
        'GenerateServiceLastAccessedDetails',
        'GetCredentialReport',
        'GetServiceLastAccessedDetails',
        'GetServiceLastAccessedDetailsWithEntities',
        'ListPoliciesGrantingServiceAccess',
      ],
      'reports are not made; see GetAccountAuthorizationDetails and CloudTrail',
    ),
    ...allNotSupported(['SetSecurityTokenServicePreferences'], 'there is one token version only'),
    ...allNotSupported(
      ['AcquireRole', 'GetRoleTemplateVersion'],
      'role templates of AWS are not there; use CreateRole',
    ),
    ...allNotSupported(['GetAccountProperties', 'PutAccountProperties'], 'accounts have no properties here'),
  },
})
