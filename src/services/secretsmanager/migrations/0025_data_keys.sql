-- The KMS key as the caller named it; null is alias/aws/secretsmanager.
alter table secretsmanager.secrets add column kms_key_id text;

-- Copies of the version's data key: [{"key": ARN, "blob": base64}], one for each KMS key that it was encrypted under, the newest first.
-- Null: the value is sealed with the house's master key, as all were before this.
alter table secretsmanager.versions add column data_keys jsonb;
