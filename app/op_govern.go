package app

import (
	"weir/app/tx"
	weirv1 "weir/proto/weir/v1"
	"weir/stream/catalog"
)

// governEffect is a checked governance operation.
type governEffect struct{ step func(b *block) }

func (e governEffect) apply(b *block, _ int) OpResult {
	e.step(b)
	return OpResult{Height: b.height}
}

// checkGovern judges an operation on the network itself: it needs the right to govern.
func (b *block) checkGovern(g *weirv1.Govern) (effect, *tx.Reject) {
	if rej := refusal(b.member.CheckGovern()); rej != nil {
		return nil, rej
	}
	switch k := g.GetKind().(type) {
	case *weirv1.Govern_SuspendView:
		id := k.SuspendView.GetRelation()
		return b.governView(id, func(b *block) { b.suspend(id, ReasonGoverned) })
	case *weirv1.Govern_ResumeView:
		id := k.ResumeView.GetRelation()
		if def := b.x.cat.ByID(id); def != nil && def.Kind == catalog.View {
			if rej := b.retained(def, false, hintResume); rej != nil {
				return nil, rej
			}
		}
		return b.governView(id, func(b *block) { b.resume(id) })
	default:
		return nil, tx.Rejectf(tx.CodeUnknownField, "the governance operation is not known")
	}
}

func (b *block) governView(id uint32, step func(b *block)) (effect, *tx.Reject) {
	if def := b.x.cat.ByID(id); def == nil || def.Kind != catalog.View {
		return nil, tx.Rejectf(tx.CodeUnknownRelation, "relation %d is not a view", id)
	}
	return governEffect{step}, nil
}
