package bind

// InfoOf returns what a statement says of itself.
func InfoOf(s Statement) *Info { return s.info() }

func (i *Info) info() *Info { return i }
