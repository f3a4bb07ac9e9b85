// Package regex has PostgreSQL's advanced regular expressions (chapter 9.7.3 of its manual, under
// the C collation), without back-references and look-around.
//
//	Compile   text, flags -> Regexp: a tree of what can be captured over one program
//	Match     is there a match at all: one pass over the text
//	Find      the leftmost match, the longest or shortest there by the pattern's preference,
//	          and its groups, divided among the parts of the pattern as PostgreSQL does
//
// A match costs text times program in the worst case and no expression makes it cost more than
// MaxSteps, beyond which it is an error. The code depends on no library whose version could
// change an answer, and on no table of Unicode: letters, digits and case are those of ASCII.
package regex
