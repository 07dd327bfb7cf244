-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Rows of ledgers are kept packed: how many bytes they are when they are not.
ALTER TABLE ledger_chunk ADD COLUMN unpacked bigint;
