package detcheck

// word names a kind of finding; a waiver comment carries it.
type word string

const (
	unordered word = "unordered"
	clock     word = "clock"
	goroutine word = "goroutine"
	random    word = "random"
	env       word = "env"
	float     word = "float"
	pointer   word = "pointer"
	encoding  word = "encoding"
	signature word = "signature"
)

// advice says what to write instead, or "" if there is no such word.
func (w word) advice() string {
	switch w {
	case unordered:
		return "walk slices.Sorted(maps.Keys(m)), sort by a total order"
	case clock:
		return "use block time"
	case goroutine:
		return "do it in order"
	case random:
		return "derive it from the block"
	case env:
		return "take it from genesis or from a parameter"
	case float:
		return "round each result with float64(...), use the functions of stream/expr"
	case pointer:
		return "print the value, not its address"
	case encoding:
		return "use the canonical codec"
	case signature:
		return "verify with app/tx, by the rules of ZIP-215"
	default:
		return ""
	}
}
