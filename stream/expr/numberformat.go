package expr

import (
	"strings"

	"weir/stream/value"
)

// numberWords are the words of formats of numbers, those first that begin with others; all are
// understood in upper and in lower case.
var numberWords = strings.Fields(`, . 0 9 B C D EEEE FM G L MI PL PR RN SG SP S TH V`)

// stateFormat is syntax_error, which PostgreSQL raises for formats that contradict themselves.
const stateFormat = "42601"

// numberPart is a piece of a format: a word in upper case, or text if word is empty.
type numberPart struct{ word, text string }

// numberFormat is a format of numbers and what its words say together. Source: NUMDesc of
// PostgreSQL's formatting.c.
type numberFormat struct {
	parts     []numberPart
	pre, post int // digits before and behind the point
	multi     int // digits behind V
	zeroStart int // position of the first 0, from 1; 0: none
	zeroEnd   int
	signAt    int // the number of digits before S
	sign      byte
	// what stands in the format
	decimal, fill, blank, plus, minus, bracket, roman, shifted, scientific bool
}

// Places of the sign S.
const (
	signNone byte = iota
	signPre
	signPost
)

// readNumberFormat takes a format apart.
func readNumberFormat(f string) (*numberFormat, *value.Error) {
	if len(f) > MaxTimeFormat {
		return nil, errTimeFormat
	}
	n := &numberFormat{}
	for f != "" {
		if w := numberWord(f); w != "" {
			n.parts = append(n.parts, numberPart{word: w, text: f[:len(w)]})
			f = f[len(w):]
			if msg := n.word(w); msg != "" {
				return nil, &value.Error{SQLState: stateFormat, Msg: msg}
			}
			continue
		}
		var texts []string
		texts, f = literalPart(f)
		for _, t := range texts {
			n.parts = append(n.parts, numberPart{text: t})
		}
	}
	return n, nil
}

// literalPart reads what is no word: a quoted text or one letter. texts are its letters.
func literalPart(f string) (texts []string, rest string) {
	switch {
	case f[0] == '"':
		f = f[1:]
		for f != "" && f[0] != '"' {
			if f[0] == '\\' && len(f) > 1 {
				f = f[1:]
			}
			n := runeLen(f)
			texts, f = append(texts, f[:n]), f[n:]
		}
		return texts, strings.TrimPrefix(f, `"`)
	case f[0] == '\\' && len(f) > 1 && f[1] == '"':
		f = f[1:]
	}
	n := runeLen(f)
	return []string{f[:n]}, f[n:]
}

// numberWord is the word that f begins with, in upper case.
func numberWord(f string) string {
	for _, w := range numberWords {
		if len(f) >= len(w) && (f[:len(w)] == w || f[:len(w)] == mapASCII(w, 'A', 'Z')) {
			return w
		}
	}
	return ""
}

// word takes in a word; msg is why it must not stand here. Source: NUMDesc_prepare of
// PostgreSQL's formatting.c.
func (n *numberFormat) word(w string) (msg string) {
	if n.scientific && w != "EEEE" {
		return `"EEEE" must be the last pattern used`
	}
	switch w {
	case "9", "0":
		return n.digit(w)
	case "B":
		n.blank = n.blank || n.pre == 0 && n.post == 0 && n.zeroStart == 0
	case ".", "D":
		switch {
		case n.decimal:
			return "multiple decimal points"
		case n.shifted:
			return `cannot use "V" and decimal point together`
		}
		n.decimal = true
	case "FM":
		n.fill = true
	case "S", "MI", "PL", "SG", "PR":
		return n.signWord(w)
	case "RN":
		n.roman = true
	case "V":
		if n.decimal {
			return `cannot use "V" and decimal point together`
		}
		n.shifted = true
	case "EEEE":
		switch {
		case n.scientific:
			return `cannot use "EEEE" twice`
		case n.blank || n.fill || n.sign != signNone || n.bracket || n.minus || n.plus || n.roman ||
			n.shifted:
			return `"EEEE" is incompatible with other formats`
		}
		n.scientific = true
	}
	return ""
}

