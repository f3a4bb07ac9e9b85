// Package cputime tells how much processor time this process has used, which a shared machine
// disturbs less than the clock on the wall. It is for measurements only: nothing that is agreed
// may read it.
package cputime
