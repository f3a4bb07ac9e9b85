// Command weir is the one binary.
package main

func main() {}
