package value

import "bytes"

// JSONMember returns the text of the member key of an object in canonical text, nil if there is
// none. It allocates nothing unless a key has escapes.
func JSONMember(doc, key []byte) []byte {
	if len(doc) < 2 || doc[0] != '{' || doc[1] == '}' {
		return nil
	}
	for at := 1; ; {
		end := jsonSkip(doc, at)
		name := doc[at+1 : end-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			name = []byte(ReadJSON(string(doc[at:end])).Str)
		}
		from := end + len(": ")
		to := jsonSkip(doc, from)
		if bytes.Equal(name, key) {
			return doc[from:to:to]
		}
		if doc[to] == '}' || len(name) > len(key) { // keys come by length
			return nil
		}
		at = to + len(", ")
	}
}

// jsonSkip returns where the value ends that starts at offset at of canonical text.
func jsonSkip(doc []byte, at int) int {
	depth := 0
	for ; at < len(doc); at++ {
		switch doc[at] {
		case '"':
			for at++; doc[at] != '"'; at++ {
				if doc[at] == '\\' {
					at++
				}
			}
		case '{', '[':
			depth++
			continue
		case '}', ']':
			if depth == 0 {
				return at
			}
			depth--
		case ',':
			if depth == 0 {
				return at
			}
			continue
		default:
			continue
		}
		if depth == 0 {
			return at + 1
		}
	}
	return at
}
