package tx

import (
	"unicode/utf8"

	weirv1 "weir/proto/weir/v1"
)

// checkHeader checks what a header says by itself, beside its operations.
func checkHeader(h *weirv1.Header, lim Limits) *Reject {
	if len(h.GetSigner()) != KeySize {
		return Rejectf(CodeMalformed, "the signer key has %d bytes, not %d",
			len(h.GetSigner()), KeySize)
	}
	if rej := checkName("role", h.GetRole(), lim); rej != nil {
		return rej
	}
	if h.GetValidUntil() == 0 {
		return Rejectf(CodeMalformed, "the header lacks valid_until")
	}
	if h.GetQuota() != 0 {
		return Rejectf(CodeQuota, "the quota field is reserved and must be 0")
	}
	switch n := len(h.GetOperations()); {
	case n == 0:
		return Rejectf(CodeMalformed, "the body has no operation")
	case n > lim.Operations:
		return Rejectf(CodeTooManyOperations, "the body has %d operations, more than %d",
			n, lim.Operations)
	}
	return nil
}

// CheckName returns a *Reject unless name may name a role or a writer: 1 to NameBytes bytes of
// UTF-8 without control characters. what is "role" or "writer" in the message.
func CheckName(what, name string, lim Limits) error {
	if rej := checkName(what, name, lim); rej != nil {
		return rej
	}
	return nil
}

func checkName(what, name string, lim Limits) *Reject {
	if len(name) == 0 || len(name) > lim.NameBytes {
		return Rejectf(CodeName, "the %s name has %d bytes, not 1 to %d",
			what, len(name), lim.NameBytes)
	}
	if !utf8.ValidString(name) {
		return Rejectf(CodeName, "the %s name is not UTF-8", what)
	}
	for _, r := range name {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return Rejectf(CodeName, "the %s name holds a control character", what)
		}
	}
	return nil
}

func checkStatement(s *weirv1.Statement, lim Limits) *Reject {
	if n := len(s.GetSql()); n == 0 || n > lim.SQLBytes {
		return Rejectf(CodeStatementTooLong, "the SQL text has %d bytes, not 1 to %d",
			n, lim.SQLBytes)
	}
	return nil
}

func checkGovern(g *weirv1.Govern, lim Limits) *Reject {
	var relation uint32
	switch k := g.GetKind().(type) {
	case *weirv1.Govern_SuspendView:
		relation = k.SuspendView.GetRelation()
		if n := len(k.SuspendView.GetReason()); n > lim.ReasonBytes {
			return Rejectf(CodeMalformed, "the reason has %d bytes, more than %d",
				n, lim.ReasonBytes)
		}
	case *weirv1.Govern_ResumeView:
		relation = k.ResumeView.GetRelation()
	}
	if relation == 0 {
		return Rejectf(CodeMalformed, "the governance operation names no relation")
	}
	return nil
}

// CheckHeight returns a *Reject unless a body with this valid_until may be judged in the block
// of the given height: EXPIRED, or VALID_UNTIL_TOO_FAR.
func (t *Tx) CheckHeight(height uint64, lim Limits) error {
	until := t.Header.GetValidUntil()
	if until < height {
		return Rejectf(CodeExpired, "the transaction was valid until block %d, this is block %d",
			until, height)
	}
	if until-height > lim.ValidUntilAhead {
		return Rejectf(CodeValidUntilTooFar,
			"valid_until is %d, more than %d blocks after block %d",
			until, lim.ValidUntilAhead, height)
	}
	return nil
}
