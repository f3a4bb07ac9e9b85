package tx

// Rejection codes. They are the code of a transaction's result, so they are agreed by all
// replicas and never change their meaning; new ones are added at the end. 0 is success.
const (
	CodeMalformed           uint32 = 1
	CodeUnknownVersion      uint32 = 2
	CodeUnknownScheme       uint32 = 3
	CodeBadSignature        uint32 = 4
	CodeTooLarge            uint32 = 5
	CodeHeaderTooLarge      uint32 = 6
	CodeTooManyOperations   uint32 = 7
	CodeUnknownField        uint32 = 8
	CodePayloadHash         uint32 = 9
	CodeRowCount            uint32 = 10
	CodeExpired             uint32 = 11
	CodeValidUntilTooFar    uint32 = 12
	CodeNonceUsed           uint32 = 13
	CodeAlreadyRejected     uint32 = 14
	CodeUnknownRole         uint32 = 15
	CodeKeyNotInRole        uint32 = 16
	CodeNoInsertRight       uint32 = 17
	CodeWriterNotGranted    uint32 = 18
	CodeUnknownRelation     uint32 = 19
	CodeWrongRelationKind   uint32 = 20
	CodeSchemaVersion       uint32 = 21
	CodeSeqConflict         uint32 = 22
	CodeSeqTooOld           uint32 = 23
	CodeSeqGap              uint32 = 24
	CodeSeqOverlap          uint32 = 25
	CodePreviousMismatch    uint32 = 26
	CodeBatchRows           uint32 = 27
	CodeBadPayload          uint32 = 28
	CodeInternal            uint32 = 29
	CodeSQL                 uint32 = 30
	CodeSuspended           uint32 = 31
	CodeQuota               uint32 = 32
	CodeDuplicateLane       uint32 = 33
	CodeName                uint32 = 34
	CodeStatementTooLong    uint32 = 35
	CodeDDLNotAlone         uint32 = 36
	CodeNoCreateRight       uint32 = 37
	CodeNoGovernRight       uint32 = 38
	CodeTooManyNonces       uint32 = 39
	CodePoolFull            uint32 = 40
	CodeWaitingFull         uint32 = 41
	CodeBadKey              uint32 = 42
	CodeBlockTooLarge       uint32 = 43
	CodeBlockWork           uint32 = 44
	CodeUnknownCompression  uint32 = 45
	CodePayloadTooLarge     uint32 = 46
	CodeBadGenesis          uint32 = 47
	CodeUnknownProtocol     uint32 = 48
	CodeMixedResend         uint32 = 49
	CodeTooManyKeys         uint32 = 50
	CodeTooManyTransactions uint32 = 51
)

// CodeInfo describes one rejection code.
type CodeInfo struct {
	Code     uint32
	Name     string // stable, for clients and logs
	SQLState string // five characters; empty where the rejection carries its own
	Meaning  string // one sentence
}