func (n *numberFormat) digit(w string) (msg string) {
	if n.bracket {
		return `"` + w + `" must be ahead of "PR"`
	}
	if w == "9" && n.shifted {
		n.multi++
		return ""
	}
	if w == "0" && n.zeroStart == 0 && !n.decimal {
		n.zeroStart = n.pre + 1
	}
	if n.decimal {
		n.post++
	} else {
		n.pre++
	}
	if w == "0" {
		n.zeroEnd = n.pre + n.post
	}
	return ""
}

func (n *numberFormat) signWord(w string) (msg string) {
	switch {
	case w == "S" && n.sign != signNone:
		return `cannot use "S" twice`
	case w == "S" && (n.plus || n.minus || n.bracket):
		return `cannot use "S" and "PL"/"MI"/"SG"/"PR" together`
	case w == "PR" && (n.sign != signNone || n.plus || n.minus):
		return `cannot use "PR" and "S"/"PL"/"MI"/"SG" together`
	case n.sign != signNone:
		return `cannot use "S" and "` + w + `" together`
	}
	switch w {
	case "S":
		n.sign = signPost
		if !n.decimal {
			n.sign, n.signAt = signPre, n.pre
		}
	case "PR":
		n.bracket = true
	default:
		n.plus = n.plus || w != "MI"
		n.minus = n.minus || w != "PL"
	}
	return ""
}

// numberWriter writes the digits of one number. Source: NUM_processor of PostgreSQL's
// formatting.c, whose variables have other names.
type numberWriter struct {
	numberFormat
	out        []byte
	number     string // without sign: digits, perhaps a point and digits
	at         int    // the next of number
	last       int    // the last relevant digit behind the point, -1 if all are
	negative   bool
	signDone   bool
	inNumber   bool
	spaces     int // positions before the first digit
	pos, count int
}

func writeNumber(
	n *numberFormat, number string, spaces int, negative bool,
) (value.Datum, *value.Error) {
	w := numberWriter{
		numberFormat: *n, number: number, spaces: spaces, negative: negative, last: -1,
	}
	if w.roman {
		w.numberFormat = numberFormat{parts: n.parts, fill: n.fill, roman: true}
		w.spaces = 0
	}
	switch {
	case w.plus || w.minus:
		w.signDone = !w.plus || w.minus
	default:
		if !negative && w.fill && !w.roman {
			w.bracket = false
		}
		w.signDone = !negative && w.fill && w.sign == signNone && !w.roman
		if w.sign == signPre && w.pre == w.signAt {
			w.sign = signPost
		}
	}
	w.count = w.post + w.pre - 1
	if w.fill && w.decimal {
		w.relevant()
	}
	if !w.signDone && w.spaces == 0 {
		w.count++
	}
	for _, p := range w.parts {
		if p.word == "TH" && w.ranked() && !isDigit(number[len(number)-1]) {
			return value.NullDatum, value.Errorf(value.StateBadText, "%q is not a number", number)
		}
		w.part(p)
	}
	s, _, _ := strings.Cut(string(w.out), "\x00")
	return textResult(s)
}

// relevant finds the last digit behind the point that FM leaves.
func (w *numberWriter) relevant() {
	point := strings.IndexByte(w.number, '.')
	if point < 0 {
		return
	}
	w.last = point
	for i := point + 1; i < len(w.number); i++ {
		if w.number[i] != '0' {
			w.last = i
		}
	}
	if w.zeroEnd > w.spaces {
		w.last = max(w.last, min(len(w.number)-1, w.zeroEnd-w.spaces))
	}
}

