-- Objects under KMS keys: each object or upload has a data key of its own, kept as KMS sealed it.
-- {blob: base64 of KMS's ciphertext, context: its encryption context}; null = the bytes are stored as they are.
-- Segments of encrypted bytes have a fourth element, where the counter of the blob's first byte stands: [blob, first byte, length, iv].
alter table s3.objects add column data_key jsonb;
alter table s3.uploads add column data_key jsonb;
