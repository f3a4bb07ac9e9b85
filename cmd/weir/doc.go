// Command weir is the whole of Weir in one binary: node, client, verifier and local networks.
//
// This package is a shell: each command is a file that reads its flags, calls the packages that
// do the work, and prints. Exit status: 0 done, 1 refused or failed, 2 wrong usage.
package main
