-- What opens the value of a SecureString: the house's master key (all before this), a KMS key directly, or a data key in an encrypted message.
alter table ssm.parameter_versions add column sealed_by text check (sealed_by in ('masterKey', 'kmsKey', 'dataKey'));
update ssm.parameter_versions set sealed_by = 'masterKey' where type = 'SecureString';
