package main

import (
	"golang.org/x/tools/go/analysis/unitchecker"

	"weir/internal/detcheck"
)

func main() { unitchecker.Main(detcheck.Analyzer) }
