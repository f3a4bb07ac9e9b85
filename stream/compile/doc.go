// Package compile turns a typed plan into a circuit of operators.
//
//	plan (tree) ──► operators in topological order + what stays at the root (sort, limit)
//
// Every plan node becomes one operator; its number in preorder, from 1, names it in error
// relations. Equal subtrees become one operator that feeds all their readers: that is how common
// table expressions, grouping sets and self joins share work. Compilation is a pure function of the
// plan: every node of the network builds the same circuit with the same numbering of states.
package compile