// Class WE is Weir's own: PostgreSQL reserves classes that start with I to Z for implementers.
var codeTable = [...]CodeInfo{
	{CodeMalformed, "MALFORMED", "08P01", "The bytes are not a transaction."},
	{CodeUnknownVersion, "UNKNOWN_VERSION", "0A000", "The envelope version is not known."},
	{CodeUnknownScheme, "UNKNOWN_SCHEME", "0A000", "The signature scheme is not known."},
	{CodeBadSignature, "BAD_SIGNATURE", "28000", "The signature is not the signer's."},
	{CodeTooLarge, "TOO_LARGE", "54000", "The transaction is longer than the limit."},
	{CodeHeaderTooLarge, "HEADER_TOO_LARGE", "54000", "The header is longer than the limit."},
	{CodeTooManyOperations, "TOO_MANY_OPERATIONS", "54000", "The body has too many operations."},
	{CodeUnknownField, "UNKNOWN_FIELD", "08P01", "The header has an unknown field or value."},
	{CodePayloadHash, "PAYLOAD_HASH", "08P01", "A payload differs from its hash."},
	{CodeRowCount, "ROW_COUNT", "08P01", "A payload holds another number of rows than declared."},
	{CodeExpired, "EXPIRED", "WE001", "The block height is beyond valid_until."},
	{
		CodeValidUntilTooFar, "VALID_UNTIL_TOO_FAR", "WE002",
		"valid_until is too many blocks ahead.",
	},
	{CodeNonceUsed, "NONCE_USED", "WE003", "Another body of this signer has used the nonce."},
	{CodeAlreadyRejected, "ALREADY_REJECTED", "WE004", "This body was rejected before."},
	{CodeUnknownRole, "UNKNOWN_ROLE", "28000", "There is no such role."},
	{CodeKeyNotInRole, "KEY_NOT_IN_ROLE", "28000", "The key does not belong to the role."},
	{CodeNoInsertRight, "NO_INSERT_RIGHT", "42501", "The role may not insert into the relation."},
	{CodeWriterNotGranted, "WRITER_NOT_GRANTED", "42501", "The key may not act as the writer."},
	{CodeUnknownRelation, "UNKNOWN_RELATION", "42P01", "There is no such relation."},
	{
		CodeWrongRelationKind, "WRONG_RELATION_KIND", "42809",
		"The relation is of a kind that the operation does not fit.",
	},
	{CodeSchemaVersion, "SCHEMA_VERSION", "WE005", "The relation has no such schema version."},
	{
		CodeSeqConflict, "SEQ_CONFLICT", "WE010",
		"The sequence number has been used for other rows.",
	},
	{CodeSeqTooOld, "SEQ_TOO_OLD", "WE011", "The batch is older than the lane's receipts."},
	{CodeSeqGap, "SEQ_GAP", "WE012", "Batches before this one are missing."},
	{CodeSeqOverlap, "SEQ_OVERLAP", "WE013", "The batch overlaps rows that have been applied."},
	{
		CodePreviousMismatch, "PREVIOUS_MISMATCH", "WE014",
		"The batch names another previous batch than the lane's last.",
	},
	{CodeBatchRows, "BATCH_ROWS", "54000", "The batch has too many rows, or none."},
	{CodeBadPayload, "BAD_PAYLOAD", "08P01", "The payload cannot be decoded."},
	{CodeInternal, "INTERNAL", "XX000", "The transaction met an internal error."},
	{CodeSQL, "SQL", "", "The statement failed; the SQLSTATE says why."},
	{CodeSuspended, "SUSPENDED", "55000", "The relation is suspended."},
	{CodeQuota, "QUOTA", "53400", "The signer's quota does not allow it."},
	{CodeDuplicateLane, "DUPLICATE_LANE", "08P01", "The body names a lane more than once."},
	{CodeName, "NAME", "42602", "A role or writer name is not valid."},
	{CodeStatementTooLong, "STATEMENT_TOO_LONG", "54000", "The SQL text is too long, or empty."},
	{CodeDDLNotAlone, "DDL_NOT_ALONE", "25001", "A DDL statement must be alone in its body."},
	{CodeNoCreateRight, "NO_CREATE_RIGHT", "42501", "The role has no CREATE right."},
	{CodeNoGovernRight, "NO_GOVERN_RIGHT", "42501", "The role has no GOVERN right."},
	{
		CodeTooManyNonces, "TOO_MANY_NONCES", "53400",
		"Too many bodies of the signer are still within their valid_until.",
	},
	{CodePoolFull, "POOL_FULL", "53000", "The pool of this node is full."},
	{CodeWaitingFull, "WAITING_FULL", "53000", "Too many batches wait for the ones before them."},
	{CodeBadKey, "BAD_KEY", "22023", "The public key may not own anything."},
	{CodeBlockTooLarge, "BLOCK_TOO_LARGE", "54000", "The block is larger than the limit."},
	{CodeBlockWork, "BLOCK_WORK", "54000", "The block has more work than the limit."},
	{CodeUnknownCompression, "UNKNOWN_COMPRESSION", "0A000", "The compression is not known."},
	{CodePayloadTooLarge, "PAYLOAD_TOO_LARGE", "54000", "A payload is too long when unpacked."},
	{CodeBadGenesis, "BAD_GENESIS", "22023", "The genesis application state is not valid."},
	{CodeUnknownProtocol, "UNKNOWN_PROTOCOL", "0A000", "The protocol version is not known."},
	{
		CodeMixedResend, "MIXED_RESEND", "WE015",
		"Some operations of the body have been applied in another body.",
	},
	{CodeTooManyKeys, "TOO_MANY_KEYS", "54000", "A role has too many keys or writers."},
	{
		CodeTooManyTransactions, "TOO_MANY_TRANSACTIONS", "54000",
		"The block has too many transactions.",
	},
}

// Codes returns the table of every rejection code, ascending.
func Codes() []CodeInfo { return codeTable[:] }

// Info describes a code. ok is false for 0 and for codes that are not in the table.
func Info(code uint32) (info CodeInfo, ok bool) {
	if code == 0 || int(code) > len(codeTable) {
		return CodeInfo{}, false
	}
	return codeTable[code-1], true
}
