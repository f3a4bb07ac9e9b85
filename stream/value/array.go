package value

// MaxArrayLen bounds the elements of an array (54000 beyond).
const MaxArrayLen = 32768

// NewArray makes an array of one dimension with elements of type elem; NULLs are elements too.
func NewArray(elem Type, elems []Datum) Datum {
	dst := append([]byte{byte(elem.Kind)}, '{')
	for i, d := range elems {
		if i > 0 {
			dst = append(dst, ',')
		}
		if d.IsNull() {
			dst = append(dst, "NULL"...)
			continue
		}
		dst = append(dst, '"')
		for _, c := range AppendText(nil, d) {
			if c == '"' || c == '\\' {
				dst = append(dst, '\\')
			}
			dst = append(dst, c)
		}
		dst = append(dst, '"')
	}
	return Datum{Kind: Array, S: string(append(dst, '}'))}
}