func (w *numberWriter) part(p numberPart) {
	switch p.word {
	case "":
		w.out = append(w.out, p.text...)
	case "9", "0", ".", "D":
		w.digitPart(p.word)
	case ",", "G":
		if w.inNumber {
			w.out = append(w.out, ',')
		} else {
			w.padding()
		}
	case "L":
		w.out = append(w.out, ' ')
	case "RN":
		s := w.number
		if !w.fill {
			s = strings.Repeat(" ", max(15-len(s), 0)) + s
		}
		if p.text == "rn" {
			s = mapASCII(s, 'A', 'Z')
		}
		w.out = append(w.out, s...)
	case "TH":
		if w.ranked() {
			s := ordinal(w.number, p.text)
			w.out = append(w.out, s[len(w.number):]...)
		}
	case "MI":
		w.signPart(w.negative, '-')
	case "PL":
		w.signPart(!w.negative, '+')
	case "SG":
		sign := byte('+')
		if w.negative {
			sign = '-'
		}
		w.out = append(w.out, sign)
	}
}

// ranked reports whether th is written behind the number.
func (w *numberWriter) ranked() bool {
	return !w.roman && w.number[0] != '#' && !w.negative && !w.decimal
}

func (w *numberWriter) padding() {
	if !w.fill {
		w.out = append(w.out, ' ')
	}
}

func (w *numberWriter) signPart(has bool, sign byte) {
	if has {
		w.out = append(w.out, sign)
	} else {
		w.padding()
	}
}

// spacedZero: the 0 before the point in '0.1' is not written in 9.9.
func (w *numberWriter) spacedZero() bool {
	return w.zeroStart == 0 && w.at == 0 && strings.HasPrefix(w.number, "0") && w.post != 0
}

// pointLast: nothing behind the point is written.
func (w *numberWriter) pointLast() bool { return w.last >= 0 && w.number[w.last] == '.' }

// digitPart is NUM_numpart_to_char.
func (w *numberWriter) digitPart(word string) {
	if w.roman {
		return
	}
	w.inNumber = false
	zeros := w.zeroStart > 0 && w.zeroStart-1 <= w.pos
	if !w.signDone && (w.pos >= w.spaces || w.zeroStart > 0 && w.zeroStart-1 == w.pos) &&
		(!w.spacedZero() || w.pointLast()) {
		w.leadingSign()
	}
	switch {
	case w.pos < w.spaces && !zeros:
		w.padding()
	case w.pos < w.spaces:
		w.out = append(w.out, '0')
		w.inNumber = true
	default:
		w.digitByte(word)
	}
	end := w.count
	if w.spaces > 0 {
		end++
	}
	if w.decimal {
		end++
	}
	if w.last >= 0 && w.last == w.at {
		end = w.pos
	}
	if w.pos+1 == end {
		w.trailingSign()
	}
	w.pos++
}

func (w *numberWriter) digitByte(word string) {
	c := byte(0) // behind the number: the text ends here
	if w.at < len(w.number) {
		c = w.number[w.at]
	}
	switch {
	case c == '.':
		if !w.pointLast() || w.fill {
			w.out = append(w.out, '.')
		}
	case w.last >= 0 && w.at > w.last && word != "0":
	case w.spacedZero():
		if !w.fill {
			w.out = append(w.out, ' ')
		} else if w.pointLast() {
			w.out = append(w.out, '0')
		}
	default:
		w.out = append(w.out, c)
		w.inNumber = true
	}
	if w.at < len(w.number) {
		w.at++
	}
}

func (w *numberWriter) leadingSign() {
	sign := byte('+')
	if w.negative {
		sign = '-'
	}
	switch {
	case w.sign == signPost:
		return
	case w.sign == signPre:
		w.out = append(w.out, sign)
	case w.bracket && w.negative:
		w.out = append(w.out, '<')
	case w.bracket:
		w.out = append(w.out, ' ')
	case w.negative:
		w.out = append(w.out, sign)
	default:
		w.padding()
	}
	w.signDone = true
}

func (w *numberWriter) trailingSign() {
	switch {
	case w.signDone && w.bracket && w.negative:
		w.out = append(w.out, '>')
	case w.signDone && w.bracket:
		w.out = append(w.out, ' ')
	case w.sign == signPost && w.negative:
		w.out = append(w.out, '-')
	case w.sign == signPost:
		w.out = append(w.out, '+')
	}
}
