// Package lane judges sequence numbers, nonces and remembered rejections: exactly once.
//
//	Append, Change   -> Judge       -> apply | resend of a receipt | rejection
//	body w/o a lane  -> JudgeNonce  -> apply | resend of a body    | rejection
//	refused body     -> Remember    -> CheckRemembered refuses it until its valid_until
//	block with work  -> Sweep       -> forgets what has expired
//
// Judging reads state and changes nothing; Record, RecordNonce, Remember and Sweep write. Nothing
// is written because a height has passed: Sweep runs only in blocks that hold a transaction, so
// an empty block leaves the state as it was. It must never iterate over state, look at a clock,
// or apply a number twice. Formats and rules: docs/spec/lanes.md.
package lane
